"""Look-alikes: what is nearly the same is found, whatever small thing was changed; what is not is left in peace."""

from dataclasses import replace

import pytest

from assessment.bank.logic import LIKE, grams_of, likeness
from assessment.bank.selectors import lookalikes, lookalikes_of_many, lookalikes_within
from assessment.bank.selectors.lookalikes import forget_lookalikes
from assessment.bank.services import write_question
from assessment.bank.types import Key, Option, QuestionState
from lms.accounts.api import NotAllowed
from lms.core.similar import grams, signature
from tests.assessment.bank.world import Cast, build_cast, document, row, written
from tests.lms.accounts.world import NOW

STEM = "根据《广告法》，直播间里介绍一款茶叶时，下列说法正确的是（ ）。"
OPTIONS = ("本店茶叶全国第一", "这款茶是今年春天采的，有检测报告", "喝了可以治高血压", "国家机关工作人员都在喝")
QUANTITY = "直播用的手机支架离主播多远，观众看得最清楚？一般放在1.2米左右。"
UNRELATED = (
    ("剪辑一条60秒的短视频，开头3秒最该做什么？", ("放片头动画", "说出观众关心的问题", "介绍主播的经历", "放音乐")),
    ("下列说法正确的是（ ）。", ("退货运费由买家出", "收到货七天内可以无理由退货", "生鲜都可以退", "定制商品都可以退")),
    ("补光灯放在人物的哪一侧，脸上的阴影最柔和？", ("正上方", "正下方", "前侧方45度", "正后方")),
    ("根据《电子商务法》，平台应当在首页公示什么？", ("营业执照信息", "员工名单", "仓库地址", "快递合同")),
)


def like(one: tuple[str, tuple[str, ...]], other: tuple[str, tuple[str, ...]]) -> float:
    return likeness(grams_of(*one), grams_of(*other))


@pytest.mark.parametrize(
    "stem, options",
    (
        (STEM.replace("茶叶", "茶叶 ").replace("，", ", "), OPTIONS),  # widths and spaces
        (STEM, tuple(reversed(OPTIONS))),
        ("依据《广告法》，直播间里介绍一款茶叶时，以下说法错误的是", OPTIONS),
        (STEM, (*OPTIONS[:3], "多喝水对身体好")),
        (STEM, ("甲", "乙", "丙", "丁")),
        (STEM, ()),  # while she types the stem
    ),
)
def test_what_is_nearly_the_same_is_like(stem: str, options: tuple[str, ...]) -> None:
    assert like((stem, options), (STEM, OPTIONS)) >= LIKE


def test_another_number_is_the_same_question_and_another_question_is_not() -> None:
    assert like((QUANTITY.replace("1.2", "15"), ()), (QUANTITY, ())) == 1.0
    known = [(STEM, OPTIONS), (QUANTITY, ()), *UNRELATED]
    for place, one in enumerate(known):
        for other in known[place + 1 :]:
            assert like(one, other) < LIKE - 0.2, (one, other)


def test_signatures_are_the_same_on_every_machine() -> None:
    assert signature(grams("直播间里不能说的话")).tolist()[:4] == [635454352, 431641027, 144271495, 139687641]
    assert signature(frozenset()).tobytes() == b"\xff" * 256


@pytest.fixture
def cast(db: None) -> Cast:
    forget_lookalikes()
    return build_cast()


def test_the_bank_finds_them_while_she_types_and_follows_what_is_written(cast: Cast) -> None:
    options = tuple(Option(key, text) for key, text in zip("ABCD", OPTIONS, strict=True))
    version = written(cast, stem=STEM, options=options)
    for stem, texts in UNRELATED:
        written(cast, stem=stem, options=tuple(Option(key, text) for key, text in zip("ABCD", texts, strict=True)))
    (found,) = lookalikes(cast.expert, "根据《广告法》，直播间里介绍一款茶叶时")
    assert (found.question, found.state) == (version.document.uid, QuestionState.DRAFT)
    (found,) = lookalikes(cast.expert, STEM, reversed(OPTIONS))
    assert (found.question, found.score) == (version.document.uid, 1.0)
    assert lookalikes(cast.expert, STEM, OPTIONS, without=version.document.uid) == ()
    assert lookalikes(cast.expert, "", ()) == lookalikes(cast.expert, "合作社给社员分红按什么算？") == ()
    # What was written since is found, what was written over is not.
    changed = replace(document("直播带货的佣金什么时候结算？"), uid=version.document.uid)
    write_question(by=cast.author, document=changed, base=version.uuid, now=NOW)
    assert lookalikes(cast.expert, STEM, OPTIONS) == ()
    assert [one.question for one in lookalikes(cast.expert, "直播带货的佣金什么时候结算呢？")] == [version.document.uid]
    with pytest.raises(NotAllowed):
        lookalikes(cast.school, STEM)
    assert row(version.document.uid).search_text.count("佣金") == 1


def test_a_file_is_held_against_the_bank_and_against_itself(cast: Cast) -> None:
    version = written(cast, stem=STEM)
    same = document(STEM.replace("茶叶", "绿茶"))
    other = document("拍商品图时背景用什么颜色？", options=(), key=Key(truth=True))
    asked = [same, other, replace(same, uid=other.uid)]
    first, second, third = lookalikes_of_many(asked)
    assert [one.question for one in first] == [version.document.uid] == [one.question for one in third]
    assert second == ()
    within = lookalikes_within([(f"第{place}行", one) for place, one in enumerate(asked, start=1)])
    assert [[one.where for one in alike] for alike in within] == [[], [], ["第1行"]]

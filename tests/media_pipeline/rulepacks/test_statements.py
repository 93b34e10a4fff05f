"""Required statements (domain 4.6) on scripts of ours: complete ones, and each with one statement taken out."""

import pytest

from lms.core.types import ProductKind
from media_pipeline.rulepacks.api import current_pack
from media_pipeline.stages.types import Request
from tests.media_pipeline.fakes import cues

# Sentence by sentence: the statements it makes; a script without them lacks exactly those.
SCRIPTS = {
    ProductKind.FOOD: (
        "建宁莲子",
        (
            ("大家好，我是建宁的小陈", {"R1"}),
            ("今天带来的是建宁莲子", {"R2"}),
            ("产自我们县里的均口镇", {"R3"}),
            ("一袋五百克，今天四十九块九", {"R4"}),
            ("想要的朋友点一号链接", {"R5"}),
            ("明天统一走顺丰", {"R6"}),
            ("支持七天无理由，破了拍照找客服", {"R7"}),
            ("保质期十二个月，袋子背面都写着", {"R8"}),
        ),
    ),
    ProductKind.HEALTH_FOOD: (
        "灵芝孢子粉",
        (
            ("欢迎来到山野小店", {"R1"}),
            ("给大家看的是灵芝孢子粉", {"R2"}),
            ("生产企业在浦城县", {"R3"}),
            ("一盒三十克，一百六十八元", {"R4"}),
            ("小黄车二号可以拍", {"R5"}),
            ("两天内发货", {"R6"}),
            ("没拆封可以退货", {"R7"}),
            ("生产日期是今年九月", {"R8"}),
            ("本品不能代替药物", {"R9"}),
        ),
    ),
    ProductKind.ALCOHOL: (
        "沉缸酒",
        (
            ("这里是龙岩老酒直播间", {"R1"}),
            ("今天讲一讲沉缸酒", {"R2"}),
            ("用糯米在龙岩酿造", {"R3"}),
            ("一瓶五百毫升，五十八元", {"R4"}),
            ("在购物车里下单", {"R5"}),
            ("全国包邮", {"R6"}),
            ("收到碎了找售后", {"R7"}),
            ("保质期五年", {"R8"}),
            ("未成年人请勿饮酒，请大家理性饮酒", {"R10"}),
        ),
    ),
    ProductKind.TEA: (
        "白毫银针",
        (
            ("我叫阿茶，自己做茶", {"R1"}),
            ("先看这款白毫银针", {"R2"}),
            ("茶青来自福鼎市磻溪镇", {"R3"}),
            ("一罐五十克，一百二十八块", {"R4"}),
            ("点左下角小黄车", {"R5"}),
            ("四十八小时内送到你家附近的驿站，运费我出", {"R6"}),
            ("不合适可以退", {"R7"}),
            ("二零二六年四月采的，保存期写在罐底", {"R8"}),
        ),
    ),
    ProductKind.COSMETICS: (
        "山茶花面霜",
        (
            ("欢迎来到花房小铺", {"R1"}),
            ("这瓶是山茶花面霜", {"R2"}),
            ("五十克一瓶，八十九元", {"R4"}),
            ("三号链接拍", {"R5"}),
            ("今天的单明早寄快递", {"R6"}),
            ("没开封七天无理由", {"R7"}),
        ),
    ),
    ProductKind.DAILY: (
        "竹纤维毛巾",
        (
            ("大家好我是小林", {"R1"}),
            ("介绍的是竹纤维毛巾", {"R2"}),
            ("一条三十九元，三条装一百零五元", {"R4"}),
            ("链接在左下角", {"R5"}),
            ("下午四点前都发快递", {"R6"}),
            ("支持无理由退换", {"R7"}),
        ),
    ),
}
CASES = [
    pytest.param(kind, left_out, id=f"{kind}-{left_out if left_out is not None else 'complete'}")
    for kind, (_name, script) in SCRIPTS.items()
    for left_out in (None, *range(len(script)))
]


@pytest.mark.parametrize("kind,left_out", CASES)
def test_what_is_said_and_what_is_missing(kind, left_out):
    name, script = SCRIPTS[kind]
    said = [text for number, (text, _) in enumerate(script) if number != left_out]
    answers = current_pack().statements(cues(said), Request(product=kind, product_name=name))
    missing = {item.id for item in answers if not item.said}
    assert missing == (set() if left_out is None else script[left_out][1])
    assert {item.id for item in answers} == {key for _, keys in script for key in keys}


@pytest.mark.parametrize(
    "text,said",
    (
        ("这款有绿色食品认证", False),
        ("这款有绿色食品认证，证书编号LB15200300123A", True),
        ("我们是地理标志产品，编号AGI02013", True),
    ),
)
def test_a_claimed_certificate_wants_its_number(text, said):
    (answer,) = [
        item for item in current_pack().statements(cues([text]), Request(product=ProductKind.FOOD)) if item.id == "R11"
    ]
    assert answer.said is said


@pytest.mark.parametrize(
    "text,ai,asked",
    (
        ("今天做个面霜测评，链接在下面", None, {"R12": False}),
        ("今天做个面霜测评，这条是广告", None, {"R12": True}),
        ("给大家讲点养生知识，不是广告", None, {"R12": False}),
        ("面霜五十克八十九元", None, {}),
        ("面霜五十克八十九元", False, {}),
        ("面霜五十克八十九元", True, {"R12A": False}),
        ("本视频由人工智能生成", True, {"R12A": True}),
        ("我是一个数字人主播", True, {"R12A": True}),
        ("ＡＩ合成的声音，请知悉", True, {"R12A": True}),
    ),
)
def test_advertising_and_generated_content_are_named_where_they_must_be(text, ai, asked):
    answers = current_pack().statements(cues([text]), Request(product=ProductKind.COSMETICS, declared_ai=ai))
    assert {item.id: item.said for item in answers if item.id.startswith("R12")} == asked


@pytest.mark.parametrize("text", ("这款没有有机认证，就是普通种植", "这不是绿色食品，只是普通的米"))
def test_a_certificate_nobody_claims_wants_no_number(text):
    answers = current_pack().statements(cues([text]), Request(product=ProductKind.FOOD))
    assert "R11" not in {item.id for item in answers}


def test_naming_the_live_room_in_passing_is_no_introduction():
    answers = current_pack().statements(cues(["一罐九十八块，在直播间买划算"]), Request(product=ProductKind.DAILY))
    assert not next(item.said for item in answers if item.id == "R1")


def test_advice_for_minors_alone_is_said_and_rational_drinking_alone_is_not():
    def answer(text):
        found = current_pack().statements(cues([text]), Request(product=ProductKind.ALCOHOL))
        return next(item.said for item in found if item.id == "R10")

    assert answer("未成年人请勿饮酒") is True
    assert answer("请理性饮酒") is False

import csv
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.core.types import ProductKind
from media_pipeline.rulepacks.api import current_pack
from media_pipeline.rulepacks.loading import DATA, content_hash, load_rules
from media_pipeline.rulepacks.stream import stream
from media_pipeline.stages.types import Request, Severity
from tests.media_pipeline.fakes import cue, cues


def rules(text, product=None):
    return [(item.rule, item.text, item.suspected) for item in current_pack().find([cue(text)], product)]


def test_the_pack_holds_every_term_and_names_itself_by_content(tmp_path):
    lines = [line for line in (DATA / "flag-terms.csv").read_text("utf-8").splitlines() if not line.startswith("#")]
    assert len(list(csv.DictReader(lines))) == len(load_rules()) == 273
    shutil.copytree(DATA, tmp_path / "same")
    shutil.copytree(DATA, tmp_path / "changed")
    assert content_hash(tmp_path / "same") == current_pack().version
    with (tmp_path / "changed" / "statements.yaml").open("a", encoding="utf-8") as file:
        file.write("- {id: R13, zh: 说明, en: note, applies: [all], patterns: ['说明']}\n")
    assert content_hash(tmp_path / "changed") != current_pack().version


def test_unverified_law_is_never_shown_as_verified():
    for rule in load_rules():
        assert "[" not in rule.law
        assert "K]" not in rule.law_note
    by_id = {rule.id: rule for rule in load_rules()}
    assert by_id["MED-01"].law_note == "《食品安全法》第七十三条"
    assert by_id["PRICE-01"].law_note == ""


@pytest.mark.parametrize(
    "text,expected",
    (
        ("全網第一的茶", [("ABS-22", "全网第一", False)]),
        ("全网第1的茶", [("ABS-22", "全网第1", False)]),
        ("我们是ＴＯＰ１", [("ABS-23", "TOP1", False)]),
        ("坚持喝可以降血糖，还可以降血涯。", [("MED-09", "降血糖", False), ("MED-10", "降血涯", True)]),
        ("这位顾客的电话是一三八零零零零一二三四", [("PRIV-03", "电话是一三八零零零零一二三四", False)]),
        ("这不是最好的，也没有疗效", []),
        ("大家都说这个茶能治病，那是骗人的", []),
        ("这是我们家最好的茶，不贵", [("ABS-06", "最好", False)]),
        ("干了这杯", []),
        ("这款茶的最佳引用温度是60度不要太烫", []),  # 饮用, misheard
    ),
)
def test_what_is_found_and_how(text, expected):
    assert rules(text) == expected


@pytest.mark.parametrize(
    "text,expected",
    (
        # the same sentence condemns it, unless the speaker goes on to sell with it
        ("拉人头发展下线是传销，大家要当心", []),
        ("说别家都是假货，这叫商业诋毁", []),
        ("直播里喊全网最低价要罚款的", []),
        ("直播里喊全网最低价要罚款的，但我就是全网最低价", ["PRICE-01"]),
        ("天天吃能降血压，这是骗人的话", []),
        ("能降血压，别家的才是骗人的", ["MED-10", "DISP-01"]),
        # proved, or only said to be
        ("这款有机认证，证书编号在详情页可以查", []),
        ("这款有机认证，证书编号忘带了", ["FAKE-09"]),
        # 别处 and 别的我不敢说 deny nothing
        ("别处绝无仅有", ["ABS-27"]),
        ("别的我不敢说，它就是销量冠军", ["ABS-38"]),
        # another word holds the term
        ("首选项那一栏点进去", []),
        ("内定制的花色要等十五天", []),
        ("一套大象牙刷送牙膏", []),
    ),
)
def test_what_the_rest_of_the_sentence_makes_of_a_hit(text, expected):
    assert [rule for rule, _, _ in rules(text)] == expected


@pytest.mark.parametrize(
    "product,term,expected",
    (
        (ProductKind.ALCOHOL, "不醉不归", ["ALC-04"]),
        (ProductKind.TEA, "不醉不归", []),
        (None, "大家可以不醉不归", []),
        (ProductKind.TEA, "这个排毒", ["MED-22"]),
        (ProductKind.DAILY, "这个排毒", []),
        (ProductKind.COSMETICS, "这是药妆", ["MED-42"]),
        (ProductKind.TEA, "这是药妆", []),
        (None, "这是药妆", ["MED-42"]),
    ),
)
def test_scope(product, term, expected):
    assert [rule for rule, _, _ in rules(term, product)] == expected


def test_a_finding_over_the_end_of_a_cue_has_its_seconds_and_pieces():
    (finding,) = [
        item
        for item in current_pack().find(cues(["今天的价格是全网", "最低价，大家抓紧。"]), None)
        if item.rule == "PRICE-01"
    ]
    assert [(span.cue_index, span.start, span.end) for span in finding.spans] == [(0, 6, 8), (1, 0, 3)]
    assert finding.text == "全网最低价"
    assert (finding.start_s, finding.end_s) == (3.75, 6.67)


def test_a_sentence_end_or_long_pause_separates():
    assert current_pack().find(cues(["我们降价了。", "血糖高的朋友少吃甜的。"]), None) == []
    apart = [cue("价格全网", 0, 0.0, 2.0), cue("最低价是三元", 1, 20.0, 2.0)]
    assert [item.rule for item in current_pack().find(apart, None)] == ["PRICE-03"]


def test_doubtful_text_is_never_above_m():
    (finding,) = current_pack().find([cue("可以降血压", low_trust=True)], None)
    assert (finding.severity, finding.listed_severity, finding.low_trust) == (Severity.M, Severity.B, True)


@given(st.lists(st.text(alphabet="全网最低价降血压。，a1 不是", max_size=12), max_size=6))
def test_stream_leads_back_to_its_characters(sentences):
    lines = cues(sentences)
    text = stream(lines)
    assert len(text.text) == len(text.places)
    for place, (number, char) in enumerate(text.places):
        if char >= 0:
            (span,) = text.spans(place, place + 1)
            assert (span.cue_index, span.end - span.start) == (number, 1)
            assert lines[number].start <= text.seconds(place, place + 1)[0] <= lines[number].end
    for finding in current_pack().find(lines, None):
        assert finding.text == "".join(lines[span.cue_index].text[span.start : span.end] for span in finding.spans)
        assert 0 <= finding.start_s <= finding.end_s


def test_statements_of_a_tea():
    said = [
        "大家好，这里是白云茶园直播间，今天介绍茉莉花茶，产自福建连江。",
        "一罐一百克，价格六十八元，生产日期是今年五月。",
        "点一号链接下单，两天之内发货。",
    ]
    request = Request(product=ProductKind.TEA, product_name="茉莉花茶")
    answers = {item.id: item.said for item in current_pack().statements(cues(said), request)}
    assert answers == {"R1": True, "R2": True, "R3": True, "R4": True, "R5": True, "R6": True, "R7": False, "R8": True}


def test_statements_differ_by_product():
    def ids(product, said="大家好"):
        return [item.id for item in current_pack().statements(cues([said]), Request(product=product))]

    assert ids(ProductKind.DAILY) == ["R1", "R4", "R5", "R6", "R7"]
    assert "R9" in ids(ProductKind.HEALTH_FOOD)
    assert "R10" in ids(ProductKind.ALCOHOL)
    assert "R11" in ids(ProductKind.DAILY, "这是有机认证的")


def test_a_brand_is_counted_read_or_heard():
    assert current_pack().mentions(cues(["明月茶园的茶", "明月查元发货", "别的"]), "明月茶园") == [0.0, 5.0]
    assert current_pack().mentions(cues(["随便说说"]), "  ") == []

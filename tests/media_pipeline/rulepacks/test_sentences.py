"""The matcher on the labelled sentences of the domain: reached figures are the floor."""

import json

import pytest

from lms.core.types import ProductKind
from media_pipeline.rulepacks.api import current_pack
from media_pipeline.rulepacks.loading import DATA
from tests.media_pipeline.fakes import cue

ROWS = [json.loads(line) for line in (DATA / "sentences" / "commissioned.jsonl").read_text("utf-8").splitlines()]


def found(row):
    return current_pack().find([cue(row["text"])], ProductKind(row["product"]) if row["product"] else None)


@pytest.mark.parametrize("difficulty,recall", (("core", 20 / 20), ("hard", 13 / 13)))
def test_labelled_spans_are_found(difficulty, recall):
    spans = hits = 0
    for row in ROWS:
        if (row["kind"], row["difficulty"]) != ("must", difficulty):
            continue
        findings = found(row)
        for flag in row["flags"]:
            spans += 1
            hits += any(
                item.category == flag["category"] and item.char_start < flag["end"] and flag["start"] < item.char_end
                for item in findings
            )
    assert spans
    assert hits / spans >= recall


def test_near_misses_are_left_alone():
    wrong = [row["id"] for row in ROWS if row["kind"] == "near" and found(row)]
    assert wrong == []


# Written by us after the patterns, to catch patterns that reach too far.
LAWFUL = (
    "大家晚上好，欢迎来到我们的直播间，我是来自安溪的陈小梅，今天给大家带来自家种的铁观音。",
    "这款茶汤色金黄，十分红亮，闻起来有兰花香，口感很好。",
    "泡茶的时候最好用矿泉水，水温九十五度左右，不要一次放太多。",
    "一盒两百克，平时卖一百二，今天在直播间买只要九十八块，三号链接，小黄车里点一下就能拍。",
    "如果收到有破损，请拍照联系客服，我们会赔钱给您，也可以换货。",
    "扫一下瓶身的二维码可以看到产地和批次，每一批都能溯源。",
    "有问题可以私信客服，也可以在公屏上问我。",
    "老年人都喜欢喝这一款，因为它味道比较淡。",
    "今天镇上的领导也来支持我们的直播，谢谢大家。",
    "我们今天限时秒杀活动八点开始，大家可以先关注一下主播。",
    "这个瓶子是玻璃的，不容易滚落，放在冰箱门上也可以。",
    "生产日期是上个月，保质期十八个月，请在保质期内喝完，过期就不要喝了。",
    "这个价格是不是全网最低我不敢说，但是今天确实比平时便宜十块。",
    "很多人问这个能不能治感冒，不能的，它就是普通的茶。",
    "面包好吃的秘诀就是用新鲜的牛奶和面。",
)


@pytest.mark.parametrize("text", LAWFUL)
@pytest.mark.parametrize("product", (None, ProductKind.TEA, ProductKind.ALCOHOL))
def test_lawful_selling_talk_is_left_alone(text, product):
    assert [(item.rule, item.text) for item in current_pack().find([cue(text)], product)] == []

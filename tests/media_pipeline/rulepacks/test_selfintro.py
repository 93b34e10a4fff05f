import pytest

from media_pipeline.rulepacks.api import mask_cues, mask_self_introduction
from tests.media_pipeline.fakes import cues


def names(text):
    return [text[start:end] for start, end in mask_self_introduction(text)]


@pytest.mark.parametrize(
    "text,expected",
    (
        ("大家好，我是主播小叶，今天给大家介绍绿茶", ["小叶"]),
        ("我叫林晓燕，来自福建", ["林晓燕"]),
        ("我是来自安溪的陈小梅。", ["陈小梅"]),
        ("各位朋友大家好，我是山里人家的主播老周，这里是演示直播间。", ["老周"]),
        ("大家可以叫我阿珍", ["阿珍"]),
        ("我是欧阳明月，欢迎大家", ["欧阳明月"]),
        ("我是你们的主播Amy，", ["Amy"]),
        ("我是王芳今天给大家带来红枣", ["王芳"]),
        ("我是主播，欢迎大家来到直播间", []),
        ("我是第一次做直播，有点紧张", []),
        ("我是马上就要下播了", []),
        ("我是江西人，从小喝茶长大", []),
        ("我叫大家来看一看", []),
        ("我是真的喜欢这款茶", []),
    ),
)
def test_names_in_self_introductions(text, expected):
    assert names(text) == expected


def test_a_name_is_masked_wherever_it_comes_again_and_over_a_cue():
    lines = cues(["大家好，我是主播小", "叶，今天卖茶。", "小叶在这里谢谢大家。"])
    assert mask_cues(lines) == {0: [(8, 9)], 1: [(0, 1)], 2: [(0, 2)]}

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.stages.text import count_spoken, normalise, to_simplified

MIXED = st.text(alphabet=st.characters(codec="utf-8"), max_size=40)
CHINESE = st.text(alphabet="全網第一國家級最佳發貨後臺裡面12３㎏℃，。,.!? abＡ", max_size=40)


@given(st.one_of(MIXED, CHINESE))
def test_every_character_knows_where_it_stood(raw):
    text, offsets = normalise(raw)
    assert len(text) == len(offsets)
    assert list(offsets) == sorted(offsets)
    assert set(offsets) == set(range(len(raw)))
    for char, place in zip(text, offsets, strict=True):
        pieces = unicodedata.normalize("NFKC", raw[place])
        assert char in pieces or to_simplified(pieces) != pieces or char in "，。？！：；"


@given(CHINESE)
def test_normalising_twice_changes_nothing(raw):
    once = normalise(raw)[0]
    assert normalise(once)[0] == once


def test_both_scripts_read_the_same():
    assert normalise("全網第一,國家級的茶園。")[0] == "全网第一，国家级的茶园。"
    assert normalise("約1,000元,3.5折")[0] == "约1,000元，3.5折"


def test_spoken_characters():
    assert count_spoken("一盒250克，NFC 果汁！") == 2 + 3 + 1 + 1 + 2

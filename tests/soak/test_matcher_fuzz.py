"""The compliance matcher on text nobody would say: it never fails, points inside the text, and says the same twice."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.core.types import ProductKind
from media_pipeline.rulepacks.api import current_pack
from tests.conftest import SOAK_FULL
from tests.media_pipeline.fakes import cue

pytestmark = pytest.mark.soak

PACK = current_pack()
TERMS = sorted({rule.term for rule in PACK.rules})
# Real terms, whole or torn, among characters of every script, digits, spaces and full-width signs.
PIECES = st.one_of(
    st.sampled_from(TERMS),
    st.sampled_from(TERMS).map(" ".join),
    st.sampled_from(TERMS).map(lambda term: term[: max(1, len(term) // 2)]),
    st.sampled_from(["不是", "不能", "没有", "国家级贫困县", "１００％", "第一", "，", "。", "嗯", " "]),
    st.text(max_size=12),
)
SENTENCES = st.lists(PIECES, min_size=1, max_size=8).map("".join)


@settings(max_examples=20_000 if SOAK_FULL else 600)
@given(texts=st.lists(SENTENCES, min_size=1, max_size=5), product=st.sampled_from([None, *ProductKind]))
def test_any_text_can_be_read(texts: list[str], product: ProductKind | None) -> None:
    said = [cue(text, index, start=index * 5.0) for index, text in enumerate(texts)]
    found = PACK.find(said, product)
    assert found == PACK.find(said, product)
    for finding in found:
        held = said[finding.cue_index].text
        assert 0 <= finding.char_start < finding.char_end <= len(held) or finding.char_end > finding.char_start
        assert 0 <= finding.start_s <= finding.end_s <= len(texts) * 5.0

"""The scorer itself, and the floors the shipped pack keeps on labelled sentences."""

import json
from pathlib import Path

import pytest

from lms.core.types import ProductKind
from media_pipeline.rulepacks.api import check, current_pack
from media_pipeline.rulepacks.check import TextFinding
from media_pipeline.rulepacks.labelling import marked_up, sentences
from media_pipeline.rulepacks.loading import DATA
from media_pipeline.rulepacks.scoring import read_sentences, score
from media_pipeline.stages.types import Severity
from scripts.label_sentences import dealt

SOURCE = Path(__file__).parent / "sentences" / "first.txt"


def scored(name):
    rows = read_sentences((DATA / "sentences" / f"{name}.jsonl").read_text("utf-8"))
    return score(rows, lambda row: check(current_pack(), row.text, row.product))


@pytest.mark.parametrize("name", ("commissioned", "first-tuning", "second", "seventh-tuning", "ninth"))
def test_what_was_tuned_on_is_found_whole(name):
    result = scored(name)
    assert (result.missed, result.alarmed) == ((), ())


@pytest.mark.parametrize("name", ("first-set-aside", "seventh-set-aside", "eighth-set-aside"))
def test_the_set_aside_halves_keep_their_floors(name):
    """Figures only: whoever reads which sentence failed has tuned on it."""
    total = scored(name).total
    assert total.recall >= 0.95
    assert total.false_alarms <= 0.03


def test_sounds_set_aside_are_heard():
    total = scored("first-set-aside").total
    assert total.heard / total.sounds >= 0.8


@pytest.mark.parametrize(
    "name,prefix,seed,least",
    (("first", "A", 20261121, 600), ("seventh", "G", 20261122, 460), ("eighth", "H", 20261123, 260)),
)
def test_the_halves_are_those_of_the_source_dealt_by_the_recorded_seed(name, prefix, seed, least):
    rows = list(sentences(SOURCE.with_name(f"{name}.txt").read_text("utf-8"), prefix))
    tuning, aside = dealt(rows, seed)
    assert len(rows) >= least
    for part, half in ((f"{name}-tuning", tuning), (f"{name}-set-aside", aside)):
        lines = (DATA / "sentences" / f"{part}.jsonl").read_text("utf-8").splitlines()
        assert [json.loads(line) for line in lines] == half


def said(category, start, end, suspected=False):
    return TextFinding(category, Severity.M, start, end, "", "X", suspected)


@pytest.mark.parametrize(
    "findings,expected",
    (
        ([said("ABS", 1, 4)], (1, 0)),
        ([said("ABS", 3, 9)], (0, 0)),
        ([said("MED", 1, 3)], (0, 0)),
        ([said("ABS", 1, 3, True)], (0, 1)),
    ),
)
def test_a_span_counts_by_category_overlap_and_certainty(findings, expected):
    row = '{"id":"1","category":"ABS","difficulty":"core","product":"tea","text":"真最好啊","flags":[{"category":"ABS","start":1,"end":3}]}'
    (sentence,) = read_sentences(row)
    assert sentence.product is ProductKind.TEA
    total = score([sentence], lambda _row: findings).total
    assert (total.found, total.only_suspected) == expected


def test_marked_up_text_with_a_mistake_is_told_by_line():
    with pytest.raises(ValueError, match="line 2"):
        list(sentences("# ABS\nM core - 没有记号", "X"))
    with pytest.raises(ValueError, match="line 3"):
        list(sentences("# ABS\n\nN core - 有{记号}", "X"))


def test_sentences_go_to_mark_up_and_back():
    rows = list(sentences(SOURCE.read_text("utf-8"), "A"))
    assert list(sentences(marked_up(rows), "A")) == rows

"""The shipped pack as a document, and what is refused as one."""

import copy
from datetime import date

import pytest

from media_pipeline.rulepacks.document import PackFault, document_hash, pattern_fault, read_document, version_of
from media_pipeline.rulepacks.loading import shipped_document


def changed(**fields):
    document = copy.deepcopy(shipped_document())
    document["rules"][0] |= fields
    return document


def test_all_sixteen_categories_have_article_rewording_patterns_exceptions_and_tests():
    document = shipped_document()
    parts = read_document(document)
    assert len(document["categories"]) == 16
    for code, category in document["categories"].items():
        assert category["law"]
        assert category["rewording"]
        rules = [rule for rule in parts.rules if rule.category == code]
        assert sum(len(rule.patterns) for rule in rules) >= len(rules) / 2
        assert all(rule.rewording for rule in rules)
        assert document["exceptions"]["stretches"][code]
        tested = [row for rows in parts.sentences.values() for row in rows if row.category == code]
        assert sum(not row.near for row in tested) >= 10
        assert sum(row.near for row in tested) >= 10


@pytest.mark.parametrize(
    "pattern,why",
    (
        ("全网(?:最|第一", "syntax"),
        ("(.)\\1", "backreference"),
        ("(?:好+)+", "endless"),
        ("(?:第一(?:名*)*)?全网", "endless"),
        ("好?", "empty"),
        ("好" * 3001, "long"),
    ),
)
def test_a_pattern_that_breaks_or_hangs_is_refused(pattern, why):
    assert (pattern_fault(pattern) or ("",))[0] == why
    with pytest.raises(PackFault) as refused:
        read_document(changed(patterns=[pattern]))
    assert (refused.value.faults[0].where, refused.value.faults[0].code) == ("ABS-01", why)


@pytest.mark.parametrize(
    "fields",
    (
        {"id": "XXX-01"},
        {"severity": "Z"},
        {"scope": "toys"},
        {"term": " "},
        {"patterns": ["<nobody>好"]},
        {"patterns": ["<rival2>好"]},
        {"from": "2026-13-01"},
        {"from": "2026-12-01", "until": "2026-11-01"},
        {"id": "ABS-02"},
    ),
)
def test_a_rule_that_makes_no_sense_is_refused(fields):
    with pytest.raises(PackFault):
        read_document(changed(**fields))


def test_a_sentence_whose_marks_do_not_fit_is_refused():
    document = copy.deepcopy(shipped_document())
    document["sentences"]["commissioned"][0]["flags"][0]["text"] = "别的"
    with pytest.raises(PackFault):
        read_document(document)


def test_a_rule_is_in_force_between_its_dates_and_the_version_tells():
    document = changed(**{"from": "2026-03-01", "until": "2026-03-31"})

    def in_force(day):
        return "ABS-01" in {rule.id for rule in read_document(document, day).rules}

    assert [in_force(date(2026, *day)) for day in ((2, 28), (3, 1), (3, 31), (4, 1))] == [False, True, True, False]
    assert version_of(document, date(2026, 2, 1)) != version_of(document, date(2026, 3, 1))


def test_a_pack_written_before_judgements_were_known_is_read_without_them():
    document = copy.deepcopy(shipped_document())
    assert read_document(document).excuses.judgements
    del document["exceptions"]["judged"]
    assert read_document(document).excuses.judgements == ()


@pytest.mark.parametrize("wrong", ({"after": "(?:a"}, {"after": "(?:好+)+"}, {"unless": None}))
def test_a_judgement_that_cannot_be_read_is_refused(wrong):
    document = copy.deepcopy(shipped_document())
    document["exceptions"]["judged"][0] |= wrong
    with pytest.raises(PackFault):
        read_document(document)


def test_the_hash_is_of_the_content_alone():
    document = shipped_document()
    assert document_hash(dict(reversed(list(document.items())))) == document_hash(document)

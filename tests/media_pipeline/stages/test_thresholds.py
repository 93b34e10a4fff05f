"""Thresholds are data: by purpose, by level, named by content; a file that makes no sense is refused with its place."""

import pytest

from lms.core.types import Level
from media_pipeline import toolbox
from media_pipeline.assets.types import Purpose
from media_pipeline.stages.ports import EngineError
from media_pipeline.stages.thresholds import ThresholdFault, Thresholds, read_book, thresholds_in

BOOK = """
purposes:
  submission: {good_short_side: 900}
  lesson: {min_duration_s: 1, warn_only: [black]}
levels:
  3: {min_duration_s: 120, long_duration_s: 900}
"""


def test_a_level_changes_submissions_alone():
    book = read_book(BOOK)
    advanced = book.of("submission", Level.ADVANCED)
    assert (advanced.min_duration_s, advanced.long_duration_s, advanced.good_short_side) == (120.0, 900.0, 900)
    assert book.of("submission", Level.ELEMENTARY).min_duration_s == 60.0
    assert book.of("lesson", Level.ADVANCED).min_duration_s == 1.0
    assert book.of("lesson").warn_only == ("black",)


def test_the_content_is_the_version():
    book = read_book(BOOK)
    ours, theirs = book.of("submission", Level.ADVANCED), book.of("submission", Level.ELEMENTARY)
    assert ours.content_hash != theirs.content_hash
    assert ours.version == ours.content_hash[:8]
    assert theirs.content_hash == Thresholds(good_short_side=900).content_hash


def test_the_table_of_the_domain_is_what_is_delivered():
    book = thresholds_in()
    assert book.of("submission", Level.ELEMENTARY) == Thresholds()
    assert set(book.purposes) >= {purpose.value for purpose in Purpose} | {"recording"}


@pytest.mark.parametrize(
    "text,says",
    (
        ("purposes: {submission: {min_length: 60}}", "min_length"),
        ("levels: {9: {min_duration_s: 60}}", "9"),
        ("levels: {5: {min_duration_s: sixty}}", "min_duration_s is a number"),
        ("purposes: {submission: {warn_only: black}}", "list of checks"),
        ("levels: {5: {min_duration_s: 700}}", "level 5: min_duration_s lies above long_duration_s"),
        ("purposes: {submission: {silence_fail_share: 60}}", "a share from 0 to 1"),
        ("purposes: [", "cannot be read"),
    ),
)
def test_nonsense_is_refused_with_its_place(text, says):
    with pytest.raises(ThresholdFault, match=says):
        read_book(text)


def test_an_installation_puts_its_own_in_place(tmp_path, settings):
    file = tmp_path / "ours.yaml"
    file.write_text(BOOK, encoding="utf-8")
    settings.CHECK_THRESHOLDS = str(file)
    assert toolbox.thresholds_of(Purpose.SUBMISSION, Level.ADVANCED).min_duration_s == 120.0
    settings.CHECK_THRESHOLDS = str(tmp_path / "none.yaml")
    with pytest.raises(EngineError, match=r"none\.yaml"):
        toolbox.thresholds_of()

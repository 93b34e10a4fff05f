"""Marks of parts that rooms above tell: homework (S5-21)."""

from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from assessment.api import Grant, NoCandidacy, Part, ResultRefused, record_part_mark, renew_candidacy
from assessment.candidates.services import close_candidacy
from assessment.results.models import GradeDecision, PartMark
from assessment.specification.logic import SpecificationFault
from assessment.specification.services import add_specification_version, approve_specification
from lms.accounts.api import INSTALLATION
from tests.assessment.people import VIDEO
from tests.assessment.results.world import RUBRIC, Examined, confirmed, examined, mark, released
from tests.media_pipeline.cast import NOW, Cast

HOMEWORK = (*VIDEO, Grant(Part.HOMEWORK, True, ""))


def with_homework(homework: str = "40", video: str = "60") -> UUID:
    """An approved specification: homework and the video, weights in percent."""
    named = {"pass_mark": "60", "resits": None, "blueprint_key": "", "blueprint_hash": ""}
    content = {
        "key": "test_homework",
        "level": 5,
        "title": "初级试用规范（作业和视频）",
        "trial": True,
        "parts": [
            {"part": "homework", "weight": homework, "rubric_key": "practice_task", "rubric_hash": "a" * 64, **named},
            {"part": "video", "weight": video, "rubric_key": RUBRIC[0], "rubric_hash": RUBRIC[1], **named},
        ],
        "quorum": {"minimum": 3, "odd": True, "spread_limit": "15"},
        "papers": ["completion_certificate"],
    }
    made = add_specification_version(content, now=NOW)
    if not made.approved:
        approve_specification(by=INSTALLATION, specification=made.uuid, now=NOW)
    return made.uuid


def candidate(cast: Cast, grants: tuple[Grant, ...] = HOMEWORK) -> Examined:
    return examined(cast, specification=with_homework(), entitlements=grants)


def tell(case: Examined, value: str = "80.0", evidence: UUID | None = None) -> GradeDecision | None:
    return record_part_mark(
        candidacy=case.candidacy.uuid, part=Part.HOMEWORK, mark=Decimal(value), evidence=evidence or uuid4(), now=NOW
    )


@pytest.mark.req("S5-21")
def test_homework_counts_with_its_weight(cast: Cast) -> None:
    case = candidate(cast)
    first = tell(case, "80.0")
    assert first is not None
    assert (first.grade, first.composite) == ("", None)
    whole = mark(case, "70.0")
    assert (whole.grade, whole.composite, whole.version) == ("pass", Decimal("74.0"), 2)
    assert {part.part: part.mark for part in whole.part_grades} == {
        Part.HOMEWORK: Decimal("80.0"),
        Part.VIDEO: Decimal("70.0"),
    }


@pytest.mark.req("S5-21")
@pytest.mark.parametrize("homework,video", (("40", "50"), ("40", "61"), ("100", "0")))
def test_weights_that_do_not_sum_to_100_are_refused(db: None, homework: str, video: str) -> None:
    with pytest.raises(SpecificationFault):
        with_homework(homework, video)


def test_told_twice_is_told_once_and_the_later_mark_counts(cast: Cast) -> None:
    case, evidence = candidate(cast), uuid4()
    assert tell(case, "80.0", evidence)
    assert tell(case, "80.0", evidence) is None
    assert PartMark.objects.count() == 1
    mark(case, "70.0")
    better = tell(case, "90.0")
    assert better is not None
    assert (better.composite, better.version) == (Decimal("78.0"), 3)


def test_the_entitlement_is_respected(cast: Cast) -> None:
    case = candidate(cast, (*VIDEO, Grant(Part.HOMEWORK, False, "Not now.")))
    with pytest.raises(ResultRefused) as refusal:
        tell(case)
    assert (refusal.value.code, PartMark.objects.count()) == ("not_entitled", 0)
    held = case.candidacy
    fields = {name: getattr(held, name) for name in (
        "person", "user", "class_uid", "class_name", "organisation", "organisation_path", "organisation_name", "level",
        "job", "planned_hours", "profile", "specification",
    )}  # fmt: skip
    renew_candidacy(**fields, entitlements=HOMEWORK, by=None, now=NOW)
    assert tell(case)


def test_nobody_was_ever_told_of_it(cast: Cast) -> None:
    with pytest.raises(ResultRefused) as refusal:
        tell(candidate(cast, VIDEO))
    assert refusal.value.code == "not_entitled"


def test_a_class_without_homework_takes_none(cast: Cast) -> None:
    case = examined(cast, entitlements=HOMEWORK)
    with pytest.raises(ResultRefused) as refusal:
        tell(case)
    assert refusal.value.code == "part"


def test_a_closed_examination_takes_none_and_a_released_one_keeps_its_grade(cast: Cast) -> None:
    case = candidate(cast)
    tell(case, "80.0")
    whole = released(cast, mark(case, "70.0"))
    close_candidacy(candidacy=case.candidacy.uuid, by=None, now=NOW)
    with pytest.raises(ResultRefused) as refusal:
        tell(case, "100.0")
    assert refusal.value.code == "closed"
    assert GradeDecision.objects.filter(candidacy__uuid=case.candidacy.uuid).count() == whole.version


@pytest.mark.parametrize("part", (Part.VIDEO, Part.THEORY))
def test_nobody_above_marks_what_examiners_or_papers_mark(cast: Cast, part: Part) -> None:
    case = candidate(cast)
    with pytest.raises(ValueError, match="marked in this street"):
        record_part_mark(candidacy=case.candidacy.uuid, part=part, mark=Decimal(100), evidence=uuid4(), now=NOW)


def test_an_unknown_candidacy(db: None) -> None:
    with pytest.raises(NoCandidacy):
        record_part_mark(candidacy=uuid4(), part=Part.HOMEWORK, mark=Decimal(80), evidence=uuid4(), now=NOW)


def test_the_chief_confirms_the_whole(cast: Cast) -> None:
    case = candidate(cast)
    tell(case)
    assert confirmed(cast, mark(case, "70.0")).grade == "pass"

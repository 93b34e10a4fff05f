"""Planning, filing and opening a class, and who teaches it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from courses.classes.models import TrainingClass
from courses.classes.selectors import waiting_classes
from courses.classes.services import add_instructor, move_class
from courses.classes.types import ClassRefused, ClassState
from lms.accounts.api import NotAllowed, conflicts_of
from lms.core import audit
from lms.core.states import IllegalMove
from lms.core.types import Level
from lms.policies.api import decision
from tests.assessment.people import person_of
from tests.courses.school import FIRST_DAY, opened, pin, planned
from tests.media_pipeline.cast import NOW, Cast

AHEAD = [ClassState.FINISHED, ClassState.ASSESSMENT, ClassState.CLOSED]


def move(cast: Cast, row: TrainingClass, to: ClassState, *, who: str = "school_admin", **said: Any) -> TrainingClass:
    return move_class(by=cast.acting(who), training_class=row, to=to, now=NOW, **said)


def test_a_class_is_filed_by_its_institution_and_opened_by_the_bureau(cast: Cast) -> None:
    row = planned(cast)
    row = move(cast, row, ClassState.FILED)
    assert row.state == ClassState.FILED
    assert waiting_classes(cast.acting("bureau")) == 1
    with pytest.raises(NotAllowed):
        move(cast, row, ClassState.OPEN)
    row = move(cast, row, ClassState.OPEN, who="bureau")
    assert (row.state, row.opened_by) == (ClassState.OPEN, cast.uuid("bureau"))
    assert row.decision
    assert decision(row.decision).decision.allowed
    assert waiting_classes(cast.acting("bureau")) == 0
    assert audit.verify(row.uuid).ok


def test_the_class_is_pinned_to_the_versions_of_its_planning(cast: Cast) -> None:
    row = planned(cast)
    assert decision(move(cast, row, ClassState.FILED).decision or row.uuid).profile == row.profile


@pytest.mark.req("S1-12")
@pytest.mark.parametrize("hours, state", ((99, ClassState.PLANNED), (100, ClassState.FILED)))
def test_what_the_policy_refuses_is_not_filed_and_says_why(cast: Cast, hours: int, state: ClassState) -> None:
    row = pin(planned(cast, planned_hours=hours, modes=frozenset({"offline", "practice"})), "shijiazhuang_2020")
    row = move(cast, row, ClassState.FILED)
    assert row.state == state
    assert row.decision
    stored = decision(row.decision).decision
    reason = stored.reason("min_hours")
    assert reason
    assert (reason.required, reason.found) == ("100", str(hours))
    assert stored.refused is (state is ClassState.PLANNED)


@pytest.mark.req("S2-11")
def test_a_class_beyond_the_window_of_its_policy_is_not_filed(cast: Cast) -> None:
    for last, state in ((date(2021, 9, 30), ClassState.FILED), (date(2021, 10, 1), ClassState.PLANNED)):
        row = planned(
            cast,
            "fuzhou_2021",
            name=f"{last}",
            starts_on=date(2021, 9, 20),
            ends_on=last,
            theory_hours=24,
            practice_hours=16,
            days=5,
            offline_days=5,
            modes=frozenset({"offline"}),
        )
        TrainingClass.objects.filter(pk=row.pk).update(institution=_renamed(cast))
        moved = move_class(
            by=cast.acting("school_admin"), training_class=row, to=ClassState.FILED, now=NOW.replace(year=2021)
        )
        assert moved.state == state


def _renamed(cast: Cast) -> Any:
    """One of the 29 institutions of the annex."""
    cast.school.name = "连江县忠孝职业培训学校"
    cast.school.save(update_fields=["name"])
    return cast.school


def test_what_nobody_knows_is_opened_only_with_words(cast: Cast) -> None:
    row = pin(planned(cast, planned_hours=100, modes=frozenset({"offline"})), "shijiazhuang_2020")
    row = move(cast, row, ClassState.FILED)
    with pytest.raises(ClassRefused) as refusal:
        move(cast, row, ClassState.OPEN, who="bureau")
    assert refusal.value.field == "reason"
    row = move(cast, row, ClassState.OPEN, who="bureau", reason="培训方案已审阅")
    assert row.decision
    assert decision(row.decision).decision.pending
    assert row.opening_note == "培训方案已审阅"


def test_a_filing_is_returned_with_a_reason_and_filed_again(cast: Cast) -> None:
    row = move(cast, planned(cast), ClassState.FILED)
    with pytest.raises(ClassRefused):
        move(cast, row, ClassState.PLANNED, who="bureau")
    row = move(cast, row, ClassState.PLANNED, who="bureau", reason="缺课程表")
    assert (row.state, row.opening_note) == (ClassState.PLANNED, "缺课程表")
    assert move(cast, row, ClassState.FILED).state == ClassState.FILED


@pytest.mark.parametrize("to", AHEAD)
def test_nothing_is_left_out_on_the_way(cast: Cast, to: ClassState) -> None:
    row = opened(cast)
    with pytest.raises(IllegalMove):
        move(cast, row, to)
    with pytest.raises(ClassRefused):
        move(cast, row, ClassState.TEACHING)


def test_two_who_move_it_at_once_move_it_once(cast: Cast) -> None:
    row = planned(cast)
    stale = TrainingClass.objects.get(pk=row.pk)
    move(cast, row, ClassState.FILED)
    with pytest.raises(IllegalMove):
        stale.move(ClassState.CANCELLED, now=NOW)


@pytest.mark.req("S1-10")
def test_no_class_for_a_level_that_nobody_may_examine(cast: Cast) -> None:
    with pytest.raises(ClassRefused) as refusal:
        planned(cast, level=Level.TECHNICIAN)
    assert refusal.value.field == "level"


@pytest.mark.parametrize(
    "changes, field",
    (
        ({"name": "  "}, "name"),
        ({"ends_on": FIRST_DAY - timedelta(days=1)}, "ends_on"),
        ({"theory_hours": 30, "practice_hours": 11}, "planned_hours"),
    ),
)
def test_a_plan_that_cannot_be_is_refused_by_field(cast: Cast, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(ClassRefused) as refusal:
        planned(cast, **changes)
    assert refusal.value.field == field


def test_a_name_stands_once_in_an_institution(cast: Cast) -> None:
    planned(cast)
    with pytest.raises(ClassRefused) as refusal:
        planned(cast)
    assert refusal.value.code == "twice"
    planned(cast, who="other_admin")


def test_only_a_teaching_institution_plans_and_only_its_own(cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        planned(cast, who="body_admin")  # an evaluation body covers the town, but teaches nobody
    row = planned(cast)
    for who in ("other_admin", "body_admin", "owner", "instructor"):
        with pytest.raises(NotAllowed):
            move(cast, row, ClassState.FILED, who=who)


def test_who_teaches_the_class_never_judges_its_people(cast: Cast) -> None:
    row, teacher = planned(cast), person_of(cast, "instructor")
    for _twice in range(2):
        add_instructor(by=cast.acting("school_admin"), training_class=row, person=teacher.uuid, now=NOW)
    assert row.instructors.count() == 1
    found = conflicts_of(person=teacher.uuid, persons=(), classes=[row.uuid], submissions=(), on=NOW.date())
    assert [tie.object for tie in found] == [row.uuid]
    with pytest.raises(ClassRefused):
        add_instructor(
            by=cast.acting("school_admin"), training_class=row, person=person_of(cast, "examiner").uuid, now=NOW
        )

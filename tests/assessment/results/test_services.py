"""Grade decisions: versions, states, confirmation and release."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from itertools import product
from threading import Barrier
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connections

from assessment.marking.models import EvidenceGrant
from assessment.results.events import ResultReleased
from assessment.results.models import GradeDecision, GradeStanding, PartMark
from assessment.results.services import ResultRefused, confirm_grade, receive_mark, release_grade
from assessment.results.types import MOVES, GradeState, Onward
from assessment.specification.types import Part
from lms.accounts.api import TieKind, TieObject, record_tie
from lms.core import audit
from lms.core.states import IllegalMove
from lms.notices.models import Notice
from lms.policies.api import Grade, decision_card
from tests.assessment.people import person_of
from tests.assessment.results.world import confirmed, examined, mark, released
from tests.media_pipeline.cast import NOW, Cast, build_cast

BOTH = ((Part.THEORY, "30", "60"), (Part.VIDEO, "70", "60"))


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[ResultReleased]:
    """The releases published; rooms above do not hear them."""
    from lms.core import events

    heard: list[ResultReleased] = []
    monkeypatch.setitem(events._handlers, ResultReleased, [heard.append])
    return heard


def states(decision: GradeDecision) -> list[tuple[int, str]]:
    rows = GradeStanding.objects.filter(candidacy=decision.candidacy).order_by("decision__version")
    return [(row.decision.version, row.state) for row in rows.select_related("decision")]


@pytest.mark.req("S5-23", "S2-33")
@pytest.mark.parametrize(
    "value,grade",
    (("90.0", "excellent"), ("89.9", "good"), ("79.9", "pass"), ("60.0", "pass"), ("59.9", "fail"), ("0.0", "fail")),
)
def test_the_bands_of_the_profile_make_the_grade(cast: Cast, value: str, grade: str) -> None:
    decision = mark(examined(cast), value)
    assert (decision.grade, decision.composite, decision.version) == (grade, Decimal(value), 1)
    assert states(decision) == [(1, "computed")]


def test_a_decision_is_pinned_and_hashed(cast: Cast) -> None:
    case = examined(cast)
    decision = mark(case)
    assert (decision.specification, decision.profile) == (case.candidacy.specification, case.candidacy.profile)
    assert [len(text) for text in (decision.content_hash, decision.specification_hash, decision.profile_hash)] == [
        64
    ] * 3
    assert [part.submission for part in decision.part_grades] == [case.submission.uuid]
    assert decision_card(decision.policy_decision).reasons
    with pytest.raises(TypeError):
        decision.save()
    with pytest.raises(TypeError):
        GradeDecision.objects.filter(pk=decision.pk).update(grade="excellent")


def test_a_missing_part_keeps_the_grade_pending(cast: Cast) -> None:
    case = examined(cast, *BOTH)
    decision = mark(case, "82.0")
    assert (decision.grade, decision.composite) == ("", None)
    with pytest.raises(ResultRefused) as refusal:
        confirmed(cast, decision)
    assert refusal.value.code == "pending"
    whole = mark(case, "86.0", part=Part.THEORY)
    assert (whole.grade, whole.composite, whole.version) == ("good", Decimal("83.2"), 2)
    assert states(whole) == [(1, "superseded"), (2, "computed")]


@pytest.mark.parametrize("theory,video", (("59.9", "100.0"), ("100.0", "59.9")))
def test_no_part_makes_up_for_another(cast: Cast, theory: str, video: str) -> None:
    case = examined(cast, *BOTH)
    mark(case, theory, part=Part.THEORY)
    decision = mark(case, video)
    assert decision.grade == "fail"
    assert decision.composite is not None
    assert decision.composite > 60


def test_a_confirmed_grave_breach_is_a_fail_whatever_the_mark(cast: Cast) -> None:
    decision = mark(examined(cast), "95.0", proposed_fail=True)
    assert (decision.grade, decision.composite) == ("fail", Decimal("95.0"))
    reasons = decision_card(decision.policy_decision).reasons
    assert len(reasons) == 2


def test_the_same_outcome_again_changes_nothing(cast: Cast) -> None:
    case, outcome = examined(cast), uuid4()
    mark(case, outcome=outcome)
    again = receive_mark(
        candidacy=case.candidacy.uuid,
        part=Part.VIDEO,
        mark=Decimal("82.0"),
        proposed_fail=False,
        outcome=outcome,
        submission=case.submission.uuid,
        now=NOW,
    )
    assert again is None
    assert (GradeDecision.objects.count(), PartMark.objects.count()) == (1, 1)


def test_a_release_tells_her_opens_her_evidence_and_is_heard(cast: Cast, told: list[ResultReleased]) -> None:
    case = examined(cast)
    decision = released(cast, mark(case))
    assert states(decision) == [(1, "published")]
    assert told == [
        ResultReleased(case.candidacy.uuid, case.candidacy.person, True, Grade.GOOD, decision.uuid, Onward.PASSED)
    ]
    assert EvidenceGrant.objects.filter(examiner_user=cast.uuid("owner"), asset=case.asset.uuid).count() == 1
    notice = Notice.objects.get()
    assert (notice.kind, notice.url) == ("result_released", f"/results/{decision.uuid}/")
    assert audit.verify(case.candidacy.uuid).ok


def test_nothing_is_opened_before_the_release(cast: Cast) -> None:
    confirmed(cast, mark(examined(cast)))
    assert not EvidenceGrant.objects.exists()
    assert not Notice.objects.exists()


def test_a_changed_decision_is_a_new_version_and_the_published_one_stands_until_its_release(
    cast: Cast, told: list[ResultReleased]
) -> None:
    case = examined(cast)
    first = released(cast, mark(case, "56.0"))
    second = mark(case, "66.0")
    assert states(second) == [(1, "published"), (2, "computed")]
    confirmed(cast, second)
    third = mark(case, "61.0")
    assert states(third) == [(1, "published"), (2, "superseded"), (3, "computed")]
    with pytest.raises(ResultRefused) as refusal:
        release_grade(by=cast.acting("bureau"), decision=second.uuid, now=NOW)
    assert refusal.value.code == "moved"
    released(cast, third)
    assert states(third) == [(1, "superseded"), (2, "superseded"), (3, "published")]
    assert [event.decision for event in told] == [first.uuid, third.uuid]
    assert GradeDecision.objects.get(pk=first.pk).content_hash == first.content_hash


@pytest.mark.parametrize("before,after", tuple(product(GradeState, GradeState)))
def test_only_the_moves_of_the_table_are_made(cast: Cast, before: GradeState, after: GradeState) -> None:
    decision = mark(examined(cast))
    fields = {"confirmed_by": uuid4(), "confirmed_at": NOW, "released_by": uuid4(), "released_at": NOW}
    GradeStanding.objects.filter(decision=decision).update(state=before, **fields)
    standing = GradeStanding.objects.get(decision=decision)
    if after in MOVES[before]:
        standing.move(after, now=NOW)
    else:
        with pytest.raises(IllegalMove):
            standing.move(after, now=NOW)
    standing.refresh_from_db()
    assert standing.state == (after if after in MOVES[before] else before)


def test_a_move_from_a_state_that_is_gone_raises(cast: Cast) -> None:
    standing = GradeStanding.objects.get(decision=mark(examined(cast)))
    GradeStanding.objects.filter(pk=standing.pk).update(state=GradeState.SUPERSEDED)
    with pytest.raises(IllegalMove):
        standing.move(GradeState.SUPERSEDED, now=NOW)


def test_the_table_holds_one_open_and_one_published_decision(cast: Cast) -> None:
    case = examined(cast)
    first = mark(case, "56.0")
    second = mark(case, "66.0")
    with pytest.raises(IntegrityError):
        GradeStanding.objects.filter(decision=first).update(state=GradeState.COMPUTED)
    assert second.version == 2


def test_nothing_is_published_without_who_and_when(cast: Cast) -> None:
    decision = mark(examined(cast))
    with pytest.raises(IntegrityError):
        GradeStanding.objects.filter(decision=decision).update(state=GradeState.PUBLISHED)


@pytest.mark.parametrize(
    "who", ("owner", "examiner", "school_admin", "bureau", "inspector", "instructor", "administrator", "stranger")
)
def test_only_the_chief_confirms(cast: Cast, who: str) -> None:
    decision = mark(examined(cast))
    with pytest.raises(PermissionDenied):
        confirm_grade(by=cast.acting(who), decision=decision.uuid, now=NOW)


@pytest.mark.parametrize("who", ("owner", "examiner", "school_admin", "inspector", "instructor", "administrator"))
def test_only_chief_and_bureau_release(cast: Cast, who: str) -> None:
    decision = confirmed(cast, mark(examined(cast)))
    with pytest.raises(PermissionDenied):
        release_grade(by=cast.acting(who), decision=decision.uuid, now=NOW)
    assert states(decision) == [(1, "chief_confirmed")]


def test_the_chief_releases_too(cast: Cast) -> None:
    decision = confirmed(cast, mark(examined(cast)))
    release_grade(by=cast.acting("chief"), decision=decision.uuid, now=NOW)
    assert states(decision) == [(1, "published")]


def test_nobody_decides_on_her_own_result(cast: Cast) -> None:
    case = examined(cast)
    decision = mark(case)
    chief = person_of(cast, "owner")
    chief.user = cast.users["chief"]
    chief.save(update_fields=["user"])
    with pytest.raises(ResultRefused) as refusal:
        confirm_grade(by=cast.acting("chief"), decision=decision.uuid, now=NOW)
    assert refusal.value.code == "own"


def test_whoever_is_bound_to_her_decides_nothing(cast: Cast) -> None:
    case = examined(cast)
    decision = mark(case)
    taught = case.candidacy.class_uid
    assert taught
    chief = person_of(cast, "chief").uuid
    record_tie(
        kind=TieKind.TEACHES, person=chief, object_kind=TieObject.CLASS, object_uuid=taught, source="test", by=None,
        now=NOW,
    )  # fmt: skip
    with pytest.raises(ResultRefused) as refusal:
        confirm_grade(by=cast.acting("chief"), decision=decision.uuid, now=NOW)
    assert (refusal.value.code, states(decision)) == ("tie", [(1, "computed")])


def test_confirming_twice_and_releasing_unconfirmed_are_refused(cast: Cast) -> None:
    decision = mark(examined(cast))
    with pytest.raises(ResultRefused):
        release_grade(by=cast.acting("bureau"), decision=decision.uuid, now=NOW)
    confirmed(cast, decision)
    with pytest.raises(ResultRefused) as refusal:
        confirmed(cast, decision)
    assert refusal.value.code == "moved"


def race(*acts: Callable[[], object]) -> list[object]:
    """Run them at once, each on a connection of its own; what each returned or raised."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        start.wait()
        try:
            return act()
        except ResultRefused as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_chiefs_confirm_and_two_offices_release_at_once_and_one_of_each_does() -> None:
    cast = build_cast()
    case = examined(cast)
    decision = mark(case)
    chief, bureau = cast.acting("chief"), cast.acting("bureau")
    for service, actors in ((confirm_grade, (chief, chief)), (release_grade, (chief, bureau, bureau))):
        outcomes = race(
            *(lambda by=by, service=service: service(by=by, decision=decision.uuid, now=NOW) for by in actors)
        )
        refused = [outcome for outcome in outcomes if isinstance(outcome, ResultRefused)]
        assert [refusal.code for refusal in refused] == ["moved"] * (len(actors) - 1), outcomes
    assert states(decision) == [(1, "published")]
    assert (EvidenceGrant.objects.count(), Notice.objects.count()) == (1, 1)
    assert audit.verify(case.candidacy.uuid).ok


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_marks_of_two_parts_at_once_make_two_versions() -> None:
    cast = build_cast()
    case = examined(cast, *BOTH)
    outcomes = race(lambda: mark(case, "82.0"), lambda: mark(case, "86.0", part=Part.THEORY))
    assert all(isinstance(outcome, GradeDecision) for outcome in outcomes), outcomes
    rows = list(GradeDecision.objects.order_by("version"))
    assert [row.version for row in rows] == [1, 2]
    assert (rows[0].grade, rows[1].grade) == ("", "good")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_release_against_a_new_mark_publishes_what_was_confirmed_or_nothing() -> None:
    cast = build_cast()
    case = examined(cast)
    decision = confirmed(cast, mark(case, "56.0"))
    race(
        lambda: release_grade(by=cast.acting("bureau"), decision=decision.uuid, now=NOW),
        lambda: mark(case, "66.0"),
    )
    assert states(decision) in ([(1, "published"), (2, "computed")], [(1, "superseded"), (2, "computed")])

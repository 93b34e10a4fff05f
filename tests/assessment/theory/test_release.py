"""Confirmed by the chief, released by chief or bureau, told once; what was decided since comes first."""

from decimal import Decimal
from uuid import uuid4

import pytest

from assessment.candidates.selectors import candidacy
from assessment.delivery.filed import ELSEWHERE, judged
from assessment.delivery.models import Attempt, Sitting
from assessment.results.models import PartMark
from assessment.results.resits import AWAITING
from assessment.specification.types import Part
from assessment.theory.events import CandidateAbsent
from assessment.theory.holder import hold
from assessment.theory.models import Absence, MarksDecision, PaperMark, PaperRelease
from assessment.theory.services import confirm_marks, receive_booklet, receive_video, release_marks, tell_released
from assessment.theory.types import TheoryRefused
from lms.accounts.api import NotAllowed, TieKind, TieObject, record_tie
from lms.core import events
from lms.core.jobs import drain
from lms.notices.models import Notice
from tests.assessment.delivery.world import again
from tests.assessment.people import person_of
from tests.assessment.theory.world import (
    LATER,
    MULTIPLE,
    SHORT,
    SINGLE,
    TRUTH,
    VIDEO,
    Room,
    marked,
    released,
    video_final,
)
from tests.media_pipeline.cast import NOW

D = Decimal
WHOLE = (SINGLE, MULTIPLE, TRUTH)


def refused(act, **said) -> str:
    with pytest.raises(TheoryRefused) as caught:
        act(now=LATER, **said)
    return caught.value.code


def test_a_released_mark_is_the_theory_part_and_she_is_told_once(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[CandidateAbsent] = []
    monkeypatch.setitem(events._handlers, CandidateAbsent, [told.append])
    sitting, _paper, _attempts = marked(room, *WHOLE, owner={4: True})
    assert (PartMark.objects.count(), Notice.objects.filter(kind="paper_released").count()) == (0, 0)
    person = room.world.held["owner"].person
    assert [one.rows for one in hold(person, None)] == [[], []]
    sitting = released(room, sitting)
    assert tell_released(sitting=sitting.uuid, now=LATER) == 0
    row = PartMark.objects.get()
    mark = PaperMark.objects.get()
    assert (row.part, row.mark, row.outcome) == (Part.THEORY, mark.mark, mark.uuid)
    assert [list(one.rows[0].values())[2] for one in hold(person, None) if one.rows] == [mark.mark]
    assert [len(one.rows) for one in hold(room.world.held["colleague"].person, None)] == [0, 1]
    notice = Notice.objects.get(kind="paper_released")
    assert notice.user is not None
    assert (notice.user.uuid, notice.url) == (room.cast.uuid("owner"), f"/exam/{room.world.entry().uuid}/result/")
    assert (sitting.state, PaperRelease.objects.count()) == ("released", 1)
    absent = room.world.held["colleague"].uuid
    assert [one.candidacy for one in told] == [absent]
    assert list(Absence.objects.values_list("candidacy", flat=True)) == [absent]


def test_who_confirms_and_who_releases(room: Room) -> None:
    sitting, _paper, _attempts = marked(room, *WHOLE, owner={4: True})
    bureau = room.cast.acting("bureau")
    for who in ("school_admin", "owner", "inspector", "invigilator", "instructor"):
        for act in (confirm_marks, release_marks):
            with pytest.raises(NotAllowed):
                act(by=room.cast.acting(who), sitting=sitting.uuid, now=LATER)
    with pytest.raises(NotAllowed):
        confirm_marks(by=bureau, sitting=sitting.uuid, now=LATER)
    assert refused(release_marks, by=bureau, sitting=sitting.uuid) == "changed"
    confirm_marks(by=room.chief, sitting=sitting.uuid, now=LATER)
    assert refused(confirm_marks, by=room.chief, sitting=sitting.uuid) == "confirmed"
    release_marks(by=room.chief, sitting=sitting.uuid, now=LATER)
    assert refused(release_marks, by=bureau, sitting=sitting.uuid) == "state"
    assert list(MarksDecision.objects.order_by("id").values_list("step", "papers")) == [
        ("confirmed", 1),
        ("released", 1),
    ]


def test_a_tie_with_anybody_in_the_sitting_keeps_her_from_deciding(room: Room) -> None:
    sitting, _paper, _attempts = marked(room, *WHOLE, owner={4: True})
    person = person_of(room.cast, "chief").uuid
    record_tie(
        kind=TieKind.RELATED,
        person=person,
        object_kind=TieObject.PERSON,
        object_uuid=room.world.held["colleague"].person,
        source="test",
        by=None,
        now=NOW,
    )
    assert refused(confirm_marks, by=room.chief, sitting=sitting.uuid) == "tie"


def test_nothing_is_released_while_a_paper_waits(room: Room) -> None:
    sitting, _paper, attempts = marked(room, SINGLE, TRUTH, SHORT, owner={4: "先道歉。"}, colleague={})
    assert refused(confirm_marks, by=room.chief, sitting=sitting.uuid) == "pending"
    receive_booklet(booklet=attempts["owner"].uuid, marks=[(4, D(30))], outcome=uuid4(), now=LATER)
    drain("short")
    assert released(room, again(sitting)).state == "released"


def test_a_mark_written_after_the_confirmation_has_to_be_confirmed_again(room: Room) -> None:
    video_final(room, "60.0")
    sitting, _paper, attempts = marked(room, SINGLE, MULTIPLE, VIDEO, owner={})
    confirm_marks(by=room.chief, sitting=sitting.uuid, now=LATER)
    receive_video(
        candidacy=room.world.held["owner"].uuid, mark=D("90.0"), proposed_fail=False, outcome=uuid4(), now=LATER
    )
    # The worker has not been at it yet: what would be released is out of date.
    assert refused(release_marks, by=room.chief, sitting=sitting.uuid) == "stale"
    drain("short")
    assert refused(release_marks, by=room.chief, sitting=sitting.uuid) == "changed"
    sitting = released(room, sitting)
    assert PartMark.objects.get(part=Part.THEORY).mark == D("27.0")
    # Once it is out, a later video is another attempt's.
    receive_video(
        candidacy=room.world.held["owner"].uuid, mark=D("99.0"), proposed_fail=False, outcome=uuid4(), now=LATER
    )
    drain("short")
    assert PaperMark.objects.filter(attempt=attempts["owner"]).count() == 2


def test_a_grave_breach_in_the_video_goes_with_the_mark(room: Room) -> None:
    video_final(room, "95.0", proposed_fail=True)
    sitting, _paper, _attempts = marked(room, SINGLE, MULTIPLE, VIDEO, owner={})
    released(room, sitting)
    assert PartMark.objects.get(part=Part.THEORY).proposed_fail is True


def test_a_void_attempt_is_neither_released_nor_absent(room: Room) -> None:
    sitting, _paper, attempts = marked(room, *WHOLE, owner={4: True}, colleague={4: True})
    Attempt.objects.filter(pk=attempts["colleague"].pk).update(state="voided")
    released(room, sitting)
    assert (PaperRelease.objects.count(), Absence.objects.count()) == (1, 0)


@pytest.mark.req("S5-24")
def test_who_sat_sits_nowhere_else_between_the_release_and_the_workers_word(room: Room) -> None:
    """The sitting is released at once, the results are told one after another: until hers were, another paper stays shut."""
    sitting, _paper, attempts = marked(room, *WHOLE, owner={})
    held = candidacy(room.world.held["owner"].uuid)
    other = Sitting.objects.get(pk=sitting.pk)
    other.pk, other.uuid, other.state = None, uuid4(), "approved"
    other.save()
    assert judged(other, [held])[held.uuid] == ELSEWHERE
    confirm_marks(by=room.chief, sitting=sitting.uuid, now=LATER)
    release_marks(by=room.chief, sitting=sitting.uuid, now=LATER)
    assert judged(other, [held])[held.uuid] == ELSEWHERE
    drain("short")
    # From here on the results say it: the mark is in, the whole result comes first.
    assert judged(other, [held])[held.uuid] == AWAITING
    assert Attempt.objects.get(pk=attempts["owner"].pk).told_at is not None

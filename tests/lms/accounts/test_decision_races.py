"""Corrections, merges, ties and notices decided by several people at the same moment."""

import pytest

from lms.accounts.api import (
    INSTALLATION,
    Person,
    PersonData,
    Role,
    TieKind,
    TieObject,
    acting_for,
    create_person,
    record_tie,
)
from lms.accounts.corrections.models import CorrectionDecision, Merge, MergeDecision
from lms.accounts.corrections.services import decide_correction, decide_merge, propose_merge
from lms.accounts.ties.models import Tie
from lms.core import audit
from lms.core.ids import new_uuid
from lms.notices.models import Notice, NoticeReceipt
from lms.notices.services import open_notice
from tests.lms.accounts.test_corrections import ask, person, staff
from tests.lms.accounts.test_races import at_once
from tests.lms.accounts.world import NOW, build_places
from tests.lms.notices.test_notices import tell, trainee

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_one_correction_is_decided_once() -> None:
    places = build_places()
    row = person(places)
    asked = ask(staff(places, Role.INSTITUTION_ADMIN), row)
    bureau = [staff(places, Role.HR_BUREAU, f"科长{number}") for number in range(4)]
    outcome = at_once(
        lambda n: decide_correction(by=bureau[n], correction=asked.uuid, allowed=n % 2 == 0, reason="证明不清", now=NOW)
    )
    assert sorted(str(one) for one in outcome).count("decided") == 3
    decision = CorrectionDecision.objects.get()
    row.refresh_from_db()
    assert row.name == ("林小燕" if decision.allowed else "林晓燕")
    assert Notice.objects.count() == 1
    assert audit.verify(row.uuid).ok


def test_two_merges_in_a_ring_never_make_a_circle() -> None:
    places = build_places()
    rows = [
        create_person(by=INSTALLATION, organisation=places.school, data=PersonData(name="林"), now=NOW) for _ in "12"
    ]
    one, two = staff(places, Role.HR_BUREAU, "黄科长"), staff(places, Role.HR_BUREAU, "李科长")
    first = propose_merge(by=one, kept=rows[0].uuid, merged=rows[1].uuid, evidence="x", now=NOW)
    # The service refuses a second proposal while one waits; the decision must hold even so.
    second = Merge.objects.create(kept=rows[1], merged=rows[0], evidence="x", by=first.by, created_at=NOW)
    outcome = at_once(
        lambda n: decide_merge(by=two, merge=(first, second)[n % 2].uuid, allowed=True, reason="", now=NOW)
    )
    assert MergeDecision.objects.count() == 1
    assert sum(isinstance(one, str) for one in outcome) == 3
    assert Person.objects.filter(merged_into__isnull=False).count() == 1


def test_the_same_tie_and_the_same_notice_four_times_at_once_are_one() -> None:
    places = build_places()
    user, row = trainee(places)
    group = new_uuid()
    at_once(
        lambda _n: record_tie(
            kind=TieKind.TEACHES, person=row.uuid, object_kind=TieObject.CLASS, object_uuid=group, source="test",
            by=None, now=NOW,
        )
    )  # fmt: skip
    assert Tie.objects.count() == 1
    at_once(lambda _n: tell(user=user, key="once"))
    notice = Notice.objects.get()
    at_once(lambda _n: open_notice(by=acting_for(user, None), notice=notice.uuid, now=NOW))
    assert NoticeReceipt.objects.count() == 1

"""A person registered twice: once merged, what either record asked for, taught or hands in is the kept person's."""

import json
from pathlib import Path

import pytest
from django.http import Http404

from assessment.api import grant_evidence, open_candidacies, submissions_of
from assessment.marking.selectors.evidence import evidence_for
from courses.enrolment.selectors import my_enrolments
from courses.enrolment.services import start_training
from courses.enrolment.types import EnrolmentRefused
from lms.accounts.api import Person
from lms.accounts.corrections.services import decide_merge, propose_merge
from tests.assessment.people import person_of
from tests.courses.school import admitted, asked, opened
from tests.media_pipeline.cast import NOW, Cast, finish, hand_in


def merge(cast: Cast, kept: Person, merged: Person) -> None:
    made = propose_merge(
        by=cast.acting("school_admin"), kept=kept.uuid, merged=merged.uuid, evidence="同一身份证", now=NOW
    )
    decide_merge(by=cast.acting("bureau"), merge=made.uuid, allowed=True, reason="", now=NOW)


def test_enrolment_and_candidacy_of_the_duplicate_are_the_kept_persons(cast: Cast) -> None:
    row = opened(cast)
    enrolment = admitted(cast, row, "colleague")
    start_training(by=cast.acting("school_admin"), training_class=row, now=NOW)
    kept, twin = person_of(cast, "owner"), person_of(cast, "colleague")
    merge(cast, kept, twin)
    for who in ("owner", "colleague"):
        assert cast.acting(who).person == kept.uuid
    assert [mine.uuid for mine in my_enrolments(kept.uuid)] == [enrolment.uuid]
    (held,) = open_candidacies(kept.uuid)
    assert held.person == twin.uuid
    with pytest.raises(EnrolmentRefused) as refused:
        asked(cast, opened(cast, name="连江县初级班第4期"), "owner")
    assert refused.value.code == "twice"
    work = hand_in(cast, "owner")
    assert [one.asset for one in submissions_of(held.uuid)] == [work.uuid]
    text = cast.client("owner").get("/accounts/held/download.json").content.decode()
    assert {row.name, work.title} <= {
        str(value) for part in json.loads(text)["sections"] for one in part["rows"] for value in one.values()
    }


def test_evidence_opened_to_the_duplicates_login_is_read_under_the_kept_one(cast: Cast, tmp_path: Path) -> None:
    work = finish(hand_in(cast, "colleague"), tmp_path)
    grant_evidence(examiner=cast.users["colleague"].uuid, asset=work.uuid, granted_by=None, now=NOW)
    with pytest.raises(Http404):
        evidence_for(cast.acting("owner"), work.blind_code)
    merge(cast, person_of(cast, "owner"), person_of(cast, "colleague"))
    assert evidence_for(cast.acting("owner"), work.blind_code).uuid == work.uuid
    with pytest.raises(Http404):
        evidence_for(cast.acting("examiner"), work.blind_code)

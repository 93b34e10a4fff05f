"""Candidacies, and works handed in under them."""

from contextlib import nullcontext
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from assessment.api import (
    CandidacyRefused,
    CandidacyState,
    Door,
    Grant,
    SubmissionState,
    VideoDoor,
    begin_scoring,
    candidacy,
    close_candidacy,
    entitlement,
    finish_scoring,
    open_candidacies,
    submission_for_asset,
    submissions_of,
    video_door,
)
from assessment.candidates.models import Entitlement, Submission
from assessment.candidates.services import attach_work
from assessment.specification.types import Part
from lms.accounts.api import ConsentKey, record_consent, texts_in_force
from lms.accounts.consent.services import load_consent_texts
from lms.core import audit
from lms.core.states import IllegalMove
from lms.core.types import Level
from media_pipeline.api import AssetState, UploadRefused
from media_pipeline.assets.models import MediaAsset
from tests.assessment.people import open_candidacy, person_of
from tests.media_pipeline.cast import NOW, Cast, hand_in


def refuse(asset: MediaAsset) -> None:
    MediaAsset.objects.filter(pk=asset.pk).update(state=AssetState.REJECTED, refusal=[{"code": "too_short"}])


def test_a_renewal_keeps_one_candidacy_and_writes_only_what_changed(cast: Cast) -> None:
    first = open_candidacy(cast)
    again = open_candidacy(
        cast, class_uid=first.class_uid, profile=first.profile, specification=first.specification, class_name="初级班"
    )
    assert (again.uuid, again.class_name) == (first.uuid, "初级班")
    assert Entitlement.objects.count() == 1
    open_candidacy(
        cast,
        class_uid=first.class_uid,
        profile=first.profile,
        specification=first.specification,
        entitlements=[Grant(Part.VIDEO, False, "学时不够")],
    )
    held = entitlement(first.uuid, Part.VIDEO)
    assert held
    assert (held.granted, held.reason) == (False, "学时不够")
    assert Entitlement.objects.count() == 2
    assert audit.verify(first.uuid).ok


def test_rules_of_an_open_examination_do_not_change(cast: Cast) -> None:
    first = open_candidacy(cast)
    with pytest.raises(CandidacyRefused) as refusal:
        open_candidacy(cast, class_uid=first.class_uid, profile=first.profile, specification=uuid4())
    assert refusal.value.code == "pinned"


def test_one_open_candidacy_a_level(cast: Cast) -> None:
    first = open_candidacy(cast)
    with pytest.raises(CandidacyRefused) as refusal:
        open_candidacy(cast)
    assert refusal.value.code == "twice"
    open_candidacy(cast, level=Level.INTERMEDIATE)
    close_candidacy(candidacy=first.uuid, by=None, now=NOW)
    assert candidacy(first.uuid).state is CandidacyState.CLOSED
    with pytest.raises(IllegalMove):
        close_candidacy(candidacy=first.uuid, by=None, now=NOW)
    assert [held.level for held in open_candidacies(first.person)] == [Level.INTERMEDIATE]


def test_without_a_candidacy_a_work_is_practice(cast: Cast) -> None:
    person_of(cast, "owner")
    assert submission_for_asset(hand_in(cast).uuid) is None
    assert submission_for_asset(hand_in(cast, "colleague").uuid) is None


def test_a_work_is_attached_to_the_open_candidacy(cast: Cast) -> None:
    mine = open_candidacy(cast)
    asset = hand_in(cast)
    made = submission_for_asset(asset.uuid)
    assert made
    assert (made.candidacy, made.part, made.attempt_no, made.state) == (
        mine.uuid,
        Part.VIDEO,
        1,
        SubmissionState.ATTACHED,
    )


def test_without_her_consent_no_video_is_taken_in(cast: Cast) -> None:
    load_consent_texts()
    mine, asset = open_candidacy(cast), uuid4()
    text = next(each for each in texts_in_force() if each.key is ConsentKey.VIDEO)
    person, by = person_of(cast, "owner"), cast.acting("owner")
    hand_over = partial(
        attach_work, person=mine.person, asset=asset, level=5, replaces=None, by=cast.uuid("owner"), now=NOW
    )
    record_consent(by=by, person=person, text=text.uuid, given=True, now=NOW)
    record_consent(by=by, person=person, text=text.uuid, given=False, now=NOW)
    with pytest.raises(UploadRefused) as refusal:
        hand_over()
    assert (refusal.value.code, refusal.value.message != "") == ("consent", True)
    record_consent(by=by, person=person, text=text.uuid, given=True, now=NOW)
    assert hand_over()


@pytest.mark.parametrize(
    "changes, level, code",
    (
        ({}, Level.INTERMEDIATE, "level"),
        ({"entitlements": []}, Level.ELEMENTARY, "not_entitled"),
        ({"entitlements": [Grant(Part.VIDEO, False, "还差1学时")]}, Level.ELEMENTARY, "not_entitled"),
    ),
)
def test_a_work_outside_the_examination_is_refused_and_leaves_nothing(
    cast: Cast, changes: dict[str, Any], level: Level, code: str
) -> None:
    open_candidacy(cast, **changes)
    with pytest.raises(UploadRefused) as refusal:
        hand_in(cast, level=level)
    assert refusal.value.code == code
    assert refusal.value.message
    assert not MediaAsset.objects.exists()
    assert not Submission.objects.exists()


def test_a_second_work_is_refused_while_the_first_stands(cast: Cast) -> None:
    mine = open_candidacy(cast)
    assert video_door(mine.uuid).state is Door.OPEN
    work = hand_in(cast)
    assert video_door(mine.uuid) == VideoDoor(Door.HANDED_IN, asset=work.uuid)
    with pytest.raises(UploadRefused) as refusal:
        hand_in(cast)
    assert refusal.value.code == "handed_in"
    assert Submission.objects.count() == 1


@pytest.mark.parametrize("named", (True, False))
def test_a_refused_work_gives_way_to_a_new_attempt(cast: Cast, named: bool) -> None:
    mine = open_candidacy(cast)
    first = hand_in(cast)
    refuse(first)
    assert video_door(mine.uuid) == VideoDoor(Door.AGAIN, asset=first.uuid)
    second = hand_in(cast, replaces=first.uuid if named else None)
    assert [(row.asset, row.attempt_no, row.state) for row in submissions_of(mine.uuid)] == [
        (first.uuid, 1, SubmissionState.REPLACED),
        (second.uuid, 2, SubmissionState.ATTACHED),
    ]


@pytest.mark.parametrize(
    "begun, arrived, taken",
    ((-1, 23, True), (-1, 24, False), (1, 2, False), (-3, 1, False)),
    ids=("within a day", "a day later", "begun after it", "begun before she was entitled"),
)
def test_an_upload_begun_before_a_deadline_has_a_day_to_arrive(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, begun: int, arrived: int, taken: bool
) -> None:
    deadline = NOW
    where: dict[str, Any] = {"class_uid": uuid4(), "profile": uuid4(), "specification": uuid4()}
    open_candidacy(cast, **where, now=deadline - timedelta(hours=2))
    ended = [Grant(Part.VIDEO, False, "截止时间已过")]
    open_candidacy(cast, **where, entitlements=ended, now=deadline)
    monkeypatch.setattr("assessment.candidates.listeners.clock.now", lambda: deadline + timedelta(hours=arrived))
    with nullcontext() if taken else pytest.raises(UploadRefused, match="not_entitled"):
        hand_in(cast, begun_at=deadline + timedelta(hours=begun))
    assert Submission.objects.exists() == taken


@pytest.mark.parametrize("named", (True, False))
def test_until_scoring_begins_she_may_change_the_video(cast: Cast, named: bool) -> None:
    mine = open_candidacy(cast)
    first = hand_in(cast)
    MediaAsset.objects.filter(pk=first.pk).update(state=AssetState.READY, duration_s=60.0, ready_at=NOW)
    if not named:
        with pytest.raises(UploadRefused):
            hand_in(cast)
        return
    second = hand_in(cast, replaces=first.uuid)
    live = submission_for_asset(second.uuid)
    assert live
    begin_scoring(submission=live.uuid, now=NOW)
    with pytest.raises(UploadRefused) as refusal:
        hand_in(cast, replaces=second.uuid)
    assert (refusal.value.code, len(submissions_of(mine.uuid))) == ("not_replaceable", 2)


def test_scoring_moves_once_and_nothing_replaces_it(cast: Cast) -> None:
    open_candidacy(cast)
    asset = hand_in(cast)
    made = submission_for_asset(asset.uuid)
    assert made
    with pytest.raises(IllegalMove):
        finish_scoring(submission=made.uuid, now=NOW)
    assert begin_scoring(submission=made.uuid, now=NOW).state is SubmissionState.SCORING
    with pytest.raises(IllegalMove):
        begin_scoring(submission=made.uuid, now=NOW)
    refuse(asset)
    with pytest.raises(UploadRefused):
        hand_in(cast)
    later = NOW + timedelta(hours=1)
    assert finish_scoring(submission=made.uuid, now=later).state is SubmissionState.SCORED
    assert audit.verify(made.candidacy).ok

"""The one counter of resits and retakes: what a released fail opens, what is used up, and how it begins anew."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connections
from hypothesis import given
from hypothesis import strategies as st

from assessment.api import (
    Door,
    Grant,
    Onward,
    ResitState,
    Standing,
    attempts_left,
    close_candidacy,
    entitlement,
    record_absence,
    renew_candidacy,
    start_afresh,
    submission_for_asset,
    submissions_of,
    video_door,
)
from assessment.candidates.models import PartHold
from assessment.candidates.types import SubmissionState
from assessment.results.events import AttemptsUsedUp, ResultReleased
from assessment.results.logic import Sat, last_words, resits_used
from assessment.results.models import GradeDecision, UsedUp
from assessment.results.resits import AWAITING, PASSED, RETAKE, USED_UP
from assessment.results.selectors import result_page
from assessment.results.services import ResultRefused, release_grade
from assessment.specification.services import add_specification_version, approve_specification
from assessment.specification.types import Part
from lms.accounts.api import INSTALLATION
from lms.core import audit, events
from lms.core.types import Level
from lms.policies.api import DecisionKind, add_profile_version, decisions_about, load_profiles, profile_in_force
from media_pipeline.api import UploadRefused
from tests.assessment.people import open_candidacy
from tests.assessment.results.world import RUBRIC, Examined, confirmed, examined, mark, outcome_of, released
from tests.media_pipeline.cast import NOW, Cast, build_cast, hand_in

BOTH = (Grant(Part.VIDEO, True, ""), Grant(Part.THEORY, True, ""))
GATED = (Grant(Part.VIDEO, True, ""), Grant(Part.THEORY, False, "Not yet."))
DATA = (
    "person", "user", "class_uid", "class_name", "organisation", "organisation_path", "organisation_name", "level",
    "job", "planned_hours", "profile", "specification",
)  # fmt: skip


def law(key: str = "company_policy", **changes: Any) -> UUID:
    """A version of a profile: by default the company's, one resit and then the training again (S5-24, S5-25)."""
    load_profiles()
    if not changes:
        return profile_in_force(key, NOW.date()).uuid
    return add_profile_version(by=None, key=key, changes=changes, in_force_from=NOW.date(), now=NOW).uuid


def both(*, theory: int | None = None, video: int | None = None) -> UUID:
    """Theory and video, each with its own number of resits where one is given."""
    common = {"pass_mark": "60", "rubric_key": "", "rubric_hash": "", "blueprint_key": "", "blueprint_hash": ""}
    content = {
        "key": "test_resits",
        "level": 5,
        "title": "初级试用规范（补考）",
        "trial": True,
        "parts": [
            {**common, "part": "theory", "weight": "30", "resits": theory, "blueprint_key": "law", "blueprint_hash": "b" * 64},
            {**common, "part": "video", "weight": "70", "resits": video, "rubric_key": RUBRIC[0], "rubric_hash": RUBRIC[1]},
        ],
        "quorum": {"minimum": 3, "odd": True, "spread_limit": "15"},
        "papers": ["skill_level_certificate"],
    }  # fmt: skip
    made = add_specification_version(content, now=NOW)
    if not made.approved:
        approve_specification(by=INSTALLATION, specification=made.uuid, now=NOW)
    return made.uuid


def candidate(cast: Cast, **limits: int | None) -> Examined:
    return examined(cast, profile=law(), specification=both(**limits), entitlements=BOTH)


def sat(cast: Cast, case: Examined, theory: str | None = None, video: str | None = None) -> GradeDecision:
    """These marks came in, each of a new attempt, and the grade is out."""
    made = mark(case, theory, part=Part.THEORY) if theory else None
    made = mark(case, video) if video else made
    assert made
    return released(cast, made)


def again(cast: Cast, case: Examined) -> Examined:
    """She hands in another video."""
    asset = hand_in(cast)
    made = submission_for_asset(asset.uuid)
    assert made
    return replace(case, asset=asset, submission=made)


def standing(case: Examined, part: Part | None = None) -> Standing:
    return attempts_left(case.candidacy.person, case.candidacy.specification, part)


def word(case: Examined, part: Part) -> tuple[bool, str]:
    said = entitlement(case.candidacy.uuid, part)
    assert said
    return said.granted, said.reason


def scored(case: Examined) -> None:
    from assessment.api import begin_scoring, finish_scoring

    begin_scoring(submission=case.submission.uuid, now=NOW)
    finish_scoring(submission=case.submission.uuid, now=NOW)


@pytest.mark.req("S5-24", "S5-25")
def test_one_resit_and_the_second_is_refused(cast: Cast) -> None:
    case = candidate(cast)
    assert standing(case) == Standing(0, 1, ResitState.FIRST)
    scored(case)
    sat(cast, case, theory="82.0", video="56.0")
    assert standing(case) == Standing(0, 1, ResitState.RESIT)
    assert standing(case, Part.THEORY).state is ResitState.PASSED
    assert word(case, Part.THEORY) == (False, PASSED)
    assert video_door(case.candidacy.uuid).state is Door.OPEN
    second = again(cast, case)
    assert [row.state for row in submissions_of(case.candidacy.uuid)] == [
        SubmissionState.GRADED,
        SubmissionState.ATTACHED,
    ]
    scored(second)
    sat(cast, second, video="59.9")
    assert standing(case) == Standing(1, 1, ResitState.RETAKE_REQUIRED)
    assert [word(case, part) for part in (Part.THEORY, Part.VIDEO)] == [(False, RETAKE)] * 2
    with pytest.raises(UploadRefused) as refusal:
        hand_in(cast)
    assert refusal.value.code == "not_entitled"
    assert [data.decision.refused for data in decisions_about(case.candidacy.uuid, DecisionKind.RESIT)] == [True, False]
    assert audit.verify(case.candidacy.uuid).ok


def test_the_resit_that_passes_ends_it(cast: Cast) -> None:
    case = candidate(cast)
    scored(case)
    sat(cast, case, theory="50.0", video="82.0")
    assert word(case, Part.THEORY) == (True, "")
    assert video_door(case.candidacy.uuid).reason == PASSED
    whole = sat(cast, case, theory="66.0")
    assert (whole.grade, whole.version) == ("pass", 3)
    assert standing(case).state is ResitState.PASSED


def test_no_limit_is_recorded_and_blocks_nothing(cast: Cast) -> None:
    case = examined(cast, specification=both(), entitlements=BOTH)
    for number in range(4):
        sat(cast, case, theory="59.9", video="82.0" if not number else None)
        assert standing(case) == Standing(number, None, ResitState.RESIT)
        assert word(case, Part.THEORY) == (True, "")


def test_the_number_of_a_part_holds_beneath_the_law_books(cast: Cast) -> None:
    case = candidate(cast, theory=0, video=3)
    assert [standing(case, part).allowed for part in (Part.THEORY, Part.VIDEO)] == [0, 1]
    scored(case)
    sat(cast, case, theory="59.9", video="82.0")
    assert standing(case).state is ResitState.RETAKE_REQUIRED


def test_who_failed_both_parts_may_sit_each_again(cast: Cast) -> None:
    case = candidate(cast)
    scored(case)
    sat(cast, case, theory="50.0", video="50.0")
    assert sat(cast, case, theory="70.0").grade == "fail"
    assert standing(case) == Standing(1, 1, ResitState.RESIT)
    assert (word(case, Part.THEORY), word(case, Part.VIDEO)) == ((False, PASSED), (True, ""))
    second = again(cast, case)
    assert sat(cast, second, video="70.0").grade == "pass"


def test_used_up_without_a_retake_in_the_policy_only_ends(cast: Cast) -> None:
    only = law("demonstration", resits_allowed=0)
    case = examined(cast, profile=only, specification=both(), entitlements=BOTH)
    sat(cast, case, theory="50.0", video="82.0")
    assert standing(case) == Standing(0, 0, ResitState.USED_UP)
    assert word(case, Part.THEORY) == (False, USED_UP)
    close_candidacy(candidacy=case.candidacy.uuid, by=None, now=NOW)
    open_candidacy(cast, profile=only, specification=case.candidacy.specification, entitlements=BOTH)
    assert standing(case).state is ResitState.FIRST


def test_a_mark_changed_later_is_no_resit(cast: Cast) -> None:
    case, attempt = candidate(cast), uuid4()
    mark(case, "50.0", part=Part.THEORY, attempt=attempt)
    sat(cast, case, video="82.0")
    released(cast, mark(case, "55.0", part=Part.THEORY, attempt=attempt))
    assert standing(case, Part.THEORY) == Standing(0, 1, ResitState.RESIT)
    assert word(case, Part.THEORY) == (True, "")
    assert released(cast, mark(case, "60.0", part=Part.THEORY, attempt=attempt)).grade == "pass"
    assert standing(case).state is ResitState.PASSED


def test_a_result_changed_to_a_pass_takes_the_retake_back(cast: Cast) -> None:
    case, last = candidate(cast), uuid4()
    sat(cast, case, theory="50.0", video="82.0")
    released(cast, mark(case, "59.0", part=Part.THEORY, attempt=last))
    assert standing(case).state is ResitState.RETAKE_REQUIRED
    released(cast, mark(case, "61.0", part=Part.THEORY, attempt=last))
    assert standing(case).state is ResitState.PASSED
    assert UsedUp.objects.count() == 1


def test_a_renewal_by_the_class_does_not_undo_a_hold_nor_a_hold_the_classs_no(cast: Cast) -> None:
    case = candidate(cast)
    mark(case, "50.0", part=Part.THEORY)
    assert word(case, Part.THEORY) == (False, AWAITING)
    fields = {name: getattr(case.candidacy, name) for name in DATA}
    renew_candidacy(**fields, entitlements=BOTH, by=None, now=NOW + timedelta(hours=1))
    assert word(case, Part.THEORY) == (False, AWAITING)
    renew_candidacy(**fields, entitlements=GATED, by=None, now=NOW + timedelta(hours=2))
    assert word(case, Part.THEORY) == (False, "Not yet.")
    sat(cast, case, video="82.0")
    assert word(case, Part.THEORY) == (False, "Not yet.")
    renew_candidacy(**fields, entitlements=BOTH, by=None, now=NOW + timedelta(hours=3))
    assert word(case, Part.THEORY) == (True, "")


@pytest.mark.req("S5-25")
def test_entry_is_shut_until_the_training_was_taken_again(cast: Cast) -> None:
    case = candidate(cast)
    sat(cast, case, theory="50.0", video="82.0")
    sat(cast, case, theory="50.0")
    close_candidacy(candidacy=case.candidacy.uuid, by=None, now=NOW)
    new = open_candidacy(
        cast, profile=case.candidacy.profile, specification=case.candidacy.specification, entitlements=BOTH
    )
    retaking = replace(case, candidacy=new)
    assert [word(retaking, part) for part in (Part.THEORY, Part.VIDEO)] == [(False, RETAKE)] * 2
    with pytest.raises(UploadRefused):
        hand_in(cast)
    start_afresh(candidacies=[new.uuid], now=NOW)
    start_afresh(candidacies=[new.uuid], now=NOW)
    assert [word(retaking, part) for part in (Part.THEORY, Part.VIDEO)] == [(True, "")] * 2
    assert standing(retaking) == Standing(0, 1, ResitState.FIRST)
    other = open_candidacy(cast, level=Level.INTERMEDIATE, profile=new.profile, specification=uuid4())
    assert not PartHold.objects.filter(candidacy__uuid=other.uuid).exists()


def test_an_absence_uses_no_attempt_unless_the_law_book_says_so(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[AttemptsUsedUp] = []
    monkeypatch.setitem(events._handlers, AttemptsUsedUp, [heard.append])
    silent = candidate(cast)
    record_absence(candidacy=silent.candidacy.uuid, part=Part.THEORY, sitting=uuid4(), now=NOW)
    assert standing(silent) == Standing(0, 1, ResitState.FIRST)
    strict = examined(
        cast,
        who="colleague",
        profile=law("company_policy", absence_uses_attempt=True),
        specification=both(),
        entitlements=BOTH,
    )
    sitting = uuid4()
    for _ in range(2):
        record_absence(candidacy=strict.candidacy.uuid, part=Part.THEORY, sitting=sitting, now=NOW)
    assert standing(strict, Part.THEORY) == Standing(0, 1, ResitState.RESIT)
    record_absence(candidacy=strict.candidacy.uuid, part=Part.THEORY, sitting=uuid4(), now=NOW)
    # As after a failed last attempt: every part is shut, and the room above is told.
    assert standing(strict, Part.THEORY) == Standing(1, 1, ResitState.RETAKE_REQUIRED)
    assert [word(strict, part) for part in (Part.THEORY, Part.VIDEO)] == [(False, RETAKE)] * 2
    assert heard == [AttemptsUsedUp(strict.candidacy.uuid, strict.candidacy.person, Onward.RETAKE_REQUIRED)]
    record_absence(candidacy=strict.candidacy.uuid, part=Part.THEORY, sitting=uuid4(), now=NOW)
    assert (len(heard), UsedUp.objects.count()) == (1, 1)
    assert [data.decision.refused for data in decisions_about(strict.candidacy.uuid, DecisionKind.RESIT)] == [True]


def test_the_release_says_what_it_leads_to(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[ResultReleased] = []
    monkeypatch.setitem(events._handlers, ResultReleased, [heard.append])
    case = candidate(cast)
    monkeypatch.setattr("assessment.results.explaining.outcome", lambda uuid: outcome_of(case, uuid, deductions=[]))
    first = sat(cast, case, theory="50.0", video="82.0")
    page = result_page(cast.acting("owner"), first.uuid)
    assert page.next[0].startswith("理论考试可以补考")
    assert "补考" in page.next[2]
    second = sat(cast, case, theory="50.0")
    assert [event.onward for event in heard] == [Onward.RESIT, Onward.RETAKE_REQUIRED]
    assert "重新参加培训" in result_page(cast.acting("owner"), second.uuid).next[0]


# Pure

_ATTEMPTS = tuple(UUID(int=number) for number in range(5))


@given(st.lists(st.tuples(st.sampled_from(list(Part)), st.sampled_from(_ATTEMPTS), st.booleans()), max_size=20))
def test_each_attempt_counts_once_whatever_is_released_how_often(rows: list[tuple[Part, UUID, bool]]) -> None:
    told = last_words([Sat(*row) for row in rows])
    for part in Part:
        mine = [(attempt, passed) for name, attempt, passed in rows if name is part]
        attempts = told.get(part, {})
        assert list(attempts) == list(dict.fromkeys(attempt for attempt, _ in mine))
        assert attempts == dict(mine)
        assert resits_used(attempts) == max(0, len({attempt for attempt, _ in mine}) - 1)
        assert resits_used(attempts, 2) == (len(attempts) + 1)


# Races


def race(*acts: Callable[[], object]) -> list[object]:
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        start.wait()
        try:
            return act()
        except (ResultRefused, UploadRefused) as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_release_the_last_resit_at_once_and_two_videos_come_in_at_once() -> None:
    cast = build_cast()
    case = candidate(cast)
    scored(case)
    sat(cast, case, theory="82.0", video="50.0")
    came = race(lambda: hand_in(cast), lambda: hand_in(cast))
    refused = [one for one in came if isinstance(one, UploadRefused)]
    assert [one.code for one in refused] == ["handed_in"], came
    live = submissions_of(case.candidacy.uuid)[-1]
    resit = replace(case, submission=live)
    scored(resit)
    decision = confirmed(cast, mark(resit, "50.0"))
    race(*(lambda: release_grade(by=cast.acting("bureau"), decision=decision.uuid, now=NOW),) * 2)
    assert UsedUp.objects.count() == 1
    assert standing(case) == Standing(1, 1, ResitState.RETAKE_REQUIRED)
    came = race(lambda: hand_in(cast), lambda: hand_in(cast))
    assert [one.code for one in came if isinstance(one, UploadRefused)] == ["not_entitled"] * 2, came

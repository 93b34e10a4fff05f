"""Two at once: one place is given once, a class starts once, one person asks once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from assessment.candidates.models import Candidacy, Submission
from courses.enrolment.models import Enrolment
from courses.enrolment.services import approve_enrolment, start_training
from courses.enrolment.types import EnrolmentRefused, EnrolmentState
from lms.core.states import IllegalMove
from media_pipeline.api import UploadRefused
from tests.assessment.people import open_candidacy, person_of
from tests.courses.school import admitted, asked, lay_rules, opened
from tests.media_pipeline.cast import NOW, Cast, build_cast, hand_in

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
THREADS = 4
REFUSALS = (EnrolmentRefused, IllegalMove, IllegalMove, UploadRefused)


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    cast = build_cast()
    lay_rules(cast)
    return cast


def at_once(work: Callable[[int], Any]) -> list[Any]:
    """Results or refusals of `work(0…)`, all begun at one moment, each thread with its own connection."""
    barrier = Barrier(THREADS, timeout=20)

    def run(number: int) -> Any:
        try:
            barrier.wait()
            return work(number)
        except REFUSALS as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def won(outcome: list[Any]) -> int:
    return sum(not isinstance(one, REFUSALS) for one in outcome)


def test_the_last_place_is_given_once(cast: Cast) -> None:
    row = opened(cast, capacity=1)
    waiting = [asked(cast, row, who) for who in ("owner", "colleague")]
    school = cast.acting("school_admin")
    outcome = at_once(lambda n: approve_enrolment(by=school, enrolment=waiting[n % 2], now=NOW))
    assert won(outcome) == 1
    assert Enrolment.objects.filter(state=EnrolmentState.APPROVED).count() == 1


def test_a_form_sent_four_times_is_one_enrolment(cast: Cast) -> None:
    row = opened(cast)
    person_of(cast, "owner")
    assert won(at_once(lambda _n: asked(cast, row))) == 1
    assert Enrolment.objects.count() == 1


def test_a_class_starts_once(cast: Cast) -> None:
    row = opened(cast)
    admitted(cast, row)
    school = cast.acting("school_admin")
    assert won(at_once(lambda _n: start_training(by=school, training_class=row, now=NOW))) == 1
    assert Candidacy.objects.count() == 1


def test_two_videos_at_once_are_one_hand_in(cast: Cast) -> None:
    open_candidacy(cast)
    assert won(at_once(lambda n: hand_in(cast, content=b"a video %d" % n))) == 1
    assert Submission.objects.count() == 1

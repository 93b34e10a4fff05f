"""Flags reach the committee, people decide, and what was decided comes again only when it becomes worse."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from assessment.bank.models import Question, QuestionVersion
from assessment.bank.refusals import BankRefusal
from assessment.bank.services import suspend
from assessment.delivery.models import Sitting
from assessment.statistics.flags import thresholds, worsened
from assessment.statistics.models import Concern, ConcernDecision
from assessment.statistics.services import decide_concern, refresh_sitting
from assessment.statistics.types import Code, ConcernState, Flag, StatisticsRefusal, Weight
from lms.accounts.api import NotAllowed
from lms.core.audit import AuditEvent
from lms.notices.models import Notice
from tests.assessment.statistics.world import LATER, World, build_paper, letters, sitting
from tests.lms.accounts.world import NOW

pytestmark = pytest.mark.django_db
WRONG = 4


@pytest.fixture
def world(db: None) -> World:
    return build_paper(8)


def turned(world: World, candidates: int = 120, seed: int = 1, share: float = 1.0) -> np.ndarray:
    """Answers to a paper on which question 4 has the wrong key: of this share of candidates, the able miss it."""
    chosen = letters(world, candidates, seed)
    key = world.key[WRONG]
    other = "ABCD"[("ABCD".index(key) + 1) % 4]
    here = np.arange(candidates) < share * candidates
    right = chosen[:, WRONG - 1] == key
    chosen[here & right, WRONG - 1], chosen[here & ~right, WRONG - 1] = other, key
    return chosen


def analysed(world: World, chosen: np.ndarray, days: int = 0) -> None:
    row = sitting(world, chosen, held=NOW + timedelta(days=days))
    refresh_sitting(sitting=row.uuid, now=LATER + timedelta(days=days))


def decided(world: World, verdict: ConcernState = ConcernState.KEPT, reason: str = "题干没有问题") -> None:
    concern = Concern.objects.get(state=ConcernState.OPEN, version=world.version(WRONG))
    decide_concern(by=world.cast.expert, concern=concern.uuid, verdict=verdict, reason=reason, now=LATER)


def test_a_wrong_key_reaches_every_member_once_and_changes_nothing_by_itself(world: World) -> None:
    analysed(world, turned(world))
    concern = Concern.objects.get(version=world.version(WRONG))
    assert (concern.state, concern.urgent) == (ConcernState.OPEN, True)
    assert concern.flags[0][0] in {Code.NEGATIVE, Code.DISTRACTOR_ABLE}
    assert Question.objects.get(uuid=concern.question).state in {"approved", "in_use"}
    told = Notice.objects.filter(kind="bad_statistics")
    members = {world.cast.author.user, world.cast.expert.user, world.cast.second.user, world.cast.third.user}
    assert {notice.user.uuid for notice in told.select_related("user")} == members
    assert told.count() == 4
    # The same data again: nobody is told twice.
    refresh_sitting(sitting=Sitting.objects.get().uuid, now=LATER)
    assert (Concern.objects.filter(version=concern.version).count(), told.all().count()) == (1, 4)


@pytest.mark.parametrize("seed", (3, 4))
def test_a_class_of_forty_with_sound_questions_raises_nothing_urgent(world: World, seed: int) -> None:
    analysed(world, letters(world, 40, seed))
    assert not Concern.objects.filter(urgent=True).exists()
    assert Concern.objects.count() <= 1


def test_a_class_below_thirty_raises_nothing_at_all(world: World) -> None:
    analysed(world, turned(world, 29))
    assert not Concern.objects.exists()


def test_suspending_goes_through_the_banks_own_door(world: World) -> None:
    analysed(world, turned(world))
    decided(world, ConcernState.SUSPENDED, "答案有误")
    question = Question.objects.get(uuid=world.question(WRONG))
    assert question.state == "suspended"
    assert question.moves.order_by("-id")[0].reason == "答案有误"
    concern = Concern.objects.get(version=world.version(WRONG))
    assert concern.state == ConcernState.SUSPENDED
    actions = AuditEvent.objects.filter(subject=question.uuid).order_by("id").values_list("action", flat=True)
    assert list(actions)[-2:] == ["suspended", "statistics_suspended"]
    with pytest.raises(StatisticsRefusal) as refused:
        decide_concern(
            by=world.cast.second, concern=concern.uuid, verdict=ConcernState.KEPT, reason="迟了一步", now=LATER
        )
    assert refused.value.code == "state"


def test_what_was_kept_stays_quiet_until_it_becomes_worse(world: World) -> None:
    analysed(world, turned(world, 120, share=0.75))
    decided(world)
    analysed(world, turned(world, 120, seed=2, share=0.75), days=1)
    mine = Concern.objects.filter(version=world.version(WRONG))
    assert [one.state for one in mine] == [ConcernState.KEPT], "more answers of the same kind say nothing new"
    analysed(world, turned(world, 400, seed=3), days=2)
    assert sorted(one.state for one in mine.all()) == [ConcernState.KEPT, ConcernState.OPEN]


def test_worse_is_a_new_flag_or_a_step_beyond() -> None:
    limits = thresholds()
    weak = Flag(Code.WEAK, Weight.LOOK, 0.10, 0.15)
    assert worsened([weak], [weak], limits) == ()
    assert worsened([weak], [replace(weak, found=0.01)], limits) == ()
    lower = replace(weak, found=-0.01)
    assert worsened([weak], [lower], limits) == (lower,)
    assert worsened([], [weak], limits) == (weak,)
    # More candidates make a weak correlation surely negative, and a lead more standard errors: neither is worse.
    assert worsened([replace(weak, found=-0.05)], [Flag(Code.NEGATIVE, Weight.URGENT, -0.06, 0.0)], limits) == ()
    lead = Flag(Code.DISTRACTOR_ABLE, Weight.URGENT, 2.1, 2.0)
    assert worsened([lead], [replace(lead, found=9.0)], limits) == ()
    drift = Flag(Code.DRIFT, Weight.LOOK, -0.12, 0.10)
    assert worsened([drift], [replace(drift, found=0.12)], limits) == ()
    assert len(worsened([drift], [replace(drift, found=-0.17)], limits)) == 1


def test_who_wrote_a_question_does_not_keep_it_and_others_do_not_decide(world: World) -> None:
    analysed(world, turned(world))
    concern = Concern.objects.get(version=world.version(WRONG))
    author = world.cast.author
    QuestionVersion._base_manager.filter(uuid=concern.version).update(author=author.user, author_person=author.person)
    refused = {author: BankRefusal, world.cast.chief: NotAllowed, world.cast.bureau: NotAllowed}
    for by, wrong in {**refused, world.cast.inspector: NotAllowed}.items():
        with pytest.raises(wrong):
            decide_concern(by=by, concern=concern.uuid, verdict=ConcernState.KEPT, reason="可以", now=LATER)
    assert not ConcernDecision.objects.exists()


def test_a_withdrawn_question_waits_for_nobody(world: World) -> None:
    analysed(world, turned(world))
    suspend(by=world.cast.second, question=world.question(WRONG), reason="投诉", now=LATER)
    assert Concern.objects.get(version=world.version(WRONG)).state == ConcernState.LAPSED
    analysed(world, turned(world, seed=5), days=1)
    assert Concern.objects.filter(version=world.version(WRONG), state=ConcernState.OPEN).count() == 0


def test_a_decision_says_why(world: World) -> None:
    analysed(world, turned(world))
    with pytest.raises(StatisticsRefusal) as refused:
        decided(world, reason="  ")
    assert refused.value.code == "reason"
    assert Concern.objects.get(version=world.version(WRONG)).state == ConcernState.OPEN

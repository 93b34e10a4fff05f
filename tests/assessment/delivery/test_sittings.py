"""From the request to the door: who asks, who approves, who sits and why somebody does not."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from assessment.api import Grant, renew_candidacy
from assessment.candidates.selectors import class_candidacies
from assessment.candidates.services import close_candidacy
from assessment.delivery import papers
from assessment.delivery.filed import OTHER_PAPER
from assessment.delivery.models import Sitting
from assessment.delivery.pages.sittings import waiting_sittings
from assessment.delivery.selectors import absentees, board
from assessment.delivery.services import (
    add_late,
    approve_sitting,
    assign_invigilator,
    close_sitting,
    fix_due_rosters,
    freeze_roster,
    give_extra_time,
    open_sitting,
    register_candidacy,
    request_sitting,
    return_sitting,
    void_sitting,
)
from assessment.delivery.types import AttemptState, DeliveryRefused, SittingKind, SittingState
from assessment.papers.types import NoPaper
from assessment.specification.types import Part
from lms.accounts.api import NotAllowed, Organisation, Role
from lms.core import audit
from lms.core.types import Level
from lms.policies.api import load_profiles, profiles
from tests.assessment.delivery.world import (
    CLOSES,
    OPENS,
    THEORY,
    World,
    again,
    approved,
    candidate,
    drafted,
    filed_plan,
    fixed,
    opened,
    running,
    waiting,
)
from tests.assessment.people import member, person_of
from tests.assessment.results.world import rules
from tests.media_pipeline.cast import NOW


def refused(code: str, act, **words) -> DeliveryRefused:
    with pytest.raises(DeliveryRefused) as told:
        act(**words)
    assert told.value.code == code
    assert told.value.message
    return told.value


@pytest.mark.req("S1-17")
def test_the_bureau_approves_what_somebody_else_asked_for(world: World) -> None:
    row, school, bureau = drafted(world), world.cast.acting("school_admin"), world.cast.acting("bureau")
    refused("state", approve_sitting, by=bureau, sitting=row.uuid, now=NOW)
    request_sitting(by=school, sitting=row.uuid, now=NOW)
    with pytest.raises(NotAllowed):
        approve_sitting(by=school, sitting=row.uuid, now=NOW)
    refused("reason", return_sitting, by=bureau, sitting=row.uuid, reason=" ", now=NOW)
    return_sitting(by=bureau, sitting=row.uuid, reason="考场太小", now=NOW)
    assert (again(row).state, again(row).reason) == (SittingState.DRAFTED, "考场太小")
    request_sitting(by=school, sitting=row.uuid, now=NOW)
    approve_sitting(by=bureau, sitting=row.uuid, now=NOW)
    assert again(row).state == SittingState.APPROVED
    assert audit.verify(row.uuid).ok
    with pytest.raises(IntegrityError), transaction.atomic():
        Sitting.objects.filter(pk=row.pk).update(requested_by=again(row).approved_by)


@pytest.mark.parametrize(
    "law, parties",
    (
        ("jiangyin_2023", ("commerce", "hr", "finance", "association", "expert")),
        ("company_policy", ("leader",)),
        ("demonstration", ("hr",)),
    ),
)
def test_a_sitting_is_approved_by_whoever_the_pinned_profile_names(
    world: World, law: str, parties: tuple[str, ...]
) -> None:
    load_profiles()
    class_uid = uuid4()
    rules_of_class = next(one for one in profiles(on=NOW.date()) if one.key == law)
    candidate(world.cast, "stranger", class_uid=class_uid, profile=rules_of_class.uuid)
    row = drafted(world, class_uid=class_uid)
    assert row.profile == rules_of_class.uuid
    request_sitting(by=world.cast.acting("school_admin"), sitting=row.uuid, now=NOW)
    roles = {
        "commerce": Role.COMMERCE_BUREAU, "hr": Role.HR_BUREAU, "finance": Role.FINANCE_BUREAU, "leader": Role.LEADER,
        "association": Role.PANEL_MEMBER, "expert": Role.PANEL_MEMBER,
    }  # fmt: skip
    for name, role in roles.items():
        place = world.cast.school if role in {Role.LEADER, Role.PANEL_MEMBER} else bureau_of(world)
        world.cast.users[name] = member(place, role, name)
    words: dict[str, Any] = {"sitting": row.uuid, "now": NOW}
    for name in roles.keys() - set(parties):
        with pytest.raises(NotAllowed):
            approve_sitting(by=world.cast.acting(name), **words)
    for number, name in enumerate(parties, start=1):
        approve_sitting(by=world.cast.acting(name), **words)
        last = number == len(parties)
        assert again(row).state == (SittingState.APPROVED if last else SittingState.REQUESTED)
        assert waiting_sittings(world.cast.acting(name), now=NOW) == 0
        if not last:
            assert waiting_sittings(world.cast.acting(parties[number]), now=NOW) == 1
            refused("twice", approve_sitting, by=world.cast.acting(name), **words)


def bureau_of(world: World) -> Organisation:
    return Organisation.objects.get(uuid=world.cast.acting("bureau").organisation)


def test_only_approved_papers_of_the_level_and_of_one_shape(world: World) -> None:
    good = world.papers.add("A")
    for wrong in (
        world.papers.add("B", level=Level.INTERMEDIATE).uuid,
        world.papers.add("B", minutes=90).uuid,
        world.papers.add("B", items=39).uuid,
        uuid4(),
    ):
        refused("papers", lambda wrong=wrong: drafted(world, papers=(("A", good.uuid), ("B", wrong))))
    row = drafted(world, papers=(("A", good.uuid),))
    del world.papers.held[good.uuid]  # withdrawn meanwhile
    refused("papers", request_sitting, by=world.cast.acting("school_admin"), sitting=row.uuid, now=NOW)
    refused("window", lambda: drafted(world, opens_at=CLOSES))


@pytest.mark.req("S3-28")
@pytest.mark.req("S1-19")
def test_a_paper_that_the_filed_plan_does_not_name_is_refused(world: World) -> None:
    unfiled = world.papers.add("A", blueprint_hash="c" * 64)
    told = refused("unfiled", lambda: drafted(world, papers=(("A", unfiled.uuid),)))
    assert told.field == "papers"
    for plan in (uuid4(), filed_plan(key="draft", approved=False), rules()):
        class_uid = uuid4()
        candidate(world.cast, "stranger", class_uid=class_uid, specification=plan, level=Level.ELEMENTARY)
        refused("unfiled", lambda class_uid=class_uid: drafted(world, class_uid=class_uid))
        close_candidacy(candidacy=class_candidacies(class_uid)[0].uuid, by=None, now=NOW)
    refused("unfiled", lambda: drafted(world, class_uid=uuid4()))


@pytest.mark.req("S3-28")
def test_an_accreditation_is_sat_by_whose_plan_names_the_paper_alone(world: World) -> None:
    other = candidate(world.cast, "stranger", specification=filed_plan("c" * 64, key="other"))
    unfiled = world.papers.add("A", blueprint_hash="d" * 64)
    words: dict[str, Any] = {"kind": SittingKind.ACCREDITATION, "class_uid": None}
    refused("unfiled", lambda: drafted(world, papers=(("A", unfiled.uuid),), **words))
    row, school = approved(world, **words), world.cast.acting("school_admin")
    for held in (other.uuid, world.held["owner"].uuid):
        register_candidacy(by=school, sitting=row.uuid, held=held, now=NOW)
    freeze_roster(by=school, sitting=row.uuid, now=NOW)
    left_out = row.entries.get(candidacy=other.uuid)
    assert (left_out.included, left_out.reason) == (False, OTHER_PAPER)
    refused("entitlement", add_late, by=world.invigilator, sitting=row.uuid, held=other.uuid, reason="来了", now=OPENS)


def test_the_roster_is_fixed_at_its_hour_and_everybody_left_out_has_a_reason(world: World) -> None:
    blocked = candidate(
        world.cast, "stranger", class_uid=world.class_uid, entitlements=(Grant(Part.THEORY, False, "Too few hours."),)
    )
    nothing = candidate(world.cast, "instructor", class_uid=world.class_uid, entitlements=())
    over = candidate(world.cast, "examiner", class_uid=world.class_uid, entitlements=THEORY)
    close_candidacy(candidacy=over.uuid, by=None, now=NOW)
    row, school = approved(world, seats=1, freeze_at=NOW + timedelta(minutes=5)), world.cast.acting("school_admin")
    refused("window", freeze_roster, by=school, sitting=row.uuid, now=NOW)
    freeze_roster(by=school, sitting=row.uuid, now=NOW + timedelta(minutes=5))
    entries = {entry.candidacy: entry for entry in row.entries.all()}
    assert (entries[world.held["owner"].uuid].included, entries[world.held["owner"].uuid].seat) == (True, 1)
    assert {uuid: entry.reason for uuid, entry in entries.items() if not entry.included} == {
        world.held["colleague"].uuid: "All seats of this sitting are taken.",
        blocked.uuid: "Too few hours.",
        nothing.uuid: "Your institution has not opened the theory examination yet.",
        over.uuid: "This examination is closed.",
    }
    assert [sitting for _paper, sitting in world.papers.used] == [row.uuid] * 2
    refused("frozen", freeze_roster, by=school, sitting=row.uuid, now=NOW + timedelta(minutes=6))


def test_the_machine_fixes_rosters_at_their_hour(world: World) -> None:
    row = approved(world, freeze_at=NOW + timedelta(minutes=5))
    assert fix_due_rosters(now=NOW + timedelta(minutes=4)) == 0
    assert fix_due_rosters(now=NOW + timedelta(minutes=5)) == 1
    assert fix_due_rosters(now=NOW + timedelta(minutes=6)) == 0
    assert again(row).frozen_at == NOW + timedelta(minutes=5)


def test_neighbours_have_parallel_forms(world: World) -> None:
    row = fixed(world)
    assert sorted(row.entries.values_list("form", flat=True)) == ["A", "B"]


def test_an_accreditation_has_who_was_put_down_for_it(world: World) -> None:
    other = candidate(world.cast, "stranger", entitlements=THEORY)
    row = approved(world, kind=SittingKind.ACCREDITATION, class_uid=None)
    school = world.cast.acting("school_admin")
    for _time in range(2):
        register_candidacy(by=school, sitting=row.uuid, held=other.uuid, now=NOW)
    freeze_roster(by=school, sitting=row.uuid, now=NOW)
    assert list(row.entries.values_list("candidacy", "included")) == [(other.uuid, True)]
    refused("frozen", register_candidacy, by=school, sitting=row.uuid, held=world.held["owner"].uuid, now=NOW)
    refused("entry", register_candidacy, by=school, sitting=approved(world).uuid, held=other.uuid, now=NOW)


def test_a_late_addition_needs_a_reason_and_the_entitlement(world: World) -> None:
    late = candidate(world.cast, "stranger", class_uid=world.class_uid, entitlements=())
    row = fixed(world)
    words: dict[str, Any] = {"by": world.invigilator, "sitting": row.uuid, "held": late.uuid, "now": OPENS}
    refused("reason", add_late, reason="", **words)
    refused("entitlement", add_late, reason="刚补齐学时", **words)
    fields = {name: getattr(late, name) for name in ("class_uid", "class_name", "organisation", "organisation_path", "organisation_name", "level", "job", "planned_hours", "profile", "specification", "person", "user")}  # fmt: skip
    renew_candidacy(**fields, entitlements=THEORY, by=None, now=NOW)
    entry = add_late(reason="刚补齐学时", **words)
    assert (entry.included, entry.seat, entry.late_reason) == (True, 3, "刚补齐学时")
    refused("twice", add_late, reason="再来", **words)
    with pytest.raises(NotAllowed):
        add_late(reason="我要加", **(words | {"by": world.cast.acting("school_admin")}))


def test_only_the_sittings_own_invigilator_conducts_it(world: World) -> None:
    row = fixed(world)
    world.cast.users["other"] = member(world.cast.school, Role.INVIGILATOR, "别场监考")
    other = world.cast.acting("other")
    with pytest.raises(NotAllowed):
        open_sitting(by=other, sitting=row.uuid, now=OPENS)
    school = world.cast.acting("school_admin")
    refused("invigilator", assign_invigilator, by=school, sitting=row.uuid, user=world.cast.uuid("instructor"), now=NOW)
    for _time in range(2):
        assign_invigilator(by=school, sitting=row.uuid, user=world.cast.uuid("other"), now=NOW)
    open_sitting(by=other, sitting=row.uuid, now=OPENS)
    assert again(row).state == SittingState.OPEN


def test_a_sitting_opens_with_a_roster_and_within_its_hours(world: World) -> None:
    row = approved(world)
    refused("not_frozen", open_sitting, by=world.invigilator, sitting=row.uuid, now=OPENS)
    freeze_roster(by=world.cast.acting("school_admin"), sitting=row.uuid, now=NOW)
    refused("window", open_sitting, by=world.invigilator, sitting=row.uuid, now=CLOSES + timedelta(seconds=1))


def test_a_sitting_closes_when_nobody_sits_and_says_who_never_came(world: World) -> None:
    row = opened(world)
    mine = running(world)
    only_waits = waiting(world, "colleague")
    words: dict[str, Any] = {"by": world.invigilator, "sitting": row.uuid}
    refused("live", close_sitting, now=OPENS + timedelta(minutes=30), **words)
    close_sitting(now=CLOSES + timedelta(minutes=1), **words)
    assert (again(mine).state, again(only_waits).state) == (AttemptState.TIMED_OUT, AttemptState.VOIDED)
    assert again(row).state == SittingState.CLOSED
    assert absentees(row) == (world.held["colleague"].uuid,)


def test_a_void_sitting_voids_every_attempt(world: World) -> None:
    row = opened(world)
    mine = running(world)
    with pytest.raises(NotAllowed):
        void_sitting(by=world.invigilator, sitting=row.uuid, reason="火警", now=OPENS)
    void_sitting(by=world.cast.acting("chief"), sitting=row.uuid, reason="火警", now=OPENS + timedelta(minutes=5))
    assert (again(row).state, again(mine).state) == (SittingState.VOIDED, AttemptState.VOIDED)


def test_extra_time_has_a_reason_and_reaches_a_running_clock(world: World) -> None:
    opened(world)
    mine = running(world)
    words: dict[str, Any] = {"by": world.invigilator, "entry": mine.entry.uuid, "now": OPENS + timedelta(minutes=5)}
    refused("reason", give_extra_time, minutes=20, reason="", **words)
    refused("beyond", give_extra_time, minutes=0, reason="大字卷", **words)
    give_extra_time(minutes=20, reason="大字卷", **words)
    assert again(mine).deadline_ms == (mine.deadline_ms or 0) + 20 * 60_000
    give_extra_time(minutes=30, reason="大字卷，代读", **words)
    assert again(mine).deadline_ms == (mine.deadline_ms or 0) + 30 * 60_000
    refused("beyond", give_extra_time, minutes=10, reason="收回", **words)
    assert again(mine.entry).extra_reason == "大字卷，代读"


def test_the_board_says_who_is_where(world: World, django_assert_num_queries) -> None:
    row = opened(world)
    mine = running(world)
    with django_assert_num_queries(6):
        rows = board(row)
    assert [(one.state, one.answered, one.items, one.identity_checked) for one in rows] == [
        (AttemptState.RUNNING, 0, 40, True),
        (None, 0, 40, False),
    ]
    assert rows[0].attempt == mine.uuid
    waiting(world, "colleague")
    with django_assert_num_queries(6):
        assert [one.state for one in board(row)] == [AttemptState.RUNNING, AttemptState.WAITING]
    assert person_of(world.cast, "owner").uuid == rows[0].person


def test_papers_come_from_their_room(db: None) -> None:
    assert papers.paper_for_sitting(uuid4()) is None
    with pytest.raises(NoPaper):
        papers.use_paper(paper=uuid4(), sitting=uuid4(), now=NOW)

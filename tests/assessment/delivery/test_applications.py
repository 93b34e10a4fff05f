"""A practitioner of no class: registers by the trainees' form, applies, is admitted by the evaluation body, sits, is left alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from assessment.candidates.models import Candidacy
from assessment.candidates.selectors import candidacy, classes_with_open_candidacies, entitlement
from assessment.delivery.filed import judged
from assessment.delivery.models import Application, Sitting
from assessment.delivery.services import (
    apply_for_sitting,
    approve_sitting,
    draft_sitting,
    freeze_roster,
    request_sitting,
    rule_on_application,
)
from assessment.delivery.types import DeliveryRefused, SittingKind
from assessment.specification.types import Part
from lms.accounts.api import NotAllowed, Person
from lms.core import audit, clock
from lms.policies.api import load_profiles, profile_in_force
from tests.assessment.delivery.test_sittings import refused
from tests.assessment.delivery.world import OPENS, World, again, asked, filed_plan
from tests.assessment.people import body_of, person_of, with_pool_offices
from tests.media_pipeline.cast import NOW

FREEZE = NOW + timedelta(minutes=30)


@pytest.fixture
def accreditation(world: World) -> Sitting:
    """Of the evaluation body, approved, under the demonstration's profile."""
    load_profiles()
    with_pool_offices(world.cast)
    person_of(world.cast, "stranger")
    plan = filed_plan("e" * 64, key="demonstration")
    paper = world.papers.add("A", blueprint_hash="e" * 64)
    request = asked(
        world, kind=SittingKind.ACCREDITATION, class_uid=None, papers=(("A", paper.uuid),), freeze_at=FREEZE
    )
    body = world.cast.acting("body_admin")
    row = draft_sitting(by=body, organisation=body_of(world.cast).uuid, asked=request, now=NOW)
    request_sitting(by=body, sitting=row.uuid, now=NOW)
    approve_sitting(by=world.cast.acting("city_bureau"), sitting=row.uuid, now=NOW)
    row = again(row)
    assert (row.specification, row.profile) == (plan, profile_in_force("demonstration", NOW.date()).uuid)
    return row


def applied(world: World, row: Sitting, who: str = "stranger") -> Application:
    return apply_for_sitting(by=world.cast.acting(who), sitting=row.uuid, practice="2024年起直播卖茶", now=NOW)


def ruled(world: World, one: Application, *, by: str = "body_admin", reason: str = "从业满一年", **more: Any) -> None:
    words: dict[str, Any] = {"granted": True, "now": NOW} | more
    rule_on_application(by=world.cast.acting(by), application=one.uuid, reason=reason, **words)


def test_the_body_admits_her_to_the_plan_the_sitting_is_pinned_to(world: World, accreditation: Sitting) -> None:
    one = applied(world, accreditation)
    refused("twice", applied, world=world, row=accreditation)
    refused("twice", applied, world=world, row=accreditation, who="owner")  # her class's examination is open
    for who in ("school_admin", "stranger", "chief"):
        with pytest.raises(NotAllowed):
            ruled(world, one, by=who)
    refused("reason", ruled, world=world, one=one, reason=" ")
    ruled(world, one)
    refused("ruled", ruled, world=world, one=one)
    held = candidacy(again(one).ruling.candidacy)
    assert (held.class_uid, held.planned_hours, held.specification, held.profile) == (
        None, 0, accreditation.specification, accreditation.profile,
    )  # fmt: skip
    word = entitlement(held.uuid, Part.THEORY)
    assert word is not None
    assert (word.granted, word.reason) == (True, "从业满一年")
    assert judged(accreditation, [held]) == {held.uuid: ""}
    assert held.class_name == accreditation.title
    assert None not in {uid for uid, _name, _level in classes_with_open_candidacies("")}
    freeze_roster(by=world.cast.acting("body_admin"), sitting=accreditation.uuid, now=FREEZE)
    assert list(accreditation.entries.values_list("candidacy", "included")) == [(held.uuid, True)]
    assert audit.verify(accreditation.uuid).ok


def test_who_is_not_admitted_has_no_examination(world: World, accreditation: Sitting) -> None:
    one = applied(world, accreditation)
    ruled(world, one, granted=False, reason="从业不足一年")
    assert not Candidacy.objects.filter(class_uid=None).exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Candidacy.objects.create(
            person=one.person, class_uid=None, class_name="x", organisation=one.person, organisation_path="x",
            organisation_name="x", level=5, job="x", planned_hours=4, profile=one.person, specification=one.person,
            created_at=NOW, renewed_at=NOW,
        )  # fmt: skip


def test_the_same_form_registers_a_practitioner_with_the_body(
    world: World, accreditation: Sitting, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    url = f"/exam/apply/{accreditation.uuid}/"
    shown = client.get(url).content.decode()
    register = f"/accounts/register/?institution={accreditation.organisation}"
    assert register in shown
    assert str(accreditation.organisation) in client.get(register).content.decode()
    assert str(accreditation.organisation) not in client.get("/accounts/register/").content.decode()
    assert client.post(url, {"practice": "卖茶"}).status_code == 302  # to sign in
    assert not Application.objects.exists()
    stranger = world.cast.client("stranger")
    assert stranger.post(url, {"practice": " "}).status_code == 422
    assert stranger.post(url, {"practice": "2024年起直播卖茶"}).status_code == 302
    (one,) = Application.objects.all()
    desk = world.cast.client("body_admin")
    here = f"/sittings/{accreditation.uuid}/"
    assert "2024年起直播卖茶" in desk.get(here).content.decode()
    assert desk.post(f"{here}applications/{one.uuid}/", {"granted": "yes", "reason": ""}).status_code == 422
    assert desk.post(f"{here}applications/{one.uuid}/", {"granted": "yes", "reason": "从业满一年"}).status_code == 302
    assert "从业满一年" in stranger.get(url).content.decode()
    assert Person.objects.get(uuid=one.person).name not in desk.get(here).content.decode()  # masked


def test_nobody_applies_for_a_class_or_after_the_roster_is_fixed(world: World, accreditation: Sitting) -> None:
    with pytest.raises(DeliveryRefused) as told:
        apply_for_sitting(by=world.cast.acting("stranger"), sitting=accreditation.uuid, practice="卖茶", now=OPENS)
    assert told.value.code == "frozen"

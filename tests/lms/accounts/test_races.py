"""Two administrators at the same moment, on a database with real row locks."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from lms.accounts.api import (
    INSTALLATION,
    AccountsRefusal,
    DocumentKind,
    Membership,
    Organisation,
    OrganisationKind,
    PersonData,
    Role,
    acting_for,
    create_organisation,
    create_person,
    end_membership,
    grant_membership,
)
from lms.accounts.models import Person
from lms.core import audit, clock
from tests.lms.accounts.world import NOW, build_places, make_user

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
THREADS = 4


def at_once(work: Callable[[int], Any]) -> list[Any]:
    """Results or refusals of `work(0…)`, all begun at one moment, each thread with its own connection."""
    barrier = Barrier(THREADS, timeout=20)

    def run(number: int) -> Any:
        try:
            barrier.wait()
            return work(number)
        except AccountsRefusal as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def test_one_role_granted_four_times_at_once_is_granted_once() -> None:
    school = build_places().school
    user = make_user(school)
    outcome = at_once(
        lambda _n: grant_membership(by=INSTALLATION, user=user, organisation=school, role=Role.TRAINEE, now=NOW)
    )
    assert Membership.objects.filter(user=user).count() == 1
    assert outcome.count("overlap") == THREADS - 1


def test_administrators_who_end_each_other_leave_one() -> None:
    city = build_places().city
    users = [make_user(city, Role.ADMINISTRATOR) for _index in range(THREADS)]
    actings = [acting_for(user, None) for user in users]
    memberships = [user.memberships.get() for user in users]
    yesterday = clock.today() - timedelta(days=1)
    Membership.objects.update(valid_from=yesterday - timedelta(days=30))
    outcome = at_once(
        lambda n: end_membership(by=actings[n], membership=memberships[(n + 1) % THREADS], last_day=yesterday, now=NOW)
    )
    assert Membership.objects.filter(role=Role.ADMINISTRATOR, valid_to=None).count() == 1
    assert outcome.count("last_administrator") == 1


def test_one_paper_registered_four_times_at_once_is_one_person() -> None:
    school = build_places().school
    data = PersonData(name="林晓燕", document_type=DocumentKind.PASSPORT, document_number="E12345678")
    outcome = at_once(lambda _n: create_person(by=INSTALLATION, organisation=school, data=data, now=NOW))
    assert Person.objects.count() == 1
    assert outcome.count("registered") == THREADS - 1


def test_children_made_at_once_stand_side_by_side() -> None:
    county = build_places().county

    def make(number: int) -> Organisation:
        parent = Organisation.objects.get(pk=county.pk)
        return create_organisation(
            by=INSTALLATION, parent=parent, name=f"{number}校", kind=OrganisationKind.INSTITUTION, now=NOW
        )

    before = Organisation.objects.get(pk=county.pk).numchild
    made = at_once(make)
    assert len({node.path for node in made}) == THREADS
    assert Organisation.objects.get(pk=county.pk).numchild == before + THREADS
    assert Organisation.find_problems() == ([], [], [], [], [])
    assert all(verified.ok for _subject, verified in audit.verify_all())

"""Several people at the same moment, on a database with real row locks."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from pytest_django import Settings

from lms.accounts.api import (
    INSTALLATION,
    AccountsRefusal,
    Acting,
    DocumentKind,
    IdentityCheckKind,
    Membership,
    Organisation,
    OrganisationKind,
    PersonData,
    PrintedSlip,
    Role,
    SlipPurpose,
    User,
    acting_for,
    create_organisation,
    create_person,
    end_membership,
    grant_membership,
    issue_slip,
    redeem_slip,
)
from lms.accounts.models import Person
from lms.accounts.signin.models import Alias
from lms.accounts.signin.services import confirm_alias, request_alias
from lms.accounts.signin.types import AliasKind
from lms.core import audit, clock
from tests.lms.accounts.test_alias import SENT, code_in
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


def a_slip() -> tuple[Acting, User, Callable[[], PrintedSlip]]:
    school = build_places().school
    staff = acting_for(make_user(school, Role.INSTITUTION_ADMIN), None)
    user = make_user(school, Role.TRAINEE)
    purpose, check = SlipPurpose.FORGOTTEN_PASSWORD, IdentityCheckKind.KNOWN
    return staff, user, lambda: issue_slip(by=staff, user=user, purpose=purpose, check=check, now=clock.now())


def test_a_slip_used_four_times_at_once_sets_one_password() -> None:
    _staff, user, make = a_slip()
    code = make().code
    outcome = at_once(
        lambda n: redeem_slip(login_name=user.username, code=code, password=f"boat-lamp-tea-{n}", now=clock.now())
    )
    assert outcome.count("code") == THREADS - 1
    (winner,) = [number for number, result in enumerate(outcome) if result != "code"]
    user.refresh_from_db()
    assert user.check_password(f"boat-lamp-tea-{winner}")


def test_slips_made_at_once_leave_one_open() -> None:
    _staff, user, make = a_slip()
    made = at_once(lambda _n: make().code)
    assert len(set(made)) == THREADS
    assert sorted(user.slips.values_list("state", flat=True)) == ["open", *["replaced"] * (THREADS - 1)]
    assert all(verified.ok for _subject, verified in audit.verify_all())


def test_a_phone_confirmed_at_once_for_four_logins_is_one_of_theirs(settings: Settings) -> None:
    settings.SMS_SENDER = "tests.lms.accounts.test_alias.take_sms"
    school = build_places().school
    users = [make_user(school, Role.TRAINEE) for _index in range(THREADS)]
    codes = []
    for user in users:
        request_alias(user=user, kind=AliasKind.PHONE, value="13800001234", now=clock.now())
        codes.append(code_in(SENT[-1][1]))
    outcome = at_once(lambda n: confirm_alias(user=users[n], kind=AliasKind.PHONE, code=codes[n], now=clock.now()))
    assert outcome.count("taken") == THREADS - 1
    assert Alias.objects.filter(state="confirmed").count() == 1

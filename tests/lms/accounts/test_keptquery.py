"""A kept question answers as the queryset does, for every value, in every thread; what it cannot keep it refuses."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.db import connection, connections, transaction
from django.db.models import BigAutoField, BooleanField, CharField, DateField, DateTimeField, QuerySet, UUIDField
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from lms.accounts.api import INSTALLATION, Membership, Organisation, Role, User, grant_membership, valid_memberships
from lms.core.ids import new_uuid
from lms.core.keptquery import KeptQuery
from tests.lms.accounts.world import NOW, Places, build_places, make_user

TODAY = NOW.date()


def held(user: int, today: date) -> QuerySet[Membership]:
    return valid_memberships(User(pk=user), today=today)


HELD = KeptQuery(held, user=BigAutoField(), today=DateField())


def fields_of(row: Membership) -> tuple[object, ...]:
    shown = {name: value for name, value in vars(row).items() if name != "_state"}
    other = {name: value for name, value in vars(row.organisation).items() if name != "_state"}
    return (shown, other, row._state.db, row._state.adding)


@pytest.fixture
def user(places: Places) -> User:
    """A trainee in one place, an instructor in another until yesterday."""
    user = make_user(places.school, Role.TRAINEE)
    grant_membership(
        by=INSTALLATION,
        user=user,
        organisation=places.other_school,
        role=Role.INSTRUCTOR,
        valid_from=TODAY - timedelta(days=9),
        valid_to=TODAY - timedelta(days=1),
        now=NOW,
    )
    return user


def test_it_answers_as_the_queryset_does(user: User, places: Places) -> None:
    other = make_user(places.school)
    counts = []
    for day in (TODAY, TODAY - timedelta(days=1), TODAY - timedelta(days=10)):
        for pk in (user.pk, other.pk, user.pk + 1000):
            kept = HELD(user=pk, today=day)
            assert [fields_of(row) for row in kept] == [fields_of(row) for row in held(pk, day)]
            counts.append(len(kept))
    assert max(counts) >= 1 > min(counts), "some have rows, some have none"


def test_the_relation_came_along_and_the_row_can_be_saved(user: User) -> None:
    HELD(user=user.pk, today=TODAY)
    with CaptureQueriesContext(connection) as asked:
        row = HELD(user=user.pk, today=TODAY)[0]
        assert row.organisation.name == "连江县职业中学"
    assert len(asked) == 1
    row.valid_to = TODAY
    row.save(update_fields=["valid_to"])
    assert Membership.objects.get(pk=row.pk).valid_to == TODAY


def test_what_it_is_asked_with_must_be_what_it_was_made_for() -> None:
    with pytest.raises(TypeError, match="needs"):
        HELD(user=1)
    lost = KeptQuery(lambda uuid: Organisation.objects.all(), uuid=UUIDField())
    with pytest.raises(ValueError, match="not all of"):
        lost(uuid=new_uuid())
    with pytest.raises(ValueError, match="BooleanField"):
        KeptQuery(lambda on: User.objects.filter(is_active=on), on=BooleanField())(on=True)


def test_texts_and_moments_can_be_asked_with(places: Places) -> None:
    user = make_user(places.school)
    user.last_login = NOW
    user.save(update_fields=["last_login"])
    kept = KeptQuery(
        lambda name, before: User.objects.filter(username=name, last_login__lt=before),
        name=CharField(),
        before=DateTimeField(),
    )
    assert kept(name=user.username, before=NOW) == []
    assert kept(name=user.username, before=NOW + timedelta(microseconds=1)) == [user]
    assert kept(name="nobody", before=NOW + timedelta(days=1)) == []


@pytest.mark.django_db(transaction=True)
def test_rows_are_locked_in_a_transaction_or_not_at_all() -> None:
    user = make_user(build_places().school)
    kept = KeptQuery(lambda pk: User.objects.select_for_update().filter(pk=pk), pk=BigAutoField())
    for _time in range(2):
        with transaction.atomic():
            assert kept(pk=user.pk) == [user]
        with pytest.raises(TransactionManagementError):
            kept(pk=user.pk)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_every_thread_asks_on_its_own_connection() -> None:
    cache.clear()
    user = make_user(build_places().school, Role.TRAINEE)
    assert len(HELD(user=user.pk, today=TODAY)) == 1

    def asks(_number: int) -> list[int]:
        try:
            return [len(HELD(user=user.pk, today=TODAY)) for _time in range(20)]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(asks, range(8))) == [[1] * 20] * 8

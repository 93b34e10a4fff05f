"""Roles: on which days they hold, who gives them, and what part of the tree they reach."""

from datetime import date, timedelta
from functools import partial

import pytest

from lms.accounts.api import (
    INSTALLATION,
    AccountsRefusal,
    Acting,
    Membership,
    NotAllowed,
    OrganisationKind,
    Role,
    acting_for,
    create_organisation,
    end_membership,
    grant_membership,
    update_organisation,
    valid_memberships,
)
from lms.accounts.memberships.services import COMMITTEE_GROUP
from lms.core import audit, clock
from tests.lms.accounts.world import NOW, Places, make_user

FIRST, LAST = date(2026, 3, 16), date(2026, 6, 30)


@pytest.mark.parametrize(
    "day, holds",
    (
        (FIRST - timedelta(days=1), False),
        (FIRST, True),
        (LAST, True),
        (LAST + timedelta(days=1), False),
    ),
)
def test_both_edge_days_are_included(places: Places, day: date, holds: bool) -> None:
    user = make_user(places.school)
    grant_membership(
        by=INSTALLATION,
        user=user,
        organisation=places.school,
        role=Role.TRAINEE,
        valid_from=FIRST,
        valid_to=LAST,
        now=NOW,
    )
    assert valid_memberships(user, today=day).exists() is holds


def test_the_chosen_membership_is_acted_in_only_while_it_holds(places: Places) -> None:
    user = make_user(places.school, Role.TRAINEE)
    today = clock.today()
    other = grant_membership(
        by=INSTALLATION,
        user=user,
        organisation=places.other_school,
        role=Role.INSTRUCTOR,
        valid_from=today - timedelta(days=9),
        valid_to=today,
        now=NOW,
    )
    acting = acting_for(user, str(other.uuid))
    assert (acting.role, acting.organisation_name) == (Role.INSTRUCTOR, "罗源县技工学校")
    Membership.objects.filter(pk=other.pk).update(valid_to=today - timedelta(days=1))
    assert acting_for(user, str(other.uuid)).role is Role.TRAINEE
    assert acting_for(user, "not a uuid").role is Role.TRAINEE


def test_nobody_acts_without_a_role_or_with_a_closed_login(places: Places) -> None:
    user = make_user(places.school)
    assert (acting_for(user, None).role, acting_for(user, None).organisation) == (Role.ANONYMOUS, None)
    closed = make_user(places.school, Role.TRAINEE)
    closed.is_active = False
    assert acting_for(closed, None).user is None


@pytest.mark.req("S1-02")
def test_a_county_reaches_its_own_places_a_city_all(places: Places) -> None:
    def reach(acting: Acting) -> list[bool]:
        return [acting.covers(place.path) for place in (places.school, places.other_school, places.county, places.city)]

    assert reach(acting_for(make_user(places.county, Role.HR_BUREAU), None)) == [True, False, True, False]
    assert reach(acting_for(make_user(places.bureau, Role.HR_BUREAU), None)) == [True, False, True, False]
    assert reach(acting_for(make_user(places.body, Role.CHIEF_EXAMINER), None)) == [True, False, True, False]
    assert reach(acting_for(make_user(places.city, Role.HR_BUREAU), None)) == [True, True, True, True]
    assert reach(acting_for(make_user(places.school, Role.INSTITUTION_ADMIN), None)) == [True, False, False, False]


def test_the_tree_takes_any_depth_and_kind(places: Places) -> None:
    node = places.school
    for depth in range(6):
        node = create_organisation(
            by=INSTALLATION, parent=node, name=f"{depth}组", kind=OrganisationKind.DEPARTMENT, now=NOW
        )
    assert node.path.startswith(places.school.path)
    assert acting_for(make_user(places.county, Role.HR_BUREAU), None).covers(node.path)


@pytest.mark.parametrize("first, last", ((FIRST, None), (LAST, LAST), (date(2026, 1, 1), FIRST)))
def test_a_role_is_not_held_twice_on_one_day(places: Places, first: date, last: date | None) -> None:
    user = make_user(places.school)
    grant = partial(
        grant_membership, by=INSTALLATION, user=user, organisation=places.school, role=Role.TRAINEE, now=NOW
    )
    grant(valid_from=FIRST, valid_to=LAST)
    with pytest.raises(AccountsRefusal) as refused:
        grant(valid_from=first, valid_to=last)
    assert refused.value.code == "overlap"
    grant(valid_from=LAST + timedelta(days=1))


def test_an_administrator_holds_no_other_role(places: Places) -> None:
    administrator = make_user(places.city, Role.ADMINISTRATOR)
    trainee = make_user(places.school, Role.TRAINEE)
    for user, role in ((administrator, Role.COMMITTEE), (trainee, Role.ADMINISTRATOR)):
        with pytest.raises(AccountsRefusal) as refused:
            grant_membership(by=INSTALLATION, user=user, organisation=places.school, role=role, now=NOW)
        assert refused.value.code == "administrator"


def test_nobody_changes_her_own_roles(places: Places) -> None:
    administrator = make_user(places.city, Role.ADMINISTRATOR)
    by = acting_for(administrator, None)
    with pytest.raises(AccountsRefusal) as refused:
        end_membership(by=by, membership=administrator.memberships.get(), last_day=FIRST, now=NOW)
    assert refused.value.code == "self"


def test_the_last_administrator_stays(places: Places) -> None:
    first, second = (make_user(places.city, Role.ADMINISTRATOR) for _index in range(2))
    end_membership(by=INSTALLATION, membership=first.memberships.get(), last_day=FIRST, now=NOW)
    with pytest.raises(AccountsRefusal) as refused:
        end_membership(by=INSTALLATION, membership=second.memberships.get(), last_day=FIRST, now=NOW)
    assert refused.value.code == "last_administrator"
    assert second.memberships.get().valid_to is None


def test_a_county_administrator_grants_in_her_county_only(places: Places) -> None:
    by = acting_for(make_user(places.county, Role.ADMINISTRATOR), None)
    user = make_user(places.school)
    grant_membership(by=by, user=user, organisation=places.school, role=Role.TRAINEE, now=NOW)
    for where in (places.other_school, places.city):
        with pytest.raises(NotAllowed):
            grant_membership(by=by, user=user, organisation=where, role=Role.TRAINEE, now=NOW)


def test_an_ended_role_holds_through_its_last_day_and_one_not_begun_ends_with_its_first(places: Places) -> None:
    user = make_user(places.school)
    later = grant_membership(
        by=INSTALLATION, user=user, organisation=places.school, role=Role.TRAINEE, valid_from=LAST, now=NOW
    )
    assert end_membership(by=INSTALLATION, membership=later, last_day=FIRST, now=NOW).valid_to == LAST


def test_committee_members_get_and_lose_the_page_rights(places: Places) -> None:
    user = make_user(places.city, Role.COMMITTEE)
    assert list(user.groups.values_list("name", flat=True)) == [COMMITTEE_GROUP]
    yesterday = clock.today() - timedelta(days=1)
    Membership.objects.filter(user=user).update(valid_from=yesterday - timedelta(days=30))
    end_membership(by=INSTALLATION, membership=user.memberships.get(), last_day=yesterday, now=NOW)
    assert user.groups.count() == 0


def test_grants_and_ends_stand_on_the_users_chain(places: Places) -> None:
    user = make_user(places.school, Role.TRAINEE)
    end_membership(by=INSTALLATION, membership=user.memberships.get(), last_day=LAST, now=NOW)
    events = list(audit.events_of(user.uuid))
    assert [event.action for event in events] == ["created", "role_granted", "role_ended"]
    assert events[-1].fields["valid_to"] == 20260630


def test_an_administrator_cannot_widen_her_reach_by_renaming_what_she_works_for(places: Places) -> None:
    admin = make_user(places.school, Role.ADMINISTRATOR)
    change = partial(update_organisation, organisation=places.school, name="连江县职业中学", now=NOW)
    for kind in (OrganisationKind.BUREAU, OrganisationKind.EVALUATION_BODY):
        with pytest.raises(AccountsRefusal) as refused:
            change(by=acting_for(admin, None), kind=kind)
        assert (refused.value.code, refused.value.field) == ("kind", "kind")
    assert acting_for(admin, None).organisation_path == places.school.path
    assert change(by=acting_for(admin, None), kind=OrganisationKind.COMPANY).kind == OrganisationKind.COMPANY
    assert change(by=INSTALLATION, kind=OrganisationKind.BUREAU).scope_path == places.county.path

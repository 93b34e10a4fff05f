"""Who makes which organisations, who gives which roles: an institution never becomes its own bureau."""

from functools import partial

import pytest

from lms.accounts import chain
from lms.accounts.api import (
    AccountsRefusal,
    NotAllowed,
    OrganisationKind,
    Role,
    acting_for,
    create_organisation,
    end_membership,
    grant_membership,
    update_organisation,
)
from lms.accounts.matrix import MATRIX
from lms.accounts.people.services import set_active
from tests.lms.accounts.world import NOW, Places, make_user

K = OrganisationKind
AUTHORITY_ROLES = (Role.HR_BUREAU, Role.COMMERCE_BUREAU, Role.FINANCE_BUREAU, Role.INSPECTOR, Role.ARCHIVE_READER)


def test_the_table_speaks_of_the_roles_the_matrix_lets_in() -> None:
    assert set(chain.GIVES) == set(MATRIX["membership"]) == set(MATRIX["user"])
    assert set(chain.MAKES) == set(MATRIX["organisation"])
    assert set(chain.HELD_AT) == set(Role) - {Role.ANONYMOUS}


@pytest.mark.req("S1-02")
def test_below_an_institution_nobody_is_an_authority_or_examines() -> None:
    for by in chain.GIVES:
        for kind in chain.PRIVATE - {K.EVALUATION_BODY}:
            given = set(chain.roles_to_give(by, at=kind))
            assert not given & {*AUTHORITY_ROLES, Role.EXAMINER, Role.CHIEF_EXAMINER, Role.COMMITTEE}, (by, kind)
            for made in K:
                below = chain.may_make(by, made, parent=K.OTHER, above=[K.CITY, kind])
                assert not below or made in {K.INSTITUTION, K.COMPANY, K.DEPARTMENT}, (by, kind, made)


def test_each_level_makes_the_next() -> None:
    place: dict[str, object] = {"parent": K.COUNTY, "above": [K.CITY]}
    made = {by: {kind for kind in K if chain.may_make(by, kind, **place)} for by in Role}  # type: ignore[arg-type]
    assert made[Role.ADMINISTRATOR] == set(K)
    assert made[Role.HR_BUREAU] == {K.INSTITUTION, K.EVALUATION_BODY, K.COMPANY}
    assert all(not kinds for by, kinds in made.items() if by not in {Role.ADMINISTRATOR, Role.HR_BUREAU})
    assert chain.roles_to_give(Role.HR_BUREAU, at=K.INSTITUTION) == (Role.INSTITUTION_ADMIN,)
    assert chain.roles_to_give(Role.HR_BUREAU, at=K.BUREAU) == ()
    assert chain.roles_to_give(Role.INSTITUTION_ADMIN, at=K.INSTITUTION) == (
        Role.TRAINEE,
        Role.INSTRUCTOR,
        Role.INVIGILATOR,
    )
    assert set(chain.roles_to_give(Role.INSTITUTION_ADMIN, at=K.EVALUATION_BODY)) == {
        Role.EXAMINER,
        Role.CHIEF_EXAMINER,
        Role.INVIGILATOR,
    }


def test_the_services_keep_to_the_table(places: Places) -> None:
    school, bureau, admin = (
        acting_for(make_user(place, role), None)
        for place, role in (
            (places.school, Role.INSTITUTION_ADMIN),
            (places.bureau, Role.HR_BUREAU),
            (places.school, Role.ADMINISTRATOR),
        )
    )
    somebody = make_user(places.school)
    grant = partial(grant_membership, user=somebody, now=NOW)
    for by, role, where in (
        (school, Role.HR_BUREAU, places.school),
        (school, Role.INSTITUTION_ADMIN, places.school),
        (admin, Role.HR_BUREAU, places.school),
        (admin, Role.CHIEF_EXAMINER, places.school),
        (bureau, Role.HR_BUREAU, places.bureau),
        (bureau, Role.TRAINEE, places.school),
        (bureau, Role.INSTITUTION_ADMIN, places.other_school),
    ):
        with pytest.raises(NotAllowed):
            grant(by=by, role=role, organisation=where)
    grant(by=school, role=Role.INSTRUCTOR, organisation=places.school)
    staff = grant(by=bureau, role=Role.INSTITUTION_ADMIN, organisation=places.school)
    with pytest.raises(NotAllowed):
        end_membership(by=school, membership=staff, last_day=NOW.date(), now=NOW)


def test_no_way_round_by_a_bureau_of_ones_own(places: Places) -> None:
    admin = acting_for(make_user(places.school, Role.ADMINISTRATOR), None)
    make = partial(create_organisation, by=admin, parent=places.school, name="自己的局", now=NOW)
    for kind in (K.BUREAU, K.EVALUATION_BODY, K.COUNTY, K.OTHER):
        with pytest.raises(AccountsRefusal) as refused:
            make(kind=kind)
        assert refused.value.code == "kind"
    department = make(kind=K.DEPARTMENT)
    for place in (department, places.school):
        for kind in (K.COUNTY, K.OTHER, K.ZONE):
            with pytest.raises(AccountsRefusal) as refused:
                update_organisation(by=admin, organisation=place, name="改名", kind=kind, now=NOW)
            assert refused.value.code == "kind"


def test_a_login_is_managed_only_by_who_could_give_its_roles(places: Places) -> None:
    bureau = make_user(places.bureau, Role.HR_BUREAU)
    colleague = make_user(places.bureau, Role.HR_BUREAU)
    staff = make_user(places.school, Role.INSTITUTION_ADMIN)
    body = make_user(places.body, Role.INSTITUTION_ADMIN)
    trainee = make_user(places.school, Role.TRAINEE)
    for by, user, allowed in (
        (bureau, staff, True),
        (bureau, colleague, False),
        (bureau, trainee, False),
        (staff, trainee, True),
        (body, trainee, False),
        (body, bureau, False),
        (staff, bureau, False),
    ):
        if allowed:
            set_active(by=acting_for(by, None), user=user, active=True, now=NOW)
        else:
            with pytest.raises((NotAllowed, AccountsRefusal)):
                set_active(by=acting_for(by, None), user=user, active=True, now=NOW)

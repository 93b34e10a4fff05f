"""Every object × every role × own and other institution answers as the permission matrix says.

To add an object: give it cells in `lms/accounts/matrix.py`, then add its addresses to ROWS below. The expected answer is
worked out here from the matrix's data alone, without the code that applies it; LITERAL pins cells of domain 3.3 so that
neither can be wrong together with the other.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from assessment.api import grant_evidence
from lms.accounts.api import MATRIX, NOBODY, PLACELESS, Acting, Action, Organisation, Role, User, acting_for, can, may
from lms.accounts.models import Membership
from lms.core.ids import new_uuid
from lms.core.jobs.models import Job
from media_pipeline.assets.models import MediaAsset
from tests.courses.roots import curriculum
from tests.lms.accounts.world import NOW, Places, build_places, make_user, signed_in
from tests.media_pipeline.cast import finish, hand_in

# Where a role's people sit, in the thing's own county and in the other one.
_BUREAUS = {Role.HR_BUREAU, Role.COMMERCE_BUREAU, Role.FINANCE_BUREAU, Role.INSPECTOR, Role.ARCHIVE_READER}
_BODIES = {Role.EXAMINER, Role.CHIEF_EXAMINER, Role.PANEL_MEMBER}
_COUNTY = {Role.ADMINISTRATOR, Role.COMMITTEE, Role.LEADER}
STORED = [role for role in Role if role is not Role.ANONYMOUS]


@dataclass(frozen=True)
class Actor:
    """Somebody who asks. `here`: of the institution (or the county) the thing belongs to."""

    role: Role
    here: bool
    user: User | None
    client: Client


@dataclass(frozen=True)
class World:
    """A finished work handed in at the school, a failed job, a trainee with a role; and everybody who may ask."""

    places: Places
    owner: User
    assigned: User
    work: MediaAsset
    job: Job
    membership: Membership
    actors: tuple[Actor, ...]


def _place(places: Places, role: Role, here: bool) -> Organisation:
    if role in _BUREAUS:
        return places.bureau if here else places.other_bureau
    if role in _BODIES:
        return places.body if here else places.other_body
    if role in _COUNTY:
        return places.county if here else places.other_county
    return places.school if here else places.other_school


@pytest.fixture(scope="module")
def world(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Built once: every question is asked inside its own transaction, which is rolled back, and so is this one."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield _build(tmp_path_factory.mktemp("work"))
        transaction.set_rollback(True)


def _build(folder: Path) -> World:
    curriculum()
    places = build_places()
    users = {(role, here): make_user(_place(places, role, here), role) for role in STORED for here in (True, False)}
    owner = users[Role.TRAINEE, True]
    # The examiner assigned sits in the other county: an assignment does not follow places.
    assigned = users[Role.EXAMINER, False]
    cast: Any = SimpleNamespace(acting=lambda _who: acting_for(owner, None))
    work = finish(hand_in(cast), folder)
    grant_evidence(examiner=assigned.uuid, asset=work.uuid, granted_by=None, now=NOW)
    job = Job.objects.create(
        kind="media.stage", subject=work.uuid, key="x", cluster="media", state="dead", max_attempts=3, not_before=NOW,
        created_at=NOW, finished_at=NOW, error="The video could not be read.",
    )  # fmt: skip
    actors = [Actor(role, here, user, signed_in(user)) for (role, here), user in users.items()]
    actors.append(Actor(Role.ANONYMOUS, False, None, Client()))
    return World(places, owner, assigned, work, job, owner.memberships.get(), tuple(actors))


def _nobodys(_world: World, _actor: Actor) -> bool:
    return False


def _owners(world: World, actor: Actor) -> bool:
    return actor.user == world.owner


def _assigned(world: World, actor: Actor) -> bool:
    return actor.user == world.assigned


def _everybodys(_world: World, _actor: Actor) -> bool:
    return True


@dataclass(frozen=True)
class Row:
    """One way to ask for one act on one kind of object.

    own: whose own (or assigned) thing it is. narrower: roles this address refuses though the matrix has a cell, and why.
    listed: the address is open to the role from any place and only what it lists is narrowed; the text it then shows.
    """

    kind: str
    action: Action
    url: Callable[[World], str]
    method: str = "get"
    data: Callable[[World], dict[str, Any]] = lambda _world: {}
    own: Callable[[World, Actor], bool] = _nobodys
    narrower: Mapping[Role, str] = field(default_factory=dict)
    listed: Callable[[World], str] | None = None
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind}-{self.action}{self.name}"


_UNDECIDED = {Role.TRAINEE: "after decision, and nothing is decided yet"}
_BLIND = dict.fromkeys((Role.EXAMINER, Role.CHIEF_EXAMINER), "blind: they have a list of codes, not this one of names")
_PEOPLE = "/admin/people"


def _grant(world: World) -> dict[str, str]:
    return {"role": "instructor", "organisation": str(world.places.school.uuid)}


def _evidence_part(part: str) -> Callable[[World], str]:
    return lambda world: f"/evidence/{world.work.blind_code}/{part}"


def _user_act(act: str) -> Callable[[World], str]:
    return lambda world: f"{_PEOPLE}/users/{world.owner.uuid}/{act}/"


ROWS = (
    Row("own_submission", "create", lambda _w: "/works/upload/", own=_everybodys),
    Row("own_submission", "read", lambda w: f"/works/{w.work.uuid}/", own=_owners),
    Row("own_submission", "read", lambda w: f"/works/{w.work.uuid}/progress/", own=_owners, name="-progress"),
    Row(
        "own_submission", "read", lambda _w: "/works/", own=_owners, name="-list",
        listed=lambda w: f"/works/{w.work.uuid}/",
    ),
    Row(
        "other_submission", "read", lambda _w: "/overview/works/", narrower=_BLIND, name="-list",
        listed=lambda w: w.work.title,
    ),
    Row(
        "evidence", "read", lambda _w: "/evidence/", own=_assigned, narrower=_UNDECIDED, name="-list",
        listed=lambda w: w.work.blind_code,
    ),
    Row("evidence", "read", lambda w: f"/evidence/{w.work.blind_code}/", own=_assigned, narrower=_UNDECIDED),
    *(
        Row(
            "evidence", "read", _evidence_part(part), own=_assigned,
            narrower=_UNDECIDED, name=f"-{part}",
        )
        for part in ("video", "captions.vtt", "poster.jpg")
    ),
    Row("lesson", "read", lambda _w: "/learn/"),
    Row("lesson", "read", lambda _w: "/learn/level-5/", name="-level"),
    Row("dead_letter", "read", lambda _w: "/jobs/dead/"),
    Row("dead_letter", "execute", lambda w: f"/jobs/dead/{w.job.uuid}/retry/", "post"),
    Row(
        "organisation", "read", lambda _w: f"{_PEOPLE}/organisations/", name="-list",
        listed=lambda w: str(w.places.school.uuid),
    ),
    Row(
        "organisation", "create", lambda _w: f"{_PEOPLE}/organisations/new/", "post",
        lambda w: {"parent": str(w.places.school.uuid), "name": "新单位", "kind": "department"},
    ),
    Row(
        "organisation", "update", lambda w: f"{_PEOPLE}/organisations/{w.places.school.uuid}/", "post",
        lambda _w: {"name": "改名", "kind": "institution"},
    ),
    Row("user", "read", lambda _w: f"{_PEOPLE}/users/", name="-list", listed=lambda w: w.owner.username),
    Row("user", "read", lambda w: f"{_PEOPLE}/users/{w.owner.uuid}/"),
    Row(
        "user", "create", lambda _w: f"{_PEOPLE}/users/new/", "post",
        lambda w: {"organisation": str(w.places.school.uuid), "display_name": "新人"},
    ),
    Row("user", "update", lambda w: f"{_PEOPLE}/users/{w.owner.uuid}/", "post", lambda _w: {"display_name": "改名"}),
    *(
        Row("user", "update", _user_act(act), "post", name=f"-{act}")
        for act in ("activity",)
    ),
    Row("membership", "read", lambda w: f"{_PEOPLE}/users/{w.owner.uuid}/"),
    Row("membership", "create", lambda w: f"{_PEOPLE}/users/{w.owner.uuid}/roles/", "post", _grant),
    Row(
        "membership", "update", lambda w: f"{_PEOPLE}/users/{w.owner.uuid}/roles/{w.membership.uuid}/end/", "post"
    ),
    Row("person", "read", lambda _w: f"{_PEOPLE}/persons/"),
    Row(
        "person", "create", lambda _w: f"{_PEOPLE}/persons/new/", "post",
        lambda w: {"organisation": str(w.places.school.uuid), "name": "新人"},
    ),
)  # fmt: skip

# Cells without an address so far: the step that builds the page adds its row.
NO_ADDRESS_YET = {
    ("lesson", "create"): "lessons are written in the Wagtail admin from the step that brings courses",
    ("lesson", "update"): "the same",
    ("lesson", "approve"): "the same",
    ("other_submission", "read"): "content is read as evidence",
    ("audit_log", "read"): "the trail has no page yet",
    ("person", "update"): "a correction is a dated decision of a later step",
}


def expected(row: Row, world: World, actor: Actor) -> bool:
    """The matrix's answer, read from its data."""
    cell = MATRIX[row.kind].get(actor.role)
    if cell is None or actor.role in row.narrower:
        return False
    letters = {"create": "C", "read": "RCUA", "update": "U", "approve": "A", "execute": "X"}[row.action]
    if not set(letters) & set(cell.letters):
        return False
    if row.listed is not None:
        return True
    if cell.own:
        return row.own(world, actor)
    return actor.here or row.kind in PLACELESS or _place_of_nothing(row)


def _place_of_nothing(row: Row) -> bool:
    # A list without a marker: everybody of the role opens it, whatever it holds.
    return row.kind == "person" and row.action == "read"


def let_in(answer: HttpResponse) -> bool:
    """Whether the act was let through. Wagtail answers a refusal inside its admin by going to its first page."""
    if answer.status_code in {301, 302}:
        goal = answer.headers["Location"].split("?")[0]
        return goal not in {"/accounts/login/", "/accounts/admin-door/", "/admin/"}
    # A form of the administrator's that does not offer the foreign organisation answers 422.
    return answer.status_code in {200, 206}


@pytest.mark.django_db
@pytest.mark.req("S1-02", "S2-47")
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_every_role_here_and_elsewhere_is_answered_as_the_matrix_says(row: Row, world: World) -> None:
    wrong = []
    for actor in world.actors:
        with transaction.atomic():
            answer = getattr(actor.client, row.method)(row.url(world), row.data(world))
            got = let_in(answer)
            shown = row.listed is None or not got or row.listed(world) in _text(answer)
            transaction.set_rollback(True)
        where = f"{actor.role} {'here' if actor.here else 'elsewhere'}"
        if got is not expected(row, world, actor):
            wrong.append(f"{where}: {answer.status_code}, let in: {got}")
        elif got and row.listed is not None and shown is not _reached(row, world, actor):
            wrong.append(f"{where}: lists it: {shown}")
    assert wrong == []


def _reached(row: Row, world: World, actor: Actor) -> bool:
    return row.own(world, actor) if MATRIX[row.kind][actor.role].own else actor.here


def _text(answer: HttpResponse) -> str:
    return answer.content.decode()


def test_every_cell_has_an_address_or_says_why_not() -> None:
    asked = {(row.kind, row.action) for row in ROWS}
    names = {"C": "create", "R": "read", "U": "update", "A": "approve", "X": "execute"}
    cells = {(kind, names[letter]) for kind, row in MATRIX.items() for cell in row.values() for letter in cell.letters}
    assert cells - asked - set(NO_ADDRESS_YET) == set()
    assert {kind for kind, _action in asked | set(NO_ADDRESS_YET)} == set(MATRIX)


def _acting(role: Role) -> Acting:
    return Acting(UUID(int=1), None, role, UUID(int=2), "0001", "县", UUID(int=3))


LITERAL: tuple[tuple[str, Role, Action, bool], ...] = (
    # Cells of domain 3.3, read by eye.
    ("own_submission", Role.TRAINEE, "create", True),
    ("own_submission", Role.EXAMINER, "read", False),
    ("own_submission", Role.INSTITUTION_ADMIN, "read", True),
    ("own_submission", Role.INSTITUTION_ADMIN, "create", False),
    ("own_submission", Role.COMMERCE_BUREAU, "read", False),
    ("other_submission", Role.TRAINEE, "read", False),
    ("other_submission", Role.EXAMINER, "read", True),
    ("other_submission", Role.INSTRUCTOR, "read", False),
    ("evidence", Role.INSTITUTION_ADMIN, "read", False),
    ("evidence", Role.CHIEF_EXAMINER, "read", True),
    ("evidence", Role.HR_BUREAU, "read", True),
    ("evidence", Role.HR_BUREAU, "approve", False),
    ("evidence", Role.COMMITTEE, "read", False),
    ("lesson", Role.COMMITTEE, "approve", True),
    ("lesson", Role.COMMITTEE, "read", True),
    ("lesson", Role.INSTRUCTOR, "update", True),
    ("lesson", Role.INSTRUCTOR, "approve", False),
    ("lesson", Role.FINANCE_BUREAU, "read", False),
    ("lesson", Role.ARCHIVE_READER, "read", False),
    ("dead_letter", Role.ADMINISTRATOR, "execute", True),
    ("dead_letter", Role.HR_BUREAU, "read", False),
    ("organisation", Role.ADMINISTRATOR, "create", True),
    ("organisation", Role.HR_BUREAU, "read", False),
    ("evidence", Role.ADMINISTRATOR, "read", False),
    ("own_submission", Role.ADMINISTRATOR, "read", False),
    ("lesson", Role.ADMINISTRATOR, "read", False),
    ("audit_log", Role.INSPECTOR, "read", True),
    ("audit_log", Role.TRAINEE, "read", False),
)


@pytest.mark.parametrize("kind, role, action, allowed", LITERAL)
def test_cells_of_the_domains_table(kind: str, role: Role, action: Action, allowed: bool) -> None:
    assert (can(_acting(role), kind, action) is not None) is allowed


def test_masking_and_conditions_come_with_the_cell() -> None:
    assert can(_acting(Role.INSTITUTION_ADMIN), "own_submission", "read").masked  # type: ignore[union-attr]
    assert can(_acting(Role.EXAMINER), "evidence", "read").condition == "blind"  # type: ignore[union-attr]
    assert can(_acting(Role.TRAINEE), "evidence", "read").condition == "after decision"  # type: ignore[union-attr]


def test_what_has_no_cell_is_refused() -> None:
    actions: tuple[Action, ...] = ("create", "read", "update", "approve", "execute")
    for role in (Role.LEADER, Role.DEPARTMENT_MANAGER, Role.INVIGILATOR, Role.PANEL_MEMBER, Role.ANONYMOUS):
        assert [kind for kind in MATRIX for action in actions if can(_acting(role), kind, action)] == [], role
    assert [role for role in Role if can(_acting(role), "an object nobody thought of", "read")] == []
    assert can(NOBODY, "lesson", "read") is None


def test_a_row_without_a_place_is_refused_unless_its_kind_has_none() -> None:
    bureau = _acting(Role.HR_BUREAU)
    assert may(bureau, "evidence", "read", place="00010002") is True
    assert [may(bureau, "evidence", "read", place=place) for place in (None, "", "0002")] == [False, False, False]
    assert may(bureau, "lesson", "read") is True
    examiner = _acting(Role.EXAMINER)
    assert may(examiner, "evidence", "read", place="0001") is False
    assert may(examiner, "evidence", "read", place="0002", own=True) is True


@pytest.mark.django_db
def test_unused_identifiers_lead_nowhere(world: World) -> None:
    administrator = next(actor for actor in world.actors if actor.role is Role.ADMINISTRATOR and actor.here)
    for page in (f"{_PEOPLE}/users/{new_uuid()}/", f"{_PEOPLE}/organisations/{new_uuid()}/"):
        assert administrator.client.get(page).status_code == 404

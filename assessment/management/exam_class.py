"""A whole class at the door of an examination, for measuring and for soak tests, in a database that is thrown away.

Made by the services that people use: logins, candidacies entitled to theory and video, a paper of 40 questions drawn from the
starter bank by the shipped blueprint of level 5, a sitting that is open.
"""

import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from assessment.bank.loader import load_bank
from assessment.bank.logic import document_from
from assessment.bank.models import QuestionVersion
from assessment.bank.types import Key, QuestionDocument, QuestionType
from assessment.candidates.services import renew_candidacy
from assessment.candidates.types import Grant
from assessment.delivery.models import RosterEntry
from assessment.delivery.services import (
    approve_sitting,
    close_sitting,
    draft_sitting,
    freeze_roster,
    open_sitting,
    request_sitting,
)
from assessment.delivery.types import SittingKind, SittingRequest
from assessment.papers.models import Blueprint
from assessment.papers.services import approve_blueprint, approve_paper, draw_papers, load_blueprints
from assessment.papers.types import PaperData
from assessment.specification.services import add_specification_version, approve_specification
from assessment.specification.types import Part
from assessment.theory.models import PaperMark
from assessment.theory.services import confirm_marks, release_marks
from lms.accounts.api import (
    INSTALLATION,
    Organisation,
    OrganisationKind,
    PersonData,
    Role,
    User,
    create_organisation,
    create_person,
    create_user,
    grant_membership,
)
from lms.core import clock
from lms.core.ids import new_uuid
from lms.core.jobs import drain
from lms.core.types import Level
from lms.policies.api import load_profiles, profile_in_force

PASSWORD = "rice-paper-lamp-7"  # noqa: S105  # of a database that is thrown away
_SEED = 20261121
_BLUEPRINT = "live_seller_theory"


@dataclass(frozen=True)
class AskedItem:
    """One question as a plan of answers needs it. key: as `Key`'s own fields, so that the other side marks by itself."""

    position: int
    type: str
    marks: str
    options: list[str]
    key: dict[str, Any]


@dataclass(frozen=True)
class ExamClass:
    """logins: user names, one a candidate, in the order of `entries`; opens_ms: when the waiting room begins to let in."""

    sitting: str
    opens_ms: int
    password: str
    logins: list[str]
    entries: list[str]
    items: list[AskedItem]


@transaction.atomic
def gather_class(count: int, *, opens_in_s: float, starts_per_minute: int) -> ExamClass:
    """So many candidates with a place in an open sitting. Once a database."""
    now = clock.now()
    school = create_organisation(
        by=INSTALLATION, parent=None, name="试验学校", kind=OrganisationKind.INSTITUTION, now=now
    )
    users = [_candidate(school, number, now) for number in range(1, count + 1)]
    [paper] = _papers(now)
    rules = _Rules(new_uuid(), _profile(), theory_specification(now))
    candidacies = {_candidacy(school, rules, user, now): user for user in users}
    opens = now + timedelta(seconds=opens_in_s)
    asked = SittingRequest(
        kind=SittingKind.CLASS,
        title="试验场次",
        level=Level.ELEMENTARY,
        papers=((paper.form, paper.uuid),),
        opens_at=opens,
        closes_at=opens + timedelta(hours=2),
        freeze_at=now,
        hall="试验",
        seats=count,
        class_uid=rules.class_uid,
        starts_per_minute=starts_per_minute,
        identity_check=False,
    )
    sitting = draft_sitting(by=INSTALLATION, organisation=school.uuid, asked=asked, now=now).uuid
    for step in (request_sitting, approve_sitting, freeze_roster, open_sitting):
        step(by=INSTALLATION, sitting=sitting, now=now)
    entries = list(RosterEntry.objects.filter(included=True).order_by("seat"))
    if len(entries) != count:
        raise RuntimeError(f"{count - len(entries)} of the class are not on the roster")
    return ExamClass(
        sitting=str(sitting),
        opens_ms=round(opens.timestamp() * 1000),
        password=PASSWORD,
        logins=[candidacies[entry.candidacy].username for entry in entries],
        entries=[str(entry.uuid) for entry in entries],
        items=_items(paper),
    )


@dataclass(frozen=True)
class Judged:
    """What became of a class. marks: attempt → its mark, 0 to 100 with one decimal; cpu_s: CPU seconds of this process."""

    marks: dict[str, str]
    cpu_s: float


def mark_class(sitting: str) -> Judged:
    """Close the sitting and mark its papers, as invigilator and worker do. Raises DeliveryRefused while one still sits."""
    close_sitting(by=INSTALLATION, sitting=UUID(sitting), now=clock.now())
    return _worked(sitting)


def release_class(sitting: str) -> Judged:
    """Release the marks and tell everybody: what chief, bureau and worker do. Raises TheoryRefused before they are there."""
    uuid, now = UUID(sitting), clock.now()
    began = time.process_time()
    confirm_marks(by=INSTALLATION, sitting=uuid, now=now)
    release_marks(by=INSTALLATION, sitting=uuid, now=now)
    return _worked(sitting, began)


def _worked(sitting: str, began: float | None = None) -> Judged:
    began = time.process_time() if began is None else began
    drain("short")
    cpu_s = time.process_time() - began
    rows = PaperMark.objects.filter(attempt__entry__sitting__uuid=UUID(sitting)).order_by("number")
    return Judged({str(row.attempt.uuid): str(row.mark) for row in rows.select_related("attempt")}, cpu_s)


def _candidate(school: Organisation, number: int, now: datetime) -> User:
    name = f"考生{number}"
    user = create_user(
        by=INSTALLATION,
        organisation=school,
        display_name=name,
        password=PASSWORD,
        password_is_initial=False,
        now=now,
    )
    grant_membership(by=INSTALLATION, user=user, organisation=school, role=Role.TRAINEE, now=now)
    data = PersonData(name=name, birth_date=date(1995, 4, 12))
    create_person(by=INSTALLATION, organisation=school, data=data, user=user, now=now)
    return user


@dataclass(frozen=True)
class _Rules:
    """What the class has pinned."""

    class_uid: UUID
    profile: UUID
    specification: UUID


def _profile() -> UUID:
    load_profiles()
    return profile_in_force("demonstration", clock.today()).uuid


def theory_specification(now: datetime) -> UUID:
    """An approved specification of the theory part alone, by the shipped blueprint of level 5."""
    blueprint = Blueprint.objects.get(key=_BLUEPRINT, level=Level.ELEMENTARY)
    part = {
        "part": Part.THEORY,
        "weight": "100",
        "pass_mark": "60",
        "resits": None,
        "rubric_key": "",
        "rubric_hash": "",
        "blueprint_key": blueprint.key,
        "blueprint_hash": blueprint.content_hash,
    }
    content = {
        "key": "exam_class",
        "level": int(Level.ELEMENTARY),
        "title": "试验规范",
        "trial": True,
        "parts": [part],
        "quorum": {"minimum": 3, "odd": True, "spread_limit": "15"},
        "papers": ["skill_level_certificate"],
    }
    made = add_specification_version(content, now=now).uuid
    approve_specification(by=INSTALLATION, specification=made, now=now)
    return made


def _candidacy(school: Organisation, rules: _Rules, user: User, now: datetime) -> UUID:
    held = renew_candidacy(
        person=user.person.uuid,
        user=user.uuid,
        class_uid=rules.class_uid,
        class_name="试验班",
        organisation=school.uuid,
        organisation_path=school.path,
        organisation_name=school.name,
        level=Level.ELEMENTARY,
        job="直播销售员",
        planned_hours=40,
        profile=rules.profile,
        specification=rules.specification,
        entitlements=(Grant(Part.THEORY, True, ""), Grant(Part.VIDEO, True, "")),
        by=None,
        now=now,
    )
    return held.uuid


def _papers(now: datetime) -> tuple[PaperData, ...]:
    load_bank(now=now)
    load_blueprints()
    shipped = Blueprint.objects.get(key=_BLUEPRINT, level=Level.ELEMENTARY)
    approve_blueprint(by=INSTALLATION, blueprint=shipped.uuid, now=now)
    drawn = draw_papers(by=INSTALLATION, blueprint=shipped.uuid, seed=_SEED, now=now)
    for paper in drawn:
        approve_paper(by=INSTALLATION, paper=paper.uuid, now=now)
    return drawn


def _items(paper: PaperData) -> list[AskedItem]:
    rows = QuestionVersion.objects.filter(uuid__in=[item.version for item in paper.items]).select_related("question")
    documents = {row.uuid: document_from(row.question.uuid, row.content, row.secret) for row in rows}
    return [_item(item.position, documents[item.version], str(item.marks)) for item in paper.items]


def _item(position: int, document: QuestionDocument, marks: str) -> AskedItem:
    if document.type not in {QuestionType.SINGLE, QuestionType.MULTIPLE, QuestionType.TRUE_FALSE}:
        raise RuntimeError("the workload knows single and multiple choice and true/false alone")
    key: Key = document.key
    said = {"truth": key.truth} if key.truth is not None else {"choices": list(key.choices)}
    return AskedItem(position, document.type.value, marks, [option.key for option in document.options], said)

"""Every object × every role × own and other institution answers as the permission matrix says.

To add an object: give it cells in `lms/accounts/matrix.py`, build one in `matrix_world.py`, then add its addresses to ROWS
below. The expected answer is worked out here from the matrix's data alone, without the code that applies it; LITERAL pins
cells of domain 3.3 so that neither can be wrong together with the other.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.urls import URLResolver, get_resolver, resolve
from pytest_django.plugin import DjangoDbBlocker
from wagtail.images.models import Image

from assessment.delivery.models import Attempt
from courses.catalogue.admin_urls import urlpatterns as lessons_admin
from courses.catalogue.models import LevelPage
from courses.packages.admin_urls import urlpatterns as packages_admin
from courses.videos.admin_urls import urlpatterns as videos_admin
from lms.accounts.api import MATRIX, NOBODY, PLACELESS, Acting, Action, Organisation, Person, Role, can, may
from lms.accounts.models import Consent
from lms.core import clock
from lms.core.audit import AuditEvent
from lms.core.ids import new_uuid
from lms.policies.api import profiles
from tests.architecture.matrix_world import Actor, World, build_world
from tests.assessment.certification.world import CODES
from tests.courses.catalogue.writing import named
from tests.courses.homework.world import GOOD
from tests.courses.lessons import TITLES
from tests.courses.studytime.test_platforms import entry, log
from tests.lms.accounts.world import card_number
from tests.media_pipeline.uploads.tusing import PIECE, ask


@pytest.fixture(scope="module")
def world(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Built once: every question is asked inside its own transaction, which is rolled back, and so is this one."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build_world(tmp_path_factory.mktemp("work"))
        transaction.set_rollback(True)


def _nobodys(_world: World, _actor: Actor) -> bool:
    return False


def _owners(world: World, actor: Actor) -> bool:
    return actor.user == world.owner


def _assigned(world: World, actor: Actor) -> bool:
    return actor.user == world.assigned


def _seated(world: World, actor: Actor) -> bool:
    return actor.user is not None and actor.user.uuid in world.seated(world.panel.asset)


def _seated_on_booklet(world: World, actor: Actor) -> bool:
    return actor.user is not None and actor.user.uuid in world.seated(world.booklet.asset)


def _scored(world: World, actor: Actor) -> bool:
    """Who judged a work reads on what she judged by."""
    return actor.user is not None and actor.user.uuid in world.seated(world.decided.uuid)


def _teaching(world: World, actor: Actor) -> bool:
    """Hers as a trainee or as the class's instructor."""
    return _owners(world, actor) or (actor.role is Role.INSTRUCTOR and actor.here)


def _in_the_pool(_world: World, actor: Actor) -> bool:
    return actor.role is Role.EXAMINER and actor.here


def _everybodys(_world: World, _actor: Actor) -> bool:
    return True


def _of_the_school(world: World, _actor: Actor) -> Organisation:
    return world.places.school


def _of_the_body(world: World, _actor: Actor) -> Organisation:
    return world.places.body


def _of_her_school(world: World, actor: Actor) -> Organisation:
    """What an institution makes is its own."""
    schools = (world.places.school, world.places.other_school)
    return next((place for place in schools if place == actor.place), world.places.school)


def _of_her_body(world: World, actor: Actor) -> Organisation:
    bodies = (world.places.body, world.places.other_body)
    return next((place for place in bodies if place == actor.place), world.places.body)


def _of_her_own(world: World, actor: Actor) -> Organisation:
    """Every office makes one of its own."""
    return actor.place or world.places.school


@dataclass(frozen=True)
class Row:
    """One way to ask for one act on one kind of object.

    own: whose own (or assigned) thing it is. place: the institution it belongs to. narrower: roles this address refuses
    though the matrix has a cell, and why. listed: the address is open to the role from any place and only what it lists is
    narrowed; the text it then shows. unlisted: roles whose list never holds it, and why. also: a second act the same address
    serves. keeper: only the bureau at the top of the tree (S2-47, S1-10). quiet: the act writes nothing into the audit trail, and why.
    home: whoever is let in goes on to the admin's first page, too, so the trail tells who was. empty: the status with which
    it tells who may that there is nothing to do, or that the form is empty.
    """

    kind: str
    action: Action
    url: Callable[[World], str]
    method: str = "get"
    data: Callable[[World], dict[str, Any]] = lambda _world: {}
    own: Callable[[World, Actor], bool] = _nobodys
    place: Callable[[World, Actor], Organisation] = _of_the_school
    narrower: Mapping[Role, str] = field(default_factory=dict)
    listed: Callable[[World], str] | None = None
    also: Action | None = None
    unlisted: Mapping[Role, str] = field(default_factory=dict)
    keeper: bool = False
    quiet: str = ""
    home: bool = False
    json: bool = False
    empty: int = 0
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind}-{self.action}{self.name}"


def _but(*roles: Role, why: str) -> dict[Role, str]:
    return dict.fromkeys(roles, why)


_STAFF_READ = (Role.CHIEF_EXAMINER, Role.HR_BUREAU, Role.INSPECTOR)
_BLIND = _but(Role.EXAMINER, Role.CHIEF_EXAMINER, why="blind: they have a list of codes, not this one of names")
_UNDECIDED = {Role.TRAINEE: "after decision, and nothing is decided yet"}
_NEXT_LEVEL = _but(Role.HR_BUREAU, Role.INSTITUTION_ADMIN, why="their people's desk is /accounts/people/")
_NOT_HERS = {Role.HR_BUREAU: "an institution's own people are the institution's; the bureau sees its staff"}
_OFFICES_ONLY = {Role.HR_BUREAU: "she looks after the staff of institutions", Role.INSPECTOR: "has no people's desk"}
_COMPARED = _but(*_STAFF_READ, why="read side by side on the panel's page")
_PAPERS = _but(
    Role.INSTITUTION_ADMIN,
    Role.HR_BUREAU,
    Role.COMMERCE_BUREAU,
    Role.INSPECTOR,
    why="theirs is at /certification/papers/",
)
_OWN_DESK = {Role.EXAMINER: "reads hers at /scoring/, nobody else's before or after"}
_PEOPLE, _DESK = "/admin/people", "/accounts/people"
_DAY = timedelta(days=1)


def _grant(world: World) -> dict[str, str]:
    return {"role": "instructor", "organisation": str(world.places.school.uuid)}


def _admit(world: World) -> dict[str, str]:
    return _grant(world) | {"name": "新人", "document_type": "resident_card", "document_number": card_number(900)}


def _beside(part: str) -> Callable[[World], str]:
    return lambda world: f"/lookalikes/{world.work.blind_code}/1/{part}"


def _evidence_part(part: str) -> Callable[[World], str]:
    return lambda world: f"/evidence/{world.work.blind_code}/{part}"


def _sheet(rest: str = "") -> Callable[[World], str]:
    return lambda world: f"/scoring/{world.panel.code}/{rest}"


def _ruling(world: World) -> dict[str, Any]:
    number = world.panel.findings.filter(severity__in=["B", "H"]).first().number  # type: ignore[union-attr]
    return {"revision": 0, "scores": {}, "comments": {}, "rulings": {str(number): ["dismiss", "听过原声"]}}


def _decision(world: World) -> dict[str, Any]:
    finding = world.to_rule.findings.filter(severity="B").first()
    return {"finding": finding.number, "verdict": "confirm", "reason": "听过原声"}  # type: ignore[union-attr]


def _enrolment(act: str) -> Callable[[World], str]:
    return lambda world: f"/enrolment/{world.enrolment.uuid}/{act}"


def _instructor(world: World) -> UUID:
    return Person.objects.get(user__memberships__role=Role.INSTRUCTOR, organisation=world.places.school).uuid


def _batch(step: str) -> Callable[[World], str]:
    return lambda world: f"/certification/{world.batches[step].uuid}/{step}/"


def _paper(rest: str = "", shelf: str = "papers") -> Callable[[World], str]:
    return lambda world: f"/certification/{shelf}/{world.certificate.uuid}/{rest}"


def _private_policy(_world: World) -> str:
    """A policy its issuer did not publish."""
    return f"/policies/{next(one for one in profiles(on=clock.today()) if not one.public).uuid}/"


def _nothing_staged(what: str) -> Callable[[World], str]:
    return lambda _world: f"/curriculum/exchange/{what}/{new_uuid()}/"


def _plan(_world: World) -> dict[str, str]:
    first = clock.today() + 30 * _DAY
    return {
        "name": "新班", "level": "5", "work": "0", "starts_on": first.isoformat(), "ends_on": (first + 5 * _DAY).isoformat(),
        "planned_hours": "40", "capacity": "30",
    }  # fmt: skip


def _plan_url(_world: World) -> str:
    rules = next(one for one in profiles(on=clock.today()) if one.key == "demonstration")
    return f"/classes/new/?policy={rules.uuid}"


def _new_examiner(world: World) -> dict[str, Any]:
    today = clock.today()
    return {
        "user": str(world.newcomer.uuid), "card_no": "KP-NEW", "grade": "examiner", "levels": ["5"],
        "valid_from": (today - _DAY).isoformat(), "valid_to": (today + 400 * _DAY).isoformat(),
    }  # fmt: skip


def _slip(_world: World) -> dict[str, str]:
    return {"purpose": "forgotten_password", "check": "paper_seen", "paper_end": card_number(2)[-8:]}


def _signed(world: World) -> dict[str, str]:
    return {"text": str(world.consent_text), "given": "1", "signed_on": clock.today().isoformat(), "note": "盒3第12页"}


WORKS = (
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
        "evidence", "read", lambda _w: "/evidence/", own=_assigned,
        narrower={Role.TRAINEE: "she comes to her evidence from her result"}, name="-list",
        listed=lambda w: w.work.blind_code,
    ),
    Row("evidence", "read", lambda w: f"/evidence/{w.work.blind_code}/", own=_assigned, narrower=_UNDECIDED),
    *(
        Row("evidence", "read", _evidence_part(part), own=_assigned, narrower=_UNDECIDED, name=f"-{part}")
        for part in ("video", "captions.vtt", "poster.jpg")
    ),
    # Taking it sealed is reading it, and is written down.
    Row(
        "evidence", "read", _evidence_part("package"), "post", lambda _w: {}, own=_assigned, narrower=_UNDECIDED,
        name="-package",
    ),
    Row(
        "evidence", "read", lambda w: f"/evidence/{w.decided.blind_code}/package", "post", lambda _w: {},
        own=lambda w, actor: _owners(w, actor) or _scored(w, actor), name="-package-decided",
    ),
    Row(
        "evidence", "read", lambda w: f"/evidence/{w.decided.blind_code}/", name="-decided",
        own=lambda w, actor: _owners(w, actor) or _scored(w, actor),
    ),
    Row("transcript", "read", lambda w: f"/evidence/{w.work.blind_code}/transcript/", own=_assigned),
    Row(
        "transcript", "update", lambda w: f"/evidence/{w.panel.code}/transcript/", "post",
        lambda _w: {"base": "0", "line-1": "这款茶产自连江，今年采的。", "reason": "听过"}, own=_seated,
    ),
    Row("lesson", "read", lambda _w: "/learn/"),
    Row("lesson", "read", lambda _w: "/learn/level-5/", name="-level"),
    Row("lesson", "read", lambda w: w.lesson_page.url, name="-page"),
    Row("dead_letter", "read", lambda _w: "/jobs/dead/"),
    Row("dead_letter", "execute", lambda w: f"/jobs/dead/{w.job.uuid}/retry/", "post"),
)  # fmt: skip

CLASSES = (
    Row("policy_profile", "read", _private_policy),
    Row(
        "policy_profile", "update", lambda _w: "/policies/calendar/2031/edit/", "post",
        lambda _w: {"source": "国办通知", "days": "2031-01-01 休 元旦"}, keeper=True, name="-calendar",
    ),
    Row("assessment_specification", "read", lambda _w: "/specifications/", name="-list"),
    Row("assessment_specification", "read", lambda w: f"/specifications/{w.specification}/"),
    Row(
        "assessment_specification", "approve", lambda w: f"/specifications/{w.specification}/approve/", "post",
        keeper=True,
    ),
    Row(
        "training_class", "read", lambda _w: "/classes/", own=_teaching, name="-list",
        narrower={Role.TRAINEE: "she is led to her enrolments"},
        listed=lambda w: f"/classes/{w.enrolment.training_class.uuid}/",
    ),
    Row("training_class", "read", lambda w: f"/classes/{w.enrolment.training_class.uuid}/", own=_teaching),
    Row("training_class", "create", _plan_url, "post", _plan, place=_of_her_school),
    Row(
        "training_class", "update", lambda w: f"/classes/{w.planned_class.uuid}/move", "post",
        lambda _w: {"to": "filed"}, name="-file",
    ),
    Row(
        "training_class", "update", lambda w: f"/classes/{w.planned_class.uuid}/instructors/new/", "post",
        lambda w: {"instructor": str(_instructor(w))}, name="-instructor",
    ),
    Row("training_class", "update", lambda w: f"/classes/{w.full_class.uuid}/start", "post", name="-start"),
    Row(
        "training_class", "approve", lambda w: f"/classes/{w.filed_class.uuid}/move", "post",
        lambda _w: {"to": "open", "reason": "材料齐全"},
    ),
    Row(
        "enrolment", "create", lambda w: f"/enrolment/new/{w.offered_class.uuid}/", "post", lambda _w: {"truth": "on"},
        own=_owners,
    ),
    Row("enrolment", "read", lambda w: f"/enrolment/{w.enrolment.uuid}/", own=_teaching),
    Row(
        "enrolment", "read", lambda _w: "/enrolment/", own=_owners, name="-list",
        narrower=_but(
            Role.INSTRUCTOR, Role.INSTITUTION_ADMIN, Role.HR_BUREAU, Role.COMMERCE_BUREAU, Role.INSPECTOR,
            why="theirs are on the page of the class",
        ),
        listed=lambda w: f"/enrolment/{w.enrolment.uuid}/",
    ),
    Row(
        "enrolment", "update", lambda w: f"/enrolment/{w.studied.enrolment.uuid}/leave", "post",
        lambda _w: {"reason": "外出务工"}, also="approve", name="-leave",
        narrower={Role.TRAINEE: "the office lets her leave once the training has begun"},
    ),
    Row(
        "enrolment", "update", lambda w: f"/enrolment/{w.enrolment.uuid}/withdraw", "post", own=_owners,
        narrower={Role.INSTITUTION_ADMIN: "only she takes it back; the institution rejects it"}, name="-withdraw",
    ),
    *(
        Row(
            "enrolment", "update", _enrolment(act), "post", lambda _w: {"reason": "资料不全"}, also="approve",
            narrower={Role.TRAINEE: "her cell reaches her enrolment, not the decision on it"}, name=f"-{act}",
        )
        for act in ("admit", "reject")
    ),
)  # fmt: skip


def _studied(rest: str = "", above: str = "classes") -> Callable[[World], str]:
    return lambda world: f"/{above}/{world.studied.row.uuid}/{rest}"


def _recording(rest: str) -> Callable[[World], str]:
    return lambda world: f"/classes/{world.studied.row.uuid}/recordings/{world.recording.uuid}/{rest}"


def _lesson(rest: str = "", number: int = 0) -> Callable[[World], str]:
    return lambda world: world.studied.url(number) + rest


def _task(number: int, rest: str = "") -> Callable[[World], str]:
    return lambda w: f"/homework/{w.studied.row.uuid}/{w.studied.manifest.lessons[number].tasks[0].uid}/{rest}"


def _item(rest: str = "") -> Callable[[World], str]:
    return lambda world: f"/homework/items/{world.homework.uuid}/{rest}"


def _due(_world: World) -> dict[str, str]:
    return {"lesson": "", "due": (clock.today() + 3 * _DAY).isoformat()}


def _log(world: World) -> dict[str, Any]:
    rows = log(entry(world.studied.enrolment, 0, 45)).getvalue()
    return {"platform": "学习强国", "file": SimpleUploadedFile("log.xlsx", rows)}


def _platform(_world: World) -> dict[str, str]:
    return {"name": "新平台", "operator": "某公司", "document": "闽人社", "valid_from": clock.today().isoformat()}


_OF_A_CLASS = {Role.TRAINEE: "she reads hers with what she studies"}
_NO_LESSONS = {Role.TRAINEE: "she reads hers with what she studies", Role.FINANCE_BUREAU: "reads no lessons"}
_HERS_ALONE = "what she studies is kept by itself, whatever was done to it is not"
_THEIR_OWN = _but(
    Role.INSTRUCTOR, Role.INSTITUTION_ADMIN, Role.HR_BUREAU, Role.INSPECTOR, why="searches the lessons of her classes"
)

CURRICULUM = (
    Row("lesson", "read", lambda _w: "/curriculum/coverage/", name="-coverage"),
    Row("lesson", "read", lambda _w: "/curriculum/coverage/file", name="-coverage-file"),
    Row(
        "lesson", "read", lambda w: f"/curriculum/files/{w.studied.manifest.lessons[0].version}/{w.lesson_picture}",
        name="-file",
    ),
    # Whoever approves lessons may write them, too.
    Row(
        "lesson", "create", lambda w: f"/admin/pages/add/courses/lessonpage/{w.lesson_page.get_parent().pk}/",
        also="approve",
    ),
    Row("lesson", "update", lambda w: f"/admin/pages/{w.lesson_page.pk}/edit/", also="approve"),
    Row(
        "lesson", "update", lambda w: f"/media/{Image.objects.get(title='鱼丸').file.name}", also="approve",
        name="-draft-file",
    ),
    Row("lesson", "update", lambda w: f"/admin/curriculum/review/{w.reviewed.pk}/", also="approve", name="-review"),
    Row(
        "lesson", "approve", lambda w: f"/admin/curriculum/review/{w.reviewed.pk}/", "post",
        lambda _w: {"action": "approve", "comment": ""}, home=True,
    ),
    Row(
        "lesson", "approve", lambda w: f"/admin/curriculum/edition/{w.lesson_page.get_parent().get_parent().pk}/",
        "post", name="-edition",
    ),
    Row(
        "lesson", "approve", lambda w: f"/admin/curriculum/share/{w.lesson_page.get_parent().pk}/", "post",
        lambda _w: {"level": str(LevelPage.objects.get(level=4).pk)}, name="-share",
    ),
    Row("lesson", "create", lambda _w: "/admin/lesson-videos/", also="approve", name="-videos"),
    Row("lesson", "create", lambda _w: "/admin/lesson-videos/upload/", also="approve", name="-video"),
    Row("lesson", "update", lambda w: f"/admin/lesson-videos/{w.film.uuid}/", also="approve", name="-video"),
    Row(
        "lesson", "update", lambda w: f"/admin/lesson-videos/{w.film.uuid}/progress/", also="approve",
        name="-video-progress",
    ),
    Row(
        "lesson", "update", lambda w: f"/admin/lesson-videos/{w.film.uuid}/title/", "post",
        lambda _w: {"title": "鱼丸怎么讲"}, also="approve", name="-video-title",
        narrower={Role.INSTRUCTOR: "another's video; she changes her own"},
    ),
    Row("lesson", "create", lambda _w: "/admin/packages/", also="approve", name="-packages"),
    Row("lesson", "create", lambda _w: "/admin/packages/upload/", also="approve", name="-package"),
    Row("curriculum_file", "read", lambda _w: "/curriculum/exchange/"),
    Row("curriculum_file", "execute", lambda _w: "/curriculum/exchange/export/"),
    *(
        Row(
            "curriculum_file", "execute", _nothing_staged(what), "post", name=f"-{what}",
            quiet="nothing is staged, so the desk says so; with files: tests/courses/catalogue/test_exchange_pages.py",
        )
        for what in ("import", "word")
    ),
    Row("level_opening", "read", lambda _w: "/curriculum/levels/"),
    Row(
        "level_opening", "approve", lambda _w: "/curriculum/levels/2/decide/", "post",
        lambda _w: {"decided_on": clock.today().isoformat(), "document": "榕人社〔2026〕9号", "reason": "省厅批复"},
        keeper=True,
    ),
    Row("training_class", "read", _studied("coverage/"), own=_teaching, narrower=_NO_LESSONS, name="-coverage"),
    Row(
        "training_class", "read", _studied("coverage/file"), own=_teaching, narrower=_NO_LESSONS, name="-coverage-file"
    ),
    Row("training_class", "read", _studied("taught/"), own=_teaching, narrower=_OF_A_CLASS, name="-taught"),
    Row(
        "training_class", "update", lambda w: f"/classes/{w.planned_class.uuid}/taught/", "post",
        lambda _w: {"reason": "新审定的课"}, name="-taught",
    ),
)  # fmt: skip

STUDY = (
    Row(
        "study", "read", lambda _w: "/study/", own=_teaching, name="-list",
        listed=lambda w: f"/study/{w.studied.row.uuid}/",
    ),
    Row("study", "read", _studied("", "study"), own=_teaching),
    Row("study", "read", _lesson(), own=_teaching, name="-lesson"),
    Row(
        "study", "read", lambda _w: "/study/search/?q=鱼丸", own=_owners, narrower=_THEIR_OWN, name="-search",
        listed=lambda w: w.studied.url(),
    ),
    Row("study", "create", _studied("path/", "study"), "post", own=_owners, quiet=_HERS_ALONE, name="-path"),
    Row(
        "study", "create", _lesson("progress"), "post", lambda _w: {"key": str(new_uuid()), "kind": "opened"},
        own=_owners, json=True, quiet=_HERS_ALONE, name="-progress",
    ),
    Row("study", "create", _lesson("done"), "post", own=_owners, name="-done"),
    Row(
        "study", "create", _lesson("note"), "post", lambda _w: {"text": "记一笔", "revision": 0}, own=_owners,
        json=True, quiet=_HERS_ALONE, name="-note",
    ),
    Row(
        "study", "create", _lesson("bookmark"), "post", lambda _w: {"block": 1, "marked": True}, own=_owners,
        json=True, quiet=_HERS_ALONE, name="-bookmark",
    ),
    Row(
        "study", "create", lambda w: f"{w.studied.url()}package/{w.package.uuid}", "post",
        lambda _w: {"status": "incomplete", "score": "", "location": "3", "suspend_data": "", "revision": 0},
        own=_owners, json=True, quiet=_HERS_ALONE, name="-package",
    ),
    Row(
        "study", "create", lambda w: f"{w.studied.url()}check/{named(TITLES[0] + '测')}", "post",
        lambda _w: {"key": str(new_uuid()), "chosen": ["B"]}, own=_owners, json=True, quiet=_HERS_ALONE, name="-check",
    ),
    Row(
        "study", "update", _studied("deadlines", "study"), "post", _due, own=_teaching, name="-deadline",
        narrower={Role.TRAINEE: "hers is what she studies, not until when"},
    ),
    Row(
        "study", "update", lambda w: f"/study/{w.studied.row.uuid}/deadlines/{w.deadline.uuid}/remove", "post",
        own=_teaching, name="-deadline-remove", narrower={Role.TRAINEE: "the same"},
    ),
    *(
        Row("study", "read", url, own=_teaching, narrower=_OF_A_CLASS, name=f"-report{name}")
        for name, url in (
            ("", _studied("", "progress")),
            ("-person", lambda w: f"/progress/{w.studied.row.uuid}/{w.studied.enrolment.uuid}/"),
            ("-export", _studied("table.xlsx", "progress")),
        )
    ),
    Row(
        "study", "read", lambda _w: "/progress/", own=_teaching, narrower=_OF_A_CLASS, name="-report-list",
        listed=lambda w: f"/progress/{w.studied.row.uuid}/",
    ),
    Row(
        "lesson_question", "read", lambda _w: "/study/questions/", own=_teaching, name="-list",
        listed=lambda w: f"/study/questions/{w.question.uuid}/",
    ),
    Row("lesson_question", "read", lambda w: f"/study/questions/{w.question.uuid}/", own=_teaching),
    Row(
        "lesson_question", "create", _lesson("question"), "post", lambda _w: {"text": "为什么？"}, own=_owners,
    ),
    Row(
        "lesson_question", "update", lambda w: f"/study/questions/{w.question.uuid}/", "post",
        lambda _w: {"text": "可以这样说。"}, own=_teaching, also="create",
    ),
    Row(
        "study_time", "read", lambda _w: "/study-time/", own=_teaching, name="-list",
        listed=lambda w: w.studied.row.name,
    ),
    Row("study_time", "read", _studied("", "study-time"), own=_teaching, narrower=_OF_A_CLASS),
    Row(
        "study_time", "read", lambda w: f"/study-time/{w.studied.row.uuid}/{w.studied.enrolment.uuid}/", own=_teaching,
        name="-person",
    ),
    *(
        Row(
            "study_time", "read", _studied(f"export/{kind}", "study-time"), own=_teaching, narrower=_OF_A_CLASS,
            name=f"-{kind}",
        )
        for kind in ("xlsx", "csv")
    ),
    Row("online_platform", "read", lambda _w: "/study-time/platforms/"),
    Row("online_platform", "create", lambda _w: "/study-time/platforms/", "post", _platform),
    # The city's bureau listed it; whoever listed a platform ends the listing.
    Row(
        "online_platform", "update", lambda w: f"/study-time/platforms/{w.platform.uuid}/end", "post",
        lambda _w: {"last_day": clock.today().isoformat()}, keeper=True,
    ),
    Row("platform_log", "read", _studied("logs/", "study-time")),
    Row("platform_log_file", "read", lambda w: f"/study-time/{w.studied.row.uuid}/logs/{w.log.uuid}/file"),
    Row(
        "platform_log", "create", _studied("logs/", "study-time"), "post", _log,
        quiet="first it is shown as read; handed in with its seal: tests/courses/studytime/test_platforms.py",
    ),
)  # fmt: skip

HOMEWORK = (
    Row(
        "homework", "read", lambda _w: "/homework/", own=_teaching, name="-list",
        listed=lambda w: w.homework.task_title,
    ),
    Row("homework", "read", _item(), own=_teaching, narrower=_OF_A_CLASS),
    Row("homework", "read", lambda w: f"/homework/pictures/{w.homework_picture.uuid}", own=_teaching, name="-picture"),
    Row("homework", "read", _studied("", "homework"), own=_teaching, narrower=_OF_A_CLASS, name="-class"),
    Row("homework", "create", _task(0), own=_owners, name="-form"),
    Row(
        "homework", "create", _task(1), "post", lambda _w: {"text": "大家好", "revision": 0, "act": "hand_in"},
        own=_owners,
    ),
    Row(
        "homework", "create", _task(1, "draft"), "post", lambda _w: {"text": "大家好", "revision": 0}, own=_owners,
        json=True, quiet="a draft is recorded when it is handed in", name="-draft",
    ),
    Row(
        "homework", "create", lambda w: f"/homework/video/{_task(1)(w).removeprefix('/homework/')}", own=_owners,
        name="-video",
    ),
    Row("homework", "create", _item("take-back"), "post", own=_owners, name="-take-back"),
    Row(
        "homework", "update", _item("mark"), "post", lambda _w: {f"level-{code}": "good" for code in GOOD},
        own=_teaching,
    ),
    Row(
        "homework", "update", _item("return"), "post", lambda _w: {"reason": "再录一遍"}, own=_teaching, name="-return"
    ),
    Row(
        "homework", "update", _studied("settle", "homework"), "post", own=_teaching, name="-settle",
        quiet="homework does not count in this class, so nothing is told; where it does: tests/courses/homework",
    ),
    Row("class_recording", "read", _studied("recordings/"), own=_teaching, name="-list"),
    Row("class_recording", "create", _studied("recordings/new/"), own=_teaching),
    *(
        Row("class_recording", "read", _recording(rest), own=_teaching, name=f"-{rest or 'page'}")
        for rest in ("", "progress", "poster")
    ),
    Row("class_recording", "update", _recording("withdraw"), "post", lambda _w: {"reason": "传错班了"}),
    Row("statement_client", "read", lambda _w: "/xapi/", name="-list", listed=lambda w: w.client.name),
    Row(
        "statement_client", "create", lambda _w: "/xapi/", "post", lambda _w: {"name": "新系统"}, place=_of_her_own
    ),
    Row("statement_client", "create", lambda _w: "/xapi/export/", place=_of_her_own, name="-file"),
    Row("statement_client", "update", lambda w: f"/xapi/clients/{w.client.uuid}/revoke/", "post"),
)  # fmt: skip

SCORING = (
    Row("score_sheet", "read", _sheet(), own=_seated, narrower=_COMPARED),
    Row(
        "score_sheet", "read", lambda _w: "/scoring/", own=_seated, narrower=_COMPARED, name="-list",
        listed=lambda w: w.panel.code,
    ),
    Row("score_sheet", "read", lambda w: f"/panels/{w.panel.code}/", narrower=_OWN_DESK, name="-panel"),
    Row(
        "score_sheet", "read", lambda w: f"/scoring/{w.booklet.code}/", own=_seated_on_booklet, narrower=_COMPARED,
        name="-booklet",
    ),
    Row("booklet", "read", lambda w: w.picture, own=_seated_on_booklet),
    Row("arbitration", "read", lambda w: f"/panels/{w.booklet.code}/", name="-booklet"),
    *(
        Row(
            "score_sheet", act, _sheet("save"), "post",
            lambda _w: {"revision": 0, "scores": {"C1": "8"}, "comments": {}, "rulings": {}}, own=_seated, json=True,
            quiet="a sheet is signed and recorded when it is handed in",
        )
        for act in ("create", "update")
    ),
    Row("finding_ruling", "execute", _sheet("save"), "post", _ruling, own=_seated, json=True, quiet="the same"),
    Row("finding_ruling", "approve", lambda w: f"/panels/{w.to_rule.code}/finding", "post", _decision),
    Row("finding_ruling", "read", lambda w: f"/panels/{w.to_rule.code}/", also="approve"),
    Row("other_scores", "read", lambda w: f"/panels/{w.spread.code}/", narrower=_OWN_DESK),
    Row("arbitration", "read", lambda _w: "/panels/", name="-list", listed=lambda w: w.spread.code),
    Row("arbitration", "read", lambda w: f"/panels/{w.spread.code}/"),
    Row("arbitration", "execute", lambda w: f"/panels/{w.spread.code}/fourth", "post", name="-fourth"),
    Row(
        "arbitration", "execute", lambda w: f"/panels/{w.panel.code}/reassign", "post",
        lambda _w: {"seat": "1", "reason": "逾期"}, name="-reassign",
    ),
    Row(
        "arbitration", "execute", lambda w: f"/panels/{w.panel.code}/retry", "post", name="-retry",
        quiet="nothing changes while every seat is taken",
    ),
    Row(
        "arbitration", "execute", lambda w: f"/panels/{w.to_sign.code}/sign", "post", lambda _w: {"reason": "一致"},
        name="-sign",
    ),
    Row(
        "lookalike", "read", lambda _w: "/lookalikes/", name="-held",
        narrower={Role.EXAMINER: "she has the works she is to score, and these are not scored"},
        listed=lambda w: f"/lookalikes/{w.held.blind_code}/",
    ),
    Row("lookalike", "read", lambda w: f"/lookalikes/{w.work.blind_code}/", own=_assigned),
    *(
        Row("lookalike", "read", _beside(part), own=_assigned, name=f"-{part}")
        for part in ("", "own/video", "other/video", "own/poster.jpg", "other/poster.jpg")
    ),
    Row(
        "lookalike", "approve", lambda w: f"/lookalikes/{w.held.blind_code}/", "post", lambda _w: {"reason": "原片核对过"},
    ),
    Row("waiver", "read", lambda _w: "/waivers/", name="-list", listed=lambda w: f"/waivers/{w.waived}/"),
    Row("waiver", "read", lambda w: f"/waivers/{w.waived}/"),
    Row(
        "waiver", "approve", lambda w: f"/waivers/{w.waived}/", "post",
        lambda _w: {"checks": ["audio_present"], "criteria": ["C4"], "reason": "持证"},
    ),
    Row(
        "score_sheet", "update", _sheet("submit"), "post", own=_seated, name="-submit", empty=422,
        quiet="an empty form hands nothing in",
    ),
    Row(
        "tie", "create", _sheet("conflict/"), "post", lambda _w: {"relation": "relative", "reason": "表姐"}, own=_seated,
        narrower={Role.INSTITUTION_ADMIN: "hers is who teaches a class: see training_class"},
    ),
)  # fmt: skip

GRADES = (
    Row(
        "result", "read", lambda _w: "/results/?show=released", own=_owners, name="-list",
        listed=lambda w: f"/results/{w.published.uuid}/",
    ),
    Row("result", "read", lambda w: f"/results/{w.published.uuid}/", own=_owners),
    Row(
        "result", "read", lambda w: f"/results/{w.computed.uuid}/", name="-unreleased",
        narrower={Role.INSTITUTION_ADMIN: "after release"},
    ),
    Row("grade_publish", "read", lambda w: f"/results/{w.computed.uuid}/", also="approve"),
    Row(
        "grade_publish", "approve", lambda w: f"/results/{w.computed.uuid}/confirm/", "post", name="-confirm",
        narrower={Role.HR_BUREAU: "the chief confirms, then either releases"},
    ),
    Row(
        "grade_publish", "approve", lambda _w: "/results/confirm/", "post",
        lambda w: {"decision": [str(w.computed.uuid)]}, name="-confirm-several",
        narrower={Role.HR_BUREAU: "the chief confirms, then either releases"},
    ),
    Row("grade_publish", "approve", lambda w: f"/results/{w.confirmed.uuid}/release/", "post", name="-release"),
    Row(
        "grade_publish", "approve", lambda _w: "/results/release/", "post",
        lambda w: {"decision": [str(w.confirmed.uuid)]}, name="-several",
    ),
    Row(
        "examiner_pool", "read", lambda _w: "/examiners/", own=_in_the_pool, place=_of_the_body, name="-list",
        listed=lambda w: w.examiner.card_no,
    ),
    Row("examiner_pool", "create", lambda _w: "/examiners/new/", "post", _new_examiner, place=_of_the_body),
    Row(
        "examiner_pool", "update", lambda w: f"/examiners/{w.examiner.uuid}/move", "post", lambda _w: {"to": "ended"},
        place=_of_the_body,
    ),
    Row(
        "examiner_pool", "approve", lambda w: f"/examiners/{w.draft.uuid}/move", "post", lambda _w: {"to": "filed"},
        place=_of_the_body,
    ),
    Row(
        "accreditation_batch", "read", lambda _w: "/certification/", place=_of_the_body, name="-list",
        listed=lambda w: f"/certification/{w.batches['review'].uuid}/",
    ),
    Row(
        "accreditation_batch", "read", lambda w: f"/certification/{w.batches['review'].uuid}/", place=_of_the_body
    ),
    Row(
        "accreditation_batch", "create", lambda _w: "/certification/", "post",
        lambda w: {"level": "5", "specification": str(w.waiting), "kind": "skill_level_certificate"},
        place=_of_the_body,
    ),
    Row(
        "accreditation_batch", "update", lambda w: f"/certification/{w.batches['file'].uuid}/file/", "post",
        place=_of_the_body,
    ),
    Row("accreditation_batch", "approve", _batch("review"), "post", place=_of_the_body),
    Row(
        "accreditation_batch", "approve", lambda w: f"/certification/{w.batches['review'].uuid}/return/", "post",
        lambda _w: {"return-reason": "缺照片"}, place=_of_the_body, name="-return",
    ),
    Row("number_allocation", "execute", _batch("allocate"), "post", place=_of_the_body),
    Row(
        "number_allocation", "execute", lambda w: f"/certification/codes/{w.places.body.uuid}/?scheme=skill_level_22",
        "post", lambda _w: CODES, place=_of_the_body, name="-codes",
    ),
    Row("certificate", "execute", _batch("issue"), "post", place=_of_the_body),
    Row(
        "certificate", "read", _paper(), place=_of_the_body, narrower={Role.TRAINEE: "hers is at /certification/mine/"}
    ),
    *(
        Row(
            "certificate", "read", _paper(rest, "mine"), own=_owners, name=f"-mine{rest}",
            narrower=_PAPERS,
        )
        for rest in ("", "certificate.pdf", "certificate.png")
    ),
    Row(
        "certificate", "read", lambda _w: "/certification/mine/", own=_owners, name="-mine-list",
        narrower=_PAPERS,
        listed=lambda w: f"/certification/mine/{w.certificate.uuid}/",
    ),
    Row(
        "certificate", "execute", _paper("reissue/"), "post",
        lambda _w: {"reissue-category": "lost", "reissue-reason": "遗失声明已登报"}, place=_of_the_body, name="-reissue",
    ),
    Row("personal_data", "execute", _paper("certificate.pdf"), place=_of_the_body, name="-paper"),
)  # fmt: skip

OFFICES = (
    Row(
        "personal_data", "execute", lambda w: f"/accounts/held/{w.owner_person.uuid}/", "post",
        lambda _w: {"purpose": "本人来窗口查询"},
    ),
    Row(
        "consent", "create", lambda w: f"{_DESK}/{w.owner.uuid}/consent/{w.consent_text}/", "post", _signed,
        narrower={Role.TRAINEE: "hers is at /accounts/consents/"},
    ),
    Row(
        "consent", "read", lambda w: f"{_DESK}/{w.owner.uuid}/consent/{w.consent_text}/", also="create",
        narrower={Role.TRAINEE: "hers is at /accounts/consents/"} | _OFFICES_ONLY,
    ),
    Row(
        "correction", "read", lambda _w: "/accounts/corrections/", name="-list",
        narrower={Role.TRAINEE: "she reads hers with everything held about her"},
        listed=lambda w: f"/accounts/corrections/{w.correction.uuid}/",
    ),
    Row("correction", "read", lambda w: f"/accounts/corrections/{w.correction.uuid}/", own=_owners),
    Row("correction", "create", lambda w: f"/accounts/corrections/ask/{w.owner_person.uuid}/", own=_owners, name="-form"),
    Row(
        "correction", "create", lambda w: f"/accounts/corrections/ask/{w.classmate_person.uuid}/", "post",
        lambda _w: {"name": "陈小芳", "evidence": "户口簿"},
    ),
    Row(
        "correction", "approve", lambda w: f"/accounts/corrections/{w.correction.uuid}/decide/", "post",
        lambda _w: {"verdict": "allow"},
    ),
    Row(
        "merge", "read", lambda _w: "/accounts/corrections/", name="-list",
        listed=lambda w: f"/accounts/corrections/merges/{w.merge.uuid}/",
    ),
    Row("merge", "read", lambda w: f"/accounts/corrections/merges/{w.merge.uuid}/"),
    Row(
        "merge", "create", lambda _w: "/accounts/corrections/merges/propose/", "post",
        lambda w: {"kept": w.classmate.username, "merged": w.twin.username, "evidence": "同一人"},
    ),
    Row(
        "merge", "approve", lambda w: f"/accounts/corrections/merges/{w.merge.uuid}/decide/", "post", lambda _w: {"verdict": "allow"}
    ),
    Row(
        "notice_reach", "read", lambda _w: "/notices/unreached/", name="-list", listed=lambda w: w.owner.username,
    ),
    Row("notice_reach", "execute", lambda w: f"/notices/{w.notice.uuid}/told/", "post"),
)  # fmt: skip

PEOPLE = (
    Row(
        "organisation", "read", lambda _w: f"{_PEOPLE}/organisations/", name="-admin-list", narrower=_NEXT_LEVEL,
        listed=lambda w: str(w.places.school.uuid),
    ),
    Row(
        "organisation", "read", lambda _w: f"{_DESK}/organisations/", name="-list",
        listed=lambda w: w.places.school.name,
    ),
    Row(
        "organisation", "create", lambda _w: f"{_PEOPLE}/organisations/new/", "post",
        lambda w: {"parent": str(w.places.school.uuid), "name": "新单位", "kind": "department"}, narrower=_NEXT_LEVEL,
        name="-admin",
    ),
    Row(
        "organisation", "create", lambda _w: f"{_DESK}/organisations/new/", "post",
        lambda w: {"parent": str(w.places.county.uuid), "name": "新单位", "kind": "institution"},
    ),
    Row(
        "organisation", "update", lambda w: f"{_PEOPLE}/organisations/{w.places.school.uuid}/", "post",
        lambda _w: {"name": "改名", "kind": "institution"},
    ),
    Row(
        "user", "read", lambda _w: f"{_PEOPLE}/users/", name="-admin-list", narrower=_NEXT_LEVEL,
        listed=lambda w: w.owner.username,
    ),
    Row("user", "read", lambda w: f"{_PEOPLE}/users/{w.owner.uuid}/", narrower=_NEXT_LEVEL, name="-admin"),
    Row(
        "user", "create", lambda _w: f"{_PEOPLE}/users/new/", "post",
        lambda w: {"organisation": str(w.places.school.uuid), "display_name": "新人"}, narrower=_NEXT_LEVEL,
        name="-admin",
    ),
    Row(
        "user", "update", lambda w: f"{_PEOPLE}/users/{w.owner.uuid}/", "post", lambda _w: {"display_name": "改名"},
        narrower=_NEXT_LEVEL, name="-admin",
    ),
    Row(
        "user", "update", lambda w: f"{_PEOPLE}/users/{w.owner.uuid}/activity/", "post", narrower=_NEXT_LEVEL,
        name="-admin-activity",
    ),
    Row(
        "user", "read", lambda _w: f"{_DESK}/", name="-staff-list", listed=lambda w: w.staff.username,
        unlisted={Role.INSTITUTION_ADMIN: "sees her own people: the next row"},
    ),
    Row("user", "read", lambda _w: f"{_DESK}/", name="-list", listed=lambda w: w.owner.username, unlisted=_NOT_HERS),
    Row("user", "read", lambda w: f"{_DESK}/{w.owner.uuid}/", narrower=_NOT_HERS),
    Row(
        "user", "read", lambda w: f"{_DESK}/{w.staff.uuid}/", name="-staff",
        narrower={Role.INSTITUTION_ADMIN: "the bureau looks after her"},
    ),
    Row("user", "create", lambda _w: f"{_DESK}/new/", "post", _admit, narrower=_NOT_HERS),
    Row(
        "user", "update", lambda w: f"{_DESK}/{w.owner.uuid}/activity/", "post", lambda _w: {"active": "0"},
        narrower=_NOT_HERS, name="-activity",
    ),
    Row("slip", "execute", lambda w: f"{_DESK}/{w.owner.uuid}/slip/", "post", _slip, narrower=_NOT_HERS),
    Row(
        "slip", "execute", lambda w: f"{_DESK}/{w.staff.uuid}/slip/", "post",
        lambda _w: {"purpose": "forgotten_password", "check": "known"}, name="-staff",
        narrower={Role.INSTITUTION_ADMIN: "the bureau looks after her"},
    ),
    Row("membership", "read", lambda w: f"{_PEOPLE}/users/{w.owner.uuid}/", narrower=_NEXT_LEVEL, name="-admin"),
    Row(
        "membership", "create", lambda w: f"{_PEOPLE}/users/{w.owner.uuid}/roles/", "post", _grant,
        narrower=_NEXT_LEVEL, name="-admin",
    ),
    Row(
        "membership", "update", lambda w: f"{_PEOPLE}/users/{w.owner.uuid}/roles/{w.membership.uuid}/end/", "post",
        narrower=_NEXT_LEVEL, name="-admin",
    ),
    Row("membership", "read", lambda w: f"{_DESK}/{w.owner.uuid}/", narrower=_NOT_HERS),
    Row(
        "membership", "create", lambda w: f"{_DESK}/{w.owner.uuid}/roles/", "post", _grant, narrower=_NOT_HERS
    ),
    Row(
        "membership", "update", lambda w: f"{_DESK}/{w.owner.uuid}/roles/{w.membership.uuid}/end/", "post",
        narrower=_NOT_HERS,
    ),
    Row(
        "person", "read", lambda _w: f"{_PEOPLE}/persons/", name="-admin-list",
        narrower=_NEXT_LEVEL | {Role.INSPECTOR: "reads people with what they did: classes, results, papers"},
        listed=lambda w: w.owner.username,
    ),
    Row(
        "person", "create", lambda _w: f"{_PEOPLE}/persons/new/", "post",
        lambda w: {"organisation": str(w.places.school.uuid), "name": "新人"}, narrower=_NEXT_LEVEL, name="-admin",
    ),
    Row("person", "read", lambda w: f"{_DESK}/{w.owner.uuid}/", narrower=_NOT_HERS | {Role.INSPECTOR: "has no people's desk"}),
    Row("person", "create", lambda _w: f"{_DESK}/new/", "post", _admit, narrower=_NOT_HERS),
    Row(
        "person", "update", lambda w: f"{_DESK}/{w.owner.uuid}/identity/", "post",
        lambda _w: {"paper_end": card_number(2)[-8:]}, narrower=_NOT_HERS,
    ),
)  # fmt: skip

# The bank's pages stand in the content admin; the committee works there and nobody else is let in.
_AUDITS = {
    Role.HR_BUREAU: "does not enter the content admin; her audit reads by the same services: tests/assessment/bank"
}


def _asked(rest: str = "") -> Callable[[World], str]:
    return lambda world: f"/admin/bank/{world.asked.document.uid}/{rest}"


def _why(_world: World) -> dict[str, str]:
    return {"reason": "核对答案"}


def _verdict(world: World) -> dict[str, str]:
    return {"verdict": "return", "words": "选项C太容易", "version": str(world.asked.uuid)}


BANK = (
    Row("question", "read", lambda _w: "/admin/bank/", narrower=_AUDITS),
    Row("question", "read", lambda _w: "/admin/bank/practice/", narrower=_AUDITS, name="-practice"),
    Row("question", "read", _asked(), narrower=_AUDITS, name="-page"),
    Row("question", "read", _asked("versions/"), narrower=_AUDITS, name="-versions"),
    Row("question", "create", lambda _w: "/admin/bank/new/"),
    Row("question", "create", lambda _w: "/admin/bank/import/", name="-import"),
    Row("question", "update", lambda _w: "/admin/bank/export/"),
    Row("question", "update", _asked("comment/"), "post", lambda _w: {"words": "题干再短一点"}, name="-comment"),
    Row(
        "question",
        "update",
        _asked("withdraw/"),
        "post",
        narrower={Role.COMMITTEE: "out of a review takes it who wrote or sent it; the others give their verdict"},
        name="-withdraw",
    ),
    Row("question", "approve", _asked("verdict/"), "post", _verdict),
    Row("question_key", "read", _asked("key/"), "post", _why, narrower=_AUDITS),
    Row("question_key", "read", _asked("versions/"), "post", _why, narrower=_AUDITS, name="-versions"),
)

# Blueprints and papers: written in the content admin, read and approved at the offices' own desk.
_AT_THE_DESK = _but(*_STAFF_READ, why="does not enter the content admin; reads and approves at /papers/")


def _drawn(rest: str = "", at: str = "/admin/papers") -> Callable[[World], str]:
    return lambda world: f"{at}/{world.drawn.uuid}/{rest}"


def _blueprint(rest: str = "", at: str = "/admin/papers") -> Callable[[World], str]:
    return lambda world: f"{at}/blueprints/{world.unapproved}/{rest}"


PAPERS = (
    Row("paper", "read", lambda _w: "/admin/papers/", narrower=_AT_THE_DESK),
    Row("paper", "read", _blueprint(), narrower=_AT_THE_DESK, name="-blueprint"),
    Row("paper", "read", _drawn(), narrower=_AT_THE_DESK, name="-page"),
    Row("paper", "create", lambda _w: "/admin/papers/blueprints/new/5/"),
    Row("paper", "create", lambda _w: "/admin/papers/draw/", name="-draw"),
    Row("paper", "update", _blueprint("edit/")),
    Row("paper", "update", _drawn("print/"), "post", _why, name="-print"),
    Row("paper", "update", _drawn("print/"), "post", lambda _w: {"reason": "阅卷", "keys": "1"}, name="-keys"),
    Row("paper", "update", _drawn("withdraw/"), "post", _why, name="-withdraw"),
    Row("paper", "read", lambda _w: "/papers/", name="-desk"),
    Row("paper", "read", _blueprint(at="/papers"), name="-desk-blueprint"),
    Row("paper", "read", _drawn(at="/papers"), name="-desk-page"),
    Row("paper", "approve", _blueprint("approve/", at="/papers"), "post", keeper=True),
    Row("paper", "approve", _drawn("approve/", at="/papers"), "post", keeper=True, name="-paper"),
    Row("paper", "approve", _drawn("withdraw/", at="/papers"), "post", _why, keeper=True, name="-withdraw"),
)

# Statistics: read and decided on in the content admin, read at the offices' own desk.
_AT_STATISTICS = _but(*_STAFF_READ, why="does not enter the content admin; reads at /statistics/")


def _run(rest: str = "", at: str = "/admin/statistics") -> Callable[[World], str]:
    return lambda world: f"{at}/{world.run.uuid}/{rest}"


def _figures_of(at: str = "/admin/statistics") -> Callable[[World], str]:
    return lambda world: f"{at}/questions/{world.analysed.question}/"


STATISTICS = (
    Row("question_statistics", "read", lambda _w: "/admin/statistics/", narrower=_AT_STATISTICS),
    Row("question_statistics", "read", _run(), narrower=_AT_STATISTICS, name="-page"),
    Row("question_statistics", "read", _run("excel/"), narrower=_AT_STATISTICS, name="-excel"),
    Row("question_statistics", "read", _figures_of(), narrower=_AT_STATISTICS, name="-question"),
    Row("question_statistics", "read", lambda _w: "/statistics/", name="-desk"),
    Row("question_statistics", "read", _run(at="/statistics"), name="-desk-page"),
    Row("question_statistics", "read", _run("excel/", at="/statistics"), name="-desk-excel"),
    Row("question_statistics", "read", _figures_of("/statistics"), name="-desk-question"),
    Row("question_statistics", "create", lambda _w: "/admin/statistics/concerns/"),
    Row(
        "question_statistics",
        "create",
        lambda w: f"/admin/statistics/again/sitting/{w.run.subject}/",
        "post",
        name="-again",
    ),
    Row(
        "question_key",
        "read",
        lambda w: f"/admin/statistics/questions/{w.analysed.question}/options/{w.analysed.pk}/",
        "post",
        _why,
        narrower=_AUDITS,
        name="-options",
    ),
    Row(
        "question",
        "approve",
        lambda w: f"/admin/statistics/concerns/{w.concern.uuid}/decide/",
        "post",
        lambda _w: {"verdict": "suspended", "reason": "核对答案"},
        name="-concern",
    ),
)

# Sittings at the offices' desk; a candidate's own pages are the exam player's.
_ON_THE_PLAYER = {Role.TRAINEE: "her own sittings are on her exam page"}


_UNNAMED = _but(
    Role.COMMERCE_BUREAU,
    Role.FINANCE_BUREAU,
    Role.LEADER,
    Role.PANEL_MEMBER,
    why="the sitting's profile names the HR bureau alone: delivery/test_sittings",
)


def _watching(world: World, actor: Actor) -> bool:
    """The invigilator assigned to the sitting; a trainee has no page here."""
    return actor.role is Role.INVIGILATOR and actor.here


def _sits(world: World, actor: Actor) -> bool:
    return actor.user == world.sitter


def _sitting(which: str, rest: str = "") -> Callable[[World], str]:
    return lambda world: f"/sittings/{world.sittings[which].uuid}/{rest}"


def _at_sitting(rest: str = "") -> Callable[[World], str]:
    def url(world: World) -> str:
        entry = world.sittings["open"].entries.get(included=True)
        return f"/sittings/{world.sittings['open'].uuid}/candidates/{entry.uuid}/{rest}"

    return url


def _at_attempt(step: str) -> Callable[[World], str]:
    def url(world: World) -> str:
        return _at_sitting(f"{world.attempt.uuid}/{step}")(world)

    return url


def _keyed(rest: str, *, of_attempt: bool = True) -> Callable[[World], str]:
    def url(world: World) -> str:
        attempt = f"{world.keyed.uuid}/" if of_attempt else ""
        sitting = world.sittings["paper"].uuid
        return f"/sittings/{sitting}/candidates/{world.keyed.entry.uuid}/{attempt}{rest}"

    return url


SITTINGS = (
    Row(
        "sitting",
        "read",
        lambda _w: "/sittings/",
        own=_watching,
        narrower=_ON_THE_PLAYER,
        name="-list",
        listed=lambda w: f"/sittings/{w.sittings['open'].uuid}/",
    ),
    Row("sitting", "read", _sitting("open"), own=_watching),
    Row("sitting", "create", lambda _w: "/sittings/new/", name="-form", place=_of_her_own),
    Row("sitting", "update", _sitting("drafted", "request/"), "post", name="-request"),
    Row("sitting", "update", _sitting("drafted", "edit/"), name="-edit"),
    # Who applies for the body's accreditation is admitted by the body alone; the list of accreditations is public.
    Row(
        "sitting",
        "update",
        lambda w: f"/sittings/{w.sittings['accreditation'].uuid}/applications/{w.application.uuid}/",
        "post",
        lambda _w: {"granted": "no", "reason": "从业不满一年"},
        place=_of_the_body,
        name="-application",
    ),
    Row("sitting", "approve", _sitting("requested", "approve/"), "post", narrower=_UNNAMED),
    Row("sitting", "approve", _sitting("requested", "return/"), "post", _why, narrower=_UNNAMED, name="-return"),
    Row("sitting_conduct", "read", _sitting("open", "board/"), own=_watching),
    Row("sitting_conduct", "read", _sitting("open", "board/rows/"), own=_watching, name="-rows"),
    Row("sitting_conduct", "execute", _sitting("open", "board/pause/"), "post", _why, own=_watching),
    Row("sitting_conduct", "execute", _at_sitting("identity/"), "post", own=_watching, name="-identity"),
    Row(
        "sitting_conduct",
        "execute",
        _at_sitting("extra/"),
        "post",
        lambda _w: {"minutes": "15", "reason": "大字版"},
        own=_watching,
        name="-extra",
    ),
    Row("exam_decision", "approve", _sitting("open", "void/"), "post", _why),
    Row("exam_decision", "approve", _at_attempt("void/"), "post", _why, name="-attempt"),
    Row(
        "exam_decision",
        "approve",
        lambda w: _at_sitting(f"arrangements/{w.arrangement.uuid}/")(w),
        "post",
        lambda _w: {"granted": "yes", "reason": "有证明"},
        name="-arrangement",
    ),
    # The paper form: keyed in twice by who watches, read by the chief where the two differ.
    Row("sitting_conduct", "execute", _keyed("keying/"), own=_watching, name="-keying"),
    Row("sitting_conduct", "execute", _keyed("form/", of_attempt=False), own=_watching, name="-paper-form"),
    Row("exam_decision", "approve", _keyed("settling/"), name="-settling"),
    Row(
        "exam_decision",
        "approve",
        _keyed("settling/"),
        "post",
        lambda _w: {"q1": "A", "reason": "看过原卷"},
        name="-settle",
    ),
    Row("exam_attempt", "read", _at_sitting(), own=_watching),
    Row(
        "exam_attempt",
        "execute",
        lambda _w: "/exam/",
        own=_sits,
        name="-list",
        listed=lambda w: f"/exam/seat/{w.attempt.entry.uuid}/",
    ),
    Row("exam_attempt", "execute", lambda w: f"/exam/seat/{w.attempt.entry.uuid}/", own=_sits, name="-seat"),
    Row("exam_attempt", "execute", lambda w: f"/exam/{w.attempt.uuid}/device/", "post", own=_sits, name="-device"),
    Row(
        "exam_attempt",
        "execute",
        lambda w: f"/exam/seat/{w.attempt.entry.uuid}/arrange/",
        "post",
        lambda _w: {"kind": "reading_aloud", "reason": "阅读困难"},
        own=_sits,
        name="-arrange",
    ),
    Row(
        "exam_attempt",
        "execute",
        lambda w: f"/exam/apply/{w.sittings['accreditation'].uuid}/",
        "post",
        lambda _w: {"practice": "2024年起直播卖茶"},
        own=_everybodys,
        name="-apply",
        empty=422,
        quiet="both trainees have an open examination at this level",
    ),
    Row("exam_attempt", "read", _sitting("open", "print/minutes/"), own=_watching, name="-minutes"),
)


def _marks(which: str, rest: str = "") -> Callable[[World], str]:
    return lambda world: f"/sittings/{world.marks[which].uuid}/marks/{rest}"


def _correction(rest: str = "") -> Callable[[World], str]:
    return lambda world: f"/question-corrections/{world.corrected.uuid}/{rest}"


MARKS = (
    Row("paper_mark", "read", _marks("marked"), narrower=_ON_THE_PLAYER),
    Row(
        "paper_mark",
        "read",
        lambda w: f"/exam/{w.attempt.entry.uuid}/result/",
        own=_sits,
        narrower=_but(
            Role.CHIEF_EXAMINER,
            Role.INSTITUTION_ADMIN,
            Role.HR_BUREAU,
            Role.INSPECTOR,
            why="theirs are at /sittings/.../marks/",
        ),
        name="-own",
    ),
    Row(
        "exam_decision",
        "approve",
        lambda w: _marks("marked", f"{Attempt.objects.get(entry__sitting=w.marks['marked']).uuid}/settle/")(w),
        "post",
        _why,
        name="-settle-part",
        empty=422,
        quiet="nothing of this paper is waited for",
    ),
    Row(
        "grade_publish",
        "approve",
        _marks("marked", "confirm/"),
        "post",
        narrower={Role.HR_BUREAU: "the chief confirms, then either releases"},
        name="-marks-confirm",
    ),
    Row("grade_publish", "approve", _marks("confirmed", "release/"), "post", name="-marks-release"),
    Row("question_correction", "read", lambda _w: "/question-corrections/", name="-list"),
    Row("question_correction", "read", _correction()),
    Row("question_correction", "create", lambda w: f"/question-corrections/new/{w.corrected.version}/", name="-form"),
    Row(
        "question_correction",
        "approve",
        _correction("decide/"),
        "post",
        lambda _w: {"accepted": "no", "reason": "题目无误"},
    ),
)


# Compliance rule packs: the committee writes, a second member publishes.
def _pack(rest: str = "", which: str = "pack") -> Callable[[World], str]:
    return lambda world: f"/admin/rules/{getattr(world, which)}/{rest}"


RULES = (
    Row("rule_pack", "read", lambda _w: "/admin/rules/"),
    Row("rule_pack", "read", _pack(), name="-page"),
    Row(
        "rule_pack",
        "create",
        lambda _w: "/admin/rules/start/",
        "post",
        lambda world: {"base": str(world.pack), "title": "夏季规则"},
    ),
    Row("rule_pack", "read", _pack("old/"), name="-old"),
    Row("rule_pack", "update", _pack("old/start/"), "post", name="-old-start"),
    Row("rule_pack", "update", _pack("rule/ABS-01/")),
    Row("rule_pack", "update", _pack("part/exceptions/"), name="-part"),
    Row("rule_pack", "update", _pack("sentences/"), name="-sentences"),
    Row("rule_pack", "update", _pack("give-up/"), "post", name="-give-up"),
    Row(
        "rule_pack",
        "approve",
        _pack("publish/", "reviewed_pack"),
        "post",
        lambda _w: {"effective_from": clock.today().isoformat()},
    ),
    Row("rule_pack", "approve", _pack("return/", "reviewed_pack"), "post", _why, name="-return"),
)

ROWS = (
    *SITTINGS,
    *MARKS,
    *WORKS,
    *CLASSES,
    *CURRICULUM,
    *STUDY,
    *HOMEWORK,
    *BANK,
    *PAPERS,
    *STATISTICS,
    *RULES,
    *SCORING,
    *GRADES,
    *OFFICES,
    *PEOPLE,
)

# Cells no address asks for, and why: nothing is forgotten silently.
NO_ADDRESS = {
    (
        "study_time",
        "create",
    ): "a beat shows the pass its lesson page gave her (study: read), and no login: studytime/test_pages",
    ("audit_log", "read"): "the trail has no page yet",
    ("policy_profile", "create"): "versions are loaded from files; a page that writes one is a later step's",
    ("policy_profile", "approve"): "the same",
    ("number_allocation", "read"): "numbers are read on the page of their batch: accreditation_batch",
    (
        "tie",
        "read",
    ): "ties are read by the allocation, and by everybody among what is held about her; no office lists them",
    ("exam_decision", "read"): "decisions are read on the candidate's page at a sitting: exam_attempt",
}


def expected(row: Row, world: World, actor: Actor) -> bool:
    """The matrix's answer, read from its data."""
    cell = MATRIX[row.kind].get(actor.role)
    if cell is None or actor.role in row.narrower:
        return False
    wanted = {_LETTERS[act] for act in (row.action, row.also) if act}
    if not set("".join(wanted)) & set(cell.letters):
        return False
    if row.listed is not None:
        return True
    if row.keeper:
        return actor.place is not None and actor.place.get_parent() == world.places.city
    return _reached(row, world, actor) or row.kind in PLACELESS


_LETTERS = {"create": "C", "read": "RCUA", "update": "U", "approve": "A", "execute": "X"}


def _reached(row: Row, world: World, actor: Actor) -> bool:
    """Hers, of her own institution, or in the place her office covers."""
    if actor.role in row.unlisted:
        return False
    if MATRIX[row.kind][actor.role].own:
        return row.own(world, actor)
    if actor.role is Role.INSTITUTION_ADMIN:
        return actor.place == row.place(world, actor)
    return actor.here


def let_in(row: Row, answer: HttpResponse) -> bool:
    """Whether the act was let through. Wagtail answers a refusal inside its admin by going to its first page."""
    if row.empty:
        return answer.status_code == row.empty
    if row.method == "post" and answer.status_code in {301, 302}:
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
        if row.kind not in _cells_of(actor.role) and not actor.here:
            continue  # refused by role; asked once, at home
        with transaction.atomic():
            recorded = AuditEvent.objects.count()
            answer = _ask(row, world, actor)
            got = let_in(row, answer)
            acted = AuditEvent.objects.count() > recorded
            got = acted if row.home else got
            shown = row.listed is None or not got or row.listed(world) in _text(answer)
            if answer.streaming:
                answer.getvalue()  # read to its end, its file is closed
            transaction.set_rollback(True)
        if got is not expected(row, world, actor):
            wrong.append(f"{actor}: {answer.status_code}, let in: {got}")
        elif row.method == "post" and acted is not got and not row.quiet:
            wrong.append(f"{actor}: {answer.status_code}, let in: {got}, recorded: {acted}")
        elif got and row.listed is not None and shown is not _reached(row, world, actor):
            wrong.append(f"{actor}: lists it: {shown}")
    assert wrong == []


def _cells_of(role: Role) -> set[str]:
    return {kind for kind, cells in MATRIX.items() if role in cells}


def _ask(row: Row, world: World, actor: Actor) -> Any:
    if row.json:
        return actor.client.post(row.url(world), row.data(world), content_type="application/json")
    return getattr(actor.client, row.method)(row.url(world), row.data(world))


def _text(answer: Any) -> str:
    return answer.content.decode()


def test_every_cell_has_an_address_or_says_why_not() -> None:
    asked = {(row.kind, act) for row in ROWS for act in (row.action, row.also) if act}
    names = {"C": "create", "R": "read", "U": "update", "A": "approve", "X": "execute"}
    cells = {(kind, names[letter]) for kind, row in MATRIX.items() for cell in row.values() for letter in cell.letters}
    assert cells - asked - set(NO_ADDRESS) == set()
    assert {kind for kind, _action in asked | set(NO_ADDRESS)} == set(MATRIX)


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
    ("transcript", Role.TRAINEE, "read", False),
    ("transcript", Role.EXAMINER, "update", True),
    ("transcript", Role.CHIEF_EXAMINER, "update", False),
    ("transcript", Role.INSPECTOR, "read", True),
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
    ("organisation", Role.HR_BUREAU, "create", True),
    ("organisation", Role.INSTITUTION_ADMIN, "read", False),
    ("evidence", Role.ADMINISTRATOR, "read", False),
    ("own_submission", Role.ADMINISTRATOR, "read", False),
    ("lesson", Role.ADMINISTRATOR, "read", False),
    ("policy_profile", Role.HR_BUREAU, "update", True),
    ("policy_profile", Role.FINANCE_BUREAU, "read", True),
    ("policy_profile", Role.COMMERCE_BUREAU, "update", False),
    ("policy_profile", Role.ARCHIVE_READER, "read", False),
    ("training_class", Role.INSTITUTION_ADMIN, "create", True),
    ("training_class", Role.INSTITUTION_ADMIN, "approve", False),
    ("training_class", Role.HR_BUREAU, "approve", True),
    ("training_class", Role.COMMITTEE, "read", False),
    ("enrolment", Role.TRAINEE, "create", True),
    ("enrolment", Role.HR_BUREAU, "approve", True),
    ("enrolment", Role.EXAMINER, "read", False),
    ("enrolment", Role.FINANCE_BUREAU, "read", False),
    ("finding_ruling", Role.EXAMINER, "execute", True),
    ("finding_ruling", Role.EXAMINER, "approve", False),
    ("finding_ruling", Role.CHIEF_EXAMINER, "approve", True),
    ("finding_ruling", Role.HR_BUREAU, "approve", False),
    ("score_sheet", Role.EXAMINER, "update", True),
    ("score_sheet", Role.CHIEF_EXAMINER, "update", False),
    ("score_sheet", Role.INSTRUCTOR, "read", False),
    ("score_sheet", Role.INSTITUTION_ADMIN, "read", False),
    ("score_sheet", Role.TRAINEE, "read", False),
    ("other_scores", Role.INSTITUTION_ADMIN, "read", False),
    ("arbitration", Role.CHIEF_EXAMINER, "execute", True),
    ("arbitration", Role.EXAMINER, "execute", False),
    ("arbitration", Role.HR_BUREAU, "execute", False),
    ("lookalike", Role.TRAINEE, "read", False),
    ("lookalike", Role.EXAMINER, "read", True),
    ("lookalike", Role.EXAMINER, "approve", False),
    ("lookalike", Role.CHIEF_EXAMINER, "approve", True),
    ("lookalike", Role.HR_BUREAU, "approve", False),
    ("lookalike", Role.INSTITUTION_ADMIN, "read", False),
    ("waiver", Role.CHIEF_EXAMINER, "approve", True),
    ("waiver", Role.EXAMINER, "read", False),
    ("waiver", Role.HR_BUREAU, "approve", False),
    ("waiver", Role.INSTITUTION_ADMIN, "read", False),
    ("grade_publish", Role.CHIEF_EXAMINER, "approve", True),
    ("grade_publish", Role.HR_BUREAU, "approve", True),
    ("grade_publish", Role.EXAMINER, "approve", False),
    ("grade_publish", Role.INSTITUTION_ADMIN, "read", False),
    ("examiner_pool", Role.INSTITUTION_ADMIN, "create", True),
    ("examiner_pool", Role.INSTITUTION_ADMIN, "approve", False),
    ("examiner_pool", Role.HR_BUREAU, "approve", True),
    ("accreditation_batch", Role.INSTITUTION_ADMIN, "update", True),
    ("accreditation_batch", Role.INSTITUTION_ADMIN, "approve", False),
    ("accreditation_batch", Role.COMMERCE_BUREAU, "read", True),
    ("number_allocation", Role.INSTITUTION_ADMIN, "execute", False),
    ("number_allocation", Role.HR_BUREAU, "execute", True),
    ("certificate", Role.INSTITUTION_ADMIN, "execute", True),
    ("certificate", Role.HR_BUREAU, "execute", False),
    ("certificate", Role.CHIEF_EXAMINER, "read", False),
    ("personal_data", Role.INSPECTOR, "execute", True),
    ("personal_data", Role.CHIEF_EXAMINER, "execute", False),
    ("personal_data", Role.ADMINISTRATOR, "execute", False),
    ("result", Role.EXAMINER, "read", False),
    ("question", Role.COMMITTEE, "create", True),
    ("question", Role.COMMITTEE, "approve", True),
    ("question", Role.HR_BUREAU, "read", True),
    ("question", Role.HR_BUREAU, "update", False),
    ("question", Role.INSTITUTION_ADMIN, "read", False),
    ("question", Role.INSTRUCTOR, "read", False),
    ("question", Role.INSPECTOR, "read", False),
    ("question", Role.ADMINISTRATOR, "read", False),
    ("question_key", Role.COMMITTEE, "read", True),
    ("question_key", Role.HR_BUREAU, "read", True),
    ("question_key", Role.CHIEF_EXAMINER, "read", False),
    ("question_key", Role.INSPECTOR, "read", False),
    ("booklet", Role.TRAINEE, "read", False),
    ("booklet", Role.EXAMINER, "read", True),
    ("booklet", Role.INSPECTOR, "read", False),
    ("booklet", Role.INSTITUTION_ADMIN, "read", False),
    ("question_statistics", Role.CHIEF_EXAMINER, "read", True),
    ("question_statistics", Role.INSPECTOR, "read", True),
    ("question_statistics", Role.INSTITUTION_ADMIN, "read", False),
    ("question_statistics", Role.CHIEF_EXAMINER, "create", False),
    ("exam_attempt", Role.TRAINEE, "execute", True),
    ("exam_attempt", Role.INSPECTOR, "read", True),
    ("exam_attempt", Role.INVIGILATOR, "execute", False),
    ("exam_attempt", Role.INSTITUTION_ADMIN, "read", False),
    ("sitting", Role.INSTITUTION_ADMIN, "approve", False),
    ("sitting", Role.HR_BUREAU, "approve", True),
    ("sitting_conduct", Role.INSTITUTION_ADMIN, "execute", False),
    ("exam_decision", Role.INVIGILATOR, "approve", False),
    ("paper_mark", Role.TRAINEE, "read", True),
    ("paper_mark", Role.EXAMINER, "read", False),
    ("paper_mark", Role.INVIGILATOR, "read", False),
    ("paper_mark", Role.COMMITTEE, "read", False),
    ("question_correction", Role.COMMITTEE, "create", True),
    ("question_correction", Role.COMMITTEE, "approve", False),
    ("question_correction", Role.CHIEF_EXAMINER, "approve", True),
    ("question_correction", Role.INSTITUTION_ADMIN, "read", False),
    ("rule_pack", Role.COMMITTEE, "approve", True),
    ("rule_pack", Role.HR_BUREAU, "read", False),
    ("paper", Role.COMMITTEE, "create", True),
    ("paper", Role.COMMITTEE, "approve", False),
    ("paper", Role.HR_BUREAU, "approve", True),
    ("paper", Role.HR_BUREAU, "create", False),
    ("paper", Role.CHIEF_EXAMINER, "read", True),
    ("paper", Role.INSPECTOR, "read", True),
    ("paper", Role.INSTITUTION_ADMIN, "read", False),
    ("paper", Role.EXAMINER, "read", False),
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
    assert can(_acting(Role.EXAMINER), "score_sheet", "update").condition == "blind"  # type: ignore[union-attr]
    assert can(_acting(Role.COMMERCE_BUREAU), "enrolment", "read").masked  # type: ignore[union-attr]


def test_what_has_no_cell_is_refused() -> None:
    actions: tuple[Action, ...] = ("create", "read", "update", "approve", "execute")
    # Who approves a sitting where the pinned profile names her (S3-23, S5-11), and nothing else.
    approver = [("sitting", "read"), ("sitting", "approve")]
    for role, given in (
        (Role.LEADER, approver),
        (Role.PANEL_MEMBER, approver),
        (Role.DEPARTMENT_MANAGER, []),
        (Role.ANONYMOUS, []),
    ):
        held = [(kind, action) for kind in MATRIX for action in actions if can(_acting(role), kind, action)]
        assert held == given, role
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


# Everybody's own, in whatever role: they ask for no cell, and show nobody else's.
OWN_PAGES = ("/accounts/", "/accounts/held/", "/accounts/held/print/", "/accounts/held/download.json", "/notices/")


@pytest.mark.django_db
@pytest.mark.parametrize("page", OWN_PAGES)
def test_own_pages_show_nobody_elses(page: str, world: World) -> None:
    shown = {}
    for actor in world.actors:
        with transaction.atomic():
            answer = actor.client.get(page)
            shown[str(actor)] = (answer.status_code, world.owner.username in _text(answer))
            transaction.set_rollback(True)
    wanted = {
        str(actor): (302, False) if actor.user is None else (200, actor.user == world.owner and page != "/notices/")
        for actor in world.actors
    }
    assert shown == wanted


@pytest.mark.django_db
def test_nobody_reads_or_signs_anothers_consents(world: World) -> None:
    wrong = []
    for actor in world.actors:
        with transaction.atomic():
            recorded = Consent.objects.filter(person=world.owner_person).count()
            answer = actor.client.post("/accounts/consents/", {"text": str(world.consent_text), "given": "1"})
            grown = Consent.objects.filter(person=world.owner_person).count() > recorded
            if grown is not (actor.user == world.owner):
                wrong.append(f"{actor}: {answer.status_code}")
            transaction.set_rollback(True)
    assert wrong == []


@pytest.mark.django_db
def test_unused_identifiers_lead_nowhere(world: World) -> None:
    administrator = next(actor for actor in world.actors if actor.role is Role.ADMINISTRATOR and actor.here)
    for page in (f"{_PEOPLE}/users/{new_uuid()}/", f"{_PEOPLE}/organisations/{new_uuid()}/"):
        assert administrator.client.get(page).status_code == 404


# Addresses no row asks for, and why.
_SIGNED = "its address is signed for one reader and ends; to everybody else there is nothing there"
_BEAT = "it asks for a ticket in a header, which the lesson page gives to whoever studies it, and for no login"
_PLAYER = "it leads on by where an attempt stands and on which device: test_an_attempt_is_its_candidates_alone"
NO_ROW = {
    "courses:lesson_video_file": _SIGNED,
    "courses:homework_video_file": _SIGNED,
    "courses:study_open": _BEAT,
    "courses:study_beat": _BEAT,
    "courses:study_count": _BEAT,
    "courses:study_worker": "the same script for everybody; it holds nothing of anybody",
    "courses:study_offline": "the same page for everybody, shown where there is no network",
    "courses:xapi_about": "which versions are spoken, open to anybody",
    "courses:xapi_statements": "for systems with a key of statement_client, not for people",
    "assessment:delivery:accreditations": "what somebody of no class may apply for: anybody may look",
    "assessment:delivery:attempt": _PLAYER,
    "assessment:delivery:come_in": _PLAYER,
    "assessment:delivery:start": _PLAYER,
    "assessment:delivery:finish": _PLAYER,
    "assessment:delivery:save": "it asks for an attempt's token in a header, and for no login",
    "assessment:delivery:file": "of a question on a paper that she has opened: delivery/test_pages",
    "assessment:delivery:worker": "the same script for everybody; it holds nothing of anybody",
    "assessment:verify": "whoever holds a certificate's code may ask, of the certificate itself: certification/test_verify",
    "assessment:verify_code": "the same",
}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "page", ("study-time/open", "study-time/beat", "study-time/count", "xapi/statements", "x/save")
)
def test_a_login_opens_nothing_where_a_key_or_a_ticket_is_asked(page: str, world: World) -> None:
    for actor in world.actors:
        with transaction.atomic():
            answer = (actor.client.get if page.startswith("xapi") else actor.client.post)(f"/{page}")
            assert answer.status_code in {401, 403}, str(actor)
            transaction.set_rollback(True)


@pytest.mark.django_db
def test_an_unsigned_address_of_a_file_leads_nowhere(world: World) -> None:
    for actor in world.actors:
        for page in (f"/lesson-videos/{world.film.uuid}/video", f"/homework/items/{world.homework.uuid}/video"):
            with transaction.atomic():
                assert actor.client.get(page).status_code in {302, 403, 404}, str(actor)
                transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize("method", ("HEAD", "PATCH", "DELETE", "GET"))
def test_an_upload_on_its_way_is_its_owners_alone(method: str, world: World) -> None:
    """404 for everybody else, whatever the role and the office: nobody learns that it exists (401 before signing in)."""
    path, stands = f"/uploads/{world.upload.uuid}/", (6, "open")
    for actor in world.actors:
        with transaction.atomic():
            body = b"ing video" if method == "PATCH" else b""
            answer = ask(actor.client, method, path, body, Upload_Offset="6", Content_Type=PIECE)
            owns, signed_in = actor.user == world.owner, actor.user is not None
            assert answer.status_code == (_HERS[method] if owns else 404 if signed_in else 401), str(actor)
            world.upload.refresh_from_db()
            kept = (world.upload.offset, world.upload.state)
            assert (kept == stands) is (not owns or method in {"HEAD", "GET"}), str(actor)
            transaction.set_rollback(True)
    world.upload.refresh_from_db()
    assert (world.upload.offset, world.upload.state) == stands


_HERS = {"HEAD": 200, "PATCH": 204, "DELETE": 204, "GET": 200}


def _names(resolver: URLResolver, space: str = "") -> Iterator[str]:
    """Every named address below, with its name space."""
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from _names(one, f"{space}{one.namespace}:" if one.namespace else space)
        elif one.name:
            yield f"{space}{one.name}"


@pytest.mark.django_db
def test_every_address_of_courses_and_assessment_has_a_row_or_says_why_not(world: World) -> None:
    asked = {resolve(row.url(world).split("?")[0]).view_name for row in ROWS}
    ours = {name for name in _names(get_resolver()) if name.split(":")[0] in {"courses", "assessment"}}
    ours |= (
        {f"lesson_videos:{one.name}" for one in videos_admin}
        | {f"packages:{one.name}" for one in packages_admin}
        | {f"curriculum_admin:{one.name}" for one in lessons_admin}
    )
    assert ours - asked == set(NO_ROW)


@pytest.mark.django_db
@pytest.mark.parametrize("method, page", (("get", ""), ("post", "start/"), ("post", "hand-in/"), ("post", "enter/")))
def test_an_attempt_is_its_candidates_alone(method: str, page: str, world: World) -> None:
    """Whoever asks: she is led on (her device is another one), everybody else finds nothing and changes nothing."""
    row = world.attempt
    url = f"/exam/seat/{row.entry.uuid}/{page}" if page == "enter/" else f"/exam/{row.uuid}/{page}"
    stands, wrong = Attempt.objects.filter(uuid=row.uuid).values(), []
    (before,) = stands
    for actor in world.actors:
        with transaction.atomic():
            answer = getattr(actor.client, method)(url)
            goal = answer.headers.get("Location", "")
            if actor.user == world.sitter:
                fine = goal.startswith("/exam/") or (
                    answer.status_code == 422 and row.entry.sitting.title in _text(answer)
                )
            else:
                fine = goal.startswith("/accounts/login/") if actor.user is None else answer.status_code in {403, 404}
                fine = fine and list(stands.all()) == [before]
            if not fine:
                wrong.append(f"{actor}: {answer.status_code} {goal}")
            transaction.set_rollback(True)
    assert wrong == []

"""One of everything the matrix speaks of, by the rooms' services, and everybody who may ask; built once for its tests."""

import hashlib
import io
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.test import Client
from wagtail.images.models import Image

from assessment.api import BookletItem, allocate, decide_finding, grant_evidence, open_booklet
from assessment.bank.loader import CONTENT, load_bank
from assessment.bank.services import store_file, submit_for_review, write_question
from assessment.bank.types import Key, QuestionType, VersionData
from assessment.candidates.models import Candidacy
from assessment.certification import services as certification
from assessment.certification.loading import load_schemes
from assessment.certification.models import Batch, Certificate
from assessment.delivery.models import Answer, Application, Arrangement, Attempt, Keying, Sitting
from assessment.delivery.services import (
    approve_sitting,
    ask_arrangement,
    assign_invigilator,
    begin_on_paper,
    close_sitting,
    collect_paper,
    draft_sitting,
    enter,
    freeze_roster,
    open_sitting,
    request_sitting,
    rule_on_arrangement,
    start_attempt,
)
from assessment.delivery.services import hand_in as hand_in_paper
from assessment.delivery.types import ArrangementKind, SittingKind, SittingRequest
from assessment.examiners.models import Examiner
from assessment.marking.models import Panel, ScoreSheet
from assessment.marking.services import decide_waiver
from assessment.papers.services import approve_blueprint, approve_paper, draw_papers, write_blueprint
from assessment.papers.types import PaperData
from assessment.results.models import GradeDecision
from assessment.specification.models import AssessmentSpecification
from assessment.specification.services import add_specification_version, approve_specification, load_specifications
from assessment.statistics.models import AnalysedItem, AnalysisRun, Concern
from assessment.statistics.services import refresh_sitting
from assessment.theory.models import QuestionCorrection
from assessment.theory.services import confirm_marks, mark_sitting, propose_correction
from assessment.theory.services.corrections import try_correction
from assessment.theory.types import CorrectionKind
from courses.catalogue.documents import Files
from courses.catalogue.models import LessonPage
from courses.catalogue.types import Accepts, LessonDocument, PackageBlock, PictureBlock, TaskBlock
from courses.classes.models import TrainingClass
from courses.classes.services import add_instructor, move_class
from courses.classes.types import ClassState
from courses.enrolment.models import Enrolment
from courses.enrolment.types import EnrolmentState
from courses.homework.models import HomeworkItem, HomeworkPicture
from courses.homework.services.drafts import add_picture, hand_in, save_draft
from courses.homework.services.rubrics import load_homework_rubrics
from courses.learning.models import LessonQuestion, StudyDeadline
from courses.learning.services.deadlines import set_deadline
from courses.learning.services.questions import ask
from courses.packages.models import ContentPackage
from courses.recordings.models import ClassRecording
from courses.recordings.services import add_recording
from courses.recordings.types import Mode, NewRecording
from courses.statements.models import StatementClient
from courses.statements.services import add_client
from courses.studytime.models import ListedPlatform, PlatformLogFile
from courses.studytime.platforms import list_platform
from courses.videos.models import LessonVideo
from lms.accounts.api import (
    INSTALLATION,
    Organisation,
    OrganisationKind,
    Person,
    Role,
    User,
    acting_for,
    create_organisation,
    texts_in_force,
)
from lms.accounts.consent.services import load_consent_texts
from lms.accounts.corrections.models import Correction, Merge
from lms.accounts.corrections.services import ask_correction, propose_merge
from lms.accounts.models import Membership
from lms.core import clock
from lms.core.ids import new_uuid
from lms.core.jobs.models import Job
from lms.core.types import Level
from lms.notices.models import Notice
from media_pipeline.api import InPlace
from media_pipeline.assets import store
from media_pipeline.assets.models import MediaAsset
from media_pipeline.packs.models import PackText, PackTrial, RulePack
from media_pipeline.packs.services import load_packs, start_pack, submit_pack
from media_pipeline.rulepacks.document import MATCHER_REVISION
from media_pipeline.uploads.models import Upload
from tests.assessment.bank.world import document as question_document
from tests.assessment.certification.world import CODES, candidacy_of, frozen, issued, numbered, publish_grade, reviewed
from tests.assessment.certification.world import World as Passed
from tests.assessment.delivery.world import THEORY, filed_plan
from tests.assessment.marking.scoring import EXAMINERS, QUIET, examined, panel_for_work, ready_work, scored
from tests.assessment.papers.world import whole_blueprint
from tests.assessment.people import filed, open_candidacy, person_of, pool
from tests.assessment.results.world import confirmed, released, rules
from tests.assessment.statistics import world as statistics
from tests.courses.catalogue.test_exchange import picture as drawn
from tests.courses.catalogue.writing import document, lesson
from tests.courses.homework.world import picture
from tests.courses.lessons import TITLES, Taught, taught
from tests.courses.roots import curriculum
from tests.courses.school import admitted, asked, lay_rules, opened, planned
from tests.courses.studytime.test_platforms import entry, handed_in
from tests.courses.videos.test_pages import make
from tests.lms.accounts.world import NOW, Places, build_places, make_person, make_user, signed_in
from tests.media_pipeline.cast import Cast, finish
from tests.media_pipeline.cast import hand_in as hand_in_work
from tests.media_pipeline.materials import finish_material
from tests.media_pipeline.similarity.pairs import beside, held_back
from tests.media_pipeline.uploads.tusing import begun, patch, row

# Where a role's people sit, in the thing's own county and in the other one.
_BUREAUS = {Role.HR_BUREAU, Role.COMMERCE_BUREAU, Role.FINANCE_BUREAU, Role.INSPECTOR, Role.ARCHIVE_READER}
_BODIES = {Role.EXAMINER, Role.CHIEF_EXAMINER, Role.PANEL_MEMBER}
_COUNTY = {Role.ADMINISTRATOR, Role.COMMITTEE, Role.LEADER}
STORED = [role for role in Role if role is not Role.ANONYMOUS]
# Totals of three sheets that lie too far apart.
APART = ("55", "75", "70")


@dataclass(frozen=True)
class Actor:
    """Somebody who asks. `here`: of the county the things belong to; `place`: on whose behalf (None: nobody's)."""

    role: Role
    here: bool
    place: Organisation | None
    user: User | None
    client: Client

    def __str__(self) -> str:
        return f"{self.role} of {self.place.name if self.place else 'nobody'}"


@dataclass(frozen=True)
class World:
    """What may be asked for. Things of the trainee `owner` are hers; every other trainee is a classmate of hers."""

    places: Places
    actors: tuple[Actor, ...]
    owner: User
    owner_person: Person
    # Her work, undecided; the examiner assigned to it sits in the other county: an assignment does not follow places.
    assigned: User
    work: MediaAsset
    # The same file as hers, which is like it.
    held: MediaAsset
    decided: MediaAsset
    job: Job
    membership: Membership
    staff: User
    classmate: User
    classmate_person: Person
    twin: User
    planned_class: TrainingClass
    filed_class: TrainingClass
    full_class: TrainingClass
    offered_class: TrainingClass
    enrolment: Enrolment
    examiner: Examiner
    draft: Examiner
    newcomer: User
    panel: Panel
    spread: Panel
    to_rule: Panel
    to_sign: Panel
    # A candidate for whom something is waived, nothing handed in yet.
    waived: UUID
    computed: GradeDecision
    confirmed: GradeDecision
    published: GradeDecision
    batches: dict[str, Batch]
    waiting: UUID
    certificate: Certificate
    specification: UUID
    consent_text: UUID
    correction: Correction
    merge: Merge
    notice: Notice
    # A class in training: `studied.enrolment` is the owner's; of its two tasks the first is handed in.
    studied: Taught
    lesson_page: LessonPage
    reviewed: LessonPage
    lesson_picture: str
    film: LessonVideo
    package: ContentPackage
    question: LessonQuestion
    deadline: StudyDeadline
    homework: HomeworkItem
    homework_picture: HomeworkPicture
    # A session of that class on video, and an upload of the owner's on its way.
    recording: ClassRecording
    upload: Upload
    platform: ListedPlatform
    log: PlatformLogFile
    client: StatementClient
    # A question under review, written by somebody else than those who ask.
    asked: VersionData
    # A rule pack as a draft, and one under review by somebody else than those who ask.
    pack: UUID
    reviewed_pack: UUID
    blueprint: UUID
    unapproved: UUID
    drawn: PaperData
    # drafted, requested, open; `sitter` waits in the last one's waiting room.
    sittings: dict[str, Sitting]
    attempt: Attempt
    # Asked for the sitter; somebody's form in the sitting on paper, keyed in twice and differently.
    arrangement: Arrangement
    keyed: Attempt
    # Somebody of no class asks to sit the body's accreditation.
    application: Application
    # Somebody's short answers, and the picture of their one question.
    booklet: Panel
    picture: str
    # A released sitting analysed, a question of it with its figures, and what waits for the committee about it.
    run: AnalysisRun
    analysed: AnalysedItem
    concern: Concern

    # marked, confirmed; each with one paper.
    marks: dict[str, Sitting]
    corrected: QuestionCorrection
    sitter: User

    def seated(self, asset: UUID) -> frozenset[UUID]:
        """The logins of the examiners of a work's panel."""
        return frozenset(ScoreSheet.objects.filter(panel__asset=asset).values_list("examiner_user", flat=True))


def _place(places: Places, role: Role, here: bool) -> Organisation:
    if role in _BUREAUS:
        return places.bureau if here else places.other_bureau
    if role in _BODIES:
        return places.body if here else places.other_body
    if role in _COUNTY:
        return places.county if here else places.other_county
    return places.school if here else places.other_school


def build_world(folder: Path) -> World:
    """Everything, in one go."""
    curriculum()
    load_consent_texts()
    load_schemes()
    places = build_places()
    city_bureau = create_organisation(
        by=INSTALLATION, parent=places.city, name="福州市人社局", kind=OrganisationKind.BUREAU, now=NOW
    )
    users: dict[tuple[Role, bool], User] = {
        (role, here): make_user(_place(places, role, here), role) for role in STORED for here in (True, False)
    }
    clerk = make_user(places.body, Role.INSTITUTION_ADMIN)
    keeper = make_user(city_bureau, Role.HR_BUREAU)
    asking = [(role, here, _place(places, role, here), user) for (role, here), user in users.items()]
    # An evaluation body has staff of its own, and the city a bureau that keeps the law book.
    asking += [
        (Role.INSTITUTION_ADMIN, True, places.body, clerk),
        (Role.INSTITUTION_ADMIN, False, places.other_body, make_user(places.other_body, Role.INSTITUTION_ADMIN)),
        (Role.HR_BUREAU, True, city_bureau, keeper),
    ]
    actors = [Actor(role, here, place, user, signed_in(user)) for role, here, place, user in asking]
    actors.append(Actor(Role.ANONYMOUS, False, None, None, Client()))
    named = {
        "owner": users[Role.TRAINEE, True],
        "instructor": users[Role.INSTRUCTOR, True],
        "school_admin": users[Role.INSTITUTION_ADMIN, True],
        "bureau": users[Role.HR_BUREAU, True],
        "chief": users[Role.CHIEF_EXAMINER, True],
        "examiner": users[Role.EXAMINER, True],
        "body_admin": clerk,
        "city_bureau": keeper,
        "invigilator": users[Role.INVIGILATOR, True],
        "sitter": users[Role.TRAINEE, False],
    }
    cast = Cast(city=places.city, school=places.school, elsewhere=places.other_school, users=named)
    # A verdict is a person's word.
    for serial, here in enumerate((True, False), start=801):
        make_person(_place(places, Role.COMMITTEE, here), users[Role.COMMITTEE, here], serial=serial)
    things = _People(cast, places).things(folder)
    return World(places=places, actors=tuple(actors), assigned=_assigned(users, things), **things)


def _frozen(world: Passed, person: Person) -> Batch:
    """A batch before it is filed."""
    row = Candidacy.objects.get(person=person.uuid)
    batch = certification.create_batch(by=world.clerk, level=row.level, specification=row.specification, now=NOW)
    return certification.freeze_batch(by=world.clerk, batch=batch.uuid, candidacies=[row.uuid], now=NOW)


def _under_review(writer: User) -> VersionData:
    acting = acting_for(writer, None)
    version = write_question(by=acting, document=question_document(), now=NOW)
    submit_for_review(by=acting, question=version.document.uid, version=version.uuid, now=NOW)
    return version


def _packs(writer: User) -> dict[str, Any]:
    """A draft, and a pack that waits for its second person; tried as far as the gates ask."""
    acting = acting_for(writer, None)
    load_packs()
    base = RulePack.objects.get().uuid
    drafted = start_pack(by=acting, base=base, title="草稿", now=NOW)
    sent = start_pack(by=acting, base=base, title="待审", now=NOW)
    text = PackText.objects.get(uuid=sent.text)
    PackTrial.objects.create(
        text=text, matcher=MATCHER_REVISION, passed=True, outcome={"passed": True, "sets": {}}, at=NOW
    )
    submit_pack(by=acting, pack=sent.uuid, now=NOW)
    return {"pack": drafted.uuid, "reviewed_pack": sent.uuid}


def _papers(folder: Path) -> dict[str, Any]:
    """A blueprint that papers are drawn by, one that waits for the bureau, a paper that waits, too."""
    topic = folder / "level-5" / "C5-02.yaml"
    topic.parent.mkdir()
    topic.write_bytes((CONTENT / "level-5" / topic.name).read_bytes())
    load_bank(folder, now=NOW)
    content = replace(whole_blueprint(2), law_minimum=Decimal(0))
    approved = write_blueprint(by=INSTALLATION, content=content, now=NOW)
    approve_blueprint(by=INSTALLATION, blueprint=approved.uuid, now=NOW)
    waiting = write_blueprint(by=INSTALLATION, content=replace(content, key="waiting"), now=NOW)
    (paper,) = draw_papers(by=INSTALLATION, blueprint=approved.uuid, seed=1, now=NOW)
    return {"blueprint": approved.uuid, "unapproved": waiting.uuid, "drawn": paper}


def _assigned(users: dict[tuple[Role, bool], User], things: dict[str, Any]) -> User:
    examiner = users[Role.EXAMINER, False]
    grant_evidence(examiner=examiner.uuid, asset=things["work"].uuid, granted_by=None, now=NOW)
    return examiner


class _People:
    """The trainees of the school, one for every thing that is hers."""

    def __init__(self, cast: Cast, places: Places) -> None:
        self.cast, self.places, self.serial = cast, places, 1
        self.person(cast.users["owner"])
        self.person(cast.users["instructor"])

    def person(self, user: User) -> Person:
        """The record behind a login, with an identity card of its own."""
        self.serial += 1
        return make_person(self.places.school, user, serial=self.serial)

    def trainee(self) -> str:
        """One more trainee of the school; her name in the cast."""
        name = f"trainee{self.serial}"
        self.cast.users[name] = make_user(self.places.school, Role.TRAINEE)
        self.person(self.cast.users[name])
        return name

    def login(self, name: str) -> User:
        return self.cast.users[name]

    def record(self, name: str) -> Person:
        return person_of(self.cast, name)

    def things(self, folder: Path) -> dict[str, Any]:
        """Everything the matrix speaks of."""
        work = finish(hand_in_work(self.cast), folder)
        held = held_back(finish(hand_in_work(self.cast), folder), work)
        beside(work, held)
        # Works are judged under the first version; once a newer one is approved it is too late for that.
        load_specifications()
        for first in AssessmentSpecification.objects.filter(version=1, approval=None):
            approve_specification(by=INSTALLATION, specification=first.uuid, now=NOW)
        lay_rules(self.cast)
        made = (
            self.judged(folder) | self.classes() | self.papers() | self.offices() | self.study(folder) | _papers(folder)
        )
        job = Job.objects.create(
            kind="media.stage", subject=work.uuid, key="x", cluster="media", state="dead", max_attempts=3, not_before=NOW,
            created_at=NOW, finished_at=NOW, error="The video could not be read.",
        )  # fmt: skip
        made |= self.sittings(made["blueprint"])
        made |= self.booklet(made["attempt"], made["panel"].candidacy)
        made |= self.statistics(made["drawn"])
        made |= self.marks(made["blueprint"])
        owner = self.login("owner")
        return made | {
            "owner": owner,
            "owner_person": self.record("owner"),
            "work": work,
            "held": held,
            "job": job,
            "membership": owner.memberships.get(),
            "staff": self.login("school_admin"),
            "notice": Notice.objects.filter(person=self.record("owner"))[0],
        }

    def judged(self, folder: Path) -> dict[str, Any]:
        """Examiners, a panel in each state that asks somebody for something, grades on their way."""
        for name in EXAMINERS[1:4]:
            self.cast.users[name] = make_user(self.places.body, Role.EXAMINER)
        for name in EXAMINERS[:4]:
            self.record(name)
        pooled = [filed(self.cast, name) for name in EXAMINERS[:4]]
        self.cast.users["draft"] = make_user(self.places.body, Role.EXAMINER)
        panel = self.panel(folder, self.trainee())
        to_sign = self.panel(folder, self.trainee(), "80", "80", "80", verdicts="confirm")
        for finding in to_sign.findings.filter(severity="B"):
            decide_finding(
                by=self.cast.acting("chief"), code=to_sign.code, finding=finding.number, verdict="dismiss", reason="听过",
                now=NOW,
            )  # fmt: skip
        waived = examined(self.cast, self.trainee())
        decide_waiver(
            by=self.cast.acting("chief"), candidacy=waived.uuid, checks=["silence"], criteria=[], reason="持证", now=NOW
        )
        return {
            "waived": waived.uuid,
            "examiner": pooled[0],
            "draft": pool(self.cast, "draft"),
            "newcomer": make_user(self.places.body, Role.EXAMINER),
            "panel": panel,
            "spread": self.panel(folder, self.trainee(), *APART),
            "to_rule": self.panel(folder, self.trainee(), "80", "80", "80", verdicts="confirm"),
            "to_sign": to_sign,
            "computed": self.grade(folder, self.trainee()),
            "confirmed": confirmed(self.cast, self.grade(folder, self.trainee())),
            "published": released(self.cast, self.grade(folder, "owner")),
            "decided": MediaAsset.objects.filter(owner_user=self.login("owner").uuid).latest("id"),
        }

    def grade(self, folder: Path, who: str) -> GradeDecision:
        """The last sheet of an undisputed panel makes her grade."""
        panel = self.panel(folder, who, "82", "78", "86", sentences=QUIET)
        return GradeDecision.objects.get(candidacy__uuid=panel.candidacy)

    def panel(
        self, folder: Path, who: str, *totals: str, verdicts: str = "dismiss", sentences: tuple[str, ...] | None = None
    ) -> Panel:
        """A panel for the work of one trainee, its sheets handed in where totals are given."""
        said: dict[str, Any] = {"sentences": sentences} if sentences else {}
        made = panel_for_work(ready_work(self.cast, folder, who, **said)[0])
        return scored(self.cast, made, *totals, verdicts=verdicts) if totals else made

    def classes(self) -> dict[str, Any]:
        """A class in each state that asks somebody for something."""
        desk = self.cast.acting("school_admin")
        taught = opened(self.cast, name="授课班")
        add_instructor(by=desk, training_class=taught, person=self.record("instructor").uuid, now=NOW)
        full = opened(self.cast, name="满员班")
        admitted(self.cast, full, self.trainee())
        to_file = planned(self.cast, name="待审批班")
        return {
            "enrolment": asked(self.cast, taught, "owner"),
            "planned_class": planned(self.cast, name="筹备班"),
            "filed_class": move_class(by=desk, training_class=to_file, to=ClassState.FILED, now=NOW),
            "full_class": full,
            "offered_class": opened(self.cast, name="中级班", level=Level.INTERMEDIATE),
        }

    def papers(self) -> dict[str, Any]:
        """A batch before each step, a certificate of the owner, and somebody who waits for a batch."""
        world = Passed(self.places, {"clerk": self.login("body_admin"), "officer": self.login("bureau")}, [])
        certification.set_codes(
            by=world.officer, body=self.places.body.uuid, scheme="skill_level_22", codes=CODES, now=NOW
        )
        (certificate,) = issued(world, self.record("owner"))
        batches = {}
        for step, bring in (("file", _frozen), ("review", frozen), ("allocate", reviewed), ("issue", numbered)):
            person = self.record(self.trainee())
            publish_grade(candidacy_of(world, person))
            batches[step] = bring(world, person)
        waiting = candidacy_of(world, self.record(self.trainee()))
        publish_grade(waiting)
        return {"certificate": certificate, "batches": batches, "waiting": waiting.specification}

    def sittings(self, blueprint: UUID) -> dict[str, Any]:
        """A sitting before each step of the offices, and one that is open with somebody in its waiting room."""
        (paper,) = draw_papers(by=INSTALLATION, blueprint=blueprint, seed=2, now=NOW)
        plan = filed_plan(paper.blueprint_hash)
        approve_paper(by=INSTALLATION, paper=paper.uuid, now=NOW)
        who, class_uid, now = "sitter", new_uuid(), clock.now()
        open_candidacy(self.cast, who, class_uid=class_uid, entitlements=THEORY, specification=plan)
        asked = SittingRequest(
            SittingKind.CLASS, "理论考试", Level.ELEMENTARY, (("A", paper.uuid),), now, now + timedelta(hours=2), now, "302教室",
            30, class_uid, identity_check=False,
        )  # fmt: skip
        later = replace(
            asked,
            opens_at=now + timedelta(days=1),
            closes_at=now + timedelta(days=2),
            freeze_at=now + timedelta(hours=2),
        )
        made = {
            name: draft_sitting(by=INSTALLATION, organisation=self.places.school.uuid, asked=one, now=now).uuid
            for name, one in (("drafted", later), ("requested", asked), ("open", asked))
        }
        for name in ("requested", "open"):
            request_sitting(by=INSTALLATION, sitting=made[name], now=now)
        chosen: dict[str, Any] = {"by": INSTALLATION, "sitting": made["open"], "now": now}
        approve_sitting(**chosen)
        assign_invigilator(**chosen, user=self.login("invigilator").uuid)
        freeze_roster(**chosen)
        open_sitting(**chosen)
        row = Sitting.objects.get(uuid=made["open"])
        attempt = enter(by=self.cast.acting(who), entry=row.entries.get().uuid, device=new_uuid(), now=now)
        arrangement = ask_arrangement(
            by=INSTALLATION, entry=attempt.entry.uuid, kind=ArrangementKind.LARGE_TYPE, reason="视力", now=now
        )
        made["paper"], keyed = self.on_paper(asked, plan, now)
        accreditation = replace(later, kind=SittingKind.ACCREDITATION, title="社会考生鉴定", class_uid=None)
        made["accreditation"] = draft_sitting(
            by=INSTALLATION, organisation=self.places.body.uuid, asked=accreditation, now=now
        ).uuid
        for step in (request_sitting, approve_sitting):
            step(by=INSTALLATION, sitting=made["accreditation"], now=now)
        application = Application.objects.create(
            sitting=Sitting.objects.get(uuid=made["accreditation"]), person=new_uuid(), practice="2024年起卖茶", at=now
        )
        return {
            "sittings": {name: Sitting.objects.get(uuid=made[name]) for name in made},
            "attempt": attempt,
            "arrangement": arrangement,
            "keyed": keyed,
            "application": application,
            "sitter": self.login(who),
        }

    def on_paper(self, asked: SittingRequest, plan: UUID, now: datetime) -> tuple[UUID, Attempt]:
        """Somebody wrote on a paper form; two people have keyed it in differently."""
        who = self.trainee()
        class_uid = new_uuid()
        open_candidacy(self.cast, who, class_uid=class_uid, entitlements=THEORY, specification=plan)
        uuid = draft_sitting(
            by=INSTALLATION, organisation=self.places.school.uuid, asked=replace(asked, class_uid=class_uid), now=now
        ).uuid
        chosen: dict[str, Any] = {"by": INSTALLATION, "sitting": uuid, "now": now}
        request_sitting(**chosen)
        approve_sitting(**chosen)
        assign_invigilator(**chosen, user=self.login("invigilator").uuid)
        freeze_roster(**chosen)
        entry = Sitting.objects.get(uuid=uuid).entries.get()
        form = ask_arrangement(
            by=self.cast.acting("school_admin"),
            entry=entry.uuid,
            kind=ArrangementKind.PAPER_FORM,
            reason="骨折",
            now=now,
        )
        rule_on_arrangement(by=INSTALLATION, arrangement=form.uuid, granted=True, reason="有病历", now=now)
        open_sitting(**chosen)
        row = begin_on_paper(by=INSTALLATION, entry=entry.uuid, now=now)
        collect_paper(by=INSTALLATION, attempt=row.uuid, now=now)
        for number, said in enumerate(({"1": ["A"]}, {"1": ["B"]}), start=1):
            Keying.objects.create(attempt=row, number=number, responses=said, by=new_uuid(), at=now)
        return uuid, row

    def booklet(self, attempt: Attempt, candidacy: UUID) -> dict[str, Any]:
        """A short answer to a question with a picture, its examiners at work."""
        writer = acting_for(make_user(self.places.county, Role.COMMITTEE), None)
        media = store_file(by=writer, data=drawn(), name="price.png", now=NOW)
        asked = question_document(
            "这张价签少写了什么？![价签](price.png)",
            type=QuestionType.SHORT,
            options=(),
            key=Key(model="单位"),
            media=(media,),
        )
        version = write_question(by=writer, document=asked, now=NOW)
        Answer.objects.create(
            attempt=attempt,
            epoch=1,
            sequence=1,
            position=1,
            response='"unit"',
            at_ms=0,
            standing="counted",
            hash="0" * 64,
        )
        item = BookletItem(1, asked.uid, version.uuid, Decimal(2))
        open_booklet(attempt=attempt.uuid, candidacy=candidacy, items=[item], now=NOW)
        allocate(submission=attempt.uuid, now=NOW)
        made = Panel.objects.get(submission=attempt.uuid)
        return {"booklet": made, "picture": f"/scoring/{made.code}/file/{version.uuid}/{media.sha256}"}

    def statistics(self, paper: PaperData) -> dict[str, Any]:
        """Thirty candidates at a released sitting, analysed."""
        held = statistics.World(SimpleNamespace(places=self.places), paper, statistics.keys_of(paper))  # type: ignore[arg-type]
        row = statistics.sitting(held, statistics.letters(held, 30), held=NOW)
        run = refresh_sitting(sitting=row.uuid, now=NOW)
        assert run is not None
        item = run.items.order_by("position")[0]
        concern = Concern.objects.create(
            question=item.question, version=item.version, level=run.level, serial=item.serial, version_number=1,
            topic=item.topic, run=run, flags=[["weak", "look", 0.1, 0.15]], urgent=False, raised_at=NOW, moved_at=NOW,
        )  # fmt: skip
        return {"run": run, "analysed": item, "concern": concern}

    def marks(self, blueprint: UUID) -> dict[str, Any]:
        """A sitting whose marks wait for the chief, one whose marks she has confirmed, a correction that waits for her."""
        (paper,) = draw_papers(by=INSTALLATION, blueprint=blueprint, seed=3, now=NOW)
        approve_paper(by=INSTALLATION, paper=paper.uuid, now=NOW)
        plan = filed_plan(paper.blueprint_hash)
        made = {name: self._sat(paper.uuid, plan) for name in ("marked", "confirmed")}
        confirm_marks(by=INSTALLATION, sitting=made["confirmed"], now=clock.now())
        committee = make_user(self.places.city, Role.COMMITTEE)
        correction = propose_correction(
            by=acting_for(committee, None), version=paper.items[0].version, kind=CorrectionKind.STRUCK, key=None,
            reason="两个选项都对", now=clock.now(),
        )  # fmt: skip
        try_correction(correction=correction.uuid, now=clock.now(), beat=lambda _done, _all: None)
        return {"marks": {name: Sitting.objects.get(uuid=made[name]) for name in made}, "corrected": correction}

    def _sat(self, paper: UUID, plan: UUID) -> UUID:
        """A closed sitting of one candidate, whose paper is marked."""
        who, class_uid, now = self.trainee(), new_uuid(), clock.now()
        open_candidacy(self.cast, who, class_uid=class_uid, entitlements=THEORY, specification=plan)
        asked = SittingRequest(
            SittingKind.CLASS, "理论考试", Level.ELEMENTARY, (("A", paper),), now, now + timedelta(hours=2), now, "302教室",
            30, class_uid, identity_check=False,
        )  # fmt: skip
        uuid = draft_sitting(by=INSTALLATION, organisation=self.places.school.uuid, asked=asked, now=now).uuid
        chosen: dict[str, Any] = {"by": INSTALLATION, "sitting": uuid, "now": now}
        for step in (request_sitting, approve_sitting, freeze_roster, open_sitting):
            step(**chosen)
        acting, device = self.cast.acting(who), new_uuid()
        row = enter(by=acting, entry=Sitting.objects.get(uuid=uuid).entries.get().uuid, device=device, now=now)
        row = start_attempt(by=acting, attempt=row.uuid, device=device, now=now)
        hand_in_paper(by=acting, attempt=row.uuid, device=device, sequence=0, head=row.hash, now=now)
        close_sitting(**chosen)
        mark_sitting(sitting=uuid, now=now)
        return uuid

    def offices(self) -> dict[str, Any]:
        """What people ask of the offices: a correction, a merge, an approval; and what they sign."""
        desk = self.cast.acting("school_admin")
        classmate, twin, kept, merged = (self.trainee() for _ in range(4))
        content = AssessmentSpecification.objects.get(uuid=rules()).content
        return {
            "classmate": self.login(classmate),
            "classmate_person": self.record(classmate),
            "twin": self.login(twin),
            "correction": ask_correction(
                by=desk, person=self.record("owner").uuid, name="林小燕", document_type=None, document_number="",
                evidence="户口簿", scan_note="", now=NOW,
            ),
            "merge": propose_merge(
                by=desk, kept=self.record(kept).uuid, merged=self.record(merged).uuid, evidence="同一人", now=NOW
            ),
            "specification": add_specification_version(content | {"key": "waiting"}, now=NOW).uuid,
            "consent_text": texts_in_force()[0].uuid,
        }  # fmt: skip

    def study(self, folder: Path) -> dict[str, Any]:
        """A class with lessons in training, and what its people and offices do with them."""
        writer = make_user(self.cast.city, Role.COMMITTEE)
        self.cast.users["writer"] = writer
        studied, shown = self.studied()
        module = LessonPage.objects.get(title=TITLES[0]).get_parent().specific
        reviewed = lesson(module, document("待审定的一课"), live=False)
        reviewed.save_revision(user=writer)
        reviewed.get_workflow().start(reviewed, writer)
        return (
            {
                "studied": studied,
                "lesson_page": LessonPage.objects.get(title=TITLES[1]),
                "reviewed": reviewed,
                "lesson_picture": shown,
                "film": make(writer),
                "asked": _under_review(writer),
                "package": ContentPackage.objects.get(),
                **_packs(writer),
            }
            | self.asked_and_handed_in(studied)
            | self.filmed(studied, folder)
        )

    def studied(self) -> tuple[Taught, str]:
        """The class, its owner beside another trainee; and the picture of its first lesson."""
        load_homework_rubrics()
        shown = drawn()
        name = hashlib.sha256(shown).hexdigest()
        image = Image.objects.create(title="鱼丸", file=ContentFile(shown, "ball.png"))
        first = document(TITLES[0])
        package = ContentPackage.objects.create(
            title="小测验", sha256="0" * 64, entry="index.html", author=new_uuid(), created_at=NOW
        )
        extra = (PictureBlock("ball.png", name, "一碗鱼丸"), PackageBlock(package.uuid, "小测验"))
        made = taught(
            self.cast,
            documents=(
                _for_pictures(replace(first, blocks=(*first.blocks, *extra))),
                _for_pictures(document(TITLES[1])),
            ),
            files=Files({name: image}, {}, {}, {package.uuid: package}),
            who=self.trainee(),
            name="在学班",
            starts_on=clock.today() - timedelta(days=1),
            ends_on=clock.today() + timedelta(days=20),
        )  # fmt: skip
        # She asks to join another class of this level (`enrolment`), so she cannot ask to join this one.
        own = Enrolment.objects.create(
            person=self.record("owner"), training_class=made.row, state=EnrolmentState.IN_TRAINING, created_at=NOW,
            moved_at=NOW,
        )  # fmt: skip
        return replace(made, enrolment=own), name

    def asked_and_handed_in(self, studied: Taught) -> dict[str, Any]:
        """A question, homework with a picture, a deadline; a listed platform with a log; a system that fetches."""
        hers: dict[str, Any] = {"by": self.cast.acting("owner"), "training_class": studied.row.uuid, "now": NOW}
        task = hers | {"task": studied.manifest.lessons[0].tasks[0].uid}
        desk = self.cast.acting("school_admin")
        save_draft(**task, text="大家好", revision=0)
        add_picture(**task, picture=picture())
        draft = HomeworkItem.objects.get(enrolment=studied.enrolment)
        item = hand_in(**task, text="大家好", revision=draft.revision)
        platform = list_platform(
            by=self.cast.acting("city_bureau"), name="学习强国", operator="某公司", document="榕人社培〔2020〕34号",
            valid_from=date(2020, 1, 1), valid_to=None, now=NOW,
        )  # fmt: skip
        return {
            "question": ask(**hers, lesson=studied.lesson(), text="这样说可以吗？", key=new_uuid()),
            "deadline": set_deadline(by=desk, training_class=studied.row, lesson=None, due=studied.row.ends_on, now=NOW),
            "homework": item,
            "homework_picture": HomeworkPicture.objects.get(item=item),
            "platform": platform,
            "log": handed_in(
                self.cast, studied.row,
                entry(studied.enrolment, 0, 30, number=studied.enrolment.person.document_number),
            ),
            "client": add_client(by=desk, name="市学习平台", now=NOW)[0],
        }  # fmt: skip

    def filmed(self, studied: Taught, folder: Path) -> dict[str, Any]:
        """A checked recording of a session of the class; the first bytes of a selling video of hers."""
        new = NewRecording(studied.row.starts_on, time(9), 90, Mode.THEORY, "产品讲解四步法")
        file = InPlace("1.mp4", store.put(io.BytesIO(b"a session"), "uploads/session/source"))
        recording = add_recording(
            by=self.cast.acting("school_admin"), training_class=studied.row, new=new, file=file, form_token=new_uuid(),
            now=clock.now(),
        )  # fmt: skip
        finish_material(recording.asset, folder, ())
        path = begun(self.cast.client("owner"), b"a selling video")
        patch(self.cast.client("owner"), path, 0, b"a sell")
        return {"recording": recording, "upload": row(path)}


def _for_pictures(made: LessonDocument) -> LessonDocument:
    """The same lesson whose tasks take pictures as well."""
    every = (Accepts.TEXT, Accepts.PICTURE, Accepts.VIDEO)
    return replace(
        made,
        blocks=tuple(replace(one, accepts=every) if isinstance(one, TaskBlock) else one for one in made.blocks),
    )

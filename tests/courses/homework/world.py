"""A class in training whose curriculum has two practice tasks; homework counts in its assessment, or does not."""

import io
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.core.files.base import File
from PIL import Image

from assessment.specification.services import add_specification_version, approve_specification
from courses.catalogue.logic import content_hash, to_json
from courses.catalogue.models import LessonVersion, Manifest
from courses.catalogue.types import Accepts, Delivery, LessonDocument, LessonKind, Method, TaskBlock, TextBlock
from courses.classes.models import ManifestPin, TrainingClass
from courses.classes.services import add_instructor, move_class
from courses.classes.types import ClassState
from courses.enrolment.models import Enrolment
from courses.enrolment.services import start_training
from courses.homework.models import HomeworkItem, HomeworkMark, HomeworkRubric
from courses.homework.pictures import CleanPicture, clean_picture
from courses.homework.services.drafts import add_picture, hand_in, save_draft
from courses.homework.services.marking import mark_homework
from courses.homework.services.rubrics import load_homework_rubrics
from lms.accounts.api import INSTALLATION
from lms.core.reference import content_hash as text_hash
from lms.core.types import Level
from tests.assessment.people import person_of
from tests.assessment.results.world import RUBRIC as VIDEO_RUBRIC
from tests.courses.school import admitted, opened
from tests.media_pipeline.cast import NOW, Cast

GOOD = {"H1": "good", "H2": "good", "H3": "good", "H4": "good"}
BEST = dict.fromkeys(GOOD, "excellent")


@dataclass(frozen=True)
class Taught:
    """`first` takes text and pictures, `second` text and video."""

    cast: Cast
    row: TrainingClass
    first: UUID
    second: UUID
    enrolments: dict[str, Enrolment]

    @property
    def enrolment(self) -> Enrolment:
        return self.enrolments["owner"]

    def where(self, task: UUID | None = None, who: str = "owner", now: datetime = NOW) -> dict[str, Any]:
        """What every service of hers is told."""
        acting = self.cast.acting(who)
        return {"by": acting, "training_class": self.row.uuid, "task": task or self.first, "now": now}

    def handed_in(
        self, task: UUID | None = None, who: str = "owner", text: str = "大家好，我是卖鱼丸的。"
    ) -> HomeworkItem:
        where = self.where(task, who)
        row = save_draft(**where, text=text, revision=0)
        return hand_in(**where, text=text, revision=row.revision)

    def marked(
        self, item: HomeworkItem, levels: dict[str, str] | None = None, words: str = "", who: str = "instructor"
    ) -> HomeworkMark:
        acting = self.cast.acting(who)
        return mark_homework(by=acting, item=item.uuid, levels=levels or GOOD, words=words, now=NOW)


def lesson(*blocks: Any, title: str = "产品讲解四步法") -> LessonVersion:
    """One published lesson."""
    document = LessonDocument(
        uid=uuid4(),
        title=title,
        summary="学会讲一个产品。",
        kind=LessonKind.THEORY,
        delivery=Delivery.ONLINE,
        methods=(Method.LECTURE,),
        hours=Decimal(2),
        online_minutes=20,
        tags=(),
        audiences=(),
        blocks=(TextBlock("先说特点。"), *blocks),
    )
    return LessonVersion.objects.create(
        lesson=document.uid,
        title=title,
        content_hash=content_hash(document),
        document=to_json(document),
        words=title,
        published_at=NOW,
    )


def task(title: str, *accepts: Accepts) -> TaskBlock:
    return TaskBlock(uuid4(), title, "对着镜子说**30秒**，写下来。", accepts, 30)


def pinned(row: TrainingClass, *lessons: LessonVersion) -> Manifest:
    """The class is taught from these lessons."""
    entries = [
        {
            "uid": str(uuid4()),
            "title": "产品讲解",
            "code": "C5-01",
            "summary": "",
            "lessons": [str(each.uuid) for each in lessons],
        }
    ]
    kept = Manifest.objects.create(
        level=Level.ELEMENTARY, edition=1, content_hash=text_hash(str(entries)), entries=entries, created_at=NOW
    )
    ManifestPin.objects.create(training_class=row, manifest=kept.uuid, reason="试", created_at=NOW)
    return kept


def homework_specification(weight: str = "40") -> UUID:
    """Homework and the video, approved; its rubric is the one we ship."""
    rubric = HomeworkRubric.objects.get(key="practice_task", version=1)
    common: dict[str, Any] = {"pass_mark": "60", "resits": None, "blueprint_key": "", "blueprint_hash": ""}
    content = {
        "key": "homework",
        "level": 5,
        "title": "初级试用规范（作业和视频）",
        "trial": True,
        "parts": [
            {
                "part": "homework",
                "weight": weight,
                "rubric_key": rubric.key,
                "rubric_hash": rubric.content_hash,
                **common,
            },
            {
                "part": "video",
                "weight": str(100 - Decimal(weight)),
                "rubric_key": VIDEO_RUBRIC[0],
                "rubric_hash": VIDEO_RUBRIC[1],
                **common,
            },
        ],
        "quorum": {"minimum": 3, "odd": True, "spread_limit": "15"},
        "papers": ["completion_certificate"],
    }
    made = add_specification_version(content, now=NOW)
    if not made.approved:
        approve_specification(by=INSTALLATION, specification=made.uuid, now=NOW)
    return made.uuid


def taught(cast: Cast, *people: str, counts: bool = True) -> Taught:
    """A class in training with these trainees (the owner by default) and the cast's instructor."""
    load_homework_rubrics()
    first, second = task("写一段开场白", Accepts.TEXT, Accepts.PICTURE), task("录一段讲解", Accepts.TEXT, Accepts.VIDEO)
    row = opened(cast)
    if counts:
        TrainingClass.objects.filter(pk=row.pk).update(specification=homework_specification())
        row.refresh_from_db()
    pinned(row, lesson(first), lesson(second, title="促单与逼单"))
    add_instructor(
        by=cast.acting("school_admin"), training_class=row, person=person_of(cast, "instructor").uuid, now=NOW
    )
    enrolments = {who: admitted(cast, row, who) for who in people or ("owner",)}
    start_training(by=cast.acting("school_admin"), training_class=row, now=NOW)
    for enrolment in enrolments.values():
        enrolment.refresh_from_db()
    row.refresh_from_db()
    return Taught(cast, row, first.uid, second.uid, enrolments)


def finished(world: Taught) -> None:
    """The training has ended."""
    move_class(by=world.cast.acting("school_admin"), training_class=world.row, to=ClassState.FINISHED, now=NOW)
    world.row.refresh_from_db()


def photo(colour: str = "tomato", size: tuple[int, int] = (640, 480), kind: str = "JPEG", **options: Any) -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind, **options)
    out.seek(0)
    return out


def picture(colour: str = "tomato") -> CleanPicture:
    return clean_picture(photo(colour))


def with_picture(world: Taught, colour: str = "tomato") -> HomeworkItem:
    """A draft of the first task with one picture."""
    add_picture(**world.where(), picture=picture(colour))
    return HomeworkItem.objects.get(enrolment=world.enrolment, task=world.first, state="draft")


def video_file(content: bytes = b"a video") -> File[bytes]:
    file: File[bytes] = File(io.BytesIO(content), name="林晓燕.mp4")
    file.size = len(content)
    return file

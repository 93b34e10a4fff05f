"""A Word file becomes a draft lesson of one module."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from io import BytesIO
from typing import Any
from uuid import uuid4

from django.db import transaction

from courses.catalogue.documents import write_document
from courses.catalogue.exchange.docx import WordLesson
from courses.catalogue.exchange.folder import LevelFile
from courses.catalogue.exchange.importing import Importer, free_slug, swept, user_of
from courses.catalogue.models import CoursePage, LessonPage
from courses.catalogue.types import Delivery, LessonDocument, LessonKind, Method
from lms.accounts.api import Acting, require
from lms.core import audit


@dataclass(frozen=True)
class LessonFacts:
    """What a Word file does not say about a lesson."""

    title: str
    summary: str
    kind: LessonKind
    delivery: Delivery
    methods: tuple[Method, ...]
    hours: Decimal
    online_minutes: int


@dataclass(frozen=True)
class _Held:
    """Files in memory as a Tree."""

    files: Mapping[str, bytes]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self.files))

    def read(self, name: str, most: int = 0) -> bytes:
        return self.files[name]

    def open(self, name: str) -> Any:
        return nullcontext(BytesIO(self.files[name]))

    def sha256(self, name: str) -> str:
        return sha256(self.files[name]).hexdigest()


def draft_from_word(
    *, by: Acting, course: CoursePage, word: WordLesson, facts: LessonFacts, now: datetime
) -> LessonPage:
    """A new lesson at the end of a module, never live. Raises NotAllowed."""
    require(by, "curriculum_file", "execute")
    user = user_of(by)
    uid = uuid4()
    document = LessonDocument(
        uid=uid,
        title=facts.title,
        summary=facts.summary,
        kind=facts.kind,
        delivery=facts.delivery,
        methods=facts.methods,
        hours=facts.hours,
        online_minutes=facts.online_minutes,
        tags=(),
        audiences=(),
        blocks=word.blocks,
    )
    level = LevelFile(0, 0, "", files={name: name for name in word.files})
    with swept() as made, transaction.atomic():
        files = Importer(_Held(word.files), user, made).files(level, document)
        page = write_document(LessonPage(live=False), document, files)
        page.slug = free_slug(course, f"lesson-{str(uid)[:8]}")
        course.add_child(instance=page)
        page.save_revision(user=user)
        audit.record(
            subject_kind="lesson",
            subject=uid,
            action="imported from Word",
            actor=by.user,
            fields={"pictures": len(word.files), "lost": len(word.lost)},
            now=now,
        )
    return page

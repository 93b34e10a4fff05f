"""Her notes and bookmarks."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from courses.learning.models import Bookmark, LessonNote
from courses.learning.rules import NOTE_MAX
from courses.learning.selectors.gates import own_lesson
from courses.learning.services.moments import moment_of
from courses.learning.services.words import bounded, tidy
from courses.learning.types import NoteStale, NoteView, StudyRefused
from lms.accounts.api import Acting


@transaction.atomic
def save_note(*, by: Acting, training_class: UUID, lesson: UUID, text: str, revision: int, now: datetime) -> NoteView:
    """Keep her note; the answer is the receipt. revision: of the text she began with, 0 for a new one.

    The same text again is a receipt again: an answer may get lost on the way.
    Raises NoteStale (saved elsewhere meanwhile), StudyRefused ("long"), PermissionDenied, Http404.
    """
    at = own_lesson(by, training_class, lesson)
    words = bounded(tidy(text), NOTE_MAX)
    held = {"enrolment": at.enrolment, "lesson": lesson}
    LessonNote.objects.bulk_create([LessonNote(**held, text="", saved_at=now)], ignore_conflicts=True)
    row = LessonNote.objects.select_for_update(of=("self",)).get(**held)
    if row.text == words and row.revision > 0:
        return NoteView(row.text, row.revision, row.saved_at)
    if row.revision != revision:
        raise NoteStale(_("The note was changed on another device meanwhile."), text=row.text, revision=row.revision)
    row.text, row.revision, row.saved_at = words, revision + 1, now
    row.save(update_fields=["text", "revision", "saved_at"])
    return NoteView(row.text, row.revision, row.saved_at)


@transaction.atomic
def set_bookmark(
    *, by: Acting, training_class: UUID, lesson: UUID, block: int, marked: bool, age_ms: int, now: datetime
) -> bool:
    """Mark a place, or mark it no more; what she did last counts, whenever it arrives. Returns how it stands.

    Raises StudyRefused ("place"), PermissionDenied, Http404.
    """
    at = own_lesson(by, training_class, lesson)
    if not 1 <= block <= at.blocks:
        raise StudyRefused(_("This lesson has no such place."), code="place", field="block")
    moment = moment_of(at, age_ms, now=now)
    held = {"enrolment": at.enrolment, "lesson": lesson, "block": block}
    row = Bookmark.objects.select_for_update(of=("self",)).filter(**held).first()
    if row is None:
        fresh = Bookmark(**held, is_set=marked, at=moment)
        Bookmark.objects.bulk_create([fresh], ignore_conflicts=True)
        row = Bookmark.objects.select_for_update(of=("self",)).get(**held)
    if moment > row.at:
        row.is_set, row.at = marked, moment
        row.save(update_fields=["is_set", "at"])
    return row.is_set

"""Questions, their immutable versions, and what was said and done about them.

A version stands in two parts: `content` may be read by whoever may read the question, `secret` (key and explanation) is
encrypted and opened by one service, which writes every look down. Words people write about a question (notes, verdicts,
comments, reasons) may name its key, so they are encrypted, too.
"""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessment.bank.logic import MOVES, PRACTICE_MOVES
from assessment.bank.types import MediaKind, Pool, QuestionState, QuestionType, ReviewVerdict, Step
from lms.core.constraints import is_sha256, one_of
from lms.core.crypto import EncryptedTextField
from lms.core.models import Record, WrittenOnce
from lms.core.states import move_state
from lms.core.types import Level

__all__ = [
    "ImportDraft",
    "KeyLook",
    "KeyLookItem",
    "Question",
    "QuestionComment",
    "QuestionFile",
    "QuestionMove",
    "QuestionVerdict",
    "QuestionVersion",
]

_PRACTICE = [QuestionState.APPROVED, QuestionState.RETIRED]


class Question(Record):
    """One question through all its versions; `uuid` is its uid, the same in every file.

    `current`: the newest version; `approved`: the one papers draw, NULL when there is none. `state` is the newest version's
    way. `round` counts submissions. Level … law repeat the newest version's place, `search_text` its stem, options and shared
    material; never the key. `lesson`: of a practice question, the lesson it stands in. `opened_at`: since when candidates
    may read it at home, because a release opened its paper.
    """

    pool = models.CharField(max_length=10, default=Pool.EXAM)
    level = models.PositiveSmallIntegerField()
    topic = models.CharField(max_length=10)
    type = models.CharField(max_length=12)
    difficulty = models.PositiveSmallIntegerField()
    step = models.CharField(max_length=12)
    law = models.BooleanField(default=False)
    state = models.CharField(max_length=10, default=QuestionState.DRAFT)
    round = models.PositiveIntegerField(default=0)
    current = models.OneToOneField("QuestionVersion", on_delete=models.PROTECT, null=True, related_name="current_of")
    approved = models.OneToOneField("QuestionVersion", on_delete=models.PROTECT, null=True, related_name="approved_of")
    author = models.UUIDField(null=True)
    lesson = models.UUIDField(null=True, db_index=True)
    stimulus = models.UUIDField(null=True, db_index=True)
    exposure = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(null=True)
    search_text = models.TextField()
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = pgettext_lazy("bank", "question")
        verbose_name_plural = pgettext_lazy("bank", "questions")
        indexes = [
            models.Index(fields=["pool", "state", "id"], name="assessment_question_state"),
            models.Index(fields=["pool", "level", "topic", "id"], name="assessment_question_topic"),
            models.Index(fields=["author", "id"], name="assessment_question_author"),
        ]
        constraints = [
            models.CheckConstraint(condition=one_of("pool", list(Pool)), name="assessment_question_pool"),
            models.CheckConstraint(condition=one_of("type", list(QuestionType)), name="assessment_question_type"),
            models.CheckConstraint(condition=one_of("step", list(Step)), name="assessment_question_step"),
            models.CheckConstraint(
                condition=one_of("state", list(QuestionState)), name="assessment_question_known_state"
            ),
            models.CheckConstraint(
                condition=Q(level__in=[int(level) for level in Level]) & ~Q(topic=""), name="assessment_question_placed"
            ),
            models.CheckConstraint(
                condition=Q(difficulty__gte=1, difficulty__lte=5), name="assessment_question_difficulty"
            ),
            # Only what was approved is called so (S1-27), and a lesson's question never comes into use on a paper.
            models.CheckConstraint(
                condition=~one_of("state", [QuestionState.APPROVED, QuestionState.IN_USE]) | Q(approved__isnull=False),
                name="assessment_question_approved_by",
            ),
            models.CheckConstraint(
                condition=~Q(pool=Pool.PRACTICE)
                | (one_of("state", [*_PRACTICE]) & Q(lesson__isnull=False, exposure=0)),
                name="assessment_question_practice_apart",
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    def move(self, after: QuestionState, *, now: datetime, **fields: Any) -> None:
        """Compare-and-set from the state this object was read in; `fields` go into the same UPDATE.

        Raises IllegalMove, also when somebody was first.
        """
        moves = PRACTICE_MOVES if self.pool == Pool.PRACTICE else MOVES
        move_state(self, after, moves, updated_at=now, **fields)


class QuestionVersion(Record, WrittenOnce):
    """One version of a question, for good. `content`: the document without key and explanation; `secret`: JSON of these two.

    `content_hash` is a keyed HMAC over the whole document: a plain hash would let somebody try the four keys. `signature`:
    MinHash of whole text and stem (`logic.signature_of`). `author` and `author_person` NULL: the installation.
    """

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    secret = EncryptedTextField()
    content_hash = models.CharField(max_length=64)
    signature = models.BinaryField()
    author = models.UUIDField(null=True)
    author_person = models.UUIDField(null=True)
    note = EncryptedTextField(blank=True, default="")
    restored_from = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("version of a question")
        verbose_name_plural = _("versions of a question")
        indexes = [
            # "Is a text of hers in it?" is asked of the whole bank for every list of hers and every verdict. What was loaded
            # has no author; counted among the others it would make the index look useless.
            models.Index(
                fields=["author", "question"], condition=Q(author__isnull=False), name="assessment_version_author"
            ),
            models.Index(
                fields=["author_person", "question"],
                condition=Q(author_person__isnull=False),
                name="assessment_version_person",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["question", "number"], name="assessment_question_version"),
            models.CheckConstraint(condition=Q(number__gte=1), name="assessment_question_from_one"),
            models.CheckConstraint(condition=is_sha256("content_hash"), name="assessment_question_hash"),
            models.CheckConstraint(
                condition=Q(restored_from=None) | Q(restored_from__lt=F("number")), name="assessment_question_restored"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question_id} v{self.number}"


class QuestionVerdict(Record, WrittenOnce):
    """One expert's word on one version in one round of review; none is ever lost (S1-27)."""

    version = models.ForeignKey(QuestionVersion, on_delete=models.PROTECT, related_name="verdicts")
    round = models.PositiveIntegerField()
    expert = models.UUIDField()
    expert_person = models.UUIDField()
    verdict = models.CharField(max_length=10)
    words = EncryptedTextField(blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("verdict on a question")
        verbose_name_plural = _("verdicts on a question")
        constraints = [
            models.UniqueConstraint(fields=["version", "round", "expert"], name="assessment_one_verdict_an_expert"),
            models.UniqueConstraint(
                fields=["version", "round", "expert_person"], name="assessment_one_verdict_a_person"
            ),
            models.CheckConstraint(condition=one_of("verdict", list(ReviewVerdict)), name="assessment_verdict_known"),
            models.CheckConstraint(
                condition=Q(verdict=ReviewVerdict.APPROVE) | ~Q(words=""), name="assessment_return_has_words"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.verdict}"


class QuestionComment(Record, WrittenOnce):
    """A remark; `version` is the one she had before her."""

    version = models.ForeignKey(QuestionVersion, on_delete=models.PROTECT, related_name="comments")
    author = models.UUIDField()
    words = EncryptedTextField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("comment on a question")
        verbose_name_plural = _("comments on a question")
        constraints = [models.CheckConstraint(condition=~Q(words=""), name="assessment_comment_says")]

    def __str__(self) -> str:
        return str(self.uuid)


class QuestionMove(Record, WrittenOnce):
    """A change of state and why. `by` NULL: the installation."""

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="moves")
    before = models.CharField(max_length=10)
    after = models.CharField(max_length=10)
    reason = EncryptedTextField(blank=True, default="")
    by = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("change of a question's state")
        verbose_name_plural = _("changes of a question's state")
        constraints = [
            models.CheckConstraint(condition=~Q(before=F("after")), name="assessment_question_moved"),
            models.CheckConstraint(
                condition=~one_of("after", [QuestionState.SUSPENDED, QuestionState.RETIRED])
                | ~Q(reason="")
                | Q(by=None),
                name="assessment_question_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question_id} {self.after}"


class KeyLook(Record, WrittenOnce):
    """Somebody was shown keys: of one question on a screen, or of many in a file (`format`). `booklet`: the one of short
    answers that she marks by them; she may come back to it without another look."""

    by = models.UUIDField()
    reason = EncryptedTextField()
    format = models.CharField(max_length=10, blank=True, default="")
    booklet = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("look at keys")
        verbose_name_plural = _("looks at keys")
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="assessment_look_has_reason"),
            models.UniqueConstraint(fields=["by", "booklet"], name="assessment_one_look_a_booklet"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)


class KeyLookItem(WrittenOnce):
    """One version whose key was shown."""

    id = models.BigAutoField(primary_key=True)
    look = models.ForeignKey(KeyLook, on_delete=models.PROTECT, related_name="items")
    version = models.ForeignKey(QuestionVersion, on_delete=models.PROTECT, related_name="looks")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["look", "version"], name="assessment_look_once")]

    def __str__(self) -> str:
        return f"{self.look_id} {self.version_id}"


class QuestionFile(Record):
    """A picture, sound or film that versions name by its SHA-256; in private storage, as this room has made or checked it."""

    sha256 = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=10)
    mime = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    storage_key = models.CharField(max_length=200, unique=True)
    by = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("file of a question")
        verbose_name_plural = _("files of a question")
        constraints = [
            models.CheckConstraint(condition=is_sha256("sha256"), name="assessment_question_file_hash"),
            models.CheckConstraint(condition=one_of("kind", list(MediaKind)), name="assessment_question_file_kind"),
            models.CheckConstraint(condition=Q(size__gte=1), name="assessment_question_file_size"),
        ]

    def __str__(self) -> str:
        return self.sha256


class ImportDraft(Record):
    """A file that was read and not yet taken in; encrypted, for it holds keys. Removed after a week.

    `payload`: JSON of the reading as somebody has mended it (`exchange`).
    """

    by = models.UUIDField()
    name = models.CharField(max_length=200)
    format = models.CharField(max_length=10)
    payload = EncryptedTextField()
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("import waiting to be taken in")
        verbose_name_plural = _("imports waiting to be taken in")

    def __str__(self) -> str:
        return str(self.uuid)

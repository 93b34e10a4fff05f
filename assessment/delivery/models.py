"""Sittings, rosters, attempts and saved answers.

An attempt's row is a cache: its clock adds up from `AttemptEvent`, the end of its stream from `Answer`, both written once.
What the save path reads and writes is in milliseconds (see `types`). Candidacies, papers and people are named by uuid.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from assessment.delivery.types import (
    LIVE,
    SITTING_MOVES,
    ArrangementKind,
    AttemptClock,
    AttemptState,
    Happened,
    Kind,
    SittingKind,
    SittingState,
    Standing,
    Stored,
    Watched,
)
from lms.core.constraints import is_sha256, one_of
from lms.core.crypto import EncryptedTextField
from lms.core.records import Record, WrittenOnce
from lms.core.states import move_state
from lms.core.types import Level

__all__ = [
    "Answer",
    "Application",
    "ApplicationRuling",
    "Arrangement",
    "ArrangementRuling",
    "Attempt",
    "AttemptEvent",
    "IntegrityEvent",
    "Invigilation",
    "Keying",
    "KeyingRuling",
    "LateRuling",
    "PaperSheet",
    "RenderedQuestion",
    "RosterEntry",
    "Sitting",
    "SittingApproval",
]


class Sitting(Record):
    """An examination at an hour (场次). `papers`: form → paper; `minutes` are the papers', `blueprint_hash` is of what they
    were all drawn by.

    `opens_at` to `closes_at`: when an attempt may be started. `places`: how many have come into the waiting room.
    `opened_at`: when the waiting room began to let in. `browser_keys`: of Safe Exam Browser.
    `profile` and `specification`: the rules it is held by, pinned; NULL where its candidates bring several. `approvers`: the
    parties that the profile names, all of whom approve.
    """

    kind = models.CharField(max_length=14)
    title = models.CharField(max_length=100)
    level = models.PositiveSmallIntegerField()
    papers = models.JSONField()
    minutes = models.PositiveSmallIntegerField()
    items = models.PositiveSmallIntegerField()
    blueprint_hash = models.CharField(max_length=64, default="")
    grace_s = models.PositiveSmallIntegerField()
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    freeze_at = models.DateTimeField()
    hall = models.CharField(max_length=100)
    seats = models.PositiveSmallIntegerField()
    starts_per_minute = models.PositiveSmallIntegerField()
    identity_check = models.BooleanField()
    browser_keys = models.JSONField(default=list)
    organisation = models.UUIDField()
    organisation_path = models.CharField(max_length=255, db_index=True)
    organisation_name = models.CharField(max_length=200)
    class_uid = models.UUIDField(null=True, db_index=True)
    profile = models.UUIDField(null=True)
    specification = models.UUIDField(null=True)
    approvers = models.JSONField(default=list)
    state = models.CharField(max_length=10, default=SittingState.DRAFTED)
    reason = models.CharField(max_length=300, blank=True, default="")
    requested_by = models.UUIDField(null=True)
    requested_at = models.DateTimeField(null=True)
    approved_by = models.UUIDField(null=True)
    approved_at = models.DateTimeField(null=True)
    frozen_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    places = models.PositiveIntegerField(default=0)
    seed = models.CharField(max_length=32)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    moved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("sitting")
        verbose_name_plural = _("sittings")
        indexes = [models.Index(fields=["state", "opens_at"], name="assessment_sitting_line")]
        constraints = [
            models.CheckConstraint(condition=one_of("kind", list(SittingKind)), name="assessment_sitting_kind"),
            models.CheckConstraint(condition=one_of("state", list(SittingState)), name="assessment_sitting_state"),
            models.CheckConstraint(
                condition=one_of("level", [int(one) for one in Level]), name="assessment_sitting_level"
            ),
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="assessment_sitting_window"),
            models.CheckConstraint(condition=Q(freeze_at__lte=F("opens_at")), name="assessment_sitting_freeze"),
            models.CheckConstraint(condition=Q(minutes__gte=1), name="assessment_sitting_minutes"),
            models.CheckConstraint(condition=Q(starts_per_minute__gte=1), name="assessment_sitting_pace"),
            # Who asks for an examination does not approve it.
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("requested_by")), name="assessment_sitting_two_people"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def given(self) -> dict[str, UUID | None]:
        """Party → who approved this request for it."""
        if self.requested_at is None:
            return {}
        return dict(self.approvals.filter(asked_at=self.requested_at).order_by("id").values_list("party", "by"))

    def move(self, after: SittingState, *, now: datetime, **fields: Any) -> None:
        """Compare-and-set from the state this object was read in. Raises IllegalMove, also when somebody was first."""
        move_state(self, after, SITTING_MOVES, moved_at=now, **fields)


class SittingApproval(WrittenOnce):
    """One party's word that a sitting takes place. `asked_at`: of the request it answers; a returned one is asked anew."""

    sitting = models.ForeignKey(Sitting, on_delete=models.PROTECT, related_name="approvals")
    party = models.CharField(max_length=40)
    asked_at = models.DateTimeField()
    by = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("approval of a sitting")
        verbose_name_plural = _("approvals of sittings")
        constraints = [
            models.UniqueConstraint(fields=["sitting", "asked_at", "party"], name="assessment_one_approval_a_party"),
            models.UniqueConstraint(fields=["sitting", "asked_at", "by"], name="assessment_one_approval_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.sitting_id} {self.party}"


class Invigilation(WrittenOnce):
    """Who watches a sitting (监考)."""

    sitting = models.ForeignKey(Sitting, on_delete=models.PROTECT, related_name="invigilations")
    user = models.UUIDField(db_index=True)
    assigned_by = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("invigilator of a sitting")
        verbose_name_plural = _("invigilators of sittings")
        constraints = [models.UniqueConstraint(fields=["sitting", "user"], name="assessment_one_invigilation")]

    def __str__(self) -> str:
        return f"{self.sitting_id} {self.user}"


class Application(Record, WrittenOnce):
    """Somebody of no class asks to sit an accreditation (社会考生报名). `practice`: what she does, and since when."""

    sitting = models.ForeignKey(Sitting, on_delete=models.PROTECT, related_name="applications")
    person = models.UUIDField(db_index=True)
    user = models.UUIDField(null=True)
    practice = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("application for an accreditation")
        verbose_name_plural = _("applications for accreditations")
        constraints = [
            models.UniqueConstraint(fields=["sitting", "person"], name="assessment_one_application"),
            models.CheckConstraint(condition=~Q(practice=""), name="assessment_application_says_practice"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)


class ApplicationRuling(WrittenOnce):
    """The evaluation body's word on it, once, with a reason; granted, it opened `candidacy`."""

    id = models.BigAutoField(primary_key=True)
    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="ruling")
    granted = models.BooleanField()
    candidacy = models.UUIDField(null=True, unique=True)
    reason = models.CharField(max_length=300)
    by = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("ruling on an application")
        verbose_name_plural = _("rulings on applications")
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="assessment_application_ruling_has_reason"),
            models.CheckConstraint(
                condition=Q(granted=True, candidacy__isnull=False) | Q(granted=False, candidacy=None),
                name="assessment_granted_has_candidacy",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.granted}"


class RosterEntry(Record):
    """One candidate of a sitting. `included` NULL: not judged yet; `reason`, a msgid: why she is left out.

    `late_reason`: why the invigilator added her after the roster was fixed. Extra minutes have a reason always. `granted`:
    a cache of what the chief granted her besides, kinds with a blank between each two.
    """

    sitting = models.ForeignKey(Sitting, on_delete=models.PROTECT, related_name="entries")
    candidacy = models.UUIDField()
    person = models.UUIDField(db_index=True)
    seat = models.PositiveSmallIntegerField(null=True)
    form = models.CharField(max_length=4, blank=True, default="")
    included = models.BooleanField(null=True)
    reason = models.CharField(max_length=300, blank=True, default="")
    late_reason = models.CharField(max_length=300, blank=True, default="")
    extra_minutes = models.PositiveSmallIntegerField(default=0)
    # Often about her health.
    extra_reason = EncryptedTextField(blank=True, default="")
    identity_at = models.DateTimeField(null=True)
    identity_by = models.UUIDField(null=True)
    added_by = models.UUIDField(null=True)
    added_at = models.DateTimeField()
    granted = models.CharField(max_length=100, blank=True, default="")

    class Meta:
        verbose_name = _("candidate of a sitting")
        verbose_name_plural = _("candidates of sittings")
        constraints = [
            models.UniqueConstraint(fields=["sitting", "candidacy"], name="assessment_one_entry"),
            models.UniqueConstraint(fields=["sitting", "seat"], name="assessment_one_entry_a_seat"),
            models.CheckConstraint(condition=~Q(included=False) | ~Q(reason=""), name="assessment_left_out_has_reason"),
            models.CheckConstraint(condition=~Q(included=True) | ~Q(form=""), name="assessment_entry_has_form"),
            models.CheckConstraint(
                condition=Q(extra_minutes=0) | ~Q(extra_reason=""), name="assessment_extra_time_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)


class Attempt(Record):
    """One candidate's attempt. Everything from `state` on is a cache; see the module.

    `device`: a random name the browser keeps; no browser's where she writes on paper. `seed`: of the order of options.
    `place`: in the line of the waiting room.
    `sequence` and `hash`: the last receipt of the current epoch. `seen_ms`: when her page last spoke. `flags`:
    positions she marked for later, a blank between each two. `noticed`: the highest number of what the page of this epoch
    noticed. `told_at`: when the room of marks first made its mark known, from when on the results say whether she sits again.
    """

    entry = models.ForeignKey(RosterEntry, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    paper = models.UUIDField()
    form = models.CharField(max_length=4)
    seed = models.CharField(max_length=32)
    items = models.PositiveSmallIntegerField()
    grace_ms = models.PositiveIntegerField()
    place = models.PositiveIntegerField()
    entered_ms = models.BigIntegerField()
    device = models.UUIDField()
    on_paper = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, default=AttemptState.WAITING)
    epoch = models.PositiveIntegerField(default=1)
    started_ms = models.BigIntegerField(null=True)
    deadline_ms = models.BigIntegerField(null=True)
    paused_ms = models.BigIntegerField(null=True)
    sequence = models.PositiveIntegerField(default=0)
    hash = models.CharField(max_length=64)
    seen_ms = models.BigIntegerField()
    flags = models.TextField(blank=True, default="")
    noticed = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("attempt at an examination")
        verbose_name_plural = _("attempts at examinations")
        indexes = [
            # What the machine has to end.
            models.Index(
                fields=["deadline_ms"], condition=Q(state=AttemptState.RUNNING), name="assessment_attempt_running"
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["entry", "number"], name="assessment_attempt_number"),
            models.UniqueConstraint(
                fields=["entry"], condition=one_of("state", list(LIVE)), name="assessment_one_live_attempt"
            ),
            models.CheckConstraint(condition=one_of("state", list(AttemptState)), name="assessment_attempt_state"),
            models.CheckConstraint(condition=is_sha256("hash"), name="assessment_attempt_hash"),
            models.CheckConstraint(condition=Q(number__gte=1), name="assessment_attempt_from_one"),
            models.CheckConstraint(condition=Q(epoch__gte=1), name="assessment_attempt_epoch"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def clock(self) -> AttemptClock:
        """The cached clock."""
        return AttemptClock(AttemptState(self.state), self.epoch, self.started_ms, self.deadline_ms, self.paused_ms)


class AttemptEvent(WrittenOnce):
    """What happened to an attempt, by whom and why; interventions of people among it. `value` as `types.Kind` says.

    `sequence` and `hash`: the end of the stream of answers at that moment.
    """

    id = models.BigAutoField(primary_key=True)
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="events", db_index=False)
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10)
    at_ms = models.BigIntegerField()
    value = models.BigIntegerField(null=True)
    reason = EncryptedTextField(blank=True, default="")
    actor = models.UUIDField(null=True)
    sequence = models.PositiveIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("event of an attempt")
        verbose_name_plural = _("events of attempts")
        constraints = [
            models.UniqueConstraint(fields=["attempt", "number"], name="assessment_attempt_event_number"),
            models.CheckConstraint(condition=one_of("kind", list(Kind)), name="assessment_attempt_event_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id}/{self.number} {self.kind}"

    def as_happened(self) -> Happened:
        """For the arithmetic."""
        return Happened(Kind(self.kind), self.at_ms, self.value)


class Answer(WrittenOnce):
    """One answer as it arrived, for good. A change of mind is a later answer to the same position.

    `response`: canonical JSON in ASCII; what the types of questions make of it is marking's. `hash`: of the receipt.
    """

    id = models.BigAutoField(primary_key=True)
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="answers", db_index=False)
    epoch = models.PositiveIntegerField()
    sequence = models.PositiveIntegerField()
    position = models.PositiveSmallIntegerField()
    response = models.TextField()
    at_ms = models.BigIntegerField()
    standing = models.CharField(max_length=7)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("saved answer")
        verbose_name_plural = _("saved answers")
        constraints = [
            models.UniqueConstraint(fields=["attempt", "epoch", "sequence"], name="assessment_one_answer_a_number"),
            models.CheckConstraint(condition=one_of("standing", list(Standing)), name="assessment_answer_standing"),
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id}/{self.epoch}.{self.sequence}"

    def as_stored(self) -> Stored:
        """For the arithmetic."""
        standing = Standing(self.standing)
        return Stored(self.epoch, self.sequence, self.position, self.response, self.at_ms, standing, self.hash)


class IntegrityEvent(WrittenOnce):
    """Something the exam page noticed; information for people. `number`: the page's, 0 and less for the server's own."""

    id = models.BigAutoField(primary_key=True)
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="watched", db_index=False)
    epoch = models.PositiveIntegerField()
    number = models.IntegerField()
    kind = models.CharField(max_length=16)
    at_ms = models.BigIntegerField()
    ago_ms = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("integrity event")
        verbose_name_plural = _("integrity events")
        constraints = [
            models.UniqueConstraint(fields=["attempt", "epoch", "number"], name="assessment_one_integrity_event"),
            models.CheckConstraint(condition=one_of("kind", list(Watched)), name="assessment_integrity_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.kind}"


class LateRuling(WrittenOnce):
    """The chief's decision on an answer that came late or from beside: it counts or it does not, once, with a reason."""

    id = models.BigAutoField(primary_key=True)
    answer = models.OneToOneField(Answer, on_delete=models.PROTECT, related_name="ruling")
    counts = models.BooleanField()
    reason = models.CharField(max_length=300)
    by = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("ruling on a late answer")
        verbose_name_plural = _("rulings on late answers")
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="assessment_late_ruling_has_reason")]

    def __str__(self) -> str:
        return f"{self.answer_id} {self.counts}"


class Arrangement(Record, WrittenOnce):
    """What is asked for one candidate besides more time. `scribe`: who writes for her, named on the minutes."""

    entry = models.ForeignKey(RosterEntry, on_delete=models.PROTECT, related_name="arrangements")
    kind = models.CharField(max_length=14)
    scribe = models.CharField(max_length=60, blank=True, default="")
    # About her health.
    reason = EncryptedTextField()
    asked_by = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("arrangement for a candidate")
        verbose_name_plural = _("arrangements for candidates")
        constraints = [
            models.CheckConstraint(condition=one_of("kind", list(ArrangementKind)), name="assessment_arrangement_kind"),
            models.CheckConstraint(
                condition=(Q(kind=ArrangementKind.SCRIBE) & ~Q(scribe=""))
                | (~Q(kind=ArrangementKind.SCRIBE) & Q(scribe="")),
                name="assessment_scribe_has_a_name",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.kind}"


class ArrangementRuling(WrittenOnce):
    """The chief's word on it, once."""

    id = models.BigAutoField(primary_key=True)
    arrangement = models.OneToOneField(Arrangement, on_delete=models.PROTECT, related_name="ruling")
    granted = models.BooleanField()
    reason = EncryptedTextField()
    by = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("ruling on an arrangement")
        verbose_name_plural = _("rulings on arrangements")

    def __str__(self) -> str:
        return f"{self.arrangement_id} {self.granted}"


class PaperSheet(WrittenOnce):
    """A paper form was taken in, and when: what is on it came at that moment."""

    id = models.BigAutoField(primary_key=True)
    attempt = models.OneToOneField(Attempt, on_delete=models.PROTECT, related_name="sheet")
    collected_ms = models.BigIntegerField()
    by = models.UUIDField(null=True)

    class Meta:
        verbose_name = _("paper form taken in")
        verbose_name_plural = _("paper forms taken in")

    def __str__(self) -> str:
        return f"{self.attempt_id}"


class Keying(WrittenOnce):
    """A paper form as one person keyed it in; two do. `responses`: position → response."""

    id = models.BigAutoField(primary_key=True)
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="keyings", db_index=False)
    number = models.PositiveSmallIntegerField()
    responses = models.JSONField()
    by = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("keying of a paper form")
        verbose_name_plural = _("keyings of paper forms")
        constraints = [
            models.UniqueConstraint(fields=["attempt", "number"], name="assessment_one_keying_a_number"),
            # Whoever keyed it in first does not key it in again.
            models.UniqueConstraint(fields=["attempt", "by"], name="assessment_two_people_key"),
            models.CheckConstraint(condition=Q(number__in=[1, 2]), name="assessment_keyed_twice"),
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id}/{self.number}"


class KeyingRuling(WrittenOnce):
    """What the chief reads on the form where the two keyings differ. `responses`: position → response."""

    id = models.BigAutoField(primary_key=True)
    attempt = models.OneToOneField(Attempt, on_delete=models.PROTECT, related_name="keying_ruling")
    responses = models.JSONField()
    reason = models.CharField(max_length=300)
    by = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("ruling on a keying")
        verbose_name_plural = _("rulings on keyings")
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="assessment_keying_ruling_has_reason")]

    def __str__(self) -> str:
        return f"{self.attempt_id}"


class RenderedQuestion(WrittenOnce):
    """A question version's markup without its key, made once: what `rendering` of that release makes of it."""

    version = models.UUIDField()
    release = models.PositiveSmallIntegerField()
    parts = models.JSONField()

    class Meta:
        verbose_name = _("rendered question")
        verbose_name_plural = _("rendered questions")
        constraints = [models.UniqueConstraint(fields=["version", "release"], name="assessment_one_rendering")]

    def __str__(self) -> str:
        return f"{self.version}/{self.release}"

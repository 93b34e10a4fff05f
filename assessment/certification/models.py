"""Number schemes, batches, allocations, certificates. What is judged or given out is written once."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from assessment.certification.types import (
    BatchState,
    CertificateState,
    ReissueReason,
    ReplacementState,
    RevocationReason,
    SchemeData,
    SchemePart,
)
from assessment.specification.types import Paper
from lms.accounts.api import Organisation
from lms.core.crypto import EncryptedTextField
from lms.core.models import Record, WrittenOnce

__all__ = [
    "Batch",
    "BatchRow",
    "BatchStep",
    "BodyCodes",
    "Certificate",
    "CertificateStep",
    "NumberAllocation",
    "NumberCounter",
    "NumberScheme",
    "Replacement",
]


def _names(words: type) -> list[tuple[str, str]]:
    """The choices of a column whose words a page says (selectors): the stored value stands for itself."""
    return [(word.value, word.value) for word in words]  # type: ignore[attr-defined]


class NumberScheme(Record, WrittenOnce):
    """A number scheme, versioned, loaded from a file; a change is a new version."""

    key = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64)
    title = models.CharField(max_length=100)
    source = models.CharField(max_length=200)
    length = models.PositiveSmallIntegerField()
    regex = models.CharField(max_length=200)
    reissue = models.CharField(max_length=4, choices=[("keep", "keep"), ("new", "new")])
    parts = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("number scheme")
        verbose_name_plural = _("number schemes")
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="assessment_one_scheme_version"),
            models.CheckConstraint(condition=Q(reissue__in=["keep", "new"]), name="assessment_scheme_reissue"),
        ]

    def __str__(self) -> str:
        return f"{self.key} v{self.version}"

    def as_data(self) -> SchemeData:
        return SchemeData(
            uuid=self.uuid,
            key=self.key,
            version=self.version,
            content_hash=self.content_hash,
            title=self.title,
            source=self.source,
            length=self.length,
            regex=self.regex,
            reissue=self.reissue,
            parts=tuple(SchemePart(**part) for part in self.parts),
        )


class BodyCodes(Record, WrittenOnce):
    """The codes the authority gave an evaluation body for one scheme; the newest row holds (S1-24, S1-33)."""

    body = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    scheme = models.ForeignKey(NumberScheme, on_delete=models.PROTECT, related_name="+")
    codes = models.JSONField()
    given_by = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("codes of an evaluation body")
        verbose_name_plural = _("codes of evaluation bodies")

    def __str__(self) -> str:
        return str(self.uuid)


class Batch(Record):
    """An accreditation batch (认定批次): people of one level who passed, filed together (S1-32)."""

    body = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", verbose_name=_("evaluation body")
    )
    kind = models.CharField(max_length=30, choices=_names(Paper))
    level = models.PositiveSmallIntegerField()
    specification = models.UUIDField()
    year = models.PositiveSmallIntegerField()
    sequence = models.PositiveIntegerField()
    state = models.CharField(max_length=20, choices=_names(BatchState), default=BatchState.OPEN.value)
    version = models.PositiveIntegerField(default=0)
    is_demo = models.BooleanField(default=False)
    created_by = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("accreditation batch")
        verbose_name_plural = _("accreditation batches")
        constraints = [
            models.UniqueConstraint(fields=["body", "year", "sequence"], name="assessment_batch_number"),
            models.UniqueConstraint(
                fields=["body", "kind", "level", "specification"],
                condition=Q(state="open"),
                name="assessment_one_open_batch",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in BatchState]), name="assessment_batch_state"
            ),
            models.CheckConstraint(
                condition=Q(state="open", version=0) | (~Q(state="open") & Q(version__gte=1)),
                name="assessment_batch_frozen_once",
            ),
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=5), name="assessment_batch_level"),
        ]

    def __str__(self) -> str:
        return f"{self.year}-{self.sequence:03d}"


class BatchRow(Record):
    """One person as frozen: what the bureau reviews is what is printed. Rows of a returned version stay, not live."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="rows")
    version = models.PositiveIntegerField()
    position = models.PositiveIntegerField()
    live = models.BooleanField(default=True)
    kind = models.CharField(max_length=30, choices=_names(Paper))
    candidacy = models.UUIDField()
    decision = models.UUIDField()
    decision_version = models.PositiveIntegerField()
    decision_hash = models.CharField(max_length=64)
    person = models.UUIDField(db_index=True)
    user = models.UUIDField(null=True)
    level = models.PositiveSmallIntegerField()
    job = models.CharField(max_length=100)
    planned_hours = models.PositiveIntegerField()
    class_uid = models.UUIDField(null=True)
    class_name = models.CharField(max_length=200)
    organisation = models.UUIDField()
    organisation_name = models.CharField(max_length=200)
    profile = models.UUIDField()
    specification = models.UUIDField()
    grade = models.CharField(max_length=20)
    composite = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    # Name, sex, birth date and identity paper on the day of freezing, as JSON.
    holder = EncryptedTextField()

    class Meta:
        verbose_name = _("row of a batch")
        verbose_name_plural = _("rows of batches")
        constraints = [
            models.UniqueConstraint(fields=["batch", "version", "position"], name="assessment_batch_position"),
            # A candidacy earns a paper once: it stands in one batch, whatever becomes of its decision.
            models.UniqueConstraint(
                fields=["kind", "candidacy"], condition=Q(live=True), name="assessment_one_live_batch_row"
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)


class BatchStep(Record, WrittenOnce):
    """Every state a batch came to, by whom and why; at freezing with the hash of the frozen rows."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="steps")
    state = models.CharField(max_length=20, choices=_names(BatchState))
    version = models.PositiveIntegerField()
    snapshot_hash = models.CharField(max_length=64, blank=True)
    reason = EncryptedTextField(blank=True)
    by = models.UUIDField(null=True)
    organisation = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("step of a batch")
        verbose_name_plural = _("steps of batches")
        constraints = [
            models.UniqueConstraint(fields=["batch", "version", "state"], name="assessment_one_batch_step"),
        ]

    def __str__(self) -> str:
        return f"{self.state} v{self.version}"


class NumberCounter(models.Model):
    """How many numbers were given within one scope. Locked while numbers are taken, and rolled back with them."""

    id = models.BigAutoField(primary_key=True)
    scheme_key = models.CharField(max_length=40)
    scope = models.CharField(max_length=60)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("counter of numbers")
        verbose_name_plural = _("counters of numbers")
        constraints = [
            models.UniqueConstraint(fields=["scheme_key", "scope"], name="assessment_one_counter"),
        ]

    def __str__(self) -> str:
        return f"{self.scope}: {self.last}"


class NumberAllocation(Record, WrittenOnce):
    """A number given by the authority (编号配发). Never taken back, never given twice."""

    scheme = models.ForeignKey(NumberScheme, on_delete=models.PROTECT, related_name="+")
    scheme_key = models.CharField(max_length=40)
    scope = models.CharField(max_length=60)
    sequence = models.PositiveIntegerField()
    number = models.CharField(max_length=40, unique=True)
    body = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    row = models.OneToOneField(BatchRow, on_delete=models.PROTECT, null=True, related_name="allocation")
    replacement = models.OneToOneField("Replacement", on_delete=models.PROTECT, null=True, related_name="allocation")
    allocated_by = models.UUIDField(null=True)
    allocated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("number allocation")
        verbose_name_plural = _("number allocations")
        constraints = [
            models.UniqueConstraint(fields=["scheme_key", "scope", "sequence"], name="assessment_one_sequence"),
            models.CheckConstraint(
                condition=Q(row__isnull=False, replacement=None) | Q(row=None, replacement__isnull=False),
                name="assessment_number_for_one",
            ),
            models.CheckConstraint(condition=Q(sequence__gte=1), name="assessment_sequence_from_one"),
        ]

    def __str__(self) -> str:
        return self.number


class Certificate(Record):
    """An issued paper. `printed` is everything on it; the stored PDF can be made again from it, byte for byte."""

    row = models.ForeignKey(BatchRow, on_delete=models.PROTECT, related_name="certificates")
    allocation = models.ForeignKey(NumberAllocation, on_delete=models.PROTECT, related_name="certificates")
    kind = models.CharField(max_length=30, choices=_names(Paper))
    number = models.CharField(max_length=40)
    # On the paper and in its QR: the address of the verification page. Random, so nothing follows from it.
    code = models.CharField(max_length=20, unique=True)
    state = models.CharField(max_length=20, choices=_names(CertificateState), default=CertificateState.ISSUED.value)
    person = models.UUIDField(db_index=True)
    user = models.UUIDField(null=True)
    candidacy = models.UUIDField()
    decision = models.UUIDField()
    body = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField()
    issued_on = models.DateField()
    edition = models.PositiveSmallIntegerField(default=1)
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")
    printed = EncryptedTextField()
    name_index = models.CharField(max_length=64)
    pdf_key = models.CharField(max_length=200, unique=True)
    pdf_size = models.PositiveIntegerField()
    pdf_sha256 = models.CharField(max_length=64)
    is_demo = models.BooleanField(default=False)
    issued_by = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    ended_on = models.DateField(null=True)

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        constraints = [
            # A kept number passes to the replacement; the paper before it is reissued by then.
            models.UniqueConstraint(
                fields=["number"], condition=~Q(state="reissued"), name="assessment_one_certificate_a_number"
            ),
            models.UniqueConstraint(fields=["row", "edition"], name="assessment_one_edition"),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in CertificateState]),
                name="assessment_certificate_state",
            ),
            models.CheckConstraint(
                condition=Q(state="issued", ended_on=None) | (~Q(state="issued") & Q(ended_on__isnull=False)),
                name="assessment_certificate_ended",
            ),
            models.CheckConstraint(
                condition=Q(edition=1, replaces=None) | Q(edition__gt=1, replaces__isnull=False),
                name="assessment_edition_replaces",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class CertificateStep(Record, WrittenOnce):
    """Issue, revocation, reissue, by whom and why; `category` is what the public reads."""

    CATEGORIES = _names(RevocationReason) + _names(ReissueReason)

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="steps")
    state = models.CharField(max_length=20, choices=_names(CertificateState))
    category = models.CharField(max_length=20, choices=CATEGORIES, blank=True)
    reason = EncryptedTextField(blank=True)
    by = models.UUIDField(null=True)
    organisation = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("step of a certificate")
        verbose_name_plural = _("steps of certificates")
        constraints = [
            models.UniqueConstraint(fields=["certificate", "state"], name="assessment_one_certificate_step"),
        ]

    def __str__(self) -> str:
        return self.state


class Replacement(Record):
    """A paper to be made again (换发), where the scheme asks for a new number from the authority."""

    certificate = models.OneToOneField(Certificate, on_delete=models.PROTECT, related_name="replacement")
    state = models.CharField(max_length=20, choices=_names(ReplacementState), default=ReplacementState.REQUESTED.value)
    category = models.CharField(max_length=20, choices=_names(ReissueReason))
    reason = EncryptedTextField()
    requested_by = models.UUIDField(null=True)
    requested_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("replacement of a certificate")
        verbose_name_plural = _("replacements of certificates")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in ReplacementState]),
                name="assessment_replacement_state",
            ),
            models.CheckConstraint(condition=Q(changed_at__gte=F("requested_at")), name="assessment_replacement_times"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

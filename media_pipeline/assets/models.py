"""Works, the files made from them, and what each stage found. What a stage found is written once and never changed."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lms.core.constraints import is_sha256, one_of
from lms.core.ids import blind_code
from lms.core.records import Record, WrittenOnce
from lms.core.states import IllegalMove
from lms.core.types import Level, ProductKind
from media_pipeline.assets.types import AssetState, Purpose, RenditionKind, may_move

__all__ = [
    "CaptionVersion",
    "CheckResult",
    "CheckThresholds",
    "CheckWaiver",
    "FeatureSheet",
    "Finding",
    "MediaAsset",
    "Rendition",
    "StageRun",
    "Transcript",
    "TranscriptEdit",
    "TranscriptSegment",
]

_VERDICTS = ["pass", "warn", "info", "fail", "not_run"]
_SEVERITIES = ["B", "H", "M", "L"]


class SubmissionManager(models.Manager["MediaAsset"]):
    """Works for the assessment only (`purpose` submission)."""

    def get_queryset(self) -> models.QuerySet["MediaAsset"]:
        return super().get_queryset().filter(purpose=Purpose.SUBMISSION)


class MediaAsset(Record):
    """One video as handed in. Owner and institution are named by uuid; `blind_code` is all examiners see.

    A selling video for the assessment (视频作品) is a `submission`; whatever lists or gates works reads
    `MediaAsset.submissions`. Videos of lessons and of homework pass the same stages, declare nothing (`product` "",
    `level` 0), are judged by nobody here and are read by `materials.py`.

    `form_token` comes with the form: the same form sent twice is one work. `refusal` holds plain reasons as code and values;
    `failure` one plain sentence when processing died. `organisation_path` and `organisation_name` are
    the tree path (for row scope) and the name at upload. `sealed_at`: its scoring has begun, nothing takes its place now.
    """

    blind_code = models.CharField(max_length=16, unique=True, default=blind_code, editable=False)
    purpose = models.CharField(max_length=12, default=Purpose.SUBMISSION)
    owner_user = models.UUIDField(db_index=True)
    owner_person = models.UUIDField(null=True)
    organisation = models.UUIDField()
    organisation_path = models.CharField(max_length=255, db_index=True)
    organisation_name = models.CharField(max_length=200)
    form_token = models.UUIDField()
    title = models.CharField(_("title"), max_length=60)
    product = models.CharField(_("kind of product"), max_length=20, blank=True)
    product_name = models.CharField(_("product name"), max_length=60, blank=True)
    brand = models.CharField(_("brand"), max_length=60, blank=True)
    level = models.PositiveSmallIntegerField(_("level"))
    declared_ai = models.BooleanField(_("made with AI"))
    original_name = models.CharField(max_length=255, blank=True)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    duration_s = models.FloatField(null=True)
    state = models.CharField(max_length=20, default=AssetState.UPLOADED)
    refusal = models.JSONField(default=list)
    failure = models.CharField(max_length=500, blank=True)
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    sealed_at = models.DateTimeField(null=True)

    objects = models.Manager()
    submissions = SubmissionManager()

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        indexes = [models.Index(fields=["state", "created_at"], name="media_asset_line")]
        constraints = [
            models.UniqueConstraint(fields=["owner_user", "purpose", "form_token"], name="media_asset_one_a_form"),
            models.CheckConstraint(condition=one_of("state", list(AssetState)), name="media_asset_state"),
            models.CheckConstraint(condition=one_of("purpose", list(Purpose)), name="media_asset_purpose"),
            models.CheckConstraint(
                condition=Q(one_of("product", list(ProductKind)), purpose=Purpose.SUBMISSION)
                | Q(~Q(purpose=Purpose.SUBMISSION), product=""),
                name="media_asset_product",
            ),
            models.CheckConstraint(
                condition=Q(level__in=[int(level) for level in Level], purpose=Purpose.SUBMISSION)
                | Q(~Q(purpose=Purpose.SUBMISSION), level=0),
                name="media_asset_level",
            ),
            models.CheckConstraint(
                condition=Q(purpose=Purpose.SUBMISSION) | Q(replaces=None), name="media_asset_material_replaces_nothing"
            ),
            models.CheckConstraint(condition=Q(size__gt=0), name="media_asset_size"),
            models.CheckConstraint(condition=is_sha256("sha256"), name="media_asset_sha256"),
            models.CheckConstraint(condition=~Q(blind_code=""), name="media_asset_blind_code"),
            models.CheckConstraint(condition=Q(duration_s=None) | Q(duration_s__gte=0), name="media_asset_duration"),
            models.CheckConstraint(
                condition=~Q(state=AssetState.READY) | Q(duration_s__isnull=False, ready_at__isnull=False),
                name="media_asset_ready_is_measured",
            ),
            models.CheckConstraint(
                condition=~Q(state=AssetState.REJECTED) | ~Q(refusal=[]), name="media_asset_refusal_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.blind_code

    def move(self, after: AssetState, *, now: datetime, **fields: Any) -> bool:
        """Compare-and-set from the state this object was read in. False when somebody else moved it first.

        Raises IllegalMove when the table forbids it. `fields` are written in the same UPDATE.
        """
        before = AssetState(self.state)
        if not may_move(before, after):
            raise IllegalMove(before, after)
        written = {"state": after, "moved_at": now, **fields}
        if not MediaAsset.objects.filter(pk=self.pk, state=before).update(**written):
            return False
        for name, value in written.items():
            setattr(self, name, value)
        return True


class CheckThresholds(WrittenOnce):
    """The boundaries that runs were held against, once for each content: figures are read years later with them."""

    content_hash = models.CharField(max_length=64, unique=True)
    content = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("thresholds of checks")
        verbose_name_plural = _("thresholds of checks")
        constraints = [models.CheckConstraint(condition=is_sha256("content_hash"), name="media_thresholds_hash")]

    def __str__(self) -> str:
        return self.content_hash[:8]


class CheckWaiver(Record, WrittenOnce):
    """Checks of one work that a decision waives, by name. What the decision says, and why, is known to whoever decided."""

    asset = models.OneToOneField(MediaAsset, on_delete=models.PROTECT, related_name="waiver")
    checks = models.JSONField()
    decision = models.UUIDField()
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("waiver of checks")
        verbose_name_plural = _("waivers of checks")
        constraints = [models.CheckConstraint(condition=~Q(checks=[]), name="media_waiver_of_something")]

    def __str__(self) -> str:
        return str(self.decision)


class StageRun(Record, WrittenOnce):
    """The finished result of one stage on one input. `input_hash` covers source, request, stage and engine versions,
    so the same work is never done twice and two workers can never both record it."""

    asset = models.ForeignKey(MediaAsset, on_delete=models.PROTECT, related_name="stage_runs")
    stage = models.CharField(max_length=20)
    input_hash = models.CharField(max_length=64)
    version = models.CharField(max_length=200)
    engines = models.JSONField(default=dict)
    state = models.CharField(max_length=10)
    data = models.JSONField()
    wall_s = models.FloatField()
    cpu_s = models.FloatField()
    peak_rss_mb = models.FloatField(default=0)
    job = models.UUIDField(null=True)
    attempt = models.PositiveSmallIntegerField(default=1)
    finished_at = models.DateTimeField()
    # Empty in runs of versions that kept their short hash in `version` alone.
    thresholds = models.ForeignKey(CheckThresholds, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["asset", "stage", "input_hash"], name="media_run_one_result"),
            models.CheckConstraint(condition=one_of("state", ["done", "refused"]), name="media_run_state"),
            models.CheckConstraint(condition=is_sha256("input_hash"), name="media_run_input_hash"),
            models.CheckConstraint(
                condition=Q(wall_s__gte=0, cpu_s__gte=0, peak_rss_mb__gte=0, attempt__gte=1), name="media_run_costs"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asset_id} {self.stage} {self.state}"


class Rendition(Record, WrittenOnce):
    """A file in private storage: the upload itself (`run` empty) or what a stage run made."""

    asset = models.ForeignKey(MediaAsset, on_delete=models.PROTECT, related_name="renditions")
    run = models.ForeignKey(StageRun, on_delete=models.PROTECT, null=True, related_name="renditions")
    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=255, unique=True)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    mime = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["asset"], condition=Q(kind=RenditionKind.SOURCE), name="media_rendition_one_source"
            ),
            models.UniqueConstraint(fields=["run", "kind"], name="media_rendition_one_a_run"),
            models.CheckConstraint(condition=one_of("kind", list(RenditionKind)), name="media_rendition_kind"),
            models.CheckConstraint(
                condition=Q(kind=RenditionKind.SOURCE, run=None) | (~Q(kind=RenditionKind.SOURCE) & ~Q(run=None)),
                name="media_rendition_source_has_no_run",
            ),
            models.CheckConstraint(condition=Q(size__gte=0), name="media_rendition_size"),
            models.CheckConstraint(condition=is_sha256("sha256"), name="media_rendition_sha256"),
        ]

    def __str__(self) -> str:
        return self.key


class CheckResult(WrittenOnce):
    """One automatic check of one stage run (domain 4.5)."""

    run = models.ForeignKey(StageRun, on_delete=models.PROTECT, related_name="checks")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=40)
    verdict = models.CharField(max_length=10)
    metric = models.JSONField(null=True)
    threshold = models.JSONField(null=True)
    ranges = models.JSONField(default=list)
    note = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "name"], name="media_check_one_a_run"),
            models.CheckConstraint(condition=one_of("verdict", _VERDICTS), name="media_check_verdict"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.verdict}"


class Transcript(WrittenOnce):
    """What one transcription run heard."""

    run = models.OneToOneField(StageRun, on_delete=models.PROTECT, related_name="transcript")
    language = models.CharField(max_length=10)
    language_probability = models.FloatField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(language_probability__gte=0, language_probability__lte=1),
                name="media_transcript_probability",
            )
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.language}"


class TranscriptSegment(WrittenOnce):
    """A caption line: normalised text that offsets count in, the engine's own text, and how far it may be trusted."""

    transcript = models.ForeignKey(Transcript, on_delete=models.PROTECT, related_name="segments")
    index = models.PositiveIntegerField()
    start_s = models.FloatField()
    end_s = models.FloatField()
    text = models.TextField()
    raw = models.TextField()
    offsets = models.JSONField(default=list)
    words = models.JSONField(default=list)
    avg_logprob = models.FloatField()
    no_speech_prob = models.FloatField()
    compression_ratio = models.FloatField()
    low_trust = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["transcript", "index"], name="media_segment_one_index"),
            models.CheckConstraint(condition=Q(start_s__gte=0, end_s__gte=F("start_s")), name="media_segment_times"),
        ]

    def __str__(self) -> str:
        return f"{self.transcript_id} {self.index}"


class TranscriptEdit(Record, WrittenOnce):
    """A work's transcript as an examiner who listened corrected it; what the machine heard stays beside it (ADR 0029).

    number: 1, 2 … (0 is the machine's own); base: the version it was made from. run: the transcription that holds its lines,
    read wherever the newest is. lines: `TranscriptLine`s as JSON, by time. reason: why, for chief, bureau and inspector.
    """

    asset = models.ForeignKey(MediaAsset, on_delete=models.PROTECT, related_name="transcript_edits")
    run = models.OneToOneField(StageRun, on_delete=models.PROTECT, related_name="transcript_edit")
    number = models.PositiveIntegerField()
    base = models.PositiveIntegerField()
    lines = models.JSONField()
    sha256 = models.CharField(max_length=64)
    reason = models.CharField(max_length=300)
    by = models.UUIDField()
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("version of a transcript")
        verbose_name_plural = _("versions of transcripts")
        constraints = [
            models.UniqueConstraint(fields=["asset", "number"], name="media_transcript_one_number"),
            models.CheckConstraint(condition=Q(number__gt=F("base")), name="media_transcript_forward"),
            models.CheckConstraint(condition=is_sha256("sha256"), name="media_transcript_sha256"),
            models.CheckConstraint(condition=~Q(reason=""), name="media_transcript_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.asset_id} {self.number}"


class Finding(WrittenOnce):
    """A machine hint in the transcript, for people to rule on; never a verdict."""

    run = models.ForeignKey(StageRun, on_delete=models.PROTECT, related_name="findings")
    position = models.PositiveIntegerField()
    category = models.CharField(max_length=10)
    category_name = models.CharField(max_length=60)
    category_name_en = models.CharField(max_length=100)
    severity = models.CharField(max_length=1)
    listed_severity = models.CharField(max_length=1)
    rule = models.CharField(max_length=30)
    term = models.CharField(max_length=100)
    law = models.CharField(max_length=300, blank=True)
    law_note = models.CharField(max_length=300, blank=True)
    rewording = models.TextField(blank=True, default="")
    text = models.TextField()
    start_s = models.FloatField()
    end_s = models.FloatField()
    suspected = models.BooleanField()
    low_trust = models.BooleanField()
    cue_index = models.PositiveIntegerField()
    char_start = models.PositiveIntegerField()
    char_end = models.PositiveIntegerField()
    spans = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "position"], name="media_finding_one_position"),
            models.CheckConstraint(condition=one_of("severity", _SEVERITIES), name="media_finding_severity"),
            models.CheckConstraint(condition=one_of("listed_severity", _SEVERITIES), name="media_finding_listed"),
            models.CheckConstraint(condition=Q(start_s__gte=0, end_s__gte=F("start_s")), name="media_finding_times"),
            models.CheckConstraint(condition=Q(char_end__gt=F("char_start")), name="media_finding_span"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.severity}"


class FeatureSheet(Record, WrittenOnce):
    """Features for scoring support of one version of a work: what `stages.features.FeatureSheet` says, as JSON."""

    asset = models.ForeignKey(MediaAsset, on_delete=models.PROTECT, related_name="feature_sheets")
    run = models.OneToOneField(StageRun, on_delete=models.PROTECT, related_name="feature_sheet")
    schema = models.PositiveSmallIntegerField()
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("features for scoring")
        verbose_name_plural = _("features for scoring")
        constraints = [
            models.CheckConstraint(condition=Q(schema__gte=1), name="media_features_schema"),
            models.CheckConstraint(condition=is_sha256("content_hash"), name="media_features_hash"),
        ]

    def __str__(self) -> str:
        return self.content_hash[:8]


class CaptionVersion(Record, WrittenOnce):
    """The captions of a lesson video as a person corrected them; what the machine heard stays beside it.

    number: 1, 2 … (0 is the machine's own); base: the version it was made from. lines: `CaptionLine`s as JSON, by time.
    """

    asset = models.ForeignKey(MediaAsset, on_delete=models.PROTECT, related_name="caption_versions")
    number = models.PositiveIntegerField()
    base = models.PositiveIntegerField()
    lines = models.JSONField()
    sha256 = models.CharField(max_length=64)
    by = models.UUIDField()
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("version of captions")
        verbose_name_plural = _("versions of captions")
        constraints = [
            models.UniqueConstraint(fields=["asset", "number"], name="media_captions_one_number"),
            models.CheckConstraint(condition=Q(number__gt=F("base")), name="media_captions_forward"),
            models.CheckConstraint(condition=is_sha256("sha256"), name="media_captions_sha256"),
        ]

    def __str__(self) -> str:
        return f"{self.asset_id} {self.number}"

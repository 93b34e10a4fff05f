"""The curriculum as Wagtail pages, and what is kept of it for good.

Pages: curriculum > level (one page an edition) > course (模块) > lesson. Kept: `LessonVersion` for every text that went live,
`Manifest` for what an edition held at a moment, `LevelOpening` for the authority's word on a closed level. Editing, review
and publishing are in `reviewing` and `wagtail_hooks`; nothing here goes live but by two people.
"""

from typing import Any
from uuid import uuid4

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, PublishingPanel
from wagtail.documents.models import Document
from wagtail.fields import RichTextField, StreamField
from wagtail.images.models import Image
from wagtail.locks import WorkflowLock
from wagtail.models import Page, PagePermissionTester, Revision, Task

from courses.catalogue.blocks import HALF, LessonBody
from courses.catalogue.logic import hash_of
from courses.catalogue.page_forms import LessonPageForm
from courses.catalogue.releasing import is_releasing
from courses.catalogue.rules import reads_lessons
from courses.catalogue.types import Delivery, LessonKind
from lms.core.constraints import is_sha256
from lms.core.records import Record, WrittenOnce
from lms.core.types import Level

__all__ = [
    "CoursePage",
    "CurriculumPage",
    "LessonPage",
    "LessonVersion",
    "LevelOpening",
    "LevelPage",
    "Manifest",
    "SecondPersonTask",
    "VersionFile",
]

_LEVELS = [(level.value, level.label_zh) for level in Level]
_HOURS_MAX = 40


class ReviewedPermissions(PagePermissionTester):
    """Nobody publishes or withdraws alone, superusers neither; whoever may lock (the committee) puts pages in order."""

    def can_publish(self) -> bool:
        """Only a review publishes."""
        return False

    def can_unpublish(self) -> bool:
        """A day of expiry goes through the review like any text."""
        return False

    def can_publish_subpage(self) -> bool:
        """As `can_publish`."""
        return False

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        """Drafts alone, as Wagtail has it; another author's only by the committee. Moving asks this, too."""
        if not super().can_delete(ignore_bulk):
            return False
        pages = self.page.get_descendants(inclusive=True)
        return self.user.is_superuser or self._orders() or not pages.exclude(owner=self.user).exists()

    def can_unschedule(self) -> bool:
        """Taking an approved date back makes nothing public."""
        return self._orders()

    def can_reorder_children(self) -> bool:
        """A class keeps its own order; only manifests made afterwards have the new one."""
        return self._orders()

    def _orders(self) -> bool:
        return bool(self.user.is_active and "lock" in getattr(self, "permissions", ()))


class GatedPage(Page):
    """A page for roles that read lessons; whoever is not signed in is sent there first."""

    admin_default_ordering = "ord"  # as they are taught

    class Meta:
        abstract = True

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The gate, then the page. Raises PermissionDenied."""
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not reads_lessons(request):
            raise PermissionDenied
        return super().serve(request, *args, **kwargs)

    def publish(self, revision: Revision, user: Any = None, **kwargs: Any) -> None:
        """The one way live, for everybody: a revision that a second person has approved (superusers too), or ours.

        Raises PermissionDenied.
        """
        if not is_releasing() and not is_approved(revision):
            raise PermissionDenied(gettext("Nothing goes live before a second person has approved it."))
        super().publish(revision, user=user, **{**kwargs, "skip_permission_checks": True})

    def save_revision(self, *args: Any, overwrite_revision: Revision | None = None, **kwargs: Any) -> Revision:
        """An approved revision is never written over: what is saved after it is another one."""
        if overwrite_revision is not None and ApprovedRevision.objects.filter(revision=overwrite_revision).exists():
            overwrite_revision = None
        return super().save_revision(*args, overwrite_revision=overwrite_revision, **kwargs)

    def permissions_for_user(self, user: Any) -> PagePermissionTester:
        """Wagtail's rights, less those that would pass by the review."""
        return ReviewedPermissions(user, self)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """What its template shows; a page of Wagtail is its own view, so it asks who presents it."""
        from courses.catalogue.presentation import context_of

        return {**super().get_context(request, *args, **kwargs), **context_of(self, request)}


class CurriculumPage(GatedPage):
    """The root of the curriculum: the levels, highest number (elementary) first."""

    max_count = 1
    subpage_types = ["courses.LevelPage"]
    is_creatable = False
    template = "courses/curriculum_page.html"

    class Meta:
        verbose_name = _("curriculum")
        verbose_name_plural = _("curricula")


class LevelPage(GatedPage):
    """One edition of one of the five levels (S1-06). A new class takes the edition in force on its first day (S2-15).

    Technician and senior technician stay closed until the authority opens them (S1-10): `is_open` is how they began,
    `LevelOpening` what was decided since.
    """

    LEVELS = _LEVELS

    level = models.PositiveSmallIntegerField(_("level"), choices=_LEVELS)
    edition = models.PositiveSmallIntegerField(pgettext_lazy("curriculum", "edition"), default=1)
    in_force_from = models.DateField(
        pgettext_lazy("curriculum", "in force from"),
        null=True,
        blank=True,
        help_text=_("Classes that begin on this day or later are taught by this edition. Empty: from the beginning."),
    )
    intro = RichTextField(_("introduction"), features=["bold", "ol", "ul", "link"], blank=True)
    is_open = models.BooleanField(_("open for enrolment"), default=False)
    # The hash of the text it was made from: our text may be improved as long as nobody has edited the page.
    reference_hash = models.CharField(max_length=64, blank=True, editable=False)

    parent_page_types = ["courses.CurriculumPage"]
    subpage_types = ["courses.CoursePage"]
    is_creatable = False
    template = "courses/level_page.html"
    content_panels = [
        *Page.content_panels,
        FieldPanel("level", read_only=True),
        FieldPanel("edition", read_only=True),
        FieldPanel("in_force_from"),
        FieldPanel("is_open", read_only=True),
        FieldPanel("intro"),
    ]
    promote_panels: list[Any] = [FieldPanel("slug")]

    class Meta:
        verbose_name = _("level")
        verbose_name_plural = _("levels")
        constraints = [
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=5), name="courses_five_levels"),
            models.CheckConstraint(condition=Q(edition__gte=1), name="courses_editions_from_one"),
            models.UniqueConstraint(fields=["level", "edition"], name="courses_one_page_an_edition"),
        ]


class CoursePage(GatedPage):
    """One module (模块) of a level. `shared_from`: it is another level's, used here without copy (S3-15).

    `uid` is its name for good, the same in every edition and wherever it is shared.
    """

    uid = models.UUIDField(default=uuid4, editable=False, db_index=True)
    code = models.CharField(
        pgettext_lazy("module", "code"), max_length=20, blank=True, help_text=_("Short, such as C5-01.")
    )
    summary = models.TextField(pgettext_lazy("module", "summary"), max_length=500, blank=True)
    shared_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="shares", editable=False)
    # As LevelPage's.
    reference_hash = models.CharField(max_length=64, blank=True, editable=False)

    exclude_fields_in_copy = ["uid", "reference_hash"]
    parent_page_types = ["courses.LevelPage"]
    subpage_types = ["courses.LessonPage"]
    template = "courses/course_page.html"
    content_panels = [*Page.content_panels, FieldPanel("code"), FieldPanel("summary")]
    promote_panels: list[Any] = [FieldPanel("slug")]

    class Meta:
        verbose_name = pgettext_lazy("curriculum", "module")
        verbose_name_plural = pgettext_lazy("curriculum", "modules")


class LessonPage(GatedPage):
    """One lesson. Hours are class hours in steps of 0.5; `tags` and `audiences` are {profile key: [codes]}.

    `body` holds the blocks; `courses.catalogue.documents` turns all of it into a `LessonDocument` and back.
    """

    KINDS = [
        (LessonKind.THEORY.value, pgettext_lazy("lesson kind", "Theory")),
        (LessonKind.PRACTICE.value, pgettext_lazy("lesson kind", "Practice")),
    ]
    DELIVERIES = [
        (Delivery.ONLINE.value, pgettext_lazy("delivery", "Online")),
        (Delivery.OFFLINE.value, pgettext_lazy("delivery", "On site")),
        (Delivery.PRACTICE.value, pgettext_lazy("delivery", "Practical training")),
    ]

    uid = models.UUIDField(default=uuid4, editable=False, db_index=True)
    summary = models.CharField(
        pgettext_lazy("lesson", "summary"), max_length=200, help_text=_("One sentence: what one can do afterwards.")
    )
    kind = models.CharField(pgettext_lazy("lesson", "kind"), max_length=10, choices=KINDS)
    delivery = models.CharField(pgettext_lazy("lesson", "delivery"), max_length=10, choices=DELIVERIES)
    methods = models.JSONField(pgettext_lazy("lesson", "ways of teaching"), default=list)
    hours = models.DecimalField(
        _("class hours"),
        max_digits=4,
        decimal_places=1,
        validators=[MinValueValidator(HALF), MaxValueValidator(_HOURS_MAX)],
        help_text=_("In steps of half an hour."),
    )
    online_minutes = models.PositiveSmallIntegerField(
        _("minutes of study online"),
        default=0,
        help_text=_("How long a trainee studies this on her phone; never more than this is counted."),
    )
    tags = models.JSONField(_("content it covers"), default=dict, blank=True)
    audiences = models.JSONField(_("whom it is for"), default=dict, blank=True)
    body = StreamField(LessonBody(), verbose_name=pgettext_lazy("lesson", "lesson"), blank=True)
    # As LevelPage's; set by the loader of our own content.
    reference_hash = models.CharField(max_length=64, blank=True, editable=False)

    base_form_class = LessonPageForm
    exclude_fields_in_copy = ["uid", "reference_hash"]
    parent_page_types = ["courses.CoursePage"]
    subpage_types: list[str] = []
    template = "courses/lesson_page.html"
    content_panels = [
        *Page.content_panels,
        FieldPanel("summary"),
        MultiFieldPanel(
            [
                FieldPanel("kind"),
                FieldPanel("delivery"),
                FieldPanel("methods"),
                FieldPanel("hours"),
                FieldPanel("online_minutes"),
            ],
            heading=_("Hours and ways"),
        ),
        FieldPanel("body"),
        MultiFieldPanel([FieldPanel("tags"), FieldPanel("audiences")], heading=_("What it covers and whom it is for")),
    ]
    promote_panels: list[Any] = [FieldPanel("slug")]
    settings_panels: list[Any] = [PublishingPanel()]

    class Meta:
        verbose_name = pgettext_lazy("curriculum", "lesson")
        verbose_name_plural = pgettext_lazy("curriculum", "lessons")
        constraints = [
            models.CheckConstraint(condition=Q(hours__gt=0), name="courses_lesson_hours"),
        ]

    def clean(self) -> None:
        """Half hours only."""
        super().clean()
        if self.hours and self.hours % HALF:
            raise ValidationError({"hours": gettext("Class hours come in steps of half an hour.")})


class LessonVersion(Record, WrittenOnce):
    """A text of a lesson that two people let go live, kept for good: classes are taught from these, never from pages.

    `lesson` is the lesson's uid, `document` its `LessonDocument` as JSON, `content_hash` the SHA-256 of that.
    `by` asked for the review, `approved_by` gave the word; both are NULL for what Kaibo ships. `words`: its text for search,
    NFKC, lower case, simplified. `page` and `revision` are where it came from and may be gone.
    """

    lesson = models.UUIDField(db_index=True)
    page = models.BigIntegerField(null=True)
    revision = models.BigIntegerField(null=True)
    title = models.CharField(max_length=255)
    content_hash = models.CharField(max_length=64)
    document = models.JSONField()
    words = models.TextField()
    published_at = models.DateTimeField()
    by = models.UUIDField(null=True)
    approved_by = models.UUIDField(null=True)

    class Meta:
        verbose_name = _("lesson version")
        verbose_name_plural = _("lesson versions")
        constraints = [
            models.UniqueConstraint(fields=["lesson", "content_hash"], name="courses_one_version_a_text"),
            models.CheckConstraint(condition=is_sha256("content_hash"), name="courses_version_hash"),
            models.CheckConstraint(
                condition=Q(by=None) | Q(approved_by=None) | ~Q(by=models.F("approved_by")),
                name="courses_version_two_people",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class VersionFile(WrittenOnce):
    """A picture or file a version shows, found by its SHA-256; as long as the version stands, neither can be deleted."""

    id = models.BigAutoField(primary_key=True)
    version = models.ForeignKey(LessonVersion, on_delete=models.PROTECT, related_name="files")
    sha256 = models.CharField(max_length=64)
    image = models.ForeignKey(Image, on_delete=models.PROTECT, null=True, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("file of a lesson version")
        verbose_name_plural = _("files of lesson versions")
        constraints = [
            models.UniqueConstraint(fields=["version", "sha256"], name="courses_one_file_a_version"),
            models.CheckConstraint(
                condition=Q(image=None, document__isnull=False) | Q(image__isnull=False, document=None),
                name="courses_file_is_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return self.sha256


class LiveLesson(models.Model):
    """Which version of a page is live: a pointer kept with every publication, so that lists need not compute hashes."""

    page = models.OneToOneField(LessonPage, on_delete=models.CASCADE, primary_key=True, related_name="live_lesson")
    version = models.ForeignKey(LessonVersion, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("live lesson")
        verbose_name_plural = _("live lessons")

    def __str__(self) -> str:
        return str(self.version)


class ApprovedRevision(WrittenOnce):
    """The word of the second person on one revision of a page: what else would go live is refused.

    `by`: whoever asked for the review; `approved_by` neither asked nor wrote on it since the last one. `content_hash`: of
    what was read; a revision that says something else by now is not approved.
    """

    id = models.BigAutoField(primary_key=True)
    revision = models.OneToOneField(Revision, on_delete=models.CASCADE, related_name="approval")
    by = models.UUIDField(null=True)
    content_hash = models.CharField(max_length=64)
    approved_by = models.UUIDField()
    approved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("approved revision")
        verbose_name_plural = _("approved revisions")
        constraints = [
            models.CheckConstraint(condition=is_sha256("content_hash"), name="courses_approval_hash"),
            models.CheckConstraint(
                condition=Q(by=None) | ~Q(by=models.F("approved_by")), name="courses_approval_two_people"
            ),
        ]

    def __str__(self) -> str:
        return str(self.revision_id)


def revision_hash(revision: Revision) -> str:
    """The SHA-256 of everything a revision holds."""
    return hash_of(revision.content)


def is_approved(revision: Revision) -> bool:
    """Whether a second person has approved exactly this."""
    return ApprovedRevision.objects.filter(revision=revision, content_hash=revision_hash(revision)).exists()


class ReviewLock(WorkflowLock):
    """Says in our words why nobody can write now."""

    def get_message(self, user: Any) -> Any:
        """For everybody who opens the page meanwhile."""
        return _("This is under review. Nobody changes it until it is approved or returned.")


class SecondPersonTask(Task):
    """The review of a lesson by somebody else (两人审定): who wrote or asked does not approve, whatever her rights.

    While it runs the page is locked for everybody; what it does is in `reviewing`.
    """

    lock_class = ReviewLock

    class Meta:
        verbose_name = _("review by a second person")
        verbose_name_plural = _("reviews by a second person")

    def locked_for_user(self, obj: Any, user: Any) -> bool:
        """For everybody: what is approved is what was submitted."""
        return True

    def get_actions(self, obj: Any, user: Any) -> list[tuple[str, Any, bool]]:
        """Return or approve, for whoever may."""
        from courses.catalogue.reviewing import may_review

        if not may_review(obj, user):
            return []
        return [
            ("reject", pgettext_lazy("review", "Return with remarks"), True),
            ("approve", pgettext_lazy("review", "Approve"), False),
        ]

    def on_action(self, task_state: Any, user: Any, action_name: str, **kwargs: Any) -> None:
        """Approve or return. Raises PermissionDenied."""
        from courses.catalogue.reviewing import act

        act(self, task_state, user, action_name, super().on_action, **kwargs)

    def get_task_states_user_can_moderate(self, user: Any, **kwargs: Any) -> Any:
        """What waits for this person."""
        from courses.catalogue.reviewing import waiting_states

        return waiting_states(user).filter(task=self)

    @classmethod
    def get_description(cls) -> Any:
        """For the list of tasks."""
        return _("Another committee member reads it and approves or returns it.")


class Manifest(Record, WrittenOnce):
    """What one edition of a level held at a moment. `entries`: [{uid, title, code, summary, lessons: [version uuid]}].

    Made once for each content: `content_hash` is the SHA-256 of the entries as canonical JSON.
    """

    level = models.PositiveSmallIntegerField(choices=_LEVELS)
    edition = models.PositiveSmallIntegerField()
    content_hash = models.CharField(max_length=64)
    entries = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("curriculum manifest")
        verbose_name_plural = _("curriculum manifests")
        constraints = [
            models.UniqueConstraint(fields=["level", "edition", "content_hash"], name="courses_one_manifest_a_content"),
            models.CheckConstraint(condition=is_sha256("content_hash"), name="courses_manifest_hash"),
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=5), name="courses_manifest_level"),
        ]

    def __str__(self) -> str:
        return f"{self.level}.{self.edition} {self.content_hash[:8]}"


class LevelOpening(Record, WrittenOnce):
    """The authority's decision on a closed level (S1-10); the latest of a level counts. `document`: where it stands."""

    level = models.PositiveSmallIntegerField(choices=_LEVELS)
    opens = models.BooleanField()
    document = models.CharField(pgettext_lazy("level opening", "document"), max_length=200)
    reason = models.CharField(pgettext_lazy("level opening", "reason"), max_length=500)
    decided_on = models.DateField(pgettext_lazy("level opening", "decided on"))
    by = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("opening of a level")
        verbose_name_plural = _("openings of levels")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=5), name="courses_opening_level"),
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.opens}"

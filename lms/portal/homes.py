"""What each role's home says first (design: one page, one answer). The server decides the one next step."""

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext

from assessment.api import waiting_evidence
from lms.accounts.api import Acting, Role, can
from lms.core.templatetags.kaibo import filesize_zh
from lms.portal.navigation import BLIND_ROLES
from lms.portal.selectors import dead_letter_count
from lms.portal.types import WaitingItem
from media_pipeline.api import AssetState, works_page


@dataclass(frozen=True)
class NowCard:
    """The one thing to do now. `action_url` is empty when there is only to wait."""

    title: str
    lead: str
    hints: tuple[tuple[str, str], ...]
    action_label: str
    action_url: str
    more_label: str
    more_url: str
    live: bool
    action_icon: str = ""


@dataclass(frozen=True)
class Step:
    """One line of 我的进度. state: done | now | todo | refused."""

    title: str
    detail: str
    state: str
    tag: str
    tone: str


@dataclass(frozen=True)
class TraineeHome:
    """The trainee's first screen."""

    now: NowCard
    steps: list[Step]


@dataclass(frozen=True)
class DeskHome:
    """The first screen of everybody who works at a desk. `calm` says what it means that nothing waits."""

    waiting: list[WaitingItem]
    calm: str


def _hints() -> tuple[tuple[str, str], ...]:
    return (
        ("clock", gettext("At least %(seconds)d seconds; a phone is good enough") % {"seconds": 60}),
        ("speaker-wave", gettext("Speak Mandarin, loud and clear")),
        (
            "cloud-arrow-up",
            gettext("Up to %(size)s; stay on the page until it is uploaded")
            % {"size": filesize_zh(settings.UPLOAD_MAX_BYTES)},
        ),
    )


def trainee_home(acting: Acting) -> TraineeHome:
    """The next step follows from the state of her newest work."""
    rows = works_page(acting).rows
    latest = rows[0] if rows else None
    upload = reverse("media:upload")
    if latest is None:
        now = NowCard(
            gettext("Upload your selling video"),
            gettext("Show one product, say what is true about it, and hand it in."),
            _hints(),
            gettext("Go to upload"),
            upload,
            "",
            "",
            False,
            action_icon="video-camera",
        )
    elif latest.state is AssetState.REJECTED:
        now = NowCard(
            gettext("Upload a new video"),
            gettext("“%(title)s” did not pass the checks.") % {"title": latest.title},
            _hints(),
            gettext("See why"),
            latest.url,
            "",
            "",
            False,
        )
    elif latest.state is AssetState.FAILED:
        now = NowCard(
            gettext("Your video could not be processed"),
            gettext("It is not your fault and nothing is lost. It is on the administrator's list."),
            (),
            gettext("See details"),
            latest.url,
            "",
            "",
            False,
        )
    elif latest.state is AssetState.READY:
        now = NowCard(
            gettext("Nothing to do right now"),
            gettext("“%(title)s” passed the machine's checks and waits for the examiners.") % {"title": latest.title},
            (),
            "",
            "",
            gettext("See my works"),
            reverse("media:works"),
            False,
        )
    else:
        now = NowCard(
            gettext("Your video is being checked"),
            gettext("You may leave; the result will be here."),
            (),
            gettext("See progress"),
            latest.url,
            "",
            "",
            True,
        )
    return TraineeHome(now, _steps(latest.state if latest else None))


def _steps(state: AssetState | None) -> list[Step]:
    todo = gettext("Not started")
    work = gettext("Selling video"), gettext("Explain what you sell, clearly and lawfully")
    check = gettext("Machine checks"), gettext("Picture, sound and speech; people decide")
    score = gettext("Examiners' scoring"), gettext("Each examiner scores on her own")
    if state is None:
        return [
            Step(*work, "now", gettext("To upload"), "now"),
            Step(*check, "todo", todo, "mute"),
            Step(*score, "todo", todo, "mute"),
        ]
    handed_in = Step(*work, "done", gettext("Handed in"), "ok")
    if state is AssetState.READY:
        return [handed_in, Step(*check, "done", gettext("Done"), "ok"), Step(*score, "now", gettext("Waiting"), "info")]
    if state is AssetState.REJECTED:
        refused = Step(*check, "refused", gettext("Not passed"), "bad")
        return [Step(*work, "now", gettext("Upload again"), "now"), refused, Step(*score, "todo", todo, "mute")]
    if state is AssetState.FAILED:
        stuck = Step(*check, "refused", gettext("Processing failed"), "warn")
        return [handed_in, stuck, Step(*score, "todo", todo, "mute")]
    return [handed_in, Step(*check, "now", gettext("Checking"), "now"), Step(*score, "todo", todo, "mute")]


def desk_home(acting: Acting) -> DeskHome:
    """What waits for this role. Counts come from the rooms that own them."""
    waiting: list[WaitingItem] = []
    if acting.role is Role.EXAMINER:
        count = waiting_evidence(acting)
        if count:
            waiting.append(
                WaitingItem(
                    gettext("Works assigned to you"),
                    gettext("Watch with transcript, checks and hints"),
                    reverse("assessment:evidence_list"),
                    "now",
                    gettext("%(count)d works") % {"count": count},
                )
            )
    failed = dead_letter_count(acting)
    if failed:
        waiting.append(
            WaitingItem(
                gettext("Failed jobs"),
                gettext("Work that was tried and gave up; you can send it back"),
                reverse("portal:dead_letters"),
                "bad",
                gettext("%(count)d jobs") % {"count": failed},
            )
        )
    if can(acting, "other_submission", "read") and acting.role not in BLIND_ROLES:
        waiting.append(
            WaitingItem(
                gettext("Trainees' works"),
                gettext("What was handed in and where it stands"),
                reverse("portal:works_overview"),
                "info",
                gettext("Open"),
            )
        )
    calm = gettext("Nothing waits for you.")
    if acting.role is Role.ANONYMOUS:
        calm = gettext("You have no role in an organisation yet. Ask the organisation that gave you this login.")
    return DeskHome(waiting, calm)

"""What the portal's templates are given."""

from dataclasses import dataclass
from uuid import UUID

from media_pipeline.assets.types import Pages


@dataclass(frozen=True)
class NavItem:
    """One entry of the rail or the bottom bar. `count`: waiting work, None where nothing is counted."""

    label: str
    url: str
    icon: str
    current: bool
    count: int | None = None
    group: str = ""


@dataclass(frozen=True)
class MembershipChoice:
    """An entry of the role switcher."""

    uuid: UUID
    organisation: str
    role_label: str
    current: bool


@dataclass(frozen=True)
class WaitingItem:
    """One line of 待我办理: what, for which thing, since when, where to do it."""

    title: str
    detail: str
    url: str
    tone: str
    tag: str


@dataclass(frozen=True)
class WorkOverviewRow:
    """A trainee's work as her institution sees it: masked name, state, no content."""

    holder: str
    organisation: str
    title: str
    submitted_at: object
    state_label: str
    tone: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class WorksOverview:
    """One page of the overview, newest first, and how many works there are in all."""

    rows: list[WorkOverviewRow]
    pages: Pages


@dataclass(frozen=True)
class DeadLetterRow:
    """A job that gave up: what it was for, why, how often it was tried."""

    uuid: UUID
    kind_label: str
    subject: str
    reason: str
    attempts: int
    died_at: object

"""What the room of homework says of a lesson's practice tasks. It lies above this one, so it registers here when the app
is ready; a lesson's page and the path ask. Until somebody registers nothing is said."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from uuid import UUID


@dataclass(frozen=True)
class TaskLink:
    """The state of her hand-in and one link; `words` are the link's. tone: of the state's tag; mark: 0 to 100, None before."""

    state_label: str
    tone: str
    mark: Decimal | None
    words: str
    url: str


# (her enrolment, its class, uids of tasks) → task → what to say of it.
Links = Callable[[UUID, UUID, Sequence[UUID]], Mapping[UUID, TaskLink]]
# Her enrolment → lesson → the share of the marks she has in its tasks, 0 to 1.
Shares = Callable[[UUID], Mapping[UUID, Fraction]]
_links: list[Links] = []
_shares: list[Shares] = []


def register(links: Links, shares: Shares) -> None:
    """Called once, from the app's `ready`."""
    _links[:], _shares[:] = [links], [shares]


def task_links(enrolment: UUID, training_class: UUID, tasks: Sequence[UUID]) -> Mapping[UUID, TaskLink]:
    """What to show beside each practice task of a lesson; one query."""
    return _links[0](enrolment, training_class, tasks) if _links and tasks else {}


def homework_shares(enrolment: UUID) -> Mapping[UUID, Fraction]:
    """How well she did in the tasks of each lesson that were marked: for her path (S3-13). One query."""
    return _shares[0](enrolment) if _shares else {}

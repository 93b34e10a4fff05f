"""What a class is taught from, and what would change if it took what is live now."""

from dataclasses import dataclass
from datetime import datetime

from courses.catalogue.keeping import live_lessons
from courses.catalogue.selectors import manifest
from courses.classes.models import TrainingClass
from courses.classes.selectors import class_head, own_place
from courses.classes.types import ClassHead, ClassState
from lms.accounts.api import Acting, may


@dataclass(frozen=True)
class TaughtLesson:
    """One lesson of a class's curriculum in a list. change: "", "new", "changed" or "gone" against what is live now."""

    title: str
    hours: str
    change: str


@dataclass(frozen=True)
class TaughtCourse:
    """One module of it."""

    title: str
    lessons: tuple[TaughtLesson, ...]


@dataclass(frozen=True)
class PinLine:
    """One decision on what a class is taught from; the first was made with the plan."""

    made_at: datetime
    edition: int
    lessons: int
    reason: str


@dataclass(frozen=True)
class TaughtCurriculum:
    """What a class is taught from, and what would change if it took what is live now.

    edition None: nothing yet. may_adopt: this reader may decide, and there is something to decide. gone: titles that
    the live curriculum has no more; added: titles it has and the class has not.
    """

    head: ClassHead
    edition: int | None
    courses: tuple[TaughtCourse, ...]
    pins: tuple[PinLine, ...]
    added: tuple[str, ...]
    changed: tuple[str, ...]
    gone: tuple[str, ...]
    may_adopt: bool
    first: bool

    @property
    def differs(self) -> bool:
        """Whether the live curriculum says something else."""
        return bool(self.added or self.changed or self.gone)


def taught_curriculum(acting: Acting, row: TrainingClass) -> TaughtCurriculum:
    """What the class is taught from; `row` from `class_for`. Looking makes no manifest."""
    pins = [(pin, manifest(pin.manifest)) for pin in row.manifest_pins.order_by("-id")]
    held = pins[0][1] if pins else None
    live = live_lessons(row.level, row.starts_on)
    kept = {lesson.uid: lesson.version for lesson in held.lessons} if held else {}
    fresh = {uid: (version, title) for uid, version, title in live}
    changed = {uid for uid in kept.keys() & fresh.keys() if kept[uid] != fresh[uid][0]}
    over = row.state in {ClassState.CLOSED, ClassState.CANCELLED}
    runs = may(acting, "training_class", "update", place=own_place(acting, row))
    added = tuple(title for uid, (_version, title) in fresh.items() if uid not in kept)
    gone = kept.keys() - fresh.keys() if live else set()
    return TaughtCurriculum(
        head=class_head(row),
        edition=held.edition if held else None,
        courses=tuple(
            TaughtCourse(
                course.title,
                tuple(
                    TaughtLesson(
                        lesson.title,
                        str(lesson.hours),
                        "changed" if lesson.uid in changed else "gone" if lesson.uid in gone else "",
                    )
                    for lesson in course.lessons
                ),
            )
            for course in (held.courses if held else ())
        ),
        pins=tuple(PinLine(pin.created_at, data.edition, len(data.lessons), pin.reason) for pin, data in pins),
        added=added,
        changed=tuple(fresh[uid][1] for uid in fresh if uid in changed),
        gone=tuple(lesson.title for lesson in (held.lessons if held else ()) if lesson.uid in gone),
        may_adopt=runs and not over and bool(added or changed or gone) and bool(live),
        first=held is None,
    )

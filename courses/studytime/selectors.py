"""Reading the ledger and the sums made from it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from uuid import UUID

from django.db.models import Max, Q, Sum

from courses.classes.models import TrainingClass
from courses.enrolment.models import Enrolment
from courses.enrolment.types import PLACED
from courses.studytime.logic import class_hours, lesson_seconds
from courses.studytime.models import Beat, ListedPlatform, PlatformLog, StudyStream, StudyTotal
from courses.studytime.rules import study_rules, version_on
from courses.studytime.types import BeatData, Interval, LessonKey, Logged, OnlineHours, Refusal, Stream
from lms.accounts.api import Person
from lms.core import clock
from lms.core.clock import SHANGHAI
from lms.policies.api import profile

DEFAULT_HOUR_MINUTES = 45
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_ms(moment: datetime) -> int:
    """Whole milliseconds since 1970, rounded down."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def to_moment(ms: int) -> datetime:
    """The same back."""
    return _EPOCH + timedelta(milliseconds=ms)


def day_of(ms: int) -> date:
    """The day in Shanghai."""
    return clock.day_of(to_moment(ms))


def day_interval(first: date, last: date | None = None) -> Interval:
    """From the first day's 00:00 to the last day's 24:00 in Shanghai."""
    start = datetime.combine(first, time(), SHANGHAI)
    end = datetime.combine((last or first) + timedelta(days=1), time(), SHANGHAI)
    return to_ms(start), to_ms(end)


@cache
def _profile_facts(uuid: UUID) -> tuple[str, int]:
    """A version of a profile is immutable: its key and the minutes of a class hour."""
    rules = profile(uuid)
    return rules.key, rules.parameters.class_hour_minutes or DEFAULT_HOUR_MINUTES


def profile_key(training_class: TrainingClass) -> str:
    """The key of the class's policy profile."""
    return _profile_facts(training_class.profile)[0]


def hour_minutes(training_class: TrainingClass) -> int:
    """Minutes of a class hour: the profile's, or more where the class was planned so."""
    return max(_profile_facts(training_class.profile)[1], training_class.hour_minutes or 0)


@dataclass
class Ledger:
    """Everything on record about one human being in a stretch of time."""

    streams: list[Stream] = field(default_factory=list)
    beats: dict[int, list[BeatData]] = field(default_factory=lambda: defaultdict(list))
    logged: list[Logged] = field(default_factory=list)


def humans(persons: Collection[int]) -> dict[int, int]:
    """Every record of the same human beings → the kept record's pk."""
    roots = set()
    for pk, root in Person.objects.filter(pk__in=persons).values_list("pk", "merged_into"):
        roots.add(root or pk)
    same = Person.objects.filter(Q(pk__in=roots) | Q(merged_into__in=roots)).values_list("pk", "merged_into")
    return {pk: root or pk for pk, root in same}


def ledgers(roots: Mapping[int, int], within: Interval | None) -> dict[int, Ledger]:
    """Kept record → ledger, for every human of `roots` (from `humans`); four queries however many they are."""
    found: dict[int, Ledger] = {root: Ledger() for root in roots.values()}
    rows = StudyStream.objects.filter(person__in=list(roots)).order_by("opened_at", "pk")
    entries = PlatformLog.objects.filter(enrolment__person__in=list(roots)).order_by("started_at", "pk")
    if within:
        start, end = to_moment(within[0]), to_moment(within[1])
        # No stream outlives a day: the longest allowed is checked with the rules.
        rows = rows.filter(opened_at__gte=start - timedelta(days=1), opened_at__lt=end)
        entries = entries.filter(started_at__lt=end, ended_at__gt=start)
    owner: dict[int, int] = {}
    for pk, person, enrolment, lesson, opened, minutes, version, key, first, last in rows.values_list(
        "pk",
        "person_id",
        "enrolment_id",
        "lesson",
        "opened_at",
        "online_minutes",
        "rules_version",
        "profile",
        "enrolment__training_class__starts_on",
        "enrolment__training_class__ends_on",
    ):
        runs = day_interval(first, last)
        owner[pk] = roots[person]
        found[roots[person]].streams.append(
            Stream(pk, enrolment, lesson, to_ms(opened), minutes * 60, study_rules(version, key), runs)
        )
    beats = Beat.objects.filter(stream__in=list(owner)).values_list(
        "stream_id", "seq", "received_at", "at_ms", "span_ms", "idle_ms", "flags", "position_ms", "rate"
    )
    for stream, seq, received, *rest in beats.iterator():
        found[owner[stream]].beats[stream].append(BeatData(stream, seq, to_ms(received), *rest))
    _add_logged(found, roots, entries)
    return found


def _add_logged(found: dict[int, Ledger], roots: Mapping[int, int], entries: Iterable[PlatformLog]) -> None:
    listed: list[ListedPlatform] | None = None
    rows = entries.select_related("log_file", "enrolment__training_class__institution")  # type: ignore[attr-defined]
    for entry in rows:
        if listed is None:
            listed = list(ListedPlatform.objects.all())
        held = entry.enrolment.training_class
        span = (to_ms(entry.started_at), to_ms(entry.ended_at))
        runs = day_interval(held.starts_on, held.ends_on)
        refused = None
        if not (runs[0] <= span[0] and span[1] <= runs[1]):
            refused = Refusal.OUTSIDE
        elif study_rules(version_on(day_of(span[0])), profile_key(held)).listed_platforms_only and not is_listed(
            listed, entry.log_file.platform_key, place=held.institution.path, on=day_of(span[0])
        ):
            refused = Refusal.UNLISTED
        found[roots[entry.enrolment.person_id]].logged.append(Logged(entry.pk, entry.enrolment_id, span, refused))


def is_listed(listed: Iterable[ListedPlatform], key: str, *, place: str, on: date) -> bool:
    """Whether a platform was listed for a place on a day."""
    return any(
        row.name_key == key
        and place.startswith(row.place)
        and row.valid_from <= on
        and (row.valid_to is None or on <= row.valid_to)
        for row in listed
    )


def lesson_sums(enrolments: Collection[int]) -> dict[LessonKey, int]:
    """Enrolment and lesson → counted seconds, from the days' sums as they stand; one query."""
    rows = StudyTotal.objects.filter(enrolment__in=enrolments).order_by()
    summed = rows.values_list("enrolment_id", "lesson").annotate(whole=Sum("ms"), cap=Max("cap_s"))
    return {(enrolment, lesson): lesson_seconds(ms, cap) for enrolment, lesson, ms, cap in summed}


def counted_seconds(enrolment: int, lesson: UUID) -> int:
    """What one lesson has earned so far, as the days' sums stand."""
    rows = StudyTotal.objects.filter(enrolment=enrolment, lesson=lesson)
    sums = rows.aggregate(whole=Sum("ms"), cap=Max("cap_s"))
    return lesson_seconds(sums["whole"] or 0, sums["cap"])


def hours_of(
    training_class: TrainingClass,
    enrolments: Iterable[tuple[int, UUID]],
    *,
    sums: Mapping[LessonKey, int] | None = None,
) -> dict[UUID, OnlineHours]:
    """The counted online hours of these enrolments (pk, uuid) of one class; sums: seconds, else as the days' sums stand."""
    pairs = list(enrolments)
    minutes = hour_minutes(training_class)
    step = study_rules(version_on(training_class.starts_on), profile_key(training_class)).hour_step
    own: dict[int, int] = defaultdict(int)
    other: dict[int, int] = defaultdict(int)
    for (enrolment, lesson), seconds in (lesson_sums([pk for pk, _ in pairs]) if sums is None else sums).items():
        (own if lesson else other)[enrolment] += seconds
    return {
        uuid: OnlineHours(
            enrolment=uuid,
            seconds=own[pk] + other[pk],
            platform_seconds=other[pk],
            hours=class_hours(own[pk] + other[pk], minutes, step),
            hour_minutes=minutes,
        )
        for pk, uuid in pairs
    }


def counted_enrolments(training_class: TrainingClass) -> list[tuple[int, UUID]]:
    """Everybody who has a place in a class."""
    rows = Enrolment.objects.filter(training_class=training_class, state__in=PLACED).order_by("id")
    return list(rows.values_list("pk", "uuid"))

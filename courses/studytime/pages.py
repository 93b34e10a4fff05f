"""What the pages of study time show: gates, then frozen pages."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max, Q
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from courses.catalogue.models import LessonVersion
from courses.catalogue.selectors import manifest
from courses.catalogue.types import ManifestData
from courses.classes.models import ManifestPin, TrainingClass
from courses.classes.selectors import class_for, class_manifest, readable_classes
from courses.classes.types import ClassState
from courses.enrolment.models import Enrolment
from courses.enrolment.types import PLACED
from courses.studytime.logic import counted
from courses.studytime.models import PlatformLog, StudyDay, StudyStream, StudyTotal
from courses.studytime.rules import study_rules, version_on
from courses.studytime.selectors import (
    day_interval,
    day_of,
    hours_of,
    humans,
    ledgers,
    lesson_sums,
    profile_key,
    to_moment,
)
from courses.studytime.types import (
    AuditPage,
    BeatData,
    BeatRow,
    ClassTimeLink,
    ClassTimePage,
    ClassTimeRow,
    Interval,
    LessonKey,
    LessonTimeRow,
    MyClassTime,
    Piece,
    Slot,
    Stream,
    Stretch,
)
from courses.studytime.words import flag_words, reason_words, rule_words
from lms.accounts.api import Acting, Role, can, canonical_person, masked_name, records_of
from lms.core.clock import SHANGHAI

_HOUR_MS = 3_600_000
_TENTH = Decimal("0.1")
_STUDIED = (ClassState.TEACHING, ClassState.FINISHED, ClassState.ASSESSMENT, ClassState.CLOSED)


def overseen_class(acting: Acting, uuid: UUID) -> TrainingClass:
    """The gate of a class's study time, for those who oversee it. Raises PermissionDenied, Http404."""
    cell = can(acting, "study_time", "read")
    if cell is None or acting.role is Role.TRAINEE:
        raise PermissionDenied
    return class_for(acting, uuid)


def overseen_enrolment(acting: Acting, training_class: UUID, uuid: UUID) -> Enrolment:
    """The gate of one trainee's study time: those who oversee her class, and she herself. Raises as above."""
    if can(acting, "study_time", "read") is None:
        raise PermissionDenied
    rows = Enrolment.objects.select_related("person", "training_class__institution")
    row = rows.filter(uuid=uuid, training_class__uuid=training_class, state__in=PLACED).first()
    if row is None:
        raise Http404
    if acting.role is Role.TRAINEE:
        if acting.person is None or canonical_person(row.person.uuid) != acting.person:
            raise Http404
    else:
        class_for(acting, training_class)
    return row


def overseen_classes(acting: Acting) -> tuple[ClassTimeLink, ...]:
    """Classes that have been taught, as this office sees them. Raises PermissionDenied."""
    if can(acting, "study_time", "read") is None:
        raise PermissionDenied
    rows = readable_classes(acting).filter(state__in=_STUDIED)
    rows = rows.annotate(trainees=Count("enrolments", filter=Q(enrolments__state__in=PLACED), distinct=True))
    return tuple(
        ClassTimeLink(
            name=row.name,
            institution=row.institution.name,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            trainees=row.trainees,
            url=reverse("courses:study_time_class", args=[row.uuid]),
        )
        for row in rows
    )


def plan_of(row: TrainingClass) -> ManifestData | None:
    """What a class is taught from."""
    pinned = class_manifest(row)
    return manifest(pinned) if pinned else None


def plans_of(rows: Iterable[TrainingClass]) -> dict[int, ManifestData]:
    """What several classes are taught from, by the class's pk; one query beside the manifests themselves."""
    pins = ManifestPin.objects.filter(training_class__in=[row.pk for row in rows]).order_by("id")
    return {held: manifest(uuid) for held, uuid in dict(pins.values_list("training_class_id", "manifest")).items()}


def required_seconds(plan: ManifestData | None) -> int:
    """All online minutes of a plan, in seconds."""
    return sum(lesson.online_minutes for lesson in plan.lessons) * 60 if plan else 0


def class_page(acting: Acting, row: TrainingClass) -> ClassTimePage:
    """Everybody with a place in a class; `row` from `overseen_class`. The sums as they stand, and how many wait."""
    enrolled = list(
        Enrolment.objects.filter(training_class=row, state__in=PLACED).select_related("person").order_by("id")
    )
    hours = hours_of(row, [(one.pk, one.uuid) for one in enrolled])
    days = StudyTotal.objects.filter(enrolment__in=[one.pk for one in enrolled], ms__gt=0).order_by()
    last = dict(days.values_list("enrolment").annotate(day=Max("day")))
    waiting = StudyDay.objects.filter(stale=True, person__in=[one.person_id for one in enrolled]).count()
    required = required_seconds(plan_of(row))
    return ClassTimePage(
        class_name=row.name,
        class_url=reverse("courses:class", args=[row.uuid]),
        hour_minutes=next((one.hour_minutes for one in hours.values()), 0),
        required_s=required,
        rows=tuple(
            ClassTimeRow(
                name=masked_name(one.person.name),
                url=reverse("courses:study_time_person", args=[row.uuid, one.uuid]),
                seconds=hours[one.uuid].seconds,
                platform_seconds=hours[one.uuid].platform_seconds,
                hours=hours[one.uuid].hours,
                share=min(100, hours[one.uuid].seconds * 100 // required) if required else 0,
                last_day=last.get(one.pk),
            )
            for one in enrolled
        ),
        waiting=waiting,
        exports=tuple(
            (kind, label, reverse("courses:study_time_export", args=[row.uuid, kind]))
            for kind, label in (("csv", "CSV"), ("xlsx", "Excel"))
        ),
        logs_url=reverse("courses:platform_logs", args=[row.uuid]) if can(acting, "platform_log", "read") else "",
    )


def titles_outside(sums: Mapping[LessonKey, int], plans: Iterable[ManifestData]) -> dict[UUID, str]:
    """Titles of studied lessons that none of these plans holds."""
    planned = {lesson.uid for plan in plans for lesson in plan.lessons}
    return old_titles({lesson for _pk, lesson in sums if lesson} - planned)


def lesson_rows(
    row: Enrolment, sums: Mapping[LessonKey, int], *, plan: ManifestData | None, titles: Mapping[UUID, str]
) -> tuple[LessonTimeRow, ...]:
    """The lessons of the plan in their order, then what she studied that the plan no longer holds, then other platforms.

    titles: of lessons outside the plan, from `old_titles`.
    """
    mine = {lesson: seconds for (enrolment, lesson), seconds in sums.items() if enrolment == row.pk}
    rows = []
    for lesson in plan.lessons if plan else ():
        seconds = mine.pop(lesson.uid, 0)
        required = lesson.online_minutes * 60
        if required or seconds:
            rows.append(LessonTimeRow(lesson.title, seconds, required, bool(required) and seconds >= required))
    other = mine.pop(None, 0)
    rows += [LessonTimeRow(titles.get(uid, ""), seconds, 0, False) for uid, seconds in mine.items() if uid and seconds]
    if other:
        rows.append(LessonTimeRow(_("Other platforms"), other, 0, False))
    return tuple(rows)


def old_titles(lessons: Iterable[UUID]) -> dict[UUID, str]:
    """What lessons were called last that the plan no longer holds; one query, none for none."""
    asked = list(lessons)
    found = dict(LessonVersion.objects.filter(lesson__in=asked).order_by("id").values_list("lesson", "title"))
    return {uid: found.get(uid, _("A lesson that is no longer in the plan")) for uid in asked}


def my_time(acting: Acting) -> tuple[MyClassTime, ...]:
    """A trainee's own, newest class first. Raises PermissionDenied."""
    if acting.role is not Role.TRAINEE or can(acting, "study_time", "read") is None:
        raise PermissionDenied
    if acting.person is None:
        return ()
    rows = Enrolment.objects.filter(person__uuid__in=records_of([acting.person])[acting.person], state__in=PLACED)
    enrolled = list(rows.select_related("training_class__institution").order_by("-training_class__starts_on", "-id"))
    sums = lesson_sums([row.pk for row in enrolled])
    plans = plans_of([row.training_class for row in enrolled])
    titles = titles_outside(sums, plans.values())
    made = []
    for row in enrolled:
        plan = plans.get(row.training_class_id)
        held = hours_of(row.training_class, [(row.pk, row.uuid)], sums=sums)[row.uuid]
        made.append(
            MyClassTime(
                class_name=row.training_class.name,
                seconds=held.seconds,
                required_s=required_seconds(plan),
                platform_seconds=held.platform_seconds,
                hours=held.hours,
                hour_minutes=held.hour_minutes,
                lessons=lesson_rows(row, sums, plan=plan, titles=titles),
                url=reverse("courses:study_time_person", args=[row.training_class.uuid, row.uuid]),
            )
        )
    return tuple(made)


def audit_page(acting: Acting, row: Enrolment, *, day: date | None, hour: int | None) -> AuditPage:
    """How her time was earned; `row` from `overseen_enrolment`. Counted anew from the ledger, never from the sums."""
    own = acting.role is Role.TRAINEE
    roots = humans([row.person_id])
    [ledger] = ledgers(roots, None).values()
    result = counted(ledger.streams, ledger.beats, ledger.logged, capped=True)
    whole = [piece for piece in (*result.intervals, *result.refused) if piece.enrolment == row.pk]
    plan = plan_of(row.training_class)
    titles = {lesson.uid: lesson.title for lesson in plan.lessons} if plan else {}
    titles |= old_titles({one.lesson for one in ledger.streams if one.enrolment == row.pk} - set(titles))
    path = reverse("courses:study_time_person", args=[row.training_class.uuid, row.uuid])
    sums: dict[LessonKey, int] = {key: ms // 1000 for key, ms in result.ms.items()}
    held = hours_of(row.training_class, [(row.pk, row.uuid)], sums=sums)[row.uuid]
    versions = sorted({one.rules.version for one in ledger.streams if one.enrolment == row.pk}) or [
        version_on(row.training_class.starts_on)
    ]
    key = profile_key(row.training_class)
    shown = _within(whole, hour_interval(day, hour)) if day and hour is not None else []
    return AuditPage(
        name=masked_name(row.person.name),
        class_name=row.training_class.name,
        back_url=reverse("courses:study_time")
        if own
        else reverse("courses:study_time_class", args=[row.training_class.uuid]),
        own=own,
        seconds=held.seconds,
        platform_seconds=held.platform_seconds,
        hours=held.hours,
        hour_minutes=held.hour_minutes,
        lessons=lesson_rows(row, sums, plan=plan, titles=titles),
        rules=tuple((str(version), rule_words(study_rules(version, key))) for version in versions),
        days=tuple(_days(whole, path, day)),
        day=day,
        slots=tuple(_hours(whole, path, day, hour)) if day else (),
        hour=hour if day else None,
        stretches=tuple(_stretches(shown, titles, ledger.streams)),
        beats=tuple(_beats(row.pk, ledger.streams, ledger.beats, hour_interval(day, hour)))
        if day and hour is not None
        else (),
    )


def hour_interval(day: date, hour: int) -> Interval:
    """An hour of a day in Shanghai."""
    start = day_interval(day)[0] + hour * _HOUR_MS
    return start, start + _HOUR_MS


def _within(pieces: Iterable[Piece], span: Interval) -> list[Piece]:
    cut = (
        piece._replace(from_ms=max(piece.from_ms, span[0]), until_ms=min(piece.until_ms, span[1])) for piece in pieces
    )
    return sorted(
        (piece for piece in cut if piece.from_ms < piece.until_ms), key=lambda one: (one.from_ms, one.until_ms)
    )


def _split(pieces: Iterable[Piece]) -> tuple[int, int]:
    counted_ms = refused_ms = 0
    for piece in pieces:
        if piece.reason is None:
            counted_ms += piece.ms
        else:
            refused_ms += piece.ms
    return counted_ms // 1000, refused_ms // 1000


def _days(pieces: list[Piece], path: str, chosen: date | None) -> Iterable[Slot]:
    by_day: dict[date, list[Piece]] = defaultdict(list)
    for piece in pieces:
        one = day_of(piece.from_ms)
        while one <= day_of(piece.until_ms - 1):
            by_day[one] += _within([piece], day_interval(one))
            one += timedelta(days=1)
    for one in sorted(by_day, reverse=True):
        yield Slot(one.isoformat(), *_split(by_day[one]), f"{path}?day={one.isoformat()}#hours", one == chosen)


def _hours(pieces: list[Piece], path: str, day: date, chosen: int | None) -> Iterable[Slot]:
    for hour in range(24):
        part = _within(pieces, hour_interval(day, hour))
        if part:
            url = f"{path}?day={day.isoformat()}&hour={hour}#stretches"
            yield Slot(f"{hour:02}:00–{hour + 1:02}:00", *_split(part), url, hour == chosen)


def _stretches(pieces: Iterable[Piece], titles: Mapping[UUID, str], streams: Iterable[Stream]) -> Iterable[Stretch]:
    names = _sources(streams)
    logs = dict(
        PlatformLog.objects.filter(pk__in=[piece.log for piece in pieces if piece.log]).values_list(
            "pk", "log_file__platform"
        )
    )
    for piece in pieces:
        yield Stretch(
            from_at=to_moment(piece.from_ms),
            until_at=to_moment(piece.until_ms),
            seconds=(Decimal(piece.ms) / 1000).quantize(_TENTH),
            lesson=titles.get(piece.lesson, "") if piece.lesson else _("Other platforms"),
            source=names.get(piece.stream, "") or logs.get(piece.log, ""),
            reason=reason_words(piece.reason) if piece.reason else "",
            tone="warn" if piece.reason else "ok",
        )


def _sources(streams: Iterable[Stream]) -> dict[int, str]:
    """Opened pages by number in the order of opening, and the device they were opened on."""
    pks = [stream.pk for stream in streams]
    devices: dict[UUID, int] = {}
    names = {}
    rows = StudyStream.objects.filter(pk__in=pks).order_by("opened_at", "pk").values_list("pk", "device")
    for number, (pk, device) in enumerate(rows, start=1):
        which = devices.setdefault(device, len(devices) + 1)
        names[pk] = _("page %(page)d, device %(device)d") % {"page": number, "device": which}
    return names


def _beats(
    enrolment: int, streams: Iterable[Stream], beats: Mapping[int, list[BeatData]], span: Interval
) -> Iterable[BeatRow]:
    names = _sources(streams)
    rows = []
    for stream in streams:
        if stream.enrolment != enrolment:
            continue
        for beat in beats.get(stream.pk, ()):
            moment = stream.opened_ms + beat.at_ms
            if span[0] < moment and moment - beat.span_ms < span[1]:
                rows.append((moment, beat, names[stream.pk]))
    for moment, beat, name in sorted(rows, key=lambda one: (one[0], one[1].stream, one[1].seq)):
        yield BeatRow(
            stream=name,
            seq=beat.seq,
            moment=to_moment(moment).astimezone(SHANGHAI),
            received_at=to_moment(beat.received_ms).astimezone(SHANGHAI),
            span_s=(Decimal(beat.span_ms) / 1000).quantize(_TENTH),
            idle_s=(Decimal(beat.idle_ms) / 1000).quantize(_TENTH),
            states=flag_words(beat.flags),
            video=""
            if beat.position_ms is None
            else f"{beat.position_ms // 60000:02}:{beat.position_ms // 1000 % 60:02} · {beat.rate}%",
        )

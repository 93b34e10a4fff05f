"""Other platforms: which are listed, and their logs (S2-30)."""

import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import PurePosixPath
from typing import IO, cast
from uuid import UUID

from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from courses.classes.models import TrainingClass
from courses.classes.selectors import own_place
from courses.enrolment.models import Enrolment
from courses.enrolment.types import PLACED
from courses.studytime.models import ListedPlatform, PlatformLog, PlatformLogFile
from courses.studytime.rules import study_rules, version_on
from courses.studytime.selectors import day_interval, is_listed, profile_key, to_ms
from courses.studytime.services import mark_stale
from courses.studytime.types import (
    LogFileRow,
    LogLine,
    LogReading,
    LogsPage,
    PlatformRow,
    PlatformsPage,
    Refusal,
    StudyRefused,
)
from courses.studytime.words import reason_words
from lms.accounts.api import Acting, can, masked_name, may, require
from lms.core import audit, clock
from lms.core.tables import Column, Fault, Kind, Limits, Row, TableRefused, read_table

# A form's body is at most 1 MB; five thousand entries need a fifth of it.
LOG_LIMITS = Limits(bytes=900 * 1024, rows=5_000)
_STAGED = "platform-logs/staged"
_KEPT = "platform-logs"
_ENTRY_MAX = timedelta(hours=24)
_SALT = "kaibo.platform-log"
COLUMNS = (
    Column("name", ("姓名", "学员姓名", "name")),
    Column("number", ("证件号码", "身份证号", "身份证号码", "document number"), required=False),
    Column("title", ("课程名称", "课程", "course"), required=False),
    Column("start", ("开始时间", "开始学习时间", "start"), Kind.MOMENT),
    Column("end", ("结束时间", "结束学习时间", "end"), Kind.MOMENT),
)


def name_key(name: str) -> str:
    """A platform's name as it is compared: widths, capitals and spaces do not matter."""
    return "".join(unicodedata.normalize("NFKC", name).lower().split())


# The list -------------------------------------------------------------------------------------------------------------


def platforms_page(acting: Acting) -> PlatformsPage:
    """The listings that hold where this office works, and those of places below it. Raises NotAllowed."""
    require(acting, "online_platform", "read")
    path = acting.organisation_path
    rows = [row for row in ListedPlatform.objects.all() if path.startswith(row.place) or row.place.startswith(path)]
    lists = may(acting, "online_platform", "create")
    return PlatformsPage(
        rows=tuple(
            PlatformRow(
                uuid=row.uuid,
                name=row.name,
                operator=row.operator,
                document=row.document,
                valid_from=row.valid_from,
                valid_to=row.valid_to,
                may_end=lists and row.place == path and row.valid_to is None,
            )
            for row in rows
        ),
        may_list=lists,
    )


@transaction.atomic
def list_platform(
    *, by: Acting, name: str, operator: str, document: str, valid_from: date, valid_to: date | None, now: datetime
) -> ListedPlatform:
    """Put a platform on the list of this bureau's place; logs already handed in count from then on. Raises NotAllowed,
    StudyRefused."""
    require(by, "online_platform", "create")
    key = name_key(name)
    if valid_to and valid_to < valid_from:
        raise StudyRefused(_("The last day lies before the first."), code="days", field="valid_to")
    held = ListedPlatform.objects.filter(place=by.organisation_path, name_key=key)
    held = held.filter(Q(valid_to=None) | Q(valid_to__gte=valid_from))
    if valid_to:
        held = held.filter(valid_from__lte=valid_to)
    if held.exists():
        raise StudyRefused(_("This platform is listed for these days already."), code="listed", field="name")
    row = ListedPlatform.objects.create(
        name=name.strip(),
        name_key=key,
        operator=operator.strip(),
        document=document.strip(),
        place=by.organisation_path,
        valid_from=valid_from,
        valid_to=valid_to,
        created_by=by.user,
        created_at=now,
    )
    _recount(row)
    audit.record(
        subject_kind="online_platform",
        subject=row.uuid,
        action="online_platform_listed",
        actor=by.user,
        fields={"name": row.name, "valid_from": row.valid_from.isoformat()},
        now=now,
    )
    return row


@transaction.atomic
def end_listing(*, by: Acting, platform: UUID, last_day: date, now: datetime) -> ListedPlatform:
    """Put an end to a listing: what was studied later does not count. Raises NotAllowed, Http404, StudyRefused."""
    require(by, "online_platform", "update")
    row = ListedPlatform.objects.select_for_update().filter(uuid=platform, place=by.organisation_path).first()
    if row is None:
        raise Http404
    if row.valid_to is not None:
        raise StudyRefused(_("This listing has been ended already."), code="ended")
    if last_day < row.valid_from:
        raise StudyRefused(_("The last day lies before the first."), code="days", field="last_day")
    row.valid_to = last_day
    row.save(update_fields=["valid_to"])
    _recount(row)
    audit.record(
        subject_kind="online_platform",
        subject=row.uuid,
        action="online_platform_ended",
        actor=by.user,
        fields={"valid_to": last_day.isoformat()},
        now=now,
    )
    return row


def _recount(row: ListedPlatform) -> None:
    entries = PlatformLog.objects.filter(
        log_file__platform_key=row.name_key, enrolment__training_class__institution__path__startswith=row.place
    )
    _recount_entries(entries.select_related("enrolment"))


def _recount_entries(entries: Iterable[PlatformLog]) -> None:
    mark_stale(
        {
            (entry.enrolment.person_id, clock.day_of(moment))
            for entry in entries
            for moment in (entry.started_at, entry.ended_at)
        }
    )


# Logs -----------------------------------------------------------------------------------------------------------------


def logs_page(acting: Acting, row: TrainingClass) -> LogsPage:
    """The logs of a class; `row` from `pages.overseen_class`. Raises NotAllowed."""
    require(acting, "platform_log", "read", place=row.institution.path, own=True)
    listed = _listed_for(row)
    opens = may(acting, "platform_log_file", "read", place=own_place(acting, row))
    files = PlatformLogFile.objects.filter(training_class=row).annotate(entries_read=Count("entries")).order_by("-id")
    return LogsPage(
        class_name=row.name,
        class_url=reverse("courses:study_time_class", args=[row.uuid]),
        rows=tuple(
            LogFileRow(
                uuid=one.uuid,
                platform=one.platform,
                file_name=one.file_name,
                at=one.created_at,
                entries=one.entries_read,
                listed=any(held.name_key == one.platform_key for held in listed),
                url=reverse("courses:platform_log_file", args=[row.uuid, one.uuid]) if opens else "",
            )
            for one in files
        ),
        may_add=_adds(acting, row),
        platforms=tuple(dict.fromkeys(held.name for held in listed)),
    )


def _adds(acting: Acting, row: TrainingClass) -> bool:
    return can(acting, "platform_log", "create") is not None and may(
        acting, "platform_log", "create", place=own_place(acting, row)
    )


def _listed_for(row: TrainingClass) -> list[ListedPlatform]:
    return [held for held in ListedPlatform.objects.all() if row.institution.path.startswith(held.place)]


@dataclass(frozen=True)
class _Entry:
    row: int
    enrolment: Enrolment
    title: str
    start: datetime
    end: datetime


def read_log(
    *, by: Acting, training_class: TrainingClass, platform: str, file: IO[bytes], file_name: str, now: datetime
) -> tuple[LogReading, str]:
    """Read a log without taking it in; the file is put aside. Returns what was read and the seal `hand_in_log` asks for.

    Raises NotAllowed, StudyRefused.
    """
    _require_adds(by, training_class)
    reading, _entries, raw = _read(training_class, platform, file, file_name, now)
    if not reading.faults:
        _stage(reading.sha256, raw)
    seal = signing.dumps(
        [str(training_class.uuid), platform, file_name, reading.sha256, str(by.user)], salt=_SALT, compress=True
    )
    return reading, seal


def hand_in_log(*, by: Acting, training_class: TrainingClass, seal: str, now: datetime) -> PlatformLogFile:
    """Take in the log that was shown. Whatever goes wrong, no file is left without a row. Raises NotAllowed, StudyRefused."""
    _require_adds(by, training_class)
    again = StudyRefused(_("Please choose the file again."), code="again")
    try:
        held, platform, file_name, sha256, user = signing.loads(seal, salt=_SALT, max_age=24 * 3600)
    except (signing.BadSignature, ValueError):
        raise again from None
    storage = storages["private"]
    staged = f"{_STAGED}/{sha256}"
    if held != str(training_class.uuid) or user != str(by.user) or not storage.exists(staged):
        raise again
    with storage.open(staged) as file:
        reading, entries, raw = _read(training_class, platform, file, file_name, now)
    if reading.faults or reading.sha256 != sha256:
        raise again
    twice = StudyRefused(_("This very file has been handed in for the class already."), code="twice")
    if PlatformLogFile.objects.filter(training_class=training_class, sha256=sha256).exists():
        raise twice
    suffix = PurePosixPath(file_name).suffix.lower()
    kept = storage.save(f"{_KEPT}/{training_class.uuid}/{sha256}{suffix[:5]}", ContentFile(raw))
    shown = _Shown(platform, file_name[:200], kept, sha256, entries)
    try:
        row = _take_in(by, training_class, shown, now)
    except BaseException as fault:
        storage.delete(kept)
        if isinstance(fault, IntegrityError):  # by another window, a moment ago
            raise twice from None
        raise
    transaction.on_commit(lambda: storage.delete(staged))
    return row


@dataclass(frozen=True)
class _Shown:
    """A log as it was shown: its platform, its name, where it is kept, its hash, what was read."""

    platform: str
    file_name: str
    kept: str
    sha256: str
    entries: Sequence[_Entry]


@transaction.atomic
def _take_in(by: Acting, training_class: TrainingClass, log: _Shown, now: datetime) -> PlatformLogFile:
    row = PlatformLogFile.objects.create(
        training_class=training_class,
        platform=log.platform,
        platform_key=name_key(log.platform),
        file_name=log.file_name,
        file=log.kept,
        sha256=log.sha256,
        rows=len(log.entries),
        imported_by=by.user,
        created_at=now,
    )
    made = PlatformLog.objects.bulk_create(
        PlatformLog(
            log_file=row,
            enrolment=entry.enrolment,
            row=entry.row,
            title=entry.title[:200],
            started_at=entry.start,
            ended_at=entry.end,
        )
        for entry in log.entries
    )
    _recount_entries(made)
    audit.record(
        subject_kind="training_class",
        subject=training_class.uuid,
        action="platform_log_handed_in",
        actor=by.user,
        fields={"file": row.uuid, "sha256": log.sha256, "platform": log.platform, "rows": len(log.entries)},
        now=now,
    )
    return row


def log_file_for(acting: Acting, row: TrainingClass, uuid: UUID, *, now: datetime) -> PlatformLogFile:
    """The gate of the very file of a log: names and numbers in full, so for the institution that handed it in alone.

    Its reading is recorded. Raises NotAllowed, Http404.
    """
    require(acting, "platform_log_file", "read", place=own_place(acting, row))
    held = PlatformLogFile.objects.filter(training_class=row, uuid=uuid).first()
    if held is None:
        raise Http404
    audit.record(
        subject_kind="training_class",
        subject=row.uuid,
        action="platform_log_downloaded",
        actor=acting.user,
        fields={"file": held.uuid},
        now=now,
    )
    return held


def _require_adds(by: Acting, row: TrainingClass) -> None:
    require(by, "platform_log", "create", place=own_place(by, row))


def _stage(sha256: str, raw: bytes) -> None:
    storage = storages["private"]
    name = f"{_STAGED}/{sha256}"
    if not storage.exists(name):
        storage.save(name, ContentFile(raw))


def clear_staged(*, now: datetime) -> int:
    """Drop what was put aside and never handed in, after a day; returns how many."""
    storage = storages["private"]
    if not storage.exists(_STAGED):
        return 0
    gone = 0
    for name in storage.listdir(_STAGED)[1]:
        path = f"{_STAGED}/{name}"
        if storage.get_modified_time(path) < now - timedelta(days=1):
            storage.delete(path)
            gone += 1
    return gone


def _read(
    training_class: TrainingClass, platform: str, file: IO[bytes], file_name: str, now: datetime
) -> tuple[LogReading, list[_Entry], bytes]:
    try:
        read = read_table(file, COLUMNS, limits=LOG_LIMITS)
    except TableRefused as refused:
        raise StudyRefused(refused.message, code="file", field="file") from refused
    file.seek(0)
    raw = file.read()
    people = _People(training_class)
    entries: list[_Entry] = []
    faults: list[Fault] = list(read.faults)
    for row in read.rows:
        made = _entry(row, people, now)
        if isinstance(made, _Entry):
            entries.append(made)
        else:
            faults.append(made)
    listed = _listed_for(training_class)
    key = name_key(platform)
    lines = tuple(_line(entry, training_class, listed, key) for entry in entries)
    reading = LogReading(
        platform=platform,
        file_name=file_name,
        listed=any(held.name_key == key for held in listed),
        lines=lines,
        faults=tuple((fault.cell, fault.message) for fault in faults),
        sha256=hashlib.sha256(raw).hexdigest(),
    )
    if not entries and not faults:
        raise StudyRefused(_("The file holds no entries."), code="empty", field="file")
    return reading, entries, raw


class _People:
    """The trainees of a class by paper and by name. Numbers are compared in memory: they are encrypted at rest."""

    def __init__(self, training_class: TrainingClass) -> None:
        rows = Enrolment.objects.filter(training_class=training_class, state__in=PLACED).select_related("person")
        self.by_number: dict[str, Enrolment] = {}
        self.by_name: dict[str, list[Enrolment]] = {}
        for row in rows.order_by("id"):
            if row.person.document_number:
                self.by_number[_tidy(row.person.document_number)] = row
            self.by_name.setdefault(_tidy(row.person.name), []).append(row)

    def find(self, name: str, number: str | None) -> Enrolment | str:
        """The enrolment, or why there is none."""
        named = self.by_name.get(_tidy(name), [])
        if number:
            row = self.by_number.get(_tidy(number))
            if row is None:
                return _("Nobody of this class has this number.")
            return row if row in named else _("The number belongs to somebody of another name.")
        if len(named) > 1:
            return _("Several trainees have this name; add the document number.")
        return named[0] if named else _("Nobody of this class has this name.")


def _tidy(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).upper().split())


def _entry(row: Row, people: _People, now: datetime) -> _Entry | Fault:
    name, number, title = (str(row.values[key] or "") for key in ("name", "number", "title"))
    start, end = cast("datetime", row.values["start"]), cast("datetime", row.values["end"])
    found = people.find(name, number)
    where = f"A{row.number}"
    if isinstance(found, str):
        return Fault(where, found)
    if end <= start:
        return Fault(where, _("The end lies before the start."))
    if end - start > _ENTRY_MAX:
        return Fault(where, _("One entry lasts longer than a day."))
    if end > now:
        return Fault(where, _("The end lies in the future."))
    return _Entry(row.number, found, title, start, end)


def _line(entry: _Entry, training_class: TrainingClass, listed: Sequence[ListedPlatform], key: str) -> LogLine:
    runs = day_interval(training_class.starts_on, training_class.ends_on)
    day = clock.day_of(entry.start)
    asks = study_rules(version_on(day), profile_key(training_class)).listed_platforms_only
    note = ""
    if not (runs[0] <= to_ms(entry.start) and to_ms(entry.end) <= runs[1]):
        note = reason_words(Refusal.OUTSIDE)
    elif asks and not is_listed(listed, key, place=training_class.institution.path, on=day):
        note = reason_words(Refusal.UNLISTED)
    return LogLine(entry.row, masked_name(entry.enrolment.person.name), entry.title, entry.start, entry.end, note)

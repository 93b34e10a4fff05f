"""Time on other platforms: listed ones only, by their logs, and never twice (S2-30)."""

import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from courses.enrolment.models import Enrolment
from courses.studytime.models import ListedPlatform, PlatformLog, PlatformLogFile
from courses.studytime.platforms import clear_staged, end_listing, hand_in_log, list_platform, read_log
from courses.studytime.services import counted_online_hours
from courses.studytime.types import StudyRefused
from lms.accounts.api import NotAllowed, Person
from lms.core import clock
from lms.core.tables import Table, xlsx_bytes
from tests.courses.studytime.desk import MORNING, in_training, study
from tests.media_pipeline.cast import Cast

LATER = MORNING + timedelta(days=1)
HEAD = ["姓名", "证件号码", "课程名称", "开始时间", "结束时间"]


def log(*rows: list[Any]) -> io.BytesIO:
    return io.BytesIO(xlsx_bytes([Table("日志", HEAD, rows)], mark="来自平台"))


def entry(mine: Enrolment, start: int, minutes: int, *, name: str = "", number: str = "") -> list[Any]:
    """So many minutes from `start` minutes after ten in the morning."""
    begin = MORNING + timedelta(minutes=start)
    return [name or mine.person.name, number, "直播话术", begin, begin + timedelta(minutes=minutes)]


def listed(cast: Cast, **changes: Any) -> ListedPlatform:
    said: dict[str, Any] = {"name": "学习强国", "operator": "某公司", "document": "榕人社培〔2020〕34号"}
    said |= {"valid_from": date(2020, 1, 1), "valid_to": None} | changes
    return list_platform(by=cast.acting("bureau"), now=MORNING, **said)


def handed_in(cast: Cast, row: Any, *rows: list[Any], platform: str = "学习强国") -> PlatformLogFile:
    by = cast.acting("school_admin")
    reading, seal = read_log(
        by=by, training_class=row, platform=platform, file=log(*rows), file_name="log.xlsx", now=LATER
    )
    assert not reading.faults
    return hand_in_log(by=by, training_class=row, seal=seal, now=LATER)


def seconds(row: Any, mine: Enrolment) -> tuple[int, int]:
    held = counted_online_hours(row)[mine.uuid]
    return held.seconds, held.platform_seconds


@pytest.mark.req("S2-30")
def test_hours_of_an_unlisted_platform_are_not_counted(cast: Cast) -> None:
    row, [mine] = in_training(cast)
    handed_in(cast, row, entry(mine, 0, 30))
    assert seconds(row, mine) == (0, 0)
    # Listed for the day of study: they count, without handing anything in again; the listing's end takes later days out.
    platform = listed(cast, name=" 学习强国 ")
    assert seconds(row, mine) == (1800, 1800)
    end_listing(by=cast.acting("bureau"), platform=platform.uuid, last_day=date(2020, 6, 1), now=LATER)
    assert seconds(row, mine) == (0, 0)


@pytest.mark.req("S3-16")
def test_time_here_and_there_at_once_counts_once(cast: Cast) -> None:
    row, [mine] = in_training(cast)
    listed(cast)
    study(mine, 20)
    handed_in(cast, row, entry(mine, 10, 20), entry(mine, 25, 10))
    assert seconds(row, mine) == (35 * 60, 15 * 60)


def test_a_listing_holds_for_its_place_and_its_days(cast: Cast) -> None:
    row, [mine] = in_training(cast)
    listed(cast, valid_from=MORNING.date() + timedelta(days=1))
    handed_in(cast, row, entry(mine, 0, 30))
    assert seconds(row, mine) == (0, 0)
    with pytest.raises(StudyRefused):
        listed(cast, valid_from=MORNING.date() + timedelta(days=30))
    for who in ("school_admin", "owner", "examiner"):
        with pytest.raises(NotAllowed):
            list_platform(
                by=cast.acting(who),
                name="x",
                operator="x",
                document="x",
                valid_from=MORNING.date(),
                valid_to=None,
                now=MORNING,
            )
    other = listed(cast, name="别处")
    ListedPlatform.objects.filter(pk=other.pk).update(place="/elsewhere/")
    handed_in(cast, row, entry(mine, 0, 31), platform="别处")
    assert seconds(row, mine) == (0, 0)


def test_every_wrong_row_names_its_cell_and_nothing_is_taken_in(cast: Cast) -> None:
    row, [mine, hers] = in_training(cast, "owner", "colleague")
    Person.objects.filter(pk=hers.person_id).update(name=mine.person.name)
    number = mine.person.document_number
    file = log(
        entry(mine, 0, 10),  # two of this name
        entry(mine, 0, 10, number="350122199001010011"),  # nobody
        entry(mine, 0, 10, name="别人", number=number or "1"),
        entry(mine, 0, -10, number=number),
        entry(mine, 0, 60 * 25, number=number),
        entry(mine, 60 * 24 * 9, 10, number=number),
    )
    by = cast.acting("school_admin")
    reading, seal = read_log(by=by, training_class=row, platform="学习强国", file=file, file_name="a.xlsx", now=LATER)
    assert [cell for cell, _words in reading.faults] == ["A2", "A3", "A4", "A5", "A6", "A7"]
    with pytest.raises(StudyRefused):
        hand_in_log(by=by, training_class=row, seal=seal, now=LATER)
    assert not PlatformLog.objects.exists()


def test_what_is_handed_in_is_what_was_shown(cast: Cast) -> None:
    row, [mine] = in_training(cast)
    by = cast.acting("school_admin")
    held = handed_in(cast, row, entry(mine, 0, 30))
    _reading, seal = read_log(
        by=by, training_class=row, platform="学习强国", file=log(entry(mine, 0, 31)), file_name="b.xlsx", now=LATER
    )
    for wrong in ("", seal[:-3] + "abc"):
        with pytest.raises(StudyRefused):
            hand_in_log(by=by, training_class=row, seal=wrong, now=LATER)
    # The same file again is refused by its hash; another's seal is not mine; what waits too long is dropped.
    with pytest.raises(NotAllowed):
        hand_in_log(by=cast.acting("other_admin"), training_class=row, seal=seal, now=LATER)
    assert clear_staged(now=clock.real_now() + timedelta(days=2)) >= 1
    with pytest.raises(StudyRefused):
        hand_in_log(by=by, training_class=row, seal=seal, now=LATER)
    assert PlatformLogFile.objects.get() == held


def test_a_log_that_is_not_taken_in_leaves_no_file(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    row, [mine] = in_training(cast)

    def fails(**_fields: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("courses.studytime.platforms.audit.record", fails)
    with pytest.raises(RuntimeError):
        handed_in(cast, row, entry(mine, 0, 30))
    folder = f"platform-logs/{row.uuid}"
    assert not storages["private"].exists(folder) or storages["private"].listdir(folder) == ([], [])
    assert not PlatformLogFile.objects.exists()


def test_the_pages(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lms.core.clock.now", lambda: LATER)
    row, [mine] = in_training(cast)
    logs = reverse("courses:platform_logs", args=[row.uuid])
    school, bureau = cast.client("school_admin"), cast.client("bureau")
    file = SimpleUploadedFile("log.xlsx", log(entry(mine, 0, 30)).getvalue())
    page = school.post(logs, {"platform": "学习强国", "file": file})
    assert page.context["reading"].lines[0].note
    assert school.post(logs, {"seal": page.context["seal"]}).status_code == 302
    [held] = PlatformLogFile.objects.all()
    download = reverse("courses:platform_log_file", args=[row.uuid, held.uuid])
    assert b"".join(school.get(download)).startswith(b"PK")
    # Names and numbers in full: nobody whose cell says masked, and no link to it either.
    assert bureau.get(download).status_code == 403
    assert (download in school.get(logs).content.decode(), download in bureau.get(logs).content.decode()) == (
        True,
        False,
    )
    assert school.post(logs, {"platform": "x", "file": SimpleUploadedFile("x.txt", b"\0\0")}).status_code == 422
    listing = reverse("courses:listed_platforms")
    said = {"name": "学习强国", "operator": "某公司", "document": "榕人社培〔2020〕34号", "valid_from": "2020-01-01"}
    assert school.post(listing, said).status_code == 403
    assert bureau.post(listing, said | {"valid_from": ""}).status_code == 422
    assert bureau.post(listing, said).status_code == 302
    assert bureau.post(listing, said).status_code == 422
    [platform] = ListedPlatform.objects.all()
    assert school.get(listing).status_code == 200
    assert seconds(row, mine) == (1800, 1800)
    end = reverse("courses:listed_platform_end", args=[platform.uuid])
    assert bureau.post(end, {"last_day": "2020-02-01"}).status_code == 302
    assert seconds(row, mine) == (0, 0)
    for who, status in (("owner", 403), ("other_admin", 404), ("bureau", 200), ("instructor", 404)):
        assert cast.client(who).get(logs).status_code == status

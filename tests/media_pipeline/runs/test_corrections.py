"""An examiner's transcript is one more version: the machine's stays, findings are read again, nobody overwrites another."""

from datetime import date, timedelta
from typing import Any

import pytest

from lms.core import audit, clock
from media_pipeline.api import (
    TranscriptLine,
    TranscriptRefused,
    correct_transcript,
    evidence_of,
    transcript_versions,
)
from media_pipeline.assets.models import CheckResult, Finding, MediaAsset, StageRun, TranscriptEdit, TranscriptSegment
from media_pipeline.packs.selectors import pack_in_force
from media_pipeline.runs import corrections
from media_pipeline.stages.corrections import Listened, relistened
from media_pipeline.stages.cues import second_of
from media_pipeline.stages.ports import RuleBook
from media_pipeline.stages.types import Cue
from tests.media_pipeline.cast import NOW, SENTENCES, Cast, finish, hand_in
from tests.media_pipeline.fakes import cue

WHY = "听了三遍"


@pytest.fixture
def work(cast: Cast, tmp_path) -> MediaAsset:
    return finish(hand_in(cast), tmp_path)


def rules(work: MediaAsset) -> list[tuple[str, str]]:
    return [(finding.rule, finding.severity) for finding in evidence_of(work.uuid).findings]


def correct(cast: Cast, work: MediaAsset, texts=None, heard=(), *, base: int = 0, who: str = "examiner", **more):
    told: dict[str, Any] = {"reason": WHY, "now": NOW} | more
    return correct_transcript(by=cast.uuid(who), work=work.uuid, base=base, texts=texts or {}, heard=heard, **told)


def test_a_corrected_line_is_read_again_and_the_first_reading_stays(cast: Cast, work: MediaAsset) -> None:
    assert rules(work) == [("MED-10", "B"), ("PRICE-01", "H")]
    before = list(Finding.objects.values_list("run", "rule", "start_s")), evidence_of(work.uuid).cues
    made = correct(cast, work, {1: "每天喝一杯，可以解解渴，坚持喝。"})
    assert (made.number, made.lines[1]) == (
        1,
        TranscriptLine(1, 5.0, 10.0, "每天喝一杯，可以解解渴，坚持喝。", sure=True),
    )
    evidence = evidence_of(work.uuid)
    assert rules(work) == [("PRICE-01", "H")]
    assert evidence.cues[1].text == "每天喝一杯，可以解解渴，坚持喝。"
    assert evidence.cues[2] == before[1][2]
    assert "transcript 1" in evidence.engine_line
    # Both readings are kept, and who, when, why.
    assert StageRun.objects.filter(stage="compliance").count() == 2
    assert set(before[0]) <= set(Finding.objects.values_list("run", "rule", "start_s"))
    assert [version.lines[1].text for version in transcript_versions(work.uuid)] == [SENTENCES[1], made.lines[1].text]
    edit = TranscriptEdit.objects.get()
    assert (edit.by, edit.reason, edit.created_at, edit.base) == (cast.uuid("examiner"), WHY, NOW, 0)
    event = list(audit.events_of(work.uuid))[-1]
    assert (event.action, event.fields["number"], event.fields["findings"]) == ("transcript_corrected", 1, 1)
    assert audit.verify(work.uuid).ok


def test_a_breach_the_machine_misheard_is_found_at_its_second(cast: Cast, work: MediaAsset) -> None:
    correct(cast, work, {0: "大家好，我是主播林小燕，加我微信来到直播间。"})
    (found,) = [finding for finding in evidence_of(work.uuid).findings if finding.rule.startswith("DIV")]
    assert 2.0 < found.start_s < found.end_s < 5.0
    added = correct(cast, work, added=[(21.0, 23.0, "这个是国家级的。")], base=1)
    assert added.lines[-1] == TranscriptLine(4, 21.0, 23.0, "这个是国家级的。", sure=True)
    assert rules(work)[-1][0] == "ABS-01"


def test_a_doubtful_line_is_medium_until_somebody_listened(
    cast: Cast, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.media_pipeline import cast as made

    def doubtful(said: tuple[str, ...]) -> list[Cue]:
        return [cue(text, at, at * 5.0, low_trust=True) for at, text in enumerate(said)]

    monkeypatch.setattr(made, "plain_cues", doubtful)
    work = finish(hand_in(cast), tmp_path)
    assert rules(work) == [("MED-10", "M"), ("PRICE-01", "M")]
    made_version = correct(cast, work, heard=[1])
    assert rules(work) == [("MED-10", "B"), ("PRICE-01", "M")]
    assert [line.low_trust for line in made_version.lines] == [True, False, True, True]
    assert [each.low_trust for each in evidence_of(work.uuid).cues] == [True, False, True, True]
    assert TranscriptSegment.objects.filter(low_trust=True).count() == 4 + 3


def test_two_examiners_at_once_lose_nothing(cast: Cast, work: MediaAsset) -> None:
    correct(cast, work, {0: "大家好，我是主播林小燕。"})
    both = correct(cast, work, {2: "这是今天最低价。"}, who="examiner2")  # made from version 0 as well
    assert (both.number, both.lines[0].text, both.lines[2].text) == (2, "大家好，我是主播林小燕。", "这是今天最低价。")
    with pytest.raises(TranscriptRefused) as clash:
        correct(cast, work, {0: "大家好，我是林小燕。"}, who="examiner2")
    assert clash.value.line == 0
    # The same once more is no version.
    assert correct(cast, work, {2: "这是今天最低价。"}, base=2, reason="").number == 2
    assert TranscriptEdit.objects.count() == 2


def test_every_version_is_read_with_the_pack_that_read_the_work_first(
    cast: Cast, work: MediaAsset, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = StageRun.objects.get(stage="compliance")
    days: list[date] = []

    def in_force(day: date) -> RuleBook:
        days.append(day)
        return pack_in_force(day)

    monkeypatch.setattr(corrections, "pack_in_force", in_force)
    correct(cast, work, {1: "每天喝一杯。"}, now=NOW + timedelta(days=40))
    correct(cast, work, {2: "大家可以去比。"}, base=1, now=NOW + timedelta(days=80))
    assert days == [clock.day_of(first.finished_at)] * 2


@pytest.mark.parametrize(
    "texts,more,field",
    (
        ({0: "好"}, {"reason": " "}, "reason"),
        ({0: "长" * 121}, {}, ""),
        ({9: "没有这行"}, {}, ""),
        ({0: "好"}, {"base": 3}, ""),
        ({}, {"added": [(70.0, 71.0, "比视频长")]}, ""),
    ),
)
def test_what_cannot_be_is_refused(cast: Cast, work: MediaAsset, texts, more, field) -> None:
    with pytest.raises(TranscriptRefused) as refused:
        correct(cast, work, texts, **more)
    assert (refused.value.field, TranscriptEdit.objects.count(), StageRun.objects.count()) == (field, 0, 5)


def test_a_line_nobody_said_is_taken_out(cast: Cast, work: MediaAsset) -> None:
    made = correct(cast, work, {0: "", 3: "。"})
    assert [(line.id, cue.index) for line, cue in zip(made.lines, evidence_of(work.uuid).cues, strict=True)] == [
        (1, 0),
        (2, 1),
    ]
    again = correct(cast, work, {1: "每天喝一杯。"}, base=1)
    assert [line.id for line in again.lines] == [1, 2]


def test_the_checks_of_the_words_are_made_again_and_those_of_the_sound_stay(cast: Cast, work: MediaAsset) -> None:
    correct(cast, work, {1: "每天喝一杯。"})
    newest = StageRun.objects.filter(stage="compliance").latest("id")
    assert CheckResult.objects.get(run=newest, name="banned_words").metric == 1
    assert CheckResult.objects.filter(name="silence").count() == 1


def test_what_stays_keeps_its_second() -> None:
    before = cue("这个茶可以降血压坚持喝", seconds=11.0)
    (after,) = relistened([Listened(before, 0.0, 11.0, "这款茶真的可以降血压坚持喝", sure=True)])
    assert [second_of(after, after.text.index(word)) for word in ("这", "降血压", "坚持")] == [0.0, 5.0, 8.0]
    assert (after.low_trust, after.offsets) == (False, tuple(range(13)))

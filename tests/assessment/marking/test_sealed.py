"""The sealed evidence: who may take it, what is in it, that it is blind, the same each time, and found out when changed."""

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest
from django.test import Client
from django.utils import translation

from assessment.api import grant_evidence
from assessment.marking.logic import MASK
from assessment.marking.models import Panel
from assessment.marking.selectors.evidence import evidence_for
from assessment.marking.selectors.sealed import SCHEMA_FILE, evidence_files
from lms.core import audit
from lms.core.packages import Report, verify_own
from media_pipeline.assets.models import MediaAsset, Rendition
from media_pipeline.stages.context import StageOutput
from tests.assessment.marking.scoring import scoring_panel, seated
from tests.assessment.marking.test_transcripts import SHOWN, at, form
from tests.media_pipeline import cast as made
from tests.media_pipeline.cast import NOW, Cast, finish, hand_in


@pytest.fixture
def work(cast: Cast, tmp_path: Path) -> MediaAsset:
    asset = finish(hand_in(cast), tmp_path)
    grant_evidence(examiner=cast.uuid("examiner"), asset=asset.uuid, granted_by=cast.uuid("chief"), now=NOW)
    return asset


@pytest.fixture
def panel(cast: Cast, tmp_path: Path) -> Panel:
    return scoring_panel(cast, tmp_path)


def taken(cast: Cast, code: str, who: str = "examiner", **options: Any) -> bytes:
    answer = cast.client(who).post(f"/evidence/{code}/package", **options)
    assert answer.status_code == 200
    return answer.content


def checked(content: bytes) -> Report:
    return verify_own(io.BytesIO(content))


def opened(content: bytes) -> dict[str, bytes]:
    """Payload by name; only of a package that is as sealed."""
    report = checked(content)
    assert report.problems == ()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name.split("/data/")[1]: archive.read(name) for name in archive.namelist() if "/data/" in name}


def told(content: bytes) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(opened(content)["evidence.json"])
    fastjsonschema.compile(json.loads(SCHEMA_FILE.read_text()))(said)
    return said


@pytest.mark.parametrize(
    "who,status",
    (
        ("examiner", 200), ("examiner2", 404), ("chief", 200), ("bureau", 200), ("inspector", 404), ("owner", 404),
        ("stranger", 404), ("school_admin", 403), ("instructor", 403), ("administrator", 403),
    ),
)  # fmt: skip
def test_whoever_reads_the_evidence_may_take_it_and_nobody_else(
    cast: Cast, work: MediaAsset, who: str, status: int
) -> None:
    client, path = cast.client(who), f"/evidence/{work.blind_code}/package"
    assert client.post(path).status_code == status
    assert (client.get(path).status_code, Client().post(path).status_code) == (405, 302)
    assert cast.client(who, enforce_csrf_checks=True).post(path).status_code == 403
    taken_by = [event.actor for event in audit.events_of(work.uuid) if event.action == "evidence_sealed"]
    assert taken_by == ([cast.uuid(who)] if status == 200 else [])


def test_it_holds_checks_findings_words_and_versions(cast: Cast, work: MediaAsset) -> None:
    content = taken(cast, work.blind_code)
    said = told(content)
    assert (said["code"], said["work"]["level"], said["work"]["duration_s"]) == (work.blind_code, 5, 61.0)
    files = {row.kind: row.sha256 for row in Rendition.objects.filter(asset=work)}
    assert {kind: each["sha256"] for kind, each in said["files"].items()} == files
    assert said["files"]["source"]["sha256"] == work.sha256
    checks = {check["name"]: check for check in said["checks"]}
    silence = checks["silence"]
    assert (silence["stage"], silence["metric"], silence["threshold"], silence["ranges"]) == (
        "measure", 9.0, 8.0, [[20.0, 29.0]]
    )  # fmt: skip
    assert (checks["duplicate_exact"]["verdict"], checks["duplicate_exact"]["stage"]) == ("not_run", None)
    assert checks["duplicate_exact"]["note"]["words"]
    assert {stage["stage"] for stage in said["stages"]} == {
        "intake",
        "measure",
        "transcribe",
        "compliance",
        "similarity",
    }
    assert {stage["thresholds"] for stage in said["stages"]} == set(said["thresholds"])
    found = {finding["rule"]: finding for finding in said["findings"]}["MED-10"]
    assert (found["number"], found["text"], found["severity"], found["heard"]) == (1, "降血压", "B", True)
    assert found["law"]
    assert found["rewording"]
    assert found["category"]
    assert (
        found["pack"] == next(stage for stage in said["stages"] if stage["stage"] == "compliance")["engines"]["rules"]
    )
    assert [(version["number"], version["lines"][0]["text"]) for version in said["transcripts"]] == [(0, SHOWN[0])]
    assert said["features"]["schema"] == 1


def test_the_other_files_are_what_the_page_shows(cast: Cast, work: MediaAsset) -> None:
    files = opened(taken(cast, work.blind_code))
    assert sorted(files) == ["README.txt", "captions.vtt", "evidence.json", "evidence.schema.json", "waveform.json"]
    assert files["captions.vtt"] == cast.client("examiner").get(f"/evidence/{work.blind_code}/captions.vtt").content
    assert json.loads(files["waveform.json"]) == {"duration_s": 61.0, "peaks": [0.1, 0.9, 0.4]}
    assert "verify_package" in files["README.txt"].decode()


def test_a_work_without_a_waveform_says_so_on_the_page_and_has_no_such_file(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without sound, or measured by a version that drew none."""
    drawn = made.stage_output

    def undrawn(name: str, folder: Path, *more: Any) -> StageOutput:
        output = drawn(name, folder, *more)
        return replace(output, files={kind: file for kind, file in output.files.items() if kind != "waveform"})

    monkeypatch.setattr(made, "stage_output", undrawn)
    code = finish(hand_in(cast), tmp_path).blind_code
    assert "waveform.json" not in opened(taken(cast, code, "chief"))
    assert "没有波形" in cast.client("chief").get(f"/evidence/{code}/").content.decode()


def test_nothing_in_it_says_whose_it_is(cast: Cast, work: MediaAsset) -> None:
    answer = cast.client("examiner").post(f"/evidence/{work.blind_code}/package")
    assert answer["Content-Disposition"] == f'attachment; filename="kaibo-evidence-{work.blind_code}.zip"'
    said = b"".join([*opened(answer.content).values(), answer.content]).decode("utf-8", "replace")
    secrets = (
        "林晓燕", "林小燕", "高山岩茶", "连江", "职业中学", ".mp4", "submissions/", "renditions/", str(work.uuid),
        str(work.owner_user), str(work.organisation), str(cast.uuid("examiner")),
    )  # fmt: skip
    assert [secret for secret in secrets if secret in said] == []
    assert MASK in said


def test_the_same_evidence_is_the_same_bytes_whoever_asks(cast: Cast, work: MediaAsset) -> None:
    head = evidence_for(cast.acting("examiner"), work.blind_code)
    with translation.override("en"):
        assert evidence_files(evidence_for(cast.acting("chief"), work.blind_code)) == evidence_files(head)
    english = opened(taken(cast, work.blind_code, "bureau", headers={"accept-language": "en"}))
    assert english == evidence_files(head)


def test_a_changed_byte_in_any_member_is_found(cast: Cast, work: MediaAsset) -> None:
    content = taken(cast, work.blind_code)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    assert len(members) == 10
    for name, whole in members.items():
        at_byte = content.index(whole) + len(whole) // 2
        changed = content[:at_byte] + bytes([content[at_byte] ^ 1]) + content[at_byte + 1 :]
        report = checked(changed)
        assert not report.ok
        assert name.partition("/")[2] in [problem.where for problem in report.problems]


def test_a_corrected_transcript_stands_beside_what_was_heard(cast: Cast, panel: Panel) -> None:
    """With the panel's numbers; what is heard no more keeps its number and its words; who and why is not said."""
    first, second, _third = seated(cast, panel)
    before = told(taken(cast, panel.code, first))
    assert {finding["number"] for finding in before["findings"]} >= {1, 2}
    reason = "我听是没说降血压"
    cast.client(first).post(at(panel), form(SHOWN[0], "每天喝一杯，可以加微信，坚持喝。", *SHOWN[2:], reason=reason))
    content = taken(cast, panel.code, second)
    said = told(content)
    assert [version["number"] for version in said["transcripts"]] == [0, 1]
    assert [version["lines"][1]["text"] for version in said["transcripts"]] == [
        SHOWN[1],
        "每天喝一杯，可以加微信，坚持喝。",
    ]
    gone = [finding for finding in said["findings"] if not finding["heard"]]
    assert [(finding["number"], finding["rule"], bool(finding["rewording"])) for finding in gone] == [
        (1, "MED-10", True)
    ]
    assert 3 in [finding["number"] for finding in said["findings"]]
    everything = b"".join(opened(content).values()).decode()
    assert [word for word in (reason, "林小燕", str(cast.uuid(first))) if word in everything] == []


def test_what_may_be_said_instead_stands_wherever_a_finding_is_ruled_on(cast: Cast, panel: Panel) -> None:
    """On the desk, also for a finding that a correction took out of the transcript, and at the chief's."""
    first, second, _third = seated(cast, panel)
    words = {finding["number"]: finding["rewording"] for finding in told(taken(cast, panel.code, first))["findings"]}
    desk = f"/scoring/{panel.code}/"
    assert words[1] in cast.client(second).get(desk).content.decode()
    cast.client(first).post(at(panel), form(SHOWN[0], "每天喝一杯，坚持喝。", *SHOWN[2:]))
    assert words[1] in cast.client(second).get(desk).content.decode()
    assert words[1] in cast.client("chief").get(f"/panels/{panel.code}/").content.decode()


def test_the_schema_refuses_what_is_no_evidence(cast: Cast, work: MediaAsset) -> None:
    """A schema that takes everything shows nothing."""
    said = told(taken(cast, work.blind_code))
    check = fastjsonschema.compile(json.loads(SCHEMA_FILE.read_text()))
    said["checks"][0]["verdict"] = "perhaps"
    with pytest.raises(fastjsonschema.JsonSchemaValueException, match="verdict"):
        check(said)

"""The evidence of one work as the files of a sealed package: the same for whoever may read it, and without a name."""

import json
from pathlib import Path
from typing import Any

from django.utils import translation

from assessment.marking.logic import masked, quoted
from assessment.marking.models import PanelFinding
from assessment.marking.selectors.evidence import captions_of_cues, numbered_findings
from assessment.marking.selectors.transcripts import names_in
from media_pipeline.api import (
    BlindHead,
    Evidence,
    EvidenceFinding,
    TranscriptVersion,
    evidence_of,
    rewordings_of,
    transcript_versions,
    work_record,
)

SCHEMA = "kaibo-evidence/1"
_DATA = Path(__file__).parent.parent / "data"
SCHEMA_FILE, README = _DATA / "evidence.schema.json", _DATA / "evidence-readme.txt"
Json = dict[str, Any]


def evidence_files(head: BlindHead) -> dict[str, bytes]:
    """Name → content. Whoever asks, in whatever language, the same evidence is the same bytes.

    Who corrected a transcript, and why, is not in it: an examiner must not learn what a colleague thinks, and there is one
    file for all.
    """
    with translation.override("zh-hans"):
        evidence = evidence_of(head.uuid)
        record = work_record(head.uuid)
    told = {
        **record,
        "schema": SCHEMA,
        "code": head.code,
        "findings": _findings(head, evidence, record),
        "transcripts": [_version(version) for version in transcript_versions(head.uuid)],
    }
    files = {
        "README.txt": README.read_bytes(),
        "evidence.json": _json(told),
        "evidence.schema.json": SCHEMA_FILE.read_bytes(),
        "captions.vtt": captions_of_cues(evidence.cues).encode(),
    }
    if evidence.waveform:
        files["waveform.json"] = _json({"duration_s": evidence.duration_s, "peaks": evidence.waveform})
    return files


def _json(told: Json) -> bytes:
    return (json.dumps(told, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def _version(version: TranscriptVersion) -> Json:
    hidden = names_in(version)
    lines = [
        {
            "id": line.id,
            "start_s": line.start_s,
            "end_s": line.end_s,
            "text": masked(line.text, hidden.get(line.id, ())),
            "low_trust": line.low_trust,
            "sure": line.sure,
        }
        for line in version.lines
    ]
    return {"number": version.number, "at": version.at.isoformat() if version.at else None, "lines": lines}


def _findings(head: BlindHead, evidence: Evidence, record: Json) -> list[Json]:
    """All that the machine found, with the panel's numbers, and what the panel rules on though it is heard no more."""
    numbered, gone = numbered_findings(head.uuid, evidence)
    numbers = {(finding.rule, finding.start_s, finding.spans): (number, finding) for number, finding in numbered}
    packs = {stage["stage"]: stage["engines"].get("rules") for stage in record["stages"]}
    rows = []
    for finding, more in zip(evidence.findings, record["findings"], strict=True):
        number, shown = numbers.get((finding.rule, finding.start_s, finding.spans), (None, finding))
        text = quoted(finding, evidence.cues)
        rows.append({**_finding(shown, text), **more, "number": number, "heard": True, "pack": packs["compliance"]})
    known = rewordings_of(head.uuid) if gone else {}
    rows += [_gone(row, known.get(row.rule, "")) for row in gone]
    return rows


def _finding(finding: EvidenceFinding, text: str) -> Json:
    return {
        "severity": finding.severity,
        "rule": finding.rule,
        "law": finding.law,
        "law_note": finding.law_note,
        "rewording": finding.rewording,
        "text": text,
        "start_s": finding.start_s,
        "end_s": finding.end_s,
        "suspected": finding.suspected,
    }


def _gone(row: PanelFinding, rewording: str) -> Json:
    """The panel keeps less of a finding than the pipeline does: what it does not know is null."""
    unknown = dict.fromkeys(("category", "listed_severity", "term", "low_trust", "pack"))
    return {
        **unknown,
        "number": row.number,
        "heard": False,
        "severity": row.severity,
        "category_name": row.category_name,
        "rule": row.rule,
        "law": row.law,
        "law_note": row.law_note,
        "rewording": rewording,
        "text": row.text,
        "start_s": row.start_s,
        "end_s": row.end_s,
        "suspected": row.suspected,
    }

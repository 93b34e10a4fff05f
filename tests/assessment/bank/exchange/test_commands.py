"""`bank_import` and `bank_export` at the command line."""

import io
import json
import stat

import pytest
from django.core.management import CommandError, call_command

from assessment.bank.exchange import formats
from assessment.bank.models import Question
from assessment.bank.types import QuestionState
from lms.core.audit.models import AuditEvent
from tests.assessment.bank.exchange.documents import EVERY_TYPE, FILES

PLAIN = [document for document in EVERY_TYPE if not document.media]


def run(*words, **options):
    """What a command prints, and its exit code."""
    out = io.StringIO()
    try:
        call_command(*words, stdout=out, stderr=io.StringIO(), **options)
    except SystemExit as stopped:
        return out.getvalue(), stopped.code
    return out.getvalue(), 0


@pytest.fixture
def moodle(tmp_path):
    path = tmp_path / "moodle.bin"
    path.write_bytes(formats.write("moodle", PLAIN, FILES, title="题库"))
    return path


def test_a_dry_run_tells_and_touches_nothing(moodle):
    # No database mark: a query would fail the test.
    out, code = run("bank_import", str(moodle), "--dry-run", "--json")
    told = json.loads(out)
    assert code == 0
    assert (told["format"], told["refused"]) == ("moodle", [])
    assert [row["type"] for row in told["accepted"]] == [document.type for document in PLAIN]
    assert told["accepted"][0]["answer"] == ["A", "C"]
    assert told["accepted"][0]["marks"] == 2
    assert told["accepted"][0]["stimulus"].startswith("主播小李")
    assert told["accepted"][0]["options"][0] == {"key": "A", "text": "甲"}


def test_what_is_not_let_in_is_told_as_json_and_fails(tmp_path):
    path = tmp_path / "x.xml"
    path.write_bytes(b'<!DOCTYPE quiz [<!ENTITY x SYSTEM "file:///etc/passwd">]><quiz>&x;</quiz>')
    out, code = run("bank_import", str(path), "--dry-run", "--json")
    told = json.loads(out)
    assert code == 1
    assert (told["accepted"], told["refused"][0]["where"]) == ([], "x.xml")
    with pytest.raises(CommandError):
        run("bank_import", str(tmp_path / "none.xml"), "--dry-run")


@pytest.mark.django_db
def test_nothing_is_half_imported(tmp_path):
    path = tmp_path / "x.xml"
    data = formats.write("moodle", PLAIN, FILES, title="")
    path.write_bytes(
        data.replace(b'type="essay"', b'type="calculated"').replace(b'type="truefalse"', b'type="calculated"', 1)
    )
    out, code = run("bank_import", str(path))
    assert code == 1
    assert "calculated" in out
    assert not Question.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("format_", ("excel", "moodle", "qti30"))
def test_questions_go_in_and_out_and_in(tmp_path, moodle, format_):
    out, code = run("bank_import", str(moodle), "--json")
    assert code == 0
    assert json.loads(out)["imported"] == {"made": len(PLAIN), "renewed": 0, "unchanged": 0}
    assert set(Question.objects.values_list("state", flat=True)) == {QuestionState.DRAFT}
    path = tmp_path / "out.bin"
    run("bank_export", str(path), "--format", format_)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    event = AuditEvent.objects.filter(action="keys_exported").get()
    assert {str(document.uid) for document in PLAIN} <= set(map(str, event.fields.values()))
    out, code = run("bank_import", str(path), "--json")
    assert json.loads(out)["imported"] == {"made": 0, "renewed": 0, "unchanged": len(PLAIN)}
    run("bank_export", str(path), "--format", format_, "--level", "5")
    assert len(formats.read(path.read_bytes(), "x").accepted) == len(PLAIN)
    with pytest.raises(CommandError):
        run("bank_export", str(path), "--format", format_, "--level", "3")


@pytest.mark.django_db
def test_an_export_needs_a_format_that_is_written(tmp_path):
    for words in (["--format", "qti21"], ["--format", "excel", "--xsd", str(tmp_path)], ["--format", "excel"]):
        with pytest.raises(CommandError):
            run("bank_export", str(tmp_path / "x"), *words)

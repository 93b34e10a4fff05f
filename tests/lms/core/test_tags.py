"""What every template says: times, sizes, icons, bundles, the timeline's sentence, fields."""

from datetime import UTC, datetime

import pytest
from django import forms
from django.template import Context, Template
from django.template.exceptions import TemplateSyntaxError
from django.test import override_settings
from django.utils import translation

from lms.core import static
from lms.core.templatetags import kaibo
from lms.portal.gallery_data import evidence, thing


def test_media_time() -> None:
    shown = [kaibo.media_time(seconds) for seconds in (0, 41.9, 3725, -3, None, "x", float("inf"))]
    assert shown == ["00:00", "00:41", "1:02:05", "00:00", "—", "—", "—"]


def test_media_range_says_one_second_once() -> None:
    assert [kaibo.media_range(41, 46.2), kaibo.media_range(41.2, 41.9), kaibo.media_range(41)] == [
        "00:41–00:46",
        "00:41",
        "00:41",
    ]


def test_seconds_attr_is_the_same_in_every_language() -> None:
    with translation.override("zh-hans"):
        assert [kaibo.seconds_attr(value) for value in (41.0, 41.25, -1, None, 1234.5)] == [
            "41",
            "41.25",
            "0",
            "0",
            "1234.5",
        ]


def test_datetime_is_shanghai_time() -> None:
    moment = datetime(2026, 3, 20, 16, 30, 5, tzinfo=UTC)
    assert kaibo.kb_datetime(moment) == '<time datetime="2026-03-21T00:30:05+08:00">2026-03-21 00:30</time>'
    assert kaibo.kb_datetime(moment, "clock").endswith(">00:30:05</time>")
    assert kaibo.kb_datetime(None) == "—"


def test_file_size() -> None:
    sizes = [kaibo.filesize_zh(size) for size in (0, 900, 64 * 1024, 186 * 1024**2, 1.8 * 1024**3, 2 * 1024**3, None)]
    assert sizes == ["0B", "900B", "64kB", "186MB", "1.8GB", "2GB", "—"]


@pytest.mark.parametrize("seconds, words", ((45, "45 s"), (192, "3 min 12 s"), (120, "2 min"), (4800, "1 h 20 min")))
def test_duration(seconds: int, words: str) -> None:
    with translation.override("en"):
        assert kaibo.duration_zh(seconds) == words


def test_first_clause_is_the_article() -> None:
    assert kaibo.first_clause("《广告法》第九条；罚则第五十七条") == "《广告法》第九条"
    assert kaibo.first_clause("《广告法》第十七条") == "《广告法》第十七条"


def test_with_tone() -> None:
    checks = [thing(tone=tone) for tone in ("ok", "warn", "bad", "notrun")]
    assert kaibo.with_tone(checks, "warn bad") == checks[1:3]


def test_unknown_icons_and_bundles_are_refused() -> None:
    with pytest.raises(TemplateSyntaxError):
        kaibo.icon("no-such-icon")
    with pytest.raises(TemplateSyntaxError):
        kaibo.bundle("no-such-bundle")


def test_bundle_is_one_file_and_single_files_while_debugging() -> None:
    assert kaibo.bundle("trainee").count("<link") == 1
    with override_settings(DEBUG=True):
        assert kaibo.bundle("trainee").count("<link") == len(static.BUNDLES["trainee"])


def test_timeline_says_what_it_draws() -> None:
    with translation.override("en"):
        line = kaibo.evidence_timeline(evidence())["line"]
    assert line.sentence == (
        "01:13 of sound; 2 findings (00:41–00:46 Ordinary food said to treat disease, 00:47–00:51 Absolute claims); "
        "1 noticed stretch (00:54–00:57 Silence)"
    )


class _Form(forms.Form):
    phone = forms.CharField(label="Phone", help_text="Eleven digits")


def test_field_ties_hint_and_error_to_its_control() -> None:
    form = _Form({"phone": ""})
    html = Template("{{ form.phone.as_field_group }}").render(Context({"form": form}))
    assert 'aria-describedby="id_phone_helptext id_phone_error"' in html
    assert 'id="id_phone_helptext"' in html
    assert 'id="id_phone_error"' in html
    assert 'aria-invalid="true"' in html

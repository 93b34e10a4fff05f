"""The strict Content-Security-Policy would silently drop inline code: nothing inline is written."""

import re

import pytest

from tests.architecture.house import short, templates

FORBIDDEN = {
    "an inline style": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "a style block": re.compile(r"<style\b", re.IGNORECASE),
    "an inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "an inline script": re.compile(r"<script\b(?![^>]*\bsrc=)(?![^>]*application/(?:ld\+)?json)", re.IGNORECASE),
    "a javascript address": re.compile(r"javascript:", re.IGNORECASE),
    "an address of another host": re.compile(r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//""", re.IGNORECASE),
    "htmx that evaluates": re.compile(r"\bhx-on|\bhx-vals\s*=\s*[\"']js:|\bhx-vars", re.IGNORECASE),
}
COMMENT = re.compile(r"{% comment %}.*?{% endcomment %}|{#.*?#}", re.DOTALL)


@pytest.mark.parametrize("what", FORBIDDEN)
def test_templates_hold_none_of(what: str) -> None:
    found = []
    for path in templates():
        text = COMMENT.sub("", path.read_text(encoding="utf-8"))
        found += [f"{short(path)}: {match[0].strip()[:80]}" for match in FORBIDDEN[what].finditer(text)]
    assert found == []

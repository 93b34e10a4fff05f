"""Chinese is complete: every translatable text of the code has a translation with the same placeholders."""

import re

import pytest

from lms.core import messages
from tests.architecture.house import ROOT

PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|%[sd]|\{[a-z_]*\}|%%")


@pytest.mark.parametrize("territory", messages.TERRITORIES)
def test_chinese_is_complete(territory: str) -> None:
    held = messages.messages(messages.read(ROOT / territory / messages.PO))
    used = messages.messages(messages.collect(ROOT, territory))
    missing = sorted(key[0] for key in used if key not in held or not messages.is_translated(held[key]))
    assert missing == [], "run `make messages` and translate"
    unused = sorted(key[0] for key in held if key not in used)
    assert unused == [], "run `make messages`"


@pytest.mark.parametrize("territory", messages.TERRITORIES)
def test_placeholders_survive_translation(territory: str) -> None:
    broken = []
    for key, message in messages.messages(messages.read(ROOT / territory / messages.PO)).items():
        originals = (message.id,) if isinstance(message.id, str) else message.id
        strings = (message.string,) if isinstance(message.string, str) else (message.string or ())
        wanted = set(PLACEHOLDER.findall(originals[-1]))
        if any(text and set(PLACEHOLDER.findall(text)) != wanted for text in strings):
            broken.append(key[0])
    assert broken == []


def test_one_text_has_one_translation_everywhere() -> None:
    """Django merges the catalogues of all apps: of two translations of a text, only one would ever be seen."""
    seen: dict[messages.Key, dict[str, str]] = {}
    for territory in messages.TERRITORIES:
        for key, message in messages.messages(messages.read(ROOT / territory / messages.PO)).items():
            seen.setdefault(key, {})[territory] = str(message.string)
    assert {key[0]: by for key, by in seen.items() if len(set(by.values())) > 1} == {}

"""The demonstration world is marked, synthetic, and built once however often it is asked for."""

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from lms.accounts.api import Organisation, Person, User
from lms.portal.demo.pictures import LOOKS, scene_graph
from lms.portal.demo.works import SPEECH
from lms.portal.demo.world import CAST, build_world, synthetic_number

NOW = datetime(2026, 3, 16, 6, 30, tzinfo=UTC)


@pytest.fixture
def var(settings: Any, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path


@pytest.mark.django_db
def test_the_world_is_built_once_and_marked(var: Path) -> None:
    first = build_world(now=NOW)
    made = (Organisation.objects.count(), User.objects.count(), Person.objects.count())
    second = build_world(now=NOW)
    assert (first.fresh, second.fresh) == (True, False)
    assert (Organisation.objects.count(), User.objects.count(), Person.objects.count()) == made
    assert second.password == first.password
    assert not User.objects.filter(is_demo=False).exists()
    assert not Organisation.objects.filter(is_demo=False).exists()
    assert (var / "demo" / "password.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.django_db
def test_a_production_installation_builds_no_demonstration(settings: Any, var: Path) -> None:
    settings.PRODUCTION = True
    with pytest.raises(RuntimeError):
        build_world(now=NOW)
    assert not User.objects.exists()


def test_identity_numbers_are_synthetic_and_valid() -> None:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    numbers = [synthetic_number(character) for character in CAST]
    assert {number[:2] for number in numbers} == {"99"}
    assert len(set(numbers)) == len(CAST)
    for number in numbers:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
        assert number[17] == "10X98765432"[sum(int(d) * w for d, w in zip(number[:17], weights, strict=True)) % 11]


def test_every_clip_has_a_card_that_matches_its_sound_and_a_look() -> None:
    cards = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(SPEECH.glob("*.yaml"))]
    assert {card["name"] for card in cards} == set(LOOKS)
    assert sum(bool(card["expected"]) for card in cards) >= 2
    assert sum(not card["expected"] for card in cards) >= 2
    for card in cards:
        assert hashlib.sha256((SPEECH / f"{card['name']}.opus").read_bytes()).hexdigest() == card["sha256"]
        assert card["duration_s"] >= 60.5
        graph, picture = scene_graph(LOOKS[card["name"]])
        assert graph.count(f"[{picture}]") == 1

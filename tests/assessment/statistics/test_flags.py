"""What the committee is asked to look at, and when."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import yaml

from assessment.statistics.classical import item_figures
from assessment.statistics.drift import facility_drift
from assessment.statistics.flags import (
    FILE,
    ThresholdFault,
    drift_flags,
    fit_flags,
    item_flags,
    read_thresholds,
    thresholds,
)
from assessment.statistics.logic import analyse
from assessment.statistics.rasch import rasch
from assessment.statistics.types import Code, ItemFigures, Responses, Seen, Weight
from tests.assessment.statistics.answers import answers, choices, items, rasch_answers

LIMITS = thresholds()


@pytest.fixture(scope="module")
def sound() -> ItemFigures:
    """An item nobody needs to look at."""
    found = item_figures(choices(["AA", "AA", "AB", "BA", "BB", "CB", "DB", "AA"] * 20, key="AA"))[0]
    assert list(item_flags(found, LIMITS)) == []
    return found


@pytest.mark.parametrize(
    "change, codes",
    (
        ({"facility": 0.19}, [Code.TOO_HARD]),
        ({"facility": 0.20}, []),
        ({"facility": 0.95}, []),
        ({"facility": 0.96}, [Code.TOO_EASY]),
        ({"correlation": 0.15}, []),
        ({"correlation": 0.14}, [Code.WEAK]),
        ({"correlation": -0.01}, [Code.WEAK]),
        ({"correlation": -0.08}, [Code.NEGATIVE]),  # 160 candidates: a standard error is 0.079
        ({"correlation": None}, []),
        ({"not_reached": 16}, []),
        ({"asked": 180, "not_reached": 20}, [Code.NOT_REACHED]),
        ({"answered": 29, "facility": 0.0}, [Code.TOO_FEW]),
        ({"facility": None}, [Code.TOO_FEW]),
    ),
    ids=str,
)
def test_a_flag_goes_up_beyond_its_threshold_and_not_at_it(
    sound: ItemFigures, change: Mapping[str, Any], codes: list[Code]
) -> None:
    found = list(item_flags(replace(sound, **change), LIMITS))
    assert [flag.code for flag in found] == codes
    assert {flag.version for flag in found} <= {sound.item.version}


def test_a_distractor_hardly_anybody_takes_is_idle_and_few_prove_nothing(sound: ItemFigures) -> None:
    rows = tuple(
        replace(row, low=0, middle=1, high=1, share=0.01, lead=9.0) if row.option == "D" else row
        for row in sound.options
    )
    found = list(item_flags(replace(sound, options=rows), LIMITS))
    assert [(flag.code, flag.option) for flag in found] == [(Code.DISTRACTOR_IDLE, "D")]


def test_a_distractor_of_the_abler_is_told_unless_by_chance(sound: ItemFigures) -> None:
    def told(lead: float) -> list[tuple[Code, str]]:
        rows = tuple(replace(row, lead=lead) if row.option == "B" else row for row in sound.options)
        return [(flag.code, flag.option) for flag in item_flags(replace(sound, options=rows), LIMITS)]

    assert told(2.1) == [(Code.DISTRACTOR_ABLE, "B")]
    assert told(1.9) == []


def test_misfit_is_told_once_a_direction_and_never_by_chance() -> None:
    draw = np.random.default_rng(40)
    row = rasch(answers(rasch_answers(draw, np.linspace(-1, 1, 5), 200))).items[0]
    noisy = replace(row, infit=1.4, infit_z=5.0, outfit=1.6, outfit_z=6.0)
    assert [(flag.code, flag.found) for flag in fit_flags(noisy, LIMITS)] == [(Code.MISFIT_HIGH, 1.4)]
    assert [flag.code for flag in fit_flags(replace(noisy, infit=0.6, infit_z=-3.0), LIMITS)] == [
        Code.MISFIT_LOW,
        Code.MISFIT_HIGH,
    ]
    assert list(fit_flags(replace(noisy, infit_z=1.9, outfit_z=1.9), LIMITS)) == []
    assert list(fit_flags(replace(row, infit=None, infit_z=None, outfit=None, outfit_z=None), LIMITS)) == []


def test_drift_is_told_when_it_is_sure_and_large() -> None:
    def of(right: int, many: int) -> Responses:
        return answers([[1.0]] * right + [[0.0]] * (many - right))

    sure_and_large = facility_drift(of(500, 1000), of(700, 1000))
    sure_and_small = facility_drift(of(50_000, 100_000), of(52_000, 100_000))
    large_by_chance = facility_drift(of(5, 10), of(7, 10))
    least = LIMITS.drift_facility_min
    assert [flag.code for flag in drift_flags(sure_and_large, LIMITS, least=least)] == [Code.DRIFT]
    assert drift_flags(sure_and_small + large_by_chance, LIMITS, least=least) == ()


def test_a_wrong_key_comes_out_on_top() -> None:
    """Item 4's key says B, but A is right: the able choose A."""
    draw = np.random.default_rng(41)
    able = rasch_answers(draw, np.linspace(-1, 1, 20), 600) == 1
    others = 1 << draw.integers(1, 4, able.shape)
    chosen = np.where(able, 1, others).astype(np.uint32)
    asked = tuple(
        replace(item, options=tuple("ABCD"), key=frozenset("B" if at == 3 else "A"))
        for at, item in enumerate(items(np.ones(20)))
    )
    right = able.astype(float)
    right[:, 3] = chosen[:, 3] == 2
    found = analyse(Responses(asked, right, np.full(able.shape, Seen.ANSWERED, dtype=np.uint8), chosen))
    wrong = asked[3].version
    assert {(flag.version, flag.code, flag.option) for flag in found.flags if flag.weight is Weight.URGENT} == {
        (wrong, Code.NEGATIVE, ""),
        (wrong, Code.DISTRACTOR_ABLE, "A"),
    }
    assert found.flags[0].version == wrong
    assert Code.MISFIT_HIGH in {flag.code for flag in found.flags_of(wrong)}


def test_a_small_class_gets_figures_and_no_verdicts() -> None:
    found = analyse(choices(["AB", "AA", "BB"], key="AA"))
    assert (found.rasch, found.no_rasch) == (None, "few")
    assert {flag.code for flag in found.flags} == {Code.TOO_FEW}
    assert found.test.alpha is not None


def test_a_loose_test_is_told() -> None:
    draw = np.random.default_rng(42)
    found = analyse(answers((draw.random((200, 10)) < 0.5).astype(float)))
    assert [flag.version for flag in found.flags if flag.code is Code.ALPHA_LOW] == [None]


CONTENT: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "change",
    (
        {"facility_min": 0.96},
        {"fit_max": 0.9},
        {"candidates_min": "many"},
        {"drift_q_max": -1},
        {"weights": {"weak": "look"}},
        {"weights": CONTENT["weights"] | {"weak": "loud"}},
        {"more": 1},
    ),
    ids=str,
)
def test_thresholds_that_make_no_sense_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ThresholdFault):
        read_thresholds({**CONTENT, **change})


def test_every_threshold_is_said() -> None:
    with pytest.raises(ThresholdFault, match="alpha_min"):
        read_thresholds({name: value for name, value in CONTENT.items() if name != "alpha_min"})

"""Our figures are those of implementations that are not ours, to six places (docs/recipes/make_reference_statistics.py)."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assessment.statistics.classical import alpha, alpha_without, item_figures
from assessment.statistics.drift import facility_drift
from assessment.statistics.rasch import rasch
from tests.assessment.statistics.answers import answers, column

REFERENCE: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "reference.json").read_text(encoding="utf-8"))
TO_SIX = 1e-6


@pytest.fixture(scope="module")
def right() -> np.ndarray:
    rows = REFERENCE["dichotomous"]["answers"]
    return np.array([[-1.0 if sign == "-" else float(sign) for sign in row] for row in rows])


@pytest.fixture(scope="module")
def marks() -> np.ndarray:
    return np.array([[float(mark) for mark in row.split()] for row in REFERENCE["partial"]["marks"]])


def test_difficulties_and_errors_are_those_of_statsmodels(right: np.ndarray) -> None:
    found = rasch(answers(right)).items
    said = REFERENCE["dichotomous"]
    np.testing.assert_allclose(column(row.difficulty for row in found), said["difficulty"], atol=TO_SIX, rtol=0)
    np.testing.assert_allclose(column(row.error for row in found), said["error"], atol=TO_SIX, rtol=0)


def test_abilities_are_those_of_raschpy(right: np.ndarray) -> None:
    found = rasch(answers(right)).ability
    np.testing.assert_allclose(found, REFERENCE["dichotomous"]["ability"], atol=TO_SIX, rtol=0)


@pytest.mark.parametrize("name", ("dichotomous", "partial"))
def test_reliability_and_correlations_are_those_of_pingouin_and_girth(
    right: np.ndarray, marks: np.ndarray, name: str
) -> None:
    said = REFERENCE["partial"] if name == "partial" else REFERENCE["dichotomous"]["not reached as wrong"]
    matrix = answers(marks, maximum=3.0) if name == "partial" else answers(np.maximum(right, 0))
    assert alpha(matrix) == pytest.approx(said["alpha"], abs=TO_SIX)
    np.testing.assert_allclose(alpha_without(matrix), said["alpha_without"], atol=TO_SIX, rtol=0)
    correlations = column(figures.correlation for figures in item_figures(matrix))
    np.testing.assert_allclose(correlations, said["item_rest"], atol=TO_SIX, rtol=0)


def test_drift_is_that_of_statsmodels(right: np.ndarray) -> None:
    said = REFERENCE["dichotomous"]["drift of the halves"]
    found = facility_drift(answers(right[:200]), answers(right[200:]))
    np.testing.assert_allclose([row.z for row in found], said["z"], atol=TO_SIX, rtol=0)
    np.testing.assert_allclose([row.p for row in found], said["p"], atol=TO_SIX, rtol=0)
    np.testing.assert_allclose([row.q for row in found], said["q"], atol=TO_SIX, rtol=0)

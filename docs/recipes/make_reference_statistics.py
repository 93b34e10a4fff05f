"""Make the figures that tests/assessment/statistics hold ours against, by implementations that are not ours.

Kaibo never runs this: it is the recipe of tests/assessment/statistics/data/reference.json. It knows nothing of our code. Two
sets of answers are drawn from a seed and written with the figures:

- `dichotomous`: 400 candidates × 12 items after the Rasch model, some of whose time ran out (-1: not reached);
- `partial`: 250 candidates × 8 items marked in steps.

What says what: alpha and alpha without an item, pingouin; item–rest correlation, GIRTH; conditional maximum likelihood of the
difficulties with standard errors, statsmodels (a conditional logistic regression with the candidates as groups); Warm's
abilities, RaschPy; the z test of two proportions and Benjamini and Hochberg's q, statsmodels.

Tried on Python 3.11, in a virtual environment of its own:

    pip install numpy==2.4.6 scipy==1.17.1 pandas==3.1.1 statsmodels==0.15.0 pingouin==0.7.0 girth==0.8.0 raschpy==1.4.0
    python make_reference_statistics.py reference.json
"""

import json
import sys
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import pingouin
from girth import classical_test_statistics
from raschpy import SLM
from scipy.optimize import root
from statsmodels.discrete.conditional_models import ConditionalLogit
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportions_ztest
from statsmodels.tools.numdiff import approx_fprime

SEED = 20261121
NOT_REACHED = -1


def dichotomous(draw):
    """400 × 12 of 0, 1 and -1."""
    difficulty = np.linspace(-1.8, 1.8, 12)[draw.permutation(12)]
    ability = draw.normal(0.3, 1.1, 400)
    right = (draw.random((400, 12)) < 1 / (1 + np.exp(difficulty - ability[:, None]))).astype(int)
    for row in np.flatnonzero(draw.random(400) < 0.15):
        right[row, draw.integers(8, 12) :] = NOT_REACHED
    return right


def partial(draw):
    """250 × 8 of 0, 0.5, 1 … 3."""
    ability = draw.normal(0, 1, (250, 1))
    return np.clip(np.round(2 * (1.5 + ability + draw.normal(0, 1, (250, 8)))) / 2, 0, 3)


def rasch(right):
    """Difficulties that sum to zero, with standard errors, from a conditional logistic regression."""
    rows, items = np.nonzero(right != NOT_REACHED)
    design = -np.eye(right.shape[1])[items][:, 1:]  # the first item's difficulty is 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # candidates with nothing or everything right are dropped
        model = ConditionalLogit(right[rows, items], design, groups=rows)
    start = np.zeros(design.shape[1])
    found = root(model.score, start, jac=lambda at: approx_fprime(at, model.score, centered=True), tol=1e-13).x
    covariance = np.linalg.inv(-approx_fprime(found, model.score, centered=True))
    whole = np.zeros((len(found) + 1, len(found) + 1))
    whole[1:, 1:] = covariance
    centring = np.eye(len(whole)) - 1 / len(whole)
    difficulty = centring @ np.append(0, found)
    return difficulty, np.sqrt(np.diag(centring @ whole @ centring))


def abilities(right, difficulty):
    """Warm's estimates, given the difficulties."""
    frame = pd.DataFrame(np.where(right == NOT_REACHED, np.nan, right))
    frame.index, frame.columns = [f"p{row}" for row in frame.index], [f"i{item}" for item in frame.columns]
    model = SLM(frame)
    model.items = pd.Series(difficulty, index=frame.columns)
    return model.person("all", tolerance=1e-12, max_iters=500).reindex(frame.index)


def classical(marks):
    """Alpha, alpha without each item, correlation of each item with the rest."""
    frame = pd.DataFrame(marks)
    without = [pingouin.cronbach_alpha(frame.drop(columns=item))[0] for item in frame.columns]
    # GIRTH's correlation is with the mean of the other items, which is the same; codes shifted, -1 is its "missing".
    doubled = (np.asarray(marks).T * 2).astype(int) + 1
    rest = classical_test_statistics(doubled, start_value=1, stop_value=int(doubled.max()))["Item-Score Correlation"]
    return {"alpha": pingouin.cronbach_alpha(frame)[0], "alpha_without": without, "item_rest": list(rest)}


def drift(before, after):
    """z, p and q of each item between two halves."""
    found = []
    for item in range(before.shape[1]):
        first, second = (half[half[:, item] != NOT_REACHED, item] for half in (after, before))
        found.append(proportions_ztest([first.sum(), second.sum()], [len(first), len(second)]))
    z, p = np.array(found).T
    return {"z": list(z), "p": list(p), "q": list(multipletests(p, method="fdr_bh")[1])}


def main(path):
    """Write the file."""
    draw = np.random.default_rng(SEED)
    right, marks = dichotomous(draw), partial(draw)
    difficulty, error = rasch(right)
    ability = abilities(right, difficulty)
    said = {
        "made by": "docs/recipes/make_reference_statistics.py",
        "seed": SEED,
        "versions": {
            name: version(name) for name in ("numpy", "scipy", "pandas", "statsmodels", "pingouin", "girth", "raschpy")
        },
        "dichotomous": {
            "answers": ["".join("-" if mark == NOT_REACHED else str(mark) for mark in row) for row in right],
            "difficulty": list(difficulty),
            "error": list(error),
            "ability": list(ability),
            "drift of the halves": drift(right[:200], right[200:]),
            "not reached as wrong": classical(np.maximum(right, 0)),
        },
        "partial": {"marks": [" ".join(f"{mark:g}" for mark in row) for row in marks], **classical(marks)},
    }
    text = json.dumps(said, default=float, indent=1)
    Path(path).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])

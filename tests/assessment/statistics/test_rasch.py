"""The Rasch model: known difficulties come back, published ones too, and every figure is what its definition says."""

from itertools import product

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from assessment.statistics.classical import alpha
from assessment.statistics.rasch import rasch
from assessment.statistics.types import Left, NoRasch, RaschFigures
from tests.assessment.statistics.answers import answers, column, rasch_answers

# Law School Admission Test, section 6 (Bock and Lieberman 1970): 1,000 candidates by pattern of right answers.
LSAT = {
    "00000": 3, "00001": 6, "00010": 2, "00011": 11, "00100": 1, "00101": 1, "00110": 3, "00111": 4,
    "01000": 1, "01001": 8, "01011": 16, "01101": 3, "01110": 2, "01111": 15, "10000": 10, "10001": 29,
    "10010": 14, "10011": 81, "10100": 3, "10101": 28, "10110": 15, "10111": 80, "11000": 16, "11001": 56,
    "11010": 21, "11011": 173, "11100": 11, "11101": 61, "11110": 28, "11111": 298,
}  # fmt: skip


def difficulties(figures: RaschFigures) -> np.ndarray:
    return column(row.difficulty for row in figures.items)


def errors(figures: RaschFigures) -> np.ndarray:
    return column(row.error for row in figures.items)


def test_the_law_school_test_has_its_published_difficulties() -> None:
    rows = np.array([[int(sign) for sign in pattern] for pattern, count in LSAT.items() for _ in range(count)])
    assert rows.sum(axis=0).tolist() == [924, 709, 553, 763, 870]
    found = rasch(answers(rows))
    np.testing.assert_allclose(difficulties(found), [-1.256, 0.475, 1.236, 0.168, -0.623], atol=0.0006)
    assert alpha(answers(rows)) == pytest.approx(0.295, abs=0.0005)


def test_known_difficulties_come_back_within_their_errors() -> None:
    draw = np.random.default_rng(7)
    known = np.linspace(-2, 2, 30)
    # 20 tests: what is told as one standard error is one
    tests = []
    for _test in range(20):
        found = rasch(answers(rasch_answers(draw, known, 800)))
        tests.append((difficulties(found) - known) / errors(found))
    scores = np.array(tests)
    assert abs(scores.mean()) < 0.1
    assert 0.93 < scores.std() < 1.07
    assert 0.93 < (np.abs(scores) < 1.96).mean() < 0.97


def test_how_able_the_candidates_are_plays_no_part() -> None:
    draw = np.random.default_rng(8)
    known = np.linspace(-1.5, 1.5, 15)
    weak, able = (rasch(answers(rasch_answers(draw, known, 6000, mean))) for mean in (-1.5, 1.5))
    distance = (difficulties(weak) - difficulties(able)) / np.hypot(errors(weak), errors(able))
    assert np.abs(distance).max() < 3.5


def test_an_end_that_was_not_reached_does_not_make_items_hard() -> None:
    draw = np.random.default_rng(9)
    known = np.zeros(20)
    whole = rasch_answers(draw, known, 4000)
    slow = draw.random(4000) < 0.4
    whole[slow, 12:] = -1
    found = difficulties(rasch(answers(whole)))
    assert np.abs(found / errors(rasch(answers(whole)))).max() < 3.5
    as_wrong = difficulties(rasch(answers(np.maximum(whole, 0))))
    assert as_wrong[12:].min() > 0.5


def test_two_forms_are_put_on_one_scale_by_the_items_they_share() -> None:
    draw = np.random.default_rng(10)
    known = np.linspace(-1.5, 1.5, 24)
    easy, hard = rasch_answers(draw, known, 4000, -0.5), rasch_answers(draw, known, 4000, 0.8)
    easy[:, 14:] = np.nan
    hard[:, :10] = np.nan
    found = rasch(answers(np.vstack([easy, hard])))
    assert np.abs((difficulties(found) - known) / errors(found)).max() < 3.5


def test_forms_that_share_nothing_cannot_be_compared() -> None:
    draw = np.random.default_rng(11)
    both = rasch_answers(draw, np.zeros(10), 400)
    both[:200, 5:] = np.nan
    both[200:, :5] = np.nan
    with pytest.raises(NoRasch) as refused:
        rasch(answers(both))
    assert refused.value.reason == "split"


def test_an_item_everybody_has_right_is_left_out_and_nothing_else_changes() -> None:
    draw = np.random.default_rng(12)
    some = rasch_answers(draw, np.linspace(-1, 1, 8), 300)
    more = np.column_stack([np.ones(300), some, np.zeros(300)])
    found = rasch(answers(more))
    assert (found.items[0].left, found.items[-1].left) == (Left.ALL_RIGHT, Left.ALL_WRONG)
    assert found.items[0].difficulty is None
    np.testing.assert_allclose(difficulties(found)[1:-1], difficulties(rasch(answers(some))), atol=1e-12)


def test_an_item_marked_in_steps_is_no_matter_of_right_or_wrong() -> None:
    draw = np.random.default_rng(13)
    some = rasch_answers(draw, np.linspace(-1, 1, 6), 300)
    some[:60, 2] = 0.5
    found = rasch(answers(some))
    assert [row.left for row in found.items] == [None, None, Left.PARTIAL, None, None, None]


def test_too_few_candidates_tell_nothing() -> None:
    with pytest.raises(NoRasch) as refused:
        rasch(answers([[1, 0, 1], [0, 1, 1], [1, 1, 1]]), candidates_min=3)
    assert refused.value.reason == "few"


def test_the_order_of_candidates_and_items_plays_no_part() -> None:
    draw = np.random.default_rng(14)
    some = rasch_answers(draw, np.linspace(-1, 1, 9), 200)
    some[:30, 6:] = -1
    rows, columns = draw.permutation(200), draw.permutation(9)
    one, other = rasch(answers(some)), rasch(answers(some[np.ix_(rows, columns)]))
    np.testing.assert_allclose(difficulties(other), difficulties(one)[columns], atol=1e-9)
    np.testing.assert_allclose(errors(other), errors(one)[columns], atol=1e-9)
    np.testing.assert_allclose(other.ability, one.ability[rows], atol=1e-9)
    np.testing.assert_allclose(
        column(row.infit for row in other.items), column(row.infit for row in one.items)[columns], atol=1e-9
    )


def test_fit_is_what_its_definition_says() -> None:
    """Chances given the score by counting every pattern of answers; squares candidate by candidate."""
    draw = np.random.default_rng(15)
    some = rasch_answers(draw, np.linspace(-1, 1, 6), 120)
    some[:25, 4:] = -1
    found = rasch(answers(some))
    known = difficulties(found)
    asked: list[list[tuple[float, float]]] = [[] for _ in known]  # (answer, chance of it being right)
    for row in some:
        reached = np.flatnonzero(row >= 0)
        score = int(row[reached].sum())
        patterns = np.array([p for p in product((0, 1), repeat=len(reached)) if sum(p) == score])
        weights = np.exp(-patterns @ known[reached])
        for item, chance in zip(reached, weights @ patterns / weights.sum(), strict=True):
            if 0 < score < len(reached):
                asked[item].append((row[item], chance))
    for found_row, pairs in zip(found.items, asked, strict=True):
        answer, chance = np.array(pairs).T
        spread = chance * (1 - chance)
        square = (answer - chance) ** 2
        # variance of a square: what it is when right and when wrong, about its mean
        noise = chance * ((1 - chance) ** 2 - spread) ** 2 + (1 - chance) * (chance**2 - spread) ** 2
        infit, outfit = square.sum() / spread.sum(), (square / spread).mean()
        infit_error, outfit_error = np.sqrt(noise.sum()) / spread.sum(), np.sqrt((noise / spread**2).sum()) / len(pairs)
        assert [found_row.infit, found_row.outfit] == pytest.approx([infit, outfit], abs=1e-9)
        distances = [(infit - 1) / infit_error, (outfit - 1) / outfit_error]
        assert [found_row.infit_z, found_row.outfit_z] == pytest.approx(distances, abs=1e-7)


def test_fit_is_one_for_items_of_the_model_and_tells_of_those_that_are_not() -> None:
    draw = np.random.default_rng(16)
    some = rasch_answers(draw, np.linspace(-1.5, 1.5, 20), 3000)
    found = rasch(answers(some))
    assert np.abs(column(row.infit_z for row in found.items)).max() < 4
    assert column(row.infit_z for row in found.items).std() == pytest.approx(1, abs=0.4)
    some[:, 3] = draw.random(3000) < 0.5  # nothing to do with ability
    noisy = rasch(answers(some)).items
    assert max(noisy, key=lambda row: row.infit or 0) is noisy[3]
    assert (noisy[3].infit_z or 0) > 10


def test_abilities_are_warms_by_definition() -> None:
    draw = np.random.default_rng(17)
    found = rasch(answers(rasch_answers(draw, np.linspace(-1, 1, 7), 150)))
    known = difficulties(found)

    def weighted(ability: float, score: int) -> float:
        chance = 1 / (1 + np.exp(known - ability))
        return -(score * ability + np.log(1 - chance).sum() + np.log((chance * (1 - chance)).sum()) / 2)

    for row in found.scale:
        best = minimize_scalar(
            weighted, args=(row.score,), bounds=(-8, 8), method="bounded", options={"xatol": 1e-10}
        ).x
        assert row.ability == pytest.approx(best, abs=1e-5)
    abilities = [row.ability for row in found.scale]
    assert abilities == sorted(abilities)
    assert np.isfinite(abilities).all()


def test_abilities_follow_what_candidates_can_do() -> None:
    draw = np.random.default_rng(18)
    ability = draw.normal(0, 1, 2000)
    chance = 1 / (1 + np.exp(np.linspace(-2, 2, 40) - ability[:, None]))
    found = rasch(answers((draw.random(chance.shape) < chance).astype(float)))
    distance = (found.ability - ability) / found.ability_error
    assert abs(distance.mean()) < 0.1
    assert distance.std() == pytest.approx(1, abs=0.07)
    assert found.separation == pytest.approx(np.corrcoef(found.ability, ability)[0, 1] ** 2, abs=0.03)


def test_a_long_test_of_far_apart_items_stays_finite() -> None:
    draw = np.random.default_rng(19)
    known = np.linspace(-4, 4, 200)
    found = rasch(answers(rasch_answers(draw, known, 600)))
    kept = np.isfinite(difficulties(found))
    distance = (difficulties(found)[kept] - known[kept]) / errors(found)[kept]
    assert kept.sum() > 190
    assert np.abs(distance - distance.mean()).max() < 4.5


def test_more_items_than_floats_can_hold_are_refused() -> None:
    draw = np.random.default_rng(20)
    with pytest.raises(NoRasch) as refused:
        rasch(answers(rasch_answers(draw, np.zeros(301), 60)))
    assert refused.value.reason == "many"

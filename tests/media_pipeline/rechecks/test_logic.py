from media_pipeline.rechecks.logic import compared
from media_pipeline.rechecks.types import Point


def point(category="ABS", start=0, end=3, cue=0, *, suspected=False, rule="ABS-01"):
    return Point(category, "H", rule, "x" * (end - start), 0.0, 1.0, suspected, ((cue, start, end),))


def test_the_same_words_of_the_same_category_are_one_finding_whatever_the_rule():
    found = compared([point(), point("MED", 5, 8)], [point(start=2, end=6, rule="ABS-09"), point("PRICE", 5, 8)])
    assert [one.category for one in found.new] == ["PRICE"]
    assert [one.category for one in found.gone] == ["MED"]
    assert found.kept == 1


def test_touching_other_cues_and_mere_suspicion_are_not_the_same():
    before = [point(), point(cue=1), point(start=9, end=12, suspected=True)]
    after = [point(start=3, end=5), point(cue=2), point(start=9, end=12)]
    found = compared(before, after)
    assert (len(found.new), len(found.gone), found.kept) == (3, 3, 0)


def test_a_point_is_kept_as_json():
    assert Point.from_json(point().to_json()) == point()

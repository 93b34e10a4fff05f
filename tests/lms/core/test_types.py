import pytest

from lms.core.types import Level


@pytest.mark.req("S1-06")
def test_levels_order_by_skill_although_numbers_fall() -> None:
    names = ["初级", "中级", "高级", "技师", "高级技师"]
    levels = [Level.named(name) for name in names]
    assert [int(level) for level in levels] == [5, 4, 3, 2, 1]
    assert sorted(levels) == levels
    assert levels[0] < levels[1] < levels[2]
    assert max(levels) is Level.SENIOR_TECHNICIAN
    assert [level.label_zh for level in levels] == names
    assert Level.named("三级/高级工") is Level.ADVANCED


def test_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="特级"):
        Level.named("特级")

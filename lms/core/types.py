"""Words of the trade that every room uses. No Django."""

from enum import IntEnum, StrEnum
from typing import Any


class Level(IntEnum):
    """The five skill levels: the number falls as the skill rises (S1-06), so order compares skill, not number."""

    ELEMENTARY = 5
    INTERMEDIATE = 4
    ADVANCED = 3
    TECHNICIAN = 2
    SENIOR_TECHNICIAN = 1

    @property
    def label_zh(self) -> str:
        """The name in use: 初级, 中级, 高级, 技师, 高级技师."""
        return _LABELS[self][0]

    @property
    def rank_zh(self) -> str:
        """The rank printed on certificates, as 五级/初级工."""
        return _LABELS[self][1]

    @classmethod
    def named(cls, label: str) -> "Level":
        """The level of a Chinese name. Raises ValueError."""
        for level, names in _LABELS.items():
            if label in names:
                return level
        raise ValueError(f"no level is called {label!r}")

    def __lt__(self, other: Any) -> bool:
        if not isinstance(other, Level):
            return NotImplemented
        return int(self) > int(other)

    def __gt__(self, other: Any) -> bool:
        if not isinstance(other, Level):
            return NotImplemented
        return int(self) < int(other)

    def __le__(self, other: Any) -> bool:
        return self == other or self < other

    def __ge__(self, other: Any) -> bool:
        return self == other or self > other


_LABELS: dict[Level, tuple[str, str]] = {
    Level.ELEMENTARY: ("初级", "五级/初级工"),
    Level.INTERMEDIATE: ("中级", "四级/中级工"),
    Level.ADVANCED: ("高级", "三级/高级工"),
    Level.TECHNICIAN: ("技师", "二级/技师"),
    Level.SENIOR_TECHNICIAN: ("高级技师", "一级/高级技师"),
}


class ProductKind(StrEnum):
    """What is sold; rules and required statements depend on it (domain 4.6)."""

    FOOD = "food"
    TEA = "tea"
    HEALTH_FOOD = "health_food"
    ALCOHOL = "alcohol"
    COSMETICS = "cosmetics"
    DAILY = "daily"
    OTHER = "other"

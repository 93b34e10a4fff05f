"""What an examination consists of (S1-19, S5-21). No Django."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from lms.core.types import Level


class Part(StrEnum):
    """The parts an assessment may have (S2-32, S5-21)."""

    THEORY = "theory"
    VIDEO = "video"
    HOMEWORK = "homework"
    OPERATION = "operation"
    CLASS_PERFORMANCE = "class_performance"


class Paper(StrEnum):
    """What passing earns: three different papers (domain 2.2 no. 14)."""

    COMPLETION_CERTIFICATE = "completion_certificate"  # 结业证书
    QUALIFICATION_CERTIFICATE = "qualification_certificate"  # 合格证书
    SKILL_LEVEL_CERTIFICATE = "skill_level_certificate"  # 职业技能等级证书


@dataclass(frozen=True)
class PartRule:
    """One part. `weight`: share of the composite in percent; `pass_mark` of 100; `resits`: None is as the profile says.

    Rubric and blueprint are named by key and content hash and resolved by the rooms above; "" where the part has none.
    """

    part: Part
    weight: Decimal
    pass_mark: Decimal
    resits: int | None
    rubric_key: str
    rubric_hash: str
    blueprint_key: str
    blueprint_hash: str


@dataclass(frozen=True)
class Quorum:
    """Who must score a video: at least `minimum` examiners, an odd number; a wider spread goes to arbitration."""

    minimum: int = 3
    odd: bool = True
    spread_limit: Decimal = Decimal(15)


@dataclass(frozen=True)
class SpecificationData:
    """One version of an assessment specification. `trial`: 试行 (S1-19); `note`: where it comes from, what it lacks."""

    uuid: UUID
    key: str
    version: int
    content_hash: str
    level: Level
    title: str
    trial: bool
    note: str
    parts: tuple[PartRule, ...]
    quorum: Quorum
    papers: tuple[Paper, ...]
    approved: bool

    def part(self, part: Part) -> PartRule | None:
        """The rule of one part, None when it is not examined."""
        return next((rule for rule in self.parts if rule.part is part), None)


class SpecificationRefusal(Exception):
    """A foreseen refusal. `message` is for the person who asked."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class NoSpecification(LookupError):
    """There is no such specification, or none of its versions is approved: nothing is examined without one."""

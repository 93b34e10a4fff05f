"""Reading and checking what an assessment specification says. No Django."""

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from assessment.specification.types import Paper, Part, PartRule, Quorum
from lms.core.reference import content_hash

_HUNDRED = Decimal(100)
_HASH = frozenset("0123456789abcdef")
# A part marked by a rubric, and the one drawn from a blueprint.
_BY_RUBRIC = frozenset(Part) - {Part.THEORY}


class SpecificationFault(ValueError):
    """A specification's content cannot be read or does not add up."""


def canonical(content: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON would give it back."""
    plain: dict[str, Any] = json.loads(json.dumps(content, ensure_ascii=False, default=str))
    return plain


def hash_of(content: Mapping[str, Any]) -> str:
    """64 hex digits, whatever the order of keys."""
    return content_hash(json.dumps(canonical(content), ensure_ascii=False, sort_keys=True))


def read_parts(content: Mapping[str, Any]) -> tuple[PartRule, ...]:
    """The parts, checked: each once, weights of 100 in all (S5-21), a rubric for what people mark (S5-22), a blueprint for
    theory and for nothing else. Raises SpecificationFault."""
    try:
        parts = tuple(_part(entry) for entry in content["parts"])
    except (KeyError, ValueError, TypeError, InvalidOperation) as fault:
        raise SpecificationFault(f"a part cannot be read: {fault}") from fault
    if not parts:
        raise SpecificationFault("an assessment has at least one part")
    if len({rule.part for rule in parts}) != len(parts):
        raise SpecificationFault("a part is named twice")
    if any(rule.weight <= 0 for rule in parts) or sum(rule.weight for rule in parts) != _HUNDRED:
        raise SpecificationFault("the weights of the parts are above 0 and sum to 100")
    for rule in parts:
        _check(rule)
    return parts


def _check(rule: PartRule) -> None:
    if not 0 < rule.pass_mark <= _HUNDRED:
        raise SpecificationFault(f"{rule.part}: the pass mark lies above 0 and at most at 100")
    if rule.resits is not None and rule.resits < 0:
        raise SpecificationFault(f"{rule.part}: resits are counted from 0")
    if rule.part in _BY_RUBRIC:
        _named(rule.part, "rubric", rule.rubric_key, rule.rubric_hash)
        if rule.blueprint_key or rule.blueprint_hash:
            raise SpecificationFault(f"{rule.part}: only theory has a blueprint")
    else:
        _named(rule.part, "blueprint", rule.blueprint_key, rule.blueprint_hash)


def _named(part: Part, what: str, key: str, fingerprint: str) -> None:
    if not key or len(fingerprint) != 64 or not _HASH.issuperset(fingerprint):
        raise SpecificationFault(f"{part}: names its {what} by key and content hash")


def _part(entry: Mapping[str, Any]) -> PartRule:
    resits = entry.get("resits")
    return PartRule(
        part=Part(entry["part"]),
        weight=Decimal(str(entry["weight"])),
        pass_mark=Decimal(str(entry["pass_mark"])),
        resits=None if resits is None else int(resits),
        rubric_key=str(entry.get("rubric_key", "")),
        rubric_hash=str(entry.get("rubric_hash", "")),
        blueprint_key=str(entry.get("blueprint_key", "")),
        blueprint_hash=str(entry.get("blueprint_hash", "")),
    )


def read_quorum(content: Mapping[str, Any]) -> Quorum:
    """Who must score. Raises SpecificationFault for an even number where odd is asked, and for none."""
    said = content.get("quorum") or {}
    try:
        quorum = Quorum(
            int(said.get("minimum", 3)), bool(said.get("odd", True)), Decimal(str(said.get("spread_limit", 15)))
        )
    except (ValueError, TypeError, InvalidOperation) as fault:
        raise SpecificationFault(f"the quorum cannot be read: {fault}") from fault
    if quorum.minimum < 1 or quorum.spread_limit < 0 or (quorum.odd and quorum.minimum % 2 == 0):
        raise SpecificationFault("a quorum is odd where it says so, at least 1, its spread at least 0")
    return quorum


def read_papers(content: Mapping[str, Any]) -> tuple[Paper, ...]:
    """What passing earns. Raises SpecificationFault."""
    try:
        return tuple(Paper(name) for name in content.get("papers", ()))
    except ValueError as fault:
        raise SpecificationFault(str(fault)) from fault

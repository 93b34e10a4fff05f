"""What the bank is sorted by, and how many experts a level asks for: our data files."""

from functools import lru_cache
from pathlib import Path

import yaml

from assessment.bank.logic import read_quorums
from assessment.bank.types import Topic
from lms.core.types import Level

_DATA = Path(__file__).resolve().parent.parent / "data"


@lru_cache(maxsize=1)
def topics() -> tuple[Topic, ...]:
    """Every topic, level by level in the curriculum's order."""
    said = yaml.safe_load((_DATA / "topics.yaml").read_text(encoding="utf-8"))
    return tuple(Topic(one["code"], Level(one["level"]), one["title"]) for one in said["topics"])


def topics_of(level: Level) -> tuple[Topic, ...]:
    """Those of one level."""
    return tuple(topic for topic in topics() if topic.level is level)


def topic_title(code: str) -> str:
    """The title of a topic; the code itself when we do not know it."""
    return next((topic.title for topic in topics() if topic.code == code), code)


@lru_cache(maxsize=1)
def _quorums() -> dict[Level, int]:
    return read_quorums(yaml.safe_load((_DATA / "review.yaml").read_text(encoding="utf-8")))


def quorum_of(level: Level) -> int:
    """How many experts must approve a question of this level."""
    return _quorums()[level]

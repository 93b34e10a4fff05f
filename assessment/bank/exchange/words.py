"""How files name types, levels, steps and the like, in Chinese and English; and what our own call them. No Django."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml

from assessment.bank.exchange.checks import normalise
from assessment.bank.types import QuestionType, Step
from lms.core.types import Level

TYPE_WORDS: Mapping[QuestionType, tuple[str, ...]] = {
    QuestionType.SINGLE: ("单选题", "单项选择题", "单选", "单项选择", "选择题", "single", "single choice"),
    QuestionType.MULTIPLE: ("多选题", "多项选择题", "多选", "多项选择", "不定项选择题", "multiple", "multiple choice"),
    QuestionType.TRUE_FALSE: ("判断题", "判断", "是非题", "判断正误", "true_false", "true/false"),
    QuestionType.FILL: ("填空题", "填空", "fill", "fill-in"),
    QuestionType.ORDERING: ("排序题", "排序", "ordering"),
    QuestionType.MATCHING: ("匹配题", "匹配", "连线题", "配对题", "matching"),
    QuestionType.SHORT: ("简答题", "简答", "问答题", "论述题", "short", "short answer"),
}
STEP_WORDS: Mapping[Step, tuple[str, ...]] = {
    Step.REMEMBER: ("识记", "记忆", "了解", "remember"),
    Step.UNDERSTAND: ("理解", "understand"),
    Step.APPLY: ("应用", "运用", "掌握", "apply"),
    Step.ANALYSE: ("分析", "综合", "analyse", "analyze"),
}
LEVEL_WORDS: Mapping[Level, tuple[str, ...]] = {
    level: (level.label_zh, level.rank_zh, f"{'一二三四五'[level - 1]}级", str(int(level))) for level in Level
}
DIFFICULTY_WORDS: Mapping[int, tuple[str, ...]] = {
    1: ("1", "易", "容易", "easy", "★"),
    2: ("2", "较易", "★★"),
    3: ("3", "中", "中等", "一般", "适中", "medium", "★★★"),
    4: ("4", "较难", "★★★★"),
    5: ("5", "难", "困难", "hard", "★★★★★"),
}
TRUTH_WORDS: Mapping[bool, tuple[str, ...]] = {
    True: ("对", "正确", "√", "✓", "✔", "是", "t", "true", "y", "yes"),
    False: ("错", "错误", "×", "✗", "✘", "x", "否", "不对", "f", "false", "n", "no"),
}
_CODE = re.compile(r"C[1-5]-\d\d")


@cache
def _index(name: str) -> dict[str, object]:
    tables: dict[str, Mapping[object, tuple[str, ...]]] = {
        "type": TYPE_WORDS,  # type: ignore[dict-item]
        "step": STEP_WORDS,  # type: ignore[dict-item]
        "level": LEVEL_WORDS,  # type: ignore[dict-item]
        "difficulty": DIFFICULTY_WORDS,  # type: ignore[dict-item]
        "truth": TRUTH_WORDS,  # type: ignore[dict-item]
    }
    return {normalise(word): meant for meant, words in tables[name].items() for word in words}


def type_of(text: str) -> QuestionType | None:
    """The type that a word means, None for an unknown one; so the others below."""
    found = _index("type").get(normalise(text))
    return found if isinstance(found, QuestionType) else None


def step_of(text: str) -> Step | None:
    """The cognitive step."""
    found = _index("step").get(normalise(text))
    return found if isinstance(found, Step) else None


def level_of(text: str) -> Level | None:
    """The level, by its name, its rank or its number."""
    found = _index("level").get(normalise(text))
    return found if isinstance(found, Level) else None


def difficulty_of(text: str) -> int | None:
    """The difficulty, 1 easy … 5 hard."""
    found = _index("difficulty").get(normalise(text))
    return found if isinstance(found, int) else None


def truth_of(text: str) -> bool | None:
    """True or false."""
    found = _index("truth").get(normalise(text))
    return found if isinstance(found, bool) else None


@cache
def topics() -> Mapping[str, tuple[Level, str]]:
    """Code → level and title of each topic, in the order of the list."""
    text = files("assessment.bank").joinpath("data/topics.yaml").read_text(encoding="utf-8")
    rows = yaml.load(text, Loader=yaml.CSafeLoader)["topics"]  # CSafeLoader is safe
    return {row["code"]: (Level(row["level"]), row["title"]) for row in rows}


def topic_of(text: str) -> str:
    """The code of a topic named by code ("C5-01 法律法规…") or by title; "" for an unknown one."""
    found = _CODE.match(text.strip())
    if found:
        return found.group()
    same = normalise(text)
    return next((code for code, (_level, title) in topics().items() if normalise(title) == same), "")

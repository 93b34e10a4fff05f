"""Small banks and blueprints, as pure data and in the database."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from assessment.bank.models import Question
from assessment.bank.types import Drawable, QuestionType, Step
from assessment.papers.services import approve_blueprint, draw_papers, write_blueprint
from assessment.papers.types import (
    Ask,
    BlueprintContent,
    BlueprintData,
    Measure,
    PaperData,
    Section,
    Share,
    Source,
    TopicShare,
)
from lms.accounts.api import INSTALLATION, Acting, Role, acting_for
from lms.core.types import Level
from tests.assessment.bank.world import PLACE, Cast, approved, build_cast
from tests.lms.accounts.world import NOW, make_person, make_user

D = Decimal


def question(number: int, **fields: Any) -> Drawable:
    """A single choice question of C5-01, difficulty 2, not law."""
    made = Drawable(
        question=UUID(int=number),
        version=UUID(int=number + 10**6),
        level=Level.ELEMENTARY,
        topic="C5-01",
        type=QuestionType.SINGLE,
        step=Step.UNDERSTAND,
        difficulty=2,
        law=False,
        stimulus=None,
        exposure=0,
    )
    return replace(made, **fields)


def bank_section(
    count: int, marks: str, kind: QuestionType = QuestionType.SINGLE, title: str = "单项选择题"
) -> Section:
    return Section(title, Source.BANK, (Ask(kind, count, D(marks)),))


def blueprint(*sections: Section, **fields: Any) -> BlueprintContent:
    """A blueprint of these sections that asks nothing else; its total is theirs."""
    total = sum((section.marks for section in sections), D(0))
    made = BlueprintContent(
        key="test",
        level=Level.ELEMENTARY,
        title="测试蓝图",
        note="",
        minutes=60,
        total=total,
        pass_mark=total * 6 / 10,
        sections=sections,
        law_minimum=D(0),
    )
    return replace(made, **fields)


def topics(measure: Measure = Measure.COUNT, **shares: tuple[str, str]) -> dict[str, Any]:
    """`topics(C5_01=("50", "10"))` as fields of a blueprint."""
    return {
        "topic_measure": measure,
        "topics": tuple(
            TopicShare(name, (name.replace("_", "-"),), D(share), D(tolerance))
            for name, (share, tolerance) in shares.items()
        ),
    }


def share(percent: str, tolerance: str = "0") -> Share:
    return Share(D(percent), D(tolerance))


# In the database -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    """The bank's cast and the bureau that keeps the law book."""

    cast: Cast
    keeper: Acting


def build_world() -> World:
    cast = build_cast()
    user = make_user(cast.places.city, Role.HR_BUREAU, name="方敏", second_factor=False)
    make_person(cast.places.city, user, serial=130, name="方敏")
    return World(cast, acting_for(user, None))


STEMS = (
    "直播前先核对商品的执行标准号",
    "样品与发货不同属于哪类问题",
    "买家问起保质期应当怎样回答",
    "价格划线要有真实的成交依据",
)


def stocked(cast: Cast, count: int = 4, **fields: Any) -> list[UUID]:
    """So many approved questions unlike each other: one of law, the rest not."""
    made = []
    for number in range(count):
        law = number == 0
        place = replace(PLACE, law=law, topic=("C5-01", "C5-02")[number % 2])
        stem = f"{STEMS[number % len(STEMS)]}{chr(0x4E00 + number * 37) * 6}"
        made.append(approved(cast, **{"stem": stem, "place": place, "explanation": "", **fields}).document.uid)
    return made


def whole_blueprint(count: int = 3, **fields: Any) -> BlueprintContent:
    """So many single choice questions, 100 marks."""
    made = blueprint(bank_section(count, str(D(100) / count)), law_minimum=D(10))
    return replace(made, **fields)


def approved_blueprint(world: World, content: BlueprintContent | None = None) -> BlueprintData:
    data = write_blueprint(by=world.cast.author, content=content or whole_blueprint(2), now=NOW)
    return approve_blueprint(by=INSTALLATION, blueprint=data.uuid, now=NOW)


def drawn(world: World, data: BlueprintData, **fields: Any) -> tuple[PaperData, ...]:
    return draw_papers(by=world.cast.author, blueprint=data.uuid, **{"seed": 7, "now": NOW, **fields})


def suspended(uids: Iterable[UUID]) -> None:
    """As they are stored when they were suspended."""
    Question.objects.filter(uuid__in=list(uids)).update(state="suspended")

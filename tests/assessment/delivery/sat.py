"""A paper of real questions, one of each type, and a candidate who sits it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from assessment.bank.services import write_question
from assessment.bank.types import Key, Option, QuestionDocument, QuestionType, Stimulus
from lms.accounts.api import Role, acting_for
from lms.core.types import Level
from tests.assessment.bank.world import document
from tests.assessment.delivery.world import MINUTES, FakeItem, FakePaper, FakeSection, World, opened
from tests.assessment.people import member
from tests.media_pipeline.cast import NOW

# Words that stand in keys and explanations alone: no candidate may ever be sent one of them.
WHY = "这句解析谁也不该看见"
BLANK = "这个空的答案"
MODEL = "简答的参考答案"
CASE = "店主小林在直播间卖自家的茉莉花茶。"


def _documents() -> list[QuestionDocument]:
    options = tuple(Option(key, f"做法{key}") for key in "ABCD")
    case = Stimulus(uuid4(), CASE)

    def one(
        kind: QuestionType, stem: str, key: Key, *, shown: tuple[Option, ...] = (), **more: Any
    ) -> QuestionDocument:
        made = document(stem, type=kind, options=shown, key=key, explanation=WHY)
        return replace(made, **more)

    return [
        one(QuestionType.SINGLE, "哪一句是**绝对化用语**？", Key(choices=("B",)), shown=options),
        one(QuestionType.MULTIPLE, "哪些要先备案？", Key(choices=("A", "C")), shown=options),
        one(QuestionType.TRUE_FALSE, "净含量必须标明。", Key(truth=True)),
        one(QuestionType.FILL, "广告必须____、合法。", Key(blanks=((BLANK,),))),
        one(QuestionType.ORDERING, "请排好讲解的步骤。", Key(choices=("B", "A", "D", "C")), shown=options),
        one(
            QuestionType.MATCHING,
            "请配对。",
            Key(pairs=(("1", "B"), ("2", "A"))),
            shown=(Option("1", "茶叶"), Option("2", "海鲜"), Option("A", "冷链"), Option("B", "防潮")),
        ),
        one(QuestionType.SHORT, "怎样回应差评？", Key(model=MODEL), stimulus=case),
        one(QuestionType.SINGLE, "小林该怎样说？", Key(choices=("D",)), shown=options, stimulus=case),
    ]


def real_paper(world: World, *, times: int = 1, form: str = "A") -> FakePaper:
    """Eight questions of the bank, so often."""
    writer = acting_for(member(world.cast.school, Role.COMMITTEE, "题库委员"), None)
    items: list[FakeItem] = []
    for turn in range(times):
        for made in _documents():
            text = made if turn == 0 else replace(made, stem=f"{made.stem}（{turn}）")
            version = write_question(by=writer, document=text, now=NOW)
            items.append(FakeItem(len(items) + 1, text.uid, version.uuid, text.type.value, Decimal(2), _shared(text)))
    paper = FakePaper(uuid4(), int(Level.ELEMENTARY), form, MINUTES, [FakeSection("综合题", items)])
    world.papers.held[paper.uuid] = paper
    return paper


def _shared(made: QuestionDocument) -> UUID | None:
    return made.stimulus.uid if made.stimulus else None


def opened_on(world: World, paper: FakePaper, **changes: Any) -> Any:
    """An open sitting of this one paper."""
    return opened(world, papers=((paper.form, paper.uuid),), **changes)

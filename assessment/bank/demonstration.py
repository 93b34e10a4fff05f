"""What the demonstration does in the bank, by the services people use; what stands already is left as it is."""

from dataclasses import replace
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from assessment.bank.models import Question
from assessment.bank.services.review import give_verdict, submit_for_review
from assessment.bank.services.writing import write_question
from assessment.bank.types import Key, Option, Place, QuestionDocument, QuestionType, ReviewVerdict, Step
from lms.accounts.api import Acting
from lms.core.types import Level

_PLACE = Place(
    level=Level.ELEMENTARY,
    topic="C5-02",
    step=Step.APPLY,
    difficulty=2,
    clause="课程《直播工具应用》",
    source="Kaibo 开播 示范题库，自编",
)


def _named(name: str) -> QuestionDocument:
    return replace(_DRAFTS[name], uid=uuid5(NAMESPACE_URL, f"kaibo-demo-question:{name}"))


_NOBODY = uuid5(NAMESPACE_URL, "kaibo-demo-question")
_DRAFTS = {
    "sound": QuestionDocument(
        uid=_NOBODY,
        type=QuestionType.SINGLE,
        place=_PLACE,
        stem="直播间里有回声，观众说“听不清”。先检查哪一处？",
        options=(
            Option("A", "补光灯的色温"),
            Option("B", "场内是否有另一台手机在外放本直播间的声音"),
            Option("C", "商品链接的顺序"),
            Option("D", "直播间封面"),
        ),
        key=Key(choices=("B",)),
        explanation="回声多半是本场声音被另一台设备外放后又收进了麦克风。先关掉外放，再试麦克风。",
    ),
    "light": QuestionDocument(
        uid=_NOBODY,
        type=QuestionType.TRUE_FALSE,
        place=replace(_PLACE, step=Step.UNDERSTAND, difficulty=1),
        stem="拍食品时把灯光调成偏绿，可以让食品看起来更新鲜，所以直播卖生鲜时应当这样调光。",
        key=Key(truth=False),
        explanation="颜色要和实物一致。偏色会让人看错新鲜程度，是误导。",
    ),
}


def demo_review(*, author: Acting, expert: Acting, now: datetime) -> list[str]:
    """Two questions of `author` under review, one of them approved by `expert` already; their stems. Nothing when they are
    there."""
    told = []
    for name in _DRAFTS:
        document = _named(name)
        if Question.objects.filter(uuid=document.uid).exists():
            continue
        version = write_question(by=author, document=document, note="演示", now=now)
        submit_for_review(by=author, question=document.uid, version=version.uuid, now=now)
        told.append(document.stem)
    if told:
        first = _named("sound")
        current = Question.objects.select_related("current").get(uuid=first.uid).current
        if current is not None:
            give_verdict(
                by=expert, question=first.uid, version=current.uuid, verdict=ReviewVerdict.APPROVE, words="", now=now
            )
    return told

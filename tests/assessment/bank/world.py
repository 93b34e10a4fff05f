"""Experts, others, and questions on their way."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

from assessment.bank.models import Question
from assessment.bank.services import give_verdict, submit_for_review, write_question
from assessment.bank.types import (
    Key,
    Option,
    Place,
    QuestionDocument,
    QuestionType,
    ReviewVerdict,
    Step,
    VersionData,
)
from lms.accounts.api import Acting, Role, acting_for
from lms.core.types import Level
from tests.lms.accounts.world import NOW, Places, build_places, make_person, make_user

PLACE = Place(
    level=Level.ELEMENTARY,
    topic="C5-01",
    step=Step.UNDERSTAND,
    difficulty=2,
    clause="《中华人民共和国广告法》第九条",
    law=True,
    source="测试自编",
)
# Words that stand in the secret half alone.
SECRET = "只有答案解析里才有的话"


def document(stem: str = "直播间里说“全网最低价”，属于哪一类问题？", **fields: Any) -> QuestionDocument:
    """A single choice question; the key is B."""
    made = QuestionDocument(
        uid=uuid4(),
        type=QuestionType.SINGLE,
        place=PLACE,
        stem=stem,
        options=(
            Option("A", "价格写错了字"),
            Option("B", "没有依据的绝对化用语"),
            Option("C", "没有报快递费"),
            Option("D", "语速太快"),
        ),
        key=Key(choices=("B",)),
        explanation=SECRET,
    )
    return replace(made, **fields)


@dataclass(frozen=True)
class Cast:
    """Who is there, each as she acts."""

    places: Places
    author: Acting
    expert: Acting
    second: Acting
    third: Acting
    bureau: Acting
    inspector: Acting
    chief: Acting
    school: Acting
    teacher: Acting


def build_cast() -> Cast:
    """Four members of the committee and the offices round them."""
    places = build_places()

    def one(serial: int, role: Role, place: Any, name: str) -> Acting:
        user = make_user(place, role, name=name, second_factor=False)
        make_person(place, user, serial=serial, name=name)
        return acting_for(user, None)

    return Cast(
        places=places,
        author=one(102, Role.COMMITTEE, places.city, "郑秀兰"),
        expert=one(104, Role.COMMITTEE, places.city, "余海燕"),
        second=one(106, Role.COMMITTEE, places.city, "陈玉珍"),
        third=one(108, Role.COMMITTEE, places.city, "林巧云"),
        bureau=one(110, Role.HR_BUREAU, places.bureau, "许志明"),
        inspector=one(112, Role.INSPECTOR, places.bureau, "何勇"),
        chief=one(114, Role.CHIEF_EXAMINER, places.body, "吴建国"),
        school=one(116, Role.INSTITUTION_ADMIN, places.school, "黄丽"),
        teacher=one(118, Role.INSTRUCTOR, places.school, "高建华"),
    )


def written(cast: Cast, *, by: Acting | None = None, **fields: Any) -> VersionData:
    """A draft of the author's."""
    return write_question(by=by or cast.author, document=document(**fields), now=NOW)


def submitted(cast: Cast, *, by: Acting | None = None, **fields: Any) -> VersionData:
    """The same under review."""
    version = written(cast, by=by, **fields)
    submit_for_review(by=by or cast.author, question=version.document.uid, version=version.uuid, now=NOW)
    return version


def approve(cast: Cast, version: VersionData, *experts: Acting) -> None:
    """Verdicts of these experts, or of two."""
    for expert in experts or (cast.expert, cast.second):
        give_verdict(
            by=expert, question=version.document.uid, version=version.uuid, verdict=ReviewVerdict.APPROVE, now=NOW
        )


def approved(cast: Cast, **fields: Any) -> VersionData:
    """A question that papers may draw."""
    version = submitted(cast, **fields)
    approve(cast, version)
    return version


def row(uid: UUID) -> Question:
    """As it is stored now."""
    return Question.objects.select_related("current", "approved").get(uuid=uid)

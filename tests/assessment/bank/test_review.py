"""The review: two experts who neither wrote nor teach at the level, every word kept, every look at a key written down."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection

from assessment.bank import above
from assessment.bank.events import QuestionApproved, QuestionWithdrawn
from assessment.bank.logic import read_quorums, written_since
from assessment.bank.models import KeyLook, QuestionVerdict
from assessment.bank.refusals import BankRefusal
from assessment.bank.selectors import drawable, question_page, questions_list, rights_of, waiting_questions
from assessment.bank.services import (
    comment,
    documents_for_export,
    give_verdict,
    reinstate,
    restore_version,
    reveal_key,
    submit_for_review,
    suspend,
    withdraw,
    write_question,
)
from assessment.bank.types import Filters, Key, QuestionState, QuestionType, ReviewVerdict
from lms.accounts.api import INSTALLATION, NOBODY, Acting, NotAllowed, Role, TieKind, TieObject, record_tie
from lms.core import events
from lms.core.audit import events_of
from lms.core.types import Level
from lms.notices.models import Notice
from tests.assessment.bank.world import (
    SECRET,
    Cast,
    approved,
    build_cast,
    document,
    row,
    submitted,
    written,
)
from tests.lms.accounts.world import NOW

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 16)


@pytest.fixture
def cast() -> Cast:
    return build_cast()


def refused(code: str) -> "pytest.RaisesExc[BankRefusal]":
    return pytest.RaisesExc(BankRefusal, check=lambda refusal: refusal.code == code)


def judge(cast: Cast, by: Acting, uid: UUID, verdict: ReviewVerdict = ReviewVerdict.APPROVE, words: str = "") -> str:
    current = row(uid).current
    assert current is not None
    return give_verdict(by=by, question=uid, version=current.uuid, verdict=verdict, words=words, now=NOW)


@pytest.mark.req("S1-27")
def test_one_approval_leaves_it_in_review_and_two_let_it_in(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[object] = []
    monkeypatch.setitem(events._handlers, QuestionApproved, [heard.append])
    version = submitted(cast)
    uid = version.document.uid
    assert judge(cast, cast.expert, uid) == QuestionState.IN_REVIEW
    assert row(uid).approved is None
    with refused("twice"):
        judge(cast, cast.expert, uid)
    with refused("author"):
        judge(cast, cast.author, uid)
    assert heard == []
    assert judge(cast, cast.second, uid, words="同意") == QuestionState.APPROVED
    assert heard == [QuestionApproved(uid, version.uuid, Level.ELEMENTARY)]
    with refused("state"):
        judge(cast, cast.third, uid)
    page = question_page(cast.author, uid, now=NOW)
    assert [(one.expert_name, one.verdict, one.words) for one in page.verdicts] == [
        ("陈玉珍", ReviewVerdict.APPROVE, "同意"),
        ("余海燕", ReviewVerdict.APPROVE, ""),
    ]
    told = Notice.objects.get(kind="question_approved")
    assert "绝对化" not in f"{told.title}{told.body}{told.params}"


@pytest.mark.req("S1-27")
def test_a_return_says_why_and_every_round_is_kept(cast: Cast) -> None:
    version = submitted(cast)
    uid = version.document.uid
    judge(cast, cast.expert, uid)
    with refused("words"):
        judge(cast, cast.second, uid, ReviewVerdict.RETURN, " ")
    assert judge(cast, cast.second, uid, ReviewVerdict.RETURN, "选项C太容易") == QuestionState.RETURNED
    withdraw(by=cast.author, question=uid, reason="再想一想", now=NOW)
    submit_for_review(by=cast.author, question=uid, version=version.uuid, now=NOW)
    # The approval of the first round does not count in the second.
    assert judge(cast, cast.second, uid) == QuestionState.IN_REVIEW
    assert judge(cast, cast.third, uid) == QuestionState.APPROVED
    assert QuestionVerdict.objects.filter(version__question__uuid=uid).count() == 4
    with pytest.raises(TypeError):
        QuestionVerdict.objects.first().save()  # type: ignore[union-attr]


@pytest.mark.req("S1-27")
def test_whoever_wrote_since_the_last_approval_cannot_approve(cast: Cast) -> None:
    first = approved(cast)  # written by the author, approved by expert and second
    uid = first.document.uid
    second = write_question(
        by=cast.expert, document=replace(document("专家改过的题干"), uid=uid), base=first.uuid, now=NOW
    )
    third = write_question(
        by=cast.third, document=replace(document("又有人改过的题干"), uid=uid), base=second.uuid, now=NOW
    )
    submit_for_review(by=cast.third, question=uid, version=third.uuid, now=NOW)
    for writer in (cast.expert, cast.third):
        with refused("author"):
            judge(cast, writer, uid)
    # The author's own text was approved by others: this time she may judge what they made of it.
    assert judge(cast, cast.author, uid) == QuestionState.IN_REVIEW
    withdraw(by=cast.third, question=uid, now=NOW)
    # Her text comes back by another's hand: it is hers all the same.
    back = restore_version(by=cast.second, question=uid, number=1, now=NOW)
    submit_for_review(by=cast.second, question=uid, version=back.uuid, now=NOW)
    with refused("author"):
        judge(cast, cast.author, uid)
    assert written_since([(1, None), (2, 1), (3, None), (4, 2)], 3) == {4, 2, 1}


@pytest.mark.req("S1-27")
def test_whoever_teaches_at_the_level_cannot_approve(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(above, "_levels", [])
    group = uuid4()
    assert cast.expert.person is not None
    record_tie(
        kind=TieKind.TEACHES,
        person=cast.expert.person,
        object_kind=TieObject.CLASS,
        object_uuid=group,
        valid_from=TODAY + timedelta(days=9),  # she begins next week: she knows today whom she will teach
        source="test",
        by=None,
        now=NOW,
    )
    uid = submitted(cast).document.uid

    def say(levels: Mapping[UUID, Level | None]) -> None:
        above.register_class_levels(lambda _classes: levels)

    unknown: dict[UUID, Level | None] = {}
    for levels, code in ((unknown, "level"), ({group: Level.ELEMENTARY}, "teaches")):
        say(levels)
        with refused(code):
            judge(cast, cast.expert, uid)
        assert waiting_questions(cast.expert, now=NOW) == 0
        assert rights_of(cast.expert, row(uid), now=NOW).why_not
    for level in (Level.ADVANCED, None):  # another level; a class that is over
        say({group: level})
        assert waiting_questions(cast.expert, now=NOW) == 1
    assert judge(cast, cast.expert, uid) == QuestionState.IN_REVIEW
    assert waiting_questions(cast.expert, now=NOW) == 0
    assert questions_list(cast.second, Filters(waiting=True), now=NOW).count == 1
    assert waiting_questions(cast.author, now=NOW) == 0


@pytest.mark.req("S1-27")
def test_a_verdict_is_given_by_an_expert_in_person(cast: Cast) -> None:
    version = submitted(cast)
    uid = version.document.uid
    someone = replace(cast.expert, role=Role.ADMINISTRATOR)
    for other in (cast.bureau, cast.school, cast.chief, cast.inspector, someone, INSTALLATION, NOBODY):
        with pytest.raises(NotAllowed):
            judge(cast, other, uid)
    # One human being with two logins is one expert.
    judge(cast, cast.expert, uid)
    twin = replace(cast.expert, user=cast.third.user)
    with refused("twice"):
        judge(cast, twin, uid)
    # And with two logins she is no second pair of eyes over her own question.
    with refused("author"):
        judge(cast, replace(cast.author, user=cast.third.user), uid)
    with refused("newer"):
        give_verdict(by=cast.third, question=uid, version=uuid4(), verdict=ReviewVerdict.APPROVE, now=NOW)
    with refused("in_review"):
        write_question(by=cast.third, document=replace(document("改"), uid=uid), base=version.uuid, now=NOW)


@pytest.mark.req("S1-27")
def test_no_level_does_with_one_expert() -> None:
    with pytest.raises(ValueError, match="two or more"):
        read_quorums({"quorum": {5: 1, 4: 2, 3: 2, 2: 2, 1: 2}})
    with pytest.raises(ValueError, match="every level"):
        read_quorums({"quorum": {5: 2}})


def test_a_suspension_is_told_to_the_papers(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[object] = []
    version = approved(cast)
    uid = version.document.uid
    newer = write_question(
        by=cast.author, document=replace(document("改过的题干"), uid=uid), base=version.uuid, now=NOW
    )
    submit_for_review(by=cast.author, question=uid, version=newer.uuid, now=NOW)
    monkeypatch.setitem(events._handlers, QuestionWithdrawn, [heard.append])
    suspend(by=cast.author, question=uid, reason="投诉", now=NOW)
    assert heard == [QuestionWithdrawn(uid, Level.ELEMENTARY)]
    # What was under review waits as a draft; papers have the approved text again.
    reinstate(by=cast.third, question=uid, reason="投诉不成立", now=NOW)
    assert row(uid).state == QuestionState.DRAFT
    assert [one.version for one in drawable(Level.ELEMENTARY)] == [version.uuid]


# Keys ----------------------------------------------------------------------------------------------------------------


def test_every_look_at_a_key_is_in_the_audit(cast: Cast) -> None:
    version = written(cast)
    uid = version.document.uid
    before = len(events_of(uid))
    with refused("reason"):
        reveal_key(by=cast.expert, question=uid, version=version.uuid, reason="  ", now=NOW)
    assert len(events_of(uid)) == before
    assert not KeyLook.objects.exists()
    for reader in (cast.expert, cast.bureau, cast.expert):
        seen = reveal_key(by=reader, question=uid, version=version.uuid, reason="审题要看答案", now=NOW)
        assert (seen.key, seen.explanation) == (Key(choices=("B",)), SECRET)
    looks = [event for event in events_of(uid) if event.action == "key_seen"]
    assert [event.actor for event in looks] == [cast.expert.user, cast.bureau.user, cast.expert.user]
    page = question_page(cast.author, uid, now=NOW)
    assert (page.looks[0].by_name, page.looks[0].reason) == ("余海燕", "审题要看答案")
    for outsider in (cast.school, cast.teacher, cast.chief, cast.inspector, INSTALLATION):
        with pytest.raises(NotAllowed):
            reveal_key(by=outsider, question=uid, version=version.uuid, reason="想看", now=NOW)


def test_an_export_with_keys_names_every_question(cast: Cast) -> None:
    uids = [written(cast, stem=f"第{number}题").document.uid for number in range(3)]
    made = documents_for_export(
        by=cast.author, questions=uids, format_="excel", with_keys=True, reason="给专家组备份", now=NOW
    )
    assert [one.uid for one in made] == uids
    assert all(one.explanation == SECRET for one in made)
    look = KeyLook.objects.get()
    (event,) = events_of(look.uuid)
    assert (event.action, event.fields["count"]) == ("keys_exported", 3)
    assert [event.fields[str(place)] for place in (1, 2, 3)] == [str(uid) for uid in uids]
    plain = documents_for_export(by=cast.author, questions=uids, format_="excel", with_keys=False, reason="", now=NOW)
    assert all(one.key == Key() and one.explanation == "" for one in plain)
    assert KeyLook.objects.count() == 1
    for outsider in (cast.bureau, cast.school, cast.inspector):
        with pytest.raises(NotAllowed):
            documents_for_export(by=outsider, questions=uids, format_="excel", with_keys=True, reason="要", now=NOW)
    with refused("reason"):
        documents_for_export(by=cast.author, questions=uids, format_="word", with_keys=True, reason="", now=NOW)


def test_no_key_stands_in_plain_anywhere(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    told = "答案应当改成第二个选项"
    made = document(
        "销售员应当在____前核对资质。",
        type=QuestionType.FILL,
        options=(),
        key=Key(blanks=(("秘密答案词", "另一种写法"),)),
    )
    version = write_question(by=cast.author, document=made, note=told, now=NOW)
    uid = made.uid
    comment(by=cast.author, question=uid, words=told, now=NOW)
    submit_for_review(by=cast.author, question=uid, version=version.uuid, now=NOW)
    judge(cast, cast.expert, uid, ReviewVerdict.RETURN, told)
    seen = reveal_key(by=cast.second, question=uid, version=version.uuid, reason=told, now=NOW)
    held = row(uid)
    secrets = ("秘密答案词", "另一种写法", SECRET, told)
    for thing in (made, made.key, seen, version, held, held.current, question_page(cast.author, uid, now=NOW).row):
        for words in secrets[:3]:
            assert words not in repr(thing)
            assert words not in str(thing)
    assert not any(words in caplog.text for words in secrets)
    # The whole database, table by table, as it lies on the disk.
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            stored = "\n".join(str(cell) for line in cursor.fetchall() for cell in line)
            for words in secrets:
                assert words not in stored, (table, words)
                assert words.encode("unicode_escape").decode() not in stored, (table, words)

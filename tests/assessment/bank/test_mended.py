"""What one member's page must not do to another's question: write over it, send it unread, hide or leak its pictures."""

import io
import re
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.http import Http404
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from assessment.bank.models import Question, QuestionVersion
from assessment.bank.refusals import BankRefusal
from assessment.bank.selectors import file_for, questions_list, returned_questions, rights_of
from assessment.bank.selectors.questions import LIMIT
from assessment.bank.services import (
    give_verdict,
    retire,
    reveal_key,
    submit_for_review,
    withdraw,
    write_question,
)
from assessment.bank.services.drafts import MOST, draft_for, keep_reading, leave_out, take_in
from assessment.bank.types import (
    Filters,
    Key,
    Media,
    MediaKind,
    Option,
    Pool,
    QuestionState,
    QuestionType,
    Reading,
    ReadQuestion,
    ReviewVerdict,
    Stimulus,
    VersionData,
)
from lms.accounts.api import Acting
from lms.core import clock
from tests.assessment.bank.test_pages import BANK, browser, fields, page_of, text
from tests.assessment.bank.world import PLACE, Cast, approved, build_cast, document, row, submitted, written
from tests.lms.accounts.world import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> Cast:
    return build_cast()


def pictured(cast: Cast, colour: str = "blue") -> VersionData:
    """A question of the author's whose explanation alone shows a picture."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "PNG")
    made = document(
        explanation="看图 ![解](key.png)", media=(Media("key.png", "0" * 64, MediaKind.PICTURE),), uid=uuid4()
    )
    return write_question(by=cast.author, document=made, files={"key.png": out.getvalue()}, now=NOW)


def secret_picture(version: VersionData) -> str:
    from assessment.bank.logic import document_from

    held = QuestionVersion.objects.get(uuid=version.uuid)
    return document_from(version.document.uid, held.content, held.secret).media[0].sha256


def as_read(version: VersionData, where: str = "第1题", **changes: Any) -> ReadQuestion:
    """The same question as a file of ours carries it."""
    it, place = version.document, version.document.place
    values: dict[str, Any] = {
        "type": it.type,
        "stem": it.stem,
        "key": Key(choices=("B",)),
        "options": it.options,
        "explanation": document().explanation,
        "uid": it.uid,
        "level": place.level,
        "topic": place.topic,
        "step": place.step,
        "difficulty": place.difficulty,
        "clause": place.clause,
        "law": place.law,
        "source": place.source,
    }
    return ReadQuestion(where=where, **(values | changes))


def plain(where: str, stem: str, **changes: Any) -> ReadQuestion:
    options = (Option("A", "甲"), Option("B", "乙"))
    return ReadQuestion(
        where=where, type=QuestionType.SINGLE, stem=stem, key=Key(choices=("B",)), options=options, **changes
    )


def staged(by: Acting, *reads: ReadQuestion, place: Any = PLACE) -> UUID:
    return keep_reading(by=by, name="题.xlsx", reading=Reading("excel", reads, ()), defaults=place, now=clock.now())


def test_a_picture_of_the_explanation_is_seen_edited_and_compared(cast: Cast) -> None:
    first = pictured(cast)
    uid = first.document.uid
    address = reverse("bank:file", args=[uid, secret_picture(first)])
    hers, other = browser(cast.author), browser(cast.expert)
    # Nobody has looked: not even the author is served it. A look opens it to her who looked, and to her alone.
    assert hers.get(address).status_code == 404
    assert address in text(hers.post(f"{page_of(uid)}key/", {"reason": "核对"}))
    assert hers.get(address).status_code == 200
    assert other.get(address).status_code == 404
    editor = text(hers.get(f"{page_of(uid)}edit/"))
    kept = re.search(r'name="media" value="([^"]+)"', editor)
    assert kept is not None
    whole = replace(first.document, explanation="看图 ![解](key.png)", key=Key(choices=("B",)))
    sent = fields(whole, base=str(first.uuid), stem="题干改了一点", media=kept[1], right="1")
    answer = hers.post(f"{page_of(uid)}edit/", sent)
    assert answer.status_code == 302, text(answer)
    assert row(uid).current.number == 2  # type: ignore[union-attr]
    both = text(other.post(f"{page_of(uid)}versions/?a=1&b=2", {"reason": "比较"}))
    assert both.count(address) == 2
    assert "[解]" not in text(hers.post(f"{page_of(uid)}key/", {"reason": "核对"}))


def test_a_look_at_one_version_opens_no_other(cast: Cast) -> None:
    first = pictured(cast)
    uid, sha256 = first.document.uid, secret_picture(first)
    second = write_question(by=cast.expert, document=document("没有图了", uid=uid), base=first.uuid, now=NOW)
    reveal_key(by=cast.third, question=uid, version=second.uuid, reason="看", now=NOW)
    with pytest.raises(Http404):
        file_for(cast.third, uid, sha256)
    reveal_key(by=cast.third, question=uid, version=first.uuid, reason="看", now=NOW)
    assert file_for(cast.third, uid, sha256).sha256 == sha256


def test_an_import_leaves_a_colleagues_question_alone_until_asked(cast: Cast) -> None:
    hers = approved(cast)
    uid = hers.document.uid
    draft = staged(cast.expert, as_read(hers, stem="同事改过的题干是什么？"), plain("第2题", "新的一道题"))
    client = browser(cast.expert)
    address = reverse("bank:import_draft", args=[draft])
    page = text(client.get(address))
    assert f"题号{row(uid).pk}" in page or str(row(uid).pk) in page
    assert "郑秀兰" in page
    one, two = draft_for(cast.expert, draft).rows
    assert (one.where, one.out, one.bad, two.ready) == ("第1题", True, False, True)
    assert client.post(f"{address}take/").status_code == 302
    assert row(uid).current.number == 1  # type: ignore[union-attr]
    assert row(uid).state == QuestionState.APPROVED
    # By choice she may; but not over what somebody writes after she chose.
    again = staged(cast.expert, as_read(hers, stem="同事改过的题干是什么？"))
    leave_out(by=cast.expert, draft=again, number=1, out=False)
    assert draft_for(cast.expert, again).rows[0].ready
    write_question(by=cast.third, document=document("第三位改的", uid=uid), base=hers.uuid, now=NOW)
    held = draft_for(cast.expert, again).rows[0]
    assert (held.bad, "林巧云" in held.blocked) == (True, True)
    with pytest.raises(BankRefusal):
        take_in(by=cast.expert, draft=again, now=NOW)
    leave_out(by=cast.expert, draft=again, number=1, out=True)
    leave_out(by=cast.expert, draft=again, number=1, out=False)
    assert take_in(by=cast.expert, draft=again, now=NOW).renewed == (uid,)
    # Her own needs no second word.
    assert draft_for(cast.expert, staged(cast.expert, as_read(hers, stem="我再改一次"))).rows[0].ready


def test_a_row_that_cannot_be_let_in_says_so_at_once(cast: Cast) -> None:
    asked, gone = submitted(cast), written(cast, stem="要停用的一道题")
    retire(by=cast.expert, question=gone.document.uid, reason="过时", now=NOW)
    draft = staged(
        cast.author,
        as_read(asked, stem="审题中改的"),
        as_read(gone, where="第2题", stem="停用后改的"),
        plain("第3题", "新题"),
    )
    rows = draft_for(cast.author, draft).rows
    assert [(one.where, one.bad) for one in rows] == [("第1题", True), ("第2题", True), ("第3题", False)]
    page = text(browser(cast.author).get(reverse("bank:import_draft", args=[draft])))
    assert all(one.blocked in page for one in rows[:2])
    # Withdrawn, the first may come in; nothing of the file has to be read again.
    withdraw(by=cast.author, question=asked.document.uid, now=NOW)
    assert [one.ready for one in draft_for(cast.author, draft).rows] == [True, False, True]


def test_an_import_that_changes_nothing_says_so(cast: Cast) -> None:
    same = approved(cast)
    draft = staged(cast.expert, as_read(same))
    client, address = browser(cast.expert), reverse("bank:import_draft", args=[draft])
    assert draft_for(cast.expert, draft).rows[0].ready
    client.post(f"{address}take/")
    data = draft_for(cast.expert, draft)
    assert (data.done, data.taken, data.unchanged) == (True, (), 1)
    page = text(client.get(address))
    assert f"{address}send/" not in page
    assert client.post(f"{address}take/").status_code == 422
    assert row(same.document.uid).state == QuestionState.APPROVED


def test_all_of_an_import_is_sent_and_only_as_it_was_taken_in(cast: Cast) -> None:
    place = replace(PLACE, clause="", source="")
    reads = [plain(f"第{number}题", f"第{number}道：这件货的产地怎么说？") for number in range(1, 231)]
    draft = staged(cast.author, *reads)
    report = take_in(by=cast.author, draft=draft, now=NOW)
    changed = row(report.made[0])
    assert changed.current is not None
    base = changed.current.uuid
    write_question(by=cast.expert, document=document("她后来改的", uid=changed.uuid), base=base, now=NOW)
    client, address = browser(cast.author), reverse("bank:import_draft", args=[draft])
    assert "229" in text(client.get(address))
    assert client.post(f"{address}send/").status_code == 302
    assert Question.objects.filter(state=QuestionState.IN_REVIEW).count() == 229
    assert row(changed.uuid).state == QuestionState.DRAFT
    assert f"{address}send/" not in text(client.get(address))
    # Without a clause nothing goes, and the page says which and why.
    bare = staged(cast.author, plain("第1题", "没有依据的一道"), place=place)
    take_in(by=cast.author, draft=bare, now=NOW)
    address = reverse("bank:import_draft", args=[bare])
    told = text(client.post(f"{address}send/", follow=True))
    assert str(Question.objects.latest("pk").pk) in told
    assert f"{address}send/" in told
    with pytest.raises(BankRefusal):
        staged(cast.author, *[plain(f"第{number}题", f"第{number}") for number in range(MOST + 1)])


def test_the_taken_in_compare_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = staged(cast.author, plain("第1题", "一道新题"))
    monkeypatch.setattr("assessment.bank.services.importing.alike_in", lambda _documents: pytest.fail("reckoned again"))
    assert len(take_in(by=cast.author, draft=draft, now=NOW).made) == 1


def test_looking_at_an_import_costs_the_same_for_one_row_and_many(cast: Cast) -> None:
    def cost(client: Client, address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as caught:
            assert client.get(address).status_code == 200
        return sum("clockoffset" not in query["sql"] for query in caught.captured_queries)

    versions = [written(cast, stem=f"第{number}道旧题") for number in range(4)]
    client = browser(cast.expert)
    one = staged(cast.expert, as_read(versions[0]))
    many = staged(cast.expert, *[as_read(version, where=f"{place}") for place, version in enumerate(versions)])
    costs = [cost(client, reverse("bank:import_draft", args=[draft])) for draft in (one, many)]
    assert costs[0] == costs[1]


def test_hers_are_those_she_wrote_on_and_those_returned_to_her(cast: Cast) -> None:
    first = written(cast)
    uid = first.document.uid
    second = write_question(by=cast.expert, document=document("专家改过的", uid=uid), base=first.uuid, now=NOW)
    mine = Filters(pool=Pool.EXAM, mine=True)
    for acting, count in ((cast.author, 1), (cast.expert, 1), (cast.third, 0)):
        assert questions_list(acting, mine, now=NOW).count == count < LIMIT
    submit_for_review(by=cast.expert, question=uid, version=second.uuid, now=NOW)
    give_verdict(
        by=cast.third, question=uid, version=second.uuid, verdict=ReviewVerdict.RETURN, words="选项太易", now=NOW
    )
    returned = Filters(pool=Pool.EXAM, mine=True, state=QuestionState.RETURNED)
    for acting, count in ((cast.author, 0), (cast.expert, 1)):
        assert questions_list(acting, returned, now=NOW).count == count == returned_questions(acting)


def test_only_who_wrote_or_sent_it_takes_it_out_of_review(cast: Cast) -> None:
    version = written(cast)
    uid = version.document.uid
    submit_for_review(by=cast.second, question=uid, version=version.uuid, now=NOW)
    for acting, may in ((cast.author, True), (cast.second, True), (cast.expert, False)):
        assert rights_of(acting, row(uid), now=NOW).withdraw is may
    other = browser(cast.expert)
    assert f"{page_of(uid)}withdraw/" not in text(other.get(page_of(uid)))
    assert other.post(f"{page_of(uid)}withdraw/").status_code == 422
    assert row(uid).state == QuestionState.IN_REVIEW
    assert browser(cast.author).post(f"{page_of(uid)}withdraw/").status_code == 302
    assert row(uid).state == QuestionState.DRAFT


def test_what_is_sent_is_what_she_saw(cast: Cast) -> None:
    first = written(cast)
    uid = first.document.uid
    client = browser(cast.author)
    assert f'name="version" value="{first.uuid}"' in text(client.get(page_of(uid)))
    assert f'value="{uid} 1"' in text(client.get(f"{BANK}?mine=written"))
    write_question(by=cast.expert, document=document("她先改了", uid=uid), base=first.uuid, now=NOW)
    stale = client.post(f"{page_of(uid)}submit/", {"version": str(first.uuid)})
    assert stale.status_code == 422
    client.post(reverse("bank:send"), {"question": [f"{uid} 1"]})
    assert row(uid).state == QuestionState.DRAFT
    client.post(reverse("bank:send"), {"question": [f"{uid} 2"] * 201})
    assert row(uid).state == QuestionState.DRAFT
    client.post(reverse("bank:send"), {"question": [f"{uid} 2"]})
    assert row(uid).state == QuestionState.IN_REVIEW


def test_the_editor_tells_of_others_with_the_same_material(cast: Cast) -> None:
    shared = Stimulus(uuid4(), "一位主播的一晚")
    made = [document(stem, stimulus=shared) for stem in ("第一问：说得对吗？", "第二问：怎么改？")]
    one, two = (write_question(by=cast.author, document=it, now=NOW) for it in made)
    number = str(row(two.document.uid).pk)
    client, address = browser(cast.author), f"{page_of(one.document.uid)}edit/"
    assert re.search(rf"help-info\">[^<]*{number}", text(client.get(address)))
    sent = fields(made[0], base=str(one.uuid), stimulus="一位主播的两晚", stimulus_uid=str(shared.uid), right="1")
    told = text(client.post(address, sent, follow=True))
    assert re.search(rf"[:：]\s*{number}", told), told[:3000]

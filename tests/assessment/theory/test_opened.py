"""Released papers opened to who sat them: as much as the policy allows, never before the release, by the letters of her screen."""

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessment.bank.models import KeyLook, Question
from assessment.bank.types import Key, QuestionType
from assessment.delivery.logic import option_order
from assessment.delivery.models import Sitting
from assessment.papers.selectors import paper, paper_for_sitting
from assessment.papers.types import NoPaper
from assessment.theory.models import MarksDecision, PaperMark
from assessment.theory.opened import opened_sections
from assessment.theory.services import confirm_marks, release_marks
from assessment.theory.types import TheoryRefused
from lms.accounts.api import User
from lms.core.jobs import drain
from lms.policies.api import add_profile_version, profile_in_force
from lms.policies.types import Shown
from tests.assessment.delivery.world import again
from tests.assessment.theory.test_pages import SECRETS, result_url, text
from tests.assessment.theory.world import (
    LATER,
    MULTIPLE,
    SHORT,
    SINGLE,
    TRUTH,
    Room,
    closed,
    drawn,
    keys_of,
    opened_on,
    right,
    sat,
)
from tests.lms.accounts.world import signed_in
from tests.media_pipeline.cast import NOW

STEMS = ("哪一句是绝对化用语", "哪些要先备案", "净含量必须标明", "做法0B")
RIGHT = "<dt>正确答案</dt>"


def law(shown: str) -> Any:
    return add_profile_version(
        by=None, key="demonstration", changes={"papers_shown": shown}, in_force_from=NOW.date(), now=NOW
    ).uuid


def marked_under(room: Room, shown: str) -> Sitting:
    """Two candidates' papers, confirmed, under a policy that opens this much."""
    drawn_one = drawn(room, SINGLE, MULTIPLE, TRUTH)
    sitting = opened_on(room, drawn_one)
    Sitting.objects.filter(pk=sitting.pk).update(profile=law(shown))
    sat(room, {**right(drawn_one), 4: not right(drawn_one)[4]})
    sitting = closed(room, sitting)
    confirm_marks(by=room.chief, sitting=sitting.uuid, now=LATER)
    return sitting


def release(room: Room, sitting: Sitting, who: str = "bureau", **said: str) -> int:
    answer = room.cast.client(who).post(f"/sittings/{sitting.uuid}/marks/release/", said)
    drain("short")
    return int(answer.status_code)


def test_in_each_state_her_page_holds_what_was_opened_and_nothing_more(room: Room) -> None:
    """Bodies of her page: before the release, opened with answers, and with keys."""
    sitting = marked_under(room, "answers")
    client, url = room.cast.client("owner"), result_url(room)
    secrets = (*STEMS, *SECRETS, RIGHT, "您的答案")
    assert [one for one in secrets if one in text(client, url)] == []
    # More than the policy says is not offered, nor taken.
    form = text(room.cast.client("bureau"), f"/sittings/{sitting.uuid}/marks/")
    assert ('value="answers"' in form, 'value="keys"' in form) == (True, False)
    assert release(room, sitting, shown="keys", reason="公开") == 422
    assert release(room, sitting, shown="answers", reason=" ") == 422
    assert again(sitting).state == "marked"
    assert [one for one in secrets if one in text(client, url)] == []
    assert not Question.objects.exclude(opened_at=None).exists()
    assert release(room, sitting, shown="answers", reason="本卷不再使用，开放讲评") == 302
    told = text(client, url)
    assert [stem for stem in STEMS if stem not in told] == []
    assert [one for one in (*SECRETS, RIGHT) if one in told] == []
    assert re.findall(r"opened-mark.*?(满分|未得分)", told, re.DOTALL) == ["满分"] * 3 + ["未得分"]
    decision = MarksDecision.objects.get(step="released")
    assert (decision.shown, decision.reason) == ("answers", "本卷不再使用，开放讲评")
    # The committee sees it in the bank, of these questions and no other.
    known = Question.objects.exclude(opened_at=None)
    assert {row.uuid for row in known} == {item.question for item in paper(PaperMark.objects.get().attempt.paper).items}
    assert {row.opened_at for row in known} == {decision.at}
    bank = signed_in(User.objects.get(uuid=str(room.committee.user)))
    assert "考过的人自" in text(bank, f"/admin/bank/{known[0].uuid}/")
    assert text(bank, "/admin/bank/").count("考生可看") == len(known)
    other = Question.objects.filter(opened_at=None, pool="exam").first()
    assert other is None or "考过的人自" not in text(bank, f"/admin/bank/{other.uuid}/")
    assert "本卷不再使用" in text(room.cast.client("chief"), f"/sittings/{sitting.uuid}/marks/")
    # Nobody else reads it by her address, and who never sat reads nothing.
    text(room.cast.client("colleague"), url, 404)
    assert [stem for stem in STEMS if stem in text(room.cast.client("colleague"), result_url(room, "colleague"))] == []


def test_with_keys_what_is_right_stands_by_the_letters_of_her_screen_and_the_release_is_the_look(room: Room) -> None:
    sitting = marked_under(room, "keys")
    assert release(room, sitting, "chief", shown="keys", reason="开放讲评") == 302
    told = text(room.cast.client("owner"), result_url(room))
    assert told.count(RIGHT) >= 4
    attempt = PaperMark.objects.get().attempt
    whole = paper(attempt.paper)
    paper_keys = keys_of(whole)
    position = next(place for place, key in paper_keys.items() if len(key.choices) == 2)
    version = next(item.version for item in whole.items if item.position == position)
    letters = dict(zip(option_order(attempt.seed, version, list("ABCD")), "ABCD", strict=True))
    said = "、".join(sorted(letters[one] for one in paper_keys[position].choices))
    block = re.search(rf'id="q{position}".*?</article>', told, re.DOTALL)
    assert block is not None
    assert re.findall(r"<dd><div>(.*?)</div></dd>", block[0]) == [said, said]
    look = KeyLook.objects.get(format="opened")
    assert (look.items.count(), look.by) == (4, room.chief.user)
    with pytest.raises(NoPaper):
        paper_for_sitting(attempt.paper)  # who reads it knows it


def test_a_policy_that_is_silent_opens_nothing_and_offers_nothing(room: Room) -> None:
    sitting = marked_under(room, "marks")
    assert 'name="shown"' not in text(room.cast.client("bureau"), f"/sittings/{sitting.uuid}/marks/")
    with pytest.raises(TheoryRefused) as refused:
        release_marks(by=room.chief, sitting=sitting.uuid, shown=Shown.ANSWERS, reason="公开", now=LATER)
    assert refused.value.code == "policy"
    assert profile_in_force("fuzhou_2021", NOW.date()).parameters.papers_shown is Shown.MARKS


def test_a_paper_that_is_still_to_be_sat_elsewhere_is_not_opened(room: Room) -> None:
    sitting = marked_under(room, "answers")
    other = Sitting.objects.get(pk=sitting.pk)
    other.pk, other.uuid, other.state, other.title = None, uuid4(), "approved", "下午场"
    other.save()
    with pytest.raises(TheoryRefused) as refused:
        release_marks(by=room.chief, sitting=sitting.uuid, shown=Shown.ANSWERS, reason="公开", now=LATER)
    assert (refused.value.code, "下午场" in refused.value.message) == ("in_use", True)
    release_marks(by=room.chief, sitting=sitting.uuid, now=LATER)


def test_an_opened_paper_asks_as_many_queries_for_four_questions_as_for_three(room: Room) -> None:
    marked_under(room, "keys")
    items = PaperMark.objects.get().as_content().items
    opened_sections(items, {}, "seed", {})
    counts = []
    for some in (items, items[:3]):
        with CaptureQueriesContext(connection) as asked:
            opened_sections(some, {}, "seed", {})
        counts.append(len(asked))
    assert counts == [1, 1]


def test_every_type_of_answer_is_said_in_words_also_one_that_makes_no_sense(room: Room) -> None:
    """Short answers keep their lines and nothing of a response becomes markup."""
    sitting = opened_on(room, drawn(room, SHORT, TRUTH))
    sat(room, {1: "先道歉。\n<b>再退款</b>"})
    closed(room, sitting)
    items = PaperMark.objects.get().as_content().items
    short = next(one for one in items if one.place.type is QuestionType.SHORT)
    truth = next(one for one in items if one.place.type is QuestionType.TRUE_FALSE)
    keys = {short.place.version: Key(model="先道歉"), truth.place.version: Key(truth=True)}
    struck = replace(truth, mark=Decimal(30), outcome="struck")
    (section, other) = opened_sections(
        [short, struck], {short.place.position: "先道歉。\n<b>再退款</b>", truth.place.position: ["A"]}, None, keys
    )
    (one,), (two,) = section.questions, other.questions
    assert one.mine == ("<p>先道歉。<br>&lt;b&gt;再退款&lt;/b&gt;</p>",)
    assert (one.right, two.mine, two.right) == (("先道歉",), ("未作答",), ())
    assert two.note == "本题已作废，全体考生得满分。"

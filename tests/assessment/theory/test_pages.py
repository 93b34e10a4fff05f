"""Pages of marks: blind for the chief, masked for offices, hers after release alone, in a fixed number of queries."""

import re

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assessment.theory.models import CorrectionDecision, PaperMark, QuestionCorrection
from lms.core.jobs import drain
from tests.assessment.delivery.world import again
from tests.assessment.theory.world import (
    MODEL,
    MULTIPLE,
    SHORT,
    SINGLE,
    TRUTH,
    VIDEO,
    WHY,
    Room,
    closed,
    drawn,
    marked,
    opened_on,
    released,
    right,
    sat,
)

WHOLE = (SINGLE, MULTIPLE, TRUTH)
# Words that tell a key or a mark; outcomes of single answers are neither hers nor anybody's at a desk.
SECRETS = (WHY, MODEL, '"choices"', '"truth"', "explanation", "is_correct", "not_answered", "malformed")
MARKS = ("60.0", "30.0", "及格线", "按知识点得分", "PaperMark")


def result_url(room: Room, who: str = "owner") -> str:
    return f"/exam/{room.world.entry(who).uuid}/result/"


def text(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status
    return answer.content.decode()


def test_before_release_no_answer_to_a_candidate_holds_key_or_mark_and_after_it_no_key(room: Room) -> None:
    """Every page of hers from the closed sitting to the confirmed marks."""
    paper = drawn(room, *WHOLE)
    sitting = opened_on(room, paper)
    attempt = sat(room, {3: right(paper)[3], 4: True})
    client = room.cast.client("owner")
    said: list[tuple[str, str]] = []
    urls = (
        "/exam/",
        f"/exam/seat/{room.world.entry().uuid}/",
        f"/exam/{attempt.uuid}/",
        result_url(room),
        "/results/",
        "/",
    )

    def every() -> None:
        said.extend((url, client.get(url).content.decode()) for url in urls)

    every()
    sitting = closed(room, sitting)
    every()
    assert PaperMark.objects.get().mark == 60
    room.cast.client("chief").post(f"/sittings/{sitting.uuid}/marks/confirm/")
    every()
    assert [(url, secret) for url, body in said for secret in (*SECRETS, *MARKS) if secret in body] == []
    room.cast.client("chief").post(f"/sittings/{sitting.uuid}/marks/release/")
    drain("short")
    said.clear()
    every()
    told = dict(said)[result_url(room)]
    assert [words in told for words in ("60.0", "单项选择题", "及格线", "判断题")] == [True] * 4
    assert [secret for _url, body in said for secret in SECRETS if secret in body] == []
    stems = ("哪一句是绝对化用语", "哪些要先备案", "做法0B")
    assert [stem for _url, body in said for stem in stems if stem in body] == []
    assert result_url(room) in dict(said)["/exam/"]


def test_her_result_is_hers_alone_and_absence_is_said(room: Room) -> None:
    sitting, _paper, _attempts = marked(room, *WHOLE, owner={4: True})
    released(room, sitting)
    text(room.cast.client("stranger"), result_url(room), 404)
    text(room.cast.client("colleague"), result_url(room), 404)
    assert room.cast.client("chief").get(result_url(room)).status_code == 403
    assert "缺考" in text(room.cast.client("colleague"), result_url(room, "colleague"))


def test_a_mark_made_anew_says_what_it_was_before(room: Room) -> None:
    sitting, paper, _attempts = marked(room, *WHOLE, owner={4: False})
    released(room, sitting)
    version = next(item.version for item in paper.items if item.position == 4)
    client = room.cast.client("committee")
    page = text(client, f"/question-corrections/new/{version}/")
    assert (WHY in page, "净含量必须标明" in page) == (False, True)
    refused = client.post(f"/question-corrections/new/{version}/", {"kind": "key", "key": "也许", "reason": "法条改了"})
    assert refused.status_code == 422
    client.post(f"/question-corrections/new/{version}/", {"kind": "key", "key": "错", "reason": "法条改了"})
    drain("short")
    row = QuestionCorrection.objects.get()
    url = f"/question-corrections/{row.uuid}/"
    chief = room.cast.client("chief")
    seen = text(chief, url)
    # The chief decides by the figures and the committee's words, not by text and key.
    assert [words in seen for words in ("法条改了", "0.0", "30.0", PaperMark.objects.get().code)] == [True] * 4
    assert "净含量必须标明" not in seen
    assert chief.post(f"{url}decide/", {"accepted": "yes", "reason": ""}).status_code == 422
    chief.post(f"{url}decide/", {"accepted": "yes", "reason": "委员会意见成立"})
    drain("short")
    assert CorrectionDecision.objects.get().figures["changed"] == 1
    told = text(room.cast.client("owner"), result_url(room))
    assert [words in told for words in ("30.0", "0.0", "试题更正")] == [True] * 3


def test_the_chief_sees_codes_others_masked_names_an_institution_after_release(room: Room) -> None:
    sitting, _paper, _attempts = marked(room, *WHOLE, owner={4: True})
    url, code = f"/sittings/{sitting.uuid}/marks/", PaperMark.objects.get().code
    chief = text(room.cast.client("chief"), url)
    assert (code in chief, "林" in re.sub(r"<header.*?</header>", "", chief, flags=re.DOTALL)) == (True, False)
    bureau = text(room.cast.client("bureau"), url)
    assert (code in bureau, "林*" in bureau or "林＊" in bureau, "林晓燕" in bureau) == (False, True, False)
    school = room.cast.client("school_admin")
    assert "30.0" not in text(school, url)
    released(room, sitting)
    assert "30.0" in text(school, url)
    text(room.cast.client("other_admin"), url, 403)
    text(room.cast.client("owner"), url, 403)


def test_what_waits_is_named_and_settled_by_the_chief(room: Room) -> None:
    sitting, _paper, attempts = marked(room, SINGLE, MULTIPLE, VIDEO, owner={})
    url = f"/sittings/{sitting.uuid}/marks/"
    client = room.cast.client("chief")
    assert "等视频成绩" in text(client, url)
    step = f"{url}{attempts['owner'].uuid}/settle/"
    assert client.post(step, {"part": "video", "reason": ""}).status_code == 422
    assert client.post(step, {"part": "video", "reason": "逾期未交"}).status_code == 302
    drain("short")
    assert again(sitting).state == "marked"
    assert room.cast.client("bureau").post(step, {"part": "video", "reason": "x"}).status_code in {302, 422}


def test_pages_ask_the_same_number_of_queries_for_one_paper_and_two(room: Room) -> None:
    sitting, _paper, attempts = marked(room, SINGLE, TRUTH, SHORT, owner={4: "先道歉。"}, colleague={4: "再退款。"})
    counts: dict[str, list[int]] = {}
    for state in ("voided", "handed_in"):
        type(attempts["colleague"]).objects.filter(pk=attempts["colleague"].pk).update(state=state)
        for who in ("chief", "bureau"):
            client = room.cast.client(who)
            client.get("/")
            with CaptureQueriesContext(connection) as asked:
                text(client, f"/sittings/{sitting.uuid}/marks/")
            counts.setdefault(who, []).append(len(asked))
    assert {who: len(set(found)) for who, found in counts.items()} == {"chief": 1, "bureau": 1}

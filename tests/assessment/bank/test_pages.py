"""The pages of the bank in Wagtail's frame: gates, the key, nothing lost on a bad form, constant queries."""

from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from assessment.bank.forms import QuestionForm
from assessment.bank.models import KeyLook, Question, QuestionFile, QuestionVersion
from assessment.bank.selectors.questions import question_page
from assessment.bank.services import comment, reveal_key, write_question
from assessment.bank.services.drafts import draft_for, keep_reading, sweep_drafts
from assessment.bank.types import (
    Key,
    Option,
    QuestionDocument,
    QuestionState,
    QuestionType,
    Reading,
    ReadQuestion,
    Refused,
    Stimulus,
)
from lms.accounts.api import Acting, User, enrol_demo_second_factor
from lms.core import audit, clock
from tests.assessment.bank.world import (
    PLACE,
    SECRET,
    Cast,
    approved,
    build_cast,
    document,
    submitted,
    written,
)
from tests.lms.accounts.world import NOW, signed_in

BANK = "/admin/bank/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> Cast:
    return build_cast()


def browser(acting: Acting) -> Client:
    """A browser of somebody of the cast, with her second factor shown."""
    user = User.objects.get(uuid=str(acting.user))
    if not Authenticator.objects.filter(user=user).exists():
        enrol_demo_second_factor(user=user)
    return signed_in(user)


def page_of(uid: Any) -> str:
    return f"{BANK}{uid}/"


def text(answer: Any) -> str:
    return str(answer.content.decode())


def state(uid: Any) -> str:
    return Question.objects.get(uuid=uid).state


def fields(document: QuestionDocument, **changes: Any) -> dict[str, Any]:
    """What the editor's form sends for this question."""
    form = QuestionForm(type=document.type, document=document)
    sent = {
        name: value
        for name in form.fields
        if (value := form.get_initial_for_field(form.fields[name], name)) is not None
    }
    sent = {name: value for name, value in sent.items() if value is not False}
    return {**sent, "rows": form.rows_shown, "save": "1", "uid": str(document.uid), "note": "", **changes}


KINDS = (
    document(),
    document(
        type=QuestionType.MULTIPLE,
        stem="哪些说法不能用？",
        key=Key(choices=("A", "B")),
    ),
    document(type=QuestionType.TRUE_FALSE, stem="可以说“国家级”。", options=(), key=Key(truth=False)),
    document(
        type=QuestionType.FILL,
        stem="主播年满____周岁，未成年人要有____同意。",
        options=(),
        key=Key(blanks=(("16", "十六"), ("监护人",))),
    ),
    document(type=QuestionType.ORDERING, stem="排好开播前的四步。", key=Key(choices=("C", "A", "D", "B"))),
    document(
        type=QuestionType.MATCHING,
        stem="连一连。",
        options=(
            Option("1", "广告法"),
            Option("2", "电子商务法"),
            Option("A", "绝对化用语"),
            Option("B", "平台责任"),
            Option("C", "都不是"),
        ),
        key=Key(pairs=(("1", "A"), ("2", "B"))),
    ),
    document(
        type=QuestionType.SHORT,
        stem="说说怎样介绍产地。",
        options=(),
        key=Key(model="先说产地，再说凭据。"),
        marks=Decimal("2.5"),
        stimulus=Stimulus(uuid4(), "某主播卖鱼丸。"),
    ),
)


@pytest.mark.req("S1-26")
@pytest.mark.parametrize("made", KINDS, ids=lambda one: one.type.value)
def test_every_type_is_written_and_edited_in_the_form(cast: Cast, made: QuestionDocument) -> None:
    client = browser(cast.author)
    address = reverse("bank:write", args=[made.type.value])
    assert client.get(address).status_code == 200
    answer = client.post(address, fields(made))
    assert (answer.status_code, answer.headers.get("Location")) == (302, page_of(made.uid)), text(answer)
    kept = question_page(cast.author, made.uid, now=NOW).versions[0]
    seen = reveal_key(by=cast.author, question=made.uid, version=kept.uuid, reason="看看", now=NOW)
    assert (kept.document.stem, kept.document.options, kept.document.marks) == (made.stem, made.options, made.marks)
    assert (seen.key, seen.explanation) == (made.key, made.explanation)
    # The editor gives the same back; the same again makes no version, another word does.
    edit = reverse("bank:edit", args=[made.uid])
    opened = client.get(edit)
    assert SECRET in text(opened)
    assert opened.context["form"].initial["stem"] == made.stem
    base = str(kept.uuid)
    client.post(edit, fields(made, base=base))
    assert QuestionVersion.objects.count() == 1
    client.post(edit, fields(made, base=base, stem=made.stem + "请选。"))
    assert QuestionVersion.objects.count() == 2


def test_a_refused_form_loses_nothing(cast: Cast) -> None:
    client = browser(cast.author)
    out = BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "PNG")
    made = document()
    sent = fields(made, right="", topic="C4-01", files=SimpleUploadedFile("我 的图.png", out.getvalue()))
    answer = client.post(reverse("bank:write", args=["single"]), sent)
    assert answer.status_code == 422
    assert {"topic"} <= set(answer.context["form"].errors)
    page = text(answer)
    assert made.stem in page
    assert all(option.text in page for option in made.options)
    assert SECRET in page
    # The picture was kept; the next sending carries its name, and it stands below the stem.
    media = answer.context["form"].kept
    assert [one.name for one in media] == ["我-的图.png"]
    line = f"{media[0].sha256} picture {media[0].name}"
    assert f'value="{line}"' in page
    fixed = {name: value for name, value in fields(made).items() if name != "files"} | {"media": line}
    assert client.post(reverse("bank:write", args=["single"]), fixed).status_code == 302
    kept = question_page(cast.author, made.uid, now=NOW).versions[0].document
    assert kept.stem.endswith("![我-的图](我-的图.png)")
    shown = client.get(page_of(made.uid))
    assert f'src="{BANK}{made.uid}/file/{media[0].sha256}/"' in text(shown)
    served = client.get(f"{BANK}{made.uid}/file/{media[0].sha256}/")
    assert (served.status_code, served["Content-Type"]) == (200, "image/png")
    assert client.get(f"{BANK}{made.uid}/file/{'0' * 64}/").status_code == 404
    assert QuestionFile.objects.count() == 1


def test_one_more_row_judges_nothing_and_keeps_what_was_typed(cast: Cast) -> None:
    answer = browser(cast.author).post(
        reverse("bank:write", args=["multiple"]),
        {"rows": "4", "uid": str(uuid4()), "stem": "写了一半", "opt-0": "甲", "more": "1", "save": "1"},
    )
    assert answer.status_code == 200
    assert "写了一半" in text(answer)
    assert 'name="opt-4"' in text(answer)
    assert "help-critical" not in text(answer)


@pytest.mark.req("S1-28")
def test_a_key_shows_to_who_says_why_and_nowhere_else(cast: Cast) -> None:
    version = approved(cast)
    uid = version.document.uid
    client = browser(cast.third)
    looks = KeyLook.objects.count()
    for address in (
        page_of(uid),
        BANK,
        f"{BANK}?q={SECRET}",
        f"{page_of(uid)}versions/",
        f"{page_of(uid)}edit/",
        "/admin/",
        f"{BANK}export/",
    ):
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert SECRET not in text(answer).replace(f'value="{SECRET}"', "").replace(f"q={SECRET}", "")
    hint = client.post(f"{BANK}alike/", {"stem": version.document.stem, "uid": ""})
    assert "100%" in text(hint)
    assert SECRET not in text(hint)
    empty = client.post(f"{page_of(uid)}key/", {"reason": " "})
    assert empty.status_code == 422
    assert SECRET not in text(empty)
    assert KeyLook.objects.count() == looks
    shown = client.post(f"{page_of(uid)}key/", {"reason": "答辩前核对"})
    assert SECRET in text(shown)
    assert shown["Cache-Control"].find("no-store") >= 0
    assert KeyLook.objects.count() == looks + 1
    assert "key_seen" in [event.action for event in audit.events_of(uid)]
    assert "答辩前核对" in text(client.get(page_of(uid)))
    # Another's editor asks why first.
    opened = client.post(f"{page_of(uid)}edit/", {"reason": "改一个错字"})
    assert SECRET in text(opened)
    assert KeyLook.objects.count() == looks + 2


@pytest.mark.req("S1-28")
def test_nobody_else_sees_a_question(cast: Cast) -> None:
    uid = approved(cast).document.uid
    pages = [BANK, page_of(uid), f"{BANK}import/", f"{BANK}export/", f"{BANK}new/", f"{BANK}practice/"]
    for acting in (cast.school, cast.teacher, cast.inspector, cast.chief):
        client = browser(acting)
        for address in pages:
            answer = client.get(address)
            assert answer.status_code in (302, 403), address
            assert "全网最低价" not in text(answer)
        assert client.post(f"{page_of(uid)}key/", {"reason": "想看"}).status_code in (302, 403)
    assert browser(cast.author).get(page_of(uuid4())).status_code == 404
    assert KeyLook.objects.count() == 0


@pytest.mark.req("S1-27")
def test_two_others_approve_and_the_author_cannot(cast: Cast) -> None:
    made = document()
    author = browser(cast.author)
    assert author.post(reverse("bank:write", args=["single"]), fields(made, do="submit")).status_code == 302
    uid = made.uid
    assert state(uid) == QuestionState.IN_REVIEW
    version = str(question_page(cast.author, uid, now=NOW).versions[0].uuid)
    mine = author.get(page_of(uid))
    assert "你出过这道题" in text(mine) or "verdict" not in text(mine)
    refused = author.post(f"{page_of(uid)}verdict/", {"version": version, "verdict": "approve"})
    assert refused.status_code == 422
    first = browser(cast.expert)
    assert page_of(uid) in text(first.get(f"{BANK}?mine=review"))
    assert page_of(uid) in text(first.get("/admin/"))
    silent = first.post(f"{page_of(uid)}verdict/", {"version": version, "verdict": "return", "words": ""})
    assert silent.status_code == 422
    other = submitted(cast, stem="另一道等着审的题").document.uid
    said = first.post(f"{page_of(uid)}verdict/", {"version": version, "verdict": "approve", "words": "准"}, follow=True)
    assert page_of(other) in text(said)  # and on to the next one
    assert state(uid) == QuestionState.IN_REVIEW
    assert page_of(uid) not in text(first.get(f"{BANK}?mine=review"))
    browser(cast.second).post(f"{page_of(uid)}verdict/", {"version": version, "verdict": "approve"})
    assert state(uid) == QuestionState.APPROVED
    again = first.get(page_of(uid))
    assert "准" in text(again)


def test_states_change_with_a_reason(cast: Cast) -> None:
    uid = approved(cast).document.uid
    client = browser(cast.expert)
    empty = client.post(f"{page_of(uid)}suspend/", {"suspend-reason": ""})
    assert (empty.status_code, state(uid)) == (422, QuestionState.APPROVED)
    client.post(f"{page_of(uid)}suspend/", {"suspend-reason": "考生投诉"})
    assert state(uid) == QuestionState.SUSPENDED
    client.post(f"{page_of(uid)}reinstate/", {"reinstate-reason": "查过了"})
    assert state(uid) == QuestionState.APPROVED
    client.post(f"{page_of(uid)}retire/", {"retire-reason": "法律改了"})
    assert state(uid) == QuestionState.RETIRED
    assert "考生投诉" in text(client.get(page_of(uid)))
    assert client.post(f"{page_of(uid)}nothing/").status_code == 404


def test_versions_are_compared_and_restored(cast: Cast) -> None:
    first = written(cast)
    uid = first.document.uid
    changed = document(
        stem="直播间里说“全国最低价”，属于哪一类问题？", uid=uid, explanation="换了解析", key=Key(choices=("C",))
    )
    write_question(by=cast.author, document=changed, base=first.uuid, note="改了说法", now=NOW)
    client = browser(cast.expert)
    page = client.get(f"{page_of(uid)}versions/")
    assert "<del>网</del>" in text(page)
    assert "<ins>国</ins>" in text(page)
    assert "换了解析" not in text(page)
    both = client.post(f"{page_of(uid)}versions/?a=1&b=2", {"reason": "比一比"})
    assert "换" in text(both)
    assert KeyLook.objects.count() == 2
    newest = question_page(cast.author, uid, now=NOW).versions[0]
    answer = client.post(f"{page_of(uid)}restore/", {"number": "1", "base": str(newest.uuid)})
    assert answer.status_code == 302
    restored = question_page(cast.author, uid, now=NOW).versions[0]
    assert (restored.number, restored.restored_from, restored.document.stem) == (3, 1, first.document.stem)
    stale = client.post(f"{page_of(uid)}restore/", {"number": "2", "base": str(newest.uuid)})
    assert stale.status_code == 422


def test_somebody_else_was_faster(cast: Cast) -> None:
    first = written(cast)
    uid = first.document.uid
    write_question(by=cast.expert, document=document(uid=uid, stem="她先改了"), base=first.uuid, now=NOW)
    answer = browser(cast.author).post(
        f"{page_of(uid)}edit/",
        fields(first.document, base=str(first.uuid), stem="我也改了", **{"opt-0": "甲"}, right="1"),
    )
    assert answer.status_code == 422
    assert "我也改了" in text(answer)
    assert question_page(cast.author, uid, now=NOW).versions[0].document.stem == "她先改了"


def read(where: str, stem: str, **changes: Any) -> ReadQuestion:
    values: dict[str, Any] = {
        "type": QuestionType.SINGLE,
        "key": Key(choices=("B",)),
        "options": (Option("A", "甲"), Option("B", "乙")),
        "explanation": SECRET,
    }
    return ReadQuestion(where=where, stem=stem, **(values | changes))


def staged(cast: Cast, *refused: Refused) -> Any:
    reading = Reading("word", (read("第1题", "鱼丸要冷冻吗？"), read("第2题", "茶叶能治病吗？")), refused)
    return keep_reading(by=cast.author, name="试卷.docx", reading=reading, defaults=PLACE, now=clock.now())


def test_an_import_is_looked_at_mended_and_taken_in(cast: Cast) -> None:
    half = read("第3题", "缺答案的题", key=Key())
    uuid = staged(cast, Refused("第3题", "没有答案", "缺答案的题", half), Refused("第9行", "认不出", "乱七八糟"))
    client = browser(cast.author)
    address = reverse("bank:import_draft", args=[uuid])
    page = client.get(address)
    assert all(words in text(page) for words in ("鱼丸要冷冻吗", "缺答案的题", "没有答案", "认不出"))
    assert SECRET not in text(page)
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload FROM assessment_importdraft")
        assert SECRET not in str(cursor.fetchall())
    assert client.post(f"{address}take/").status_code == 422
    assert Question.objects.count() == 0
    # The first row stands in the way; it is mended in the editor, which has all that could be read.
    row = f"{address}1/"
    editor = client.get(row)
    assert "缺答案的题" in text(editor)
    assert "甲" in text(editor)
    filled = {**fields(document(stem="缺答案的题", options=half.options)), "right": "1"}
    unmended = client.post(row, filled | {"right": ""})
    assert unmended.status_code == 422
    assert client.post(row, filled).status_code == 302
    client.post(f"{address}2/out/", {"out": "1"})
    data = draft_for(cast.author, uuid)
    assert [one.ready for one in data.rows] == [True, False, True, True]
    taken = client.post(f"{address}take/")
    assert taken.status_code == 302
    assert Question.objects.filter(state=QuestionState.DRAFT).count() == 3
    after = client.get(address)
    assert SECRET not in text(after)
    assert client.post(f"{address}take/").status_code == 422
    sent = client.post(f"{address}send/")
    assert sent.status_code == 302
    # Without a clause none of the plain ones may go: she is told why.
    told = text(client.get(sent["Location"]))
    assert Question.objects.filter(state=QuestionState.IN_REVIEW).count() >= 1
    assert "help" in told


def test_an_import_is_its_owners_and_goes_after_a_week(cast: Cast) -> None:
    uuid = staged(cast)
    address = reverse("bank:import_draft", args=[uuid])
    other = browser(cast.expert)
    assert other.get(address).status_code == 404
    assert other.post(f"{address}take/").status_code == 404
    assert other.get(f"{address}1/").status_code == 404
    assert sweep_drafts(now=clock.now()) == 0
    assert sweep_drafts(now=clock.now().replace(year=clock.now().year + 1)) == 1


def test_pasted_text_is_read_and_an_empty_sending_is_told(cast: Cast) -> None:
    client = browser(cast.author)
    place = {"level": "5", "topic": "C5-01", "step": "understand", "difficulty": "3", "source": "自编"}
    assert client.post(reverse("bank:import"), place).status_code == 422
    paper = "一、单项选择题\n1. 直播能说“最好”吗？（ B ）\nA. 能\nB. 不能\n"
    answer = client.post(reverse("bank:import"), place | {"text": paper})
    assert answer.status_code == 302, text(answer)
    assert "直播能说" in text(client.get(answer["Location"]))
    assert client.get(reverse("bank:import_template")).status_code == 200


def test_an_export_says_why(cast: Cast) -> None:
    approved(cast)
    client = browser(cast.expert)
    sent = {"level": "5", "topic": "", "state": "approved", "format": "moodle", "reason": ""}
    refused = client.post(reverse("bank:export"), sent)
    assert refused.status_code == 422
    assert KeyLook.objects.count() == 0
    answer = client.post(reverse("bank:export"), sent | {"reason": "交给学校做模拟"})
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    assert "全网最低价" in text(answer)
    assert KeyLook.objects.get().reason == "交给学校做模拟"
    none = client.post(reverse("bank:export"), sent | {"level": "3", "reason": "x"})
    assert none.status_code == 422


def test_comments_stand_beside_the_question(cast: Cast) -> None:
    uid = written(cast).document.uid
    client = browser(cast.expert)
    assert client.post(f"{page_of(uid)}comment/", {"words": " "}).status_code == 422
    client.post(f"{page_of(uid)}comment/", {"words": "选项太长 <b>"})
    assert "选项太长 &lt;b&gt;" in text(client.get(page_of(uid)))


def test_pages_ask_the_same_number_of_queries(cast: Cast) -> None:
    client = browser(cast.expert)

    def cost(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as caught:
            assert client.get(address).status_code == 200
        # The clock's row is read once a second, whatever is asked.
        return sum("clockoffset" not in query["sql"] for query in caught.captured_queries)

    addresses = [
        BANK,
        f"{BANK}?q=最低价&level=5",
        f"{BANK}?mine=review",
        f"{BANK}?mine=written",
        "/admin/",
        f"{BANK}export/",
    ]
    uid = submitted(cast).document.uid
    written(cast, by=cast.expert, stem="她自己出的第一道")
    comment(by=cast.expert, question=uid, words="一", now=NOW)
    first = {address: cost(address) for address in [*addresses, page_of(uid)]}
    for number in range(3):
        submitted(cast, by=[cast.author, cast.second, cast.third][number], stem=f"第{number}问：说“最低价”对不对？")
        comment(by=[cast.author, cast.second, cast.third][number], question=uid, words="又一句", now=NOW)
        written(cast, by=cast.expert, stem=f"她自己出的第{number}道：产地怎么说？")
    assert {address: cost(address) for address in [*addresses, page_of(uid)]} == first
    assert max(first.values()) < 45, first

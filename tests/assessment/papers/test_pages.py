"""The pages of blueprints and papers: nothing lost on a bad form, no text and no key on them, constant queries."""

from dataclasses import replace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assessment.bank.models import Question
from assessment.papers.forms import BlueprintForm
from assessment.papers.logic import read_blueprint
from assessment.papers.models import Blueprint, PaperForm
from assessment.papers.services import load_blueprints, new_seed, write_blueprint
from assessment.papers.types import BlueprintContent
from lms.accounts.api import Acting, User, enrol_demo_second_factor
from lms.core.types import Level
from tests.assessment.bank.world import SECRET
from tests.assessment.papers.world import World, approved_blueprint, build_world, drawn, stocked, whole_blueprint
from tests.lms.accounts.world import NOW, signed_in

PAPERS = "/admin/papers/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return build_world()


def browser(acting: Acting) -> Client:
    user = User.objects.get(uuid=str(acting.user))
    if not Authenticator.objects.filter(user=user).exists():
        enrol_demo_second_factor(user=user)
    return signed_in(user)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def fields(content: BlueprintContent, **changes: Any) -> dict[str, Any]:
    """What the editor's form sends for this blueprint."""
    form = BlueprintForm(level=content.level, blueprint=content)
    sent = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    sent |= {"rows": form.rows_shown, "topic_rows": form.topic_rows_shown}
    return {name: value for name, value in sent.items() if value is not None} | changes


def test_every_shipped_blueprint_passes_through_the_editor_unchanged(db: None) -> None:
    load_blueprints()
    for row in Blueprint.objects.all():
        content = read_blueprint(row.content)
        form = BlueprintForm(fields(content), level=content.level, blueprint=content)
        assert form.is_valid(), form.errors
        assert read_blueprint(form.content()) == content


def test_a_new_blueprint_is_written_and_refused_with_everything_still_there(world: World) -> None:
    client = browser(world.cast.author)
    made = {
        "title": "社区班理论试卷", "key": "community", "note": "", "minutes": "45", "total": "100", "pass_mark": "60",
        "topic_measure": "marks", "law_minimum": "10", "overlap_limit": "20", "exposure_limit": "3", "pairs": "",
        "rows": "3", "topic_rows": "1", "s0-title": "单选", "s0-from": "bank", "s0-type": "single", "s0-count": "40",
        "s0-marks": "2.5", "t0-codes": "C5-01，C5-02", "t0-share": "50", "t0-tolerance": "20", "d3-share": "40",
        "d3-tolerance": "40",
    }  # fmt: skip
    answer = client.post(f"{PAPERS}blueprints/new/5/", {**made, "s0-marks": "2"})
    assert answer.status_code == 422
    assert "各大题合计80分，不是100分" in text(answer)
    assert "社区班理论试卷" in text(answer)
    answer = client.post(f"{PAPERS}blueprints/new/5/", {**made, "s1-title": "没写完的一行"})
    assert answer.status_code == 422
    assert "请填写，或把整行清空" in text(answer)
    answer = client.post(f"{PAPERS}blueprints/new/5/", {**made, "pairs": "1 99999"})
    assert answer.status_code == 422
    assert "题库里没有这些题" in text(answer)
    assert not Blueprint.objects.exists()
    answer = client.post(f"{PAPERS}blueprints/new/5/", made)
    row = Blueprint.objects.get()
    assert answer.status_code == 302
    assert row.level == Level.ELEMENTARY
    assert row.content["topics"] == [
        {"name": "C5-01、C5-02", "codes": ["C5-01", "C5-02"], "share": "50", "tolerance": "20"}
    ]
    assert client.get(f"{PAPERS}blueprints/new/2/").status_code == 404


def test_pairs_are_typed_by_the_numbers_people_know(world: World) -> None:
    uids = stocked(world.cast, 2)
    a, b = Question.objects.filter(uuid__in=uids).order_by("pk").values_list("pk", flat=True)
    content = whole_blueprint(2)
    form = BlueprintForm(fields(content, pairs=f"{a} {b}\n"), level=content.level, blueprint=content)
    assert form.is_valid()
    made = read_blueprint(form.content())
    assert {str(uid) for uid in made.forbidden_pairs[0]} == {str(uid) for uid in uids}
    assert BlueprintForm(level=content.level, blueprint=made).initial["pairs"] in (f"{a} {b}", f"{b} {a}")


def test_what_was_looked_at_is_frozen_and_nothing_before(world: World) -> None:
    stocked(world.cast, 4)
    data = approved_blueprint(world)
    client = browser(world.cast.author)
    said = {"blueprint": str(data.uuid), "parallel": "1", "seed": str(new_seed())}
    answer = client.post(f"{PAPERS}draw/", {**said, "do": "try"})
    assert "现在的题库可以抽出这样的试卷" in text(answer)
    assert not PaperForm.objects.exists()
    seen = text(answer).split('name="seen" value="')[1][:64]
    assert client.post(f"{PAPERS}draw/", {**said, "do": "freeze", "seen": "0" * 64}).status_code == 422
    assert client.post(f"{PAPERS}draw/", {**said, "do": "freeze", "seen": seen}).status_code == 302
    assert PaperForm.objects.get().content_hash == seen
    # A later drawing without its questions: the only one of law is among them.
    group = str(PaperForm.objects.get().group)
    answer = client.post(f"{PAPERS}draw/", {**said, "do": "try", "avoid": group})
    assert "法律题：要求至少10分，最多只有0分，还差10分" in text(answer)


@pytest.mark.req("S1-28")
def test_no_page_of_a_paper_shows_a_question_or_its_key(world: World) -> None:
    stocked(world.cast, 3, explanation=SECRET)
    paper = drawn(world, approved_blueprint(world))[0]
    for who, address in (
        (world.cast.author, f"{PAPERS}{paper.uuid}/"),
        (world.keeper, f"/papers/{paper.uuid}/"),
        (world.cast.chief, f"/papers/{paper.uuid}/"),
        (world.cast.inspector, f"/papers/{paper.uuid}/"),
    ):
        shown = text(browser(who).get(address))
        assert paper.content_hash[:16] in shown
        assert SECRET not in shown
        assert "样品与发货" not in shown
        assert "没有依据的绝对化用语" not in shown
        assert ("/admin/bank/" in shown.split("<main")[-1]) is (who is world.cast.author)


def test_pages_cost_the_same_for_one_and_for_three(world: World) -> None:
    stocked(world.cast, 5)
    client = browser(world.cast.author)
    data = approved_blueprint(world)
    paper = drawn(world, data)[0]
    pages = (PAPERS, f"{PAPERS}{paper.uuid}/", f"{PAPERS}blueprints/{data.uuid}/", f"{PAPERS}draw/")

    def costs() -> list[int]:
        found = []
        for page in pages:
            client.get(page)
            with CaptureQueriesContext(connection) as asked:
                assert client.get(page).status_code == 200
            found.append(sum("clockoffset" not in one["sql"] for one in asked.captured_queries))
        return found

    before = costs()
    for key in ("second", "third"):
        approved_blueprint(world, replace(whole_blueprint(2), key=key))
        drawn(world, data, seed=new_seed())
    assert costs() == before


def test_a_county_bureau_reads_and_does_not_approve(world: World) -> None:
    data = write_blueprint(by=world.cast.author, content=whole_blueprint(2), now=NOW)
    client = browser(world.cast.bureau)
    assert "批准这一版" not in text(client.get(f"/papers/blueprints/{data.uuid}/"))
    assert client.post(f"/papers/blueprints/{data.uuid}/approve/").status_code == 403

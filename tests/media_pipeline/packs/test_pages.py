"""The pages of rule packs: from a copy to a published pack, on the committee's screens."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lms.accounts.api import Role
from lms.core import clock
from media_pipeline.packs.models import RulePack
from media_pipeline.packs.services import load_packs
from media_pipeline.rulepacks.loading import shipped_document
from tests.lms.accounts.world import build_places, make_user, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def browsers(db):
    places = build_places()
    document = dict(shipped_document())
    load_packs({**document, "sentences": {"commissioned": document["sentences"]["commissioned"][:4]}})
    return [signed_in(make_user(places.city, Role.COMMITTEE, name=name)) for name in ("甲", "乙")]


def begun(browser):
    base = RulePack.objects.get(number=1)
    answer = browser.post("/admin/rules/start/", {"base": str(base.uuid), "title": "春季规则"})
    assert answer.status_code == 302
    return answer["Location"]


def fields(page):
    form = page.context["form"]
    return {name: form.get_initial_for_field(field, name) or "" for name, field in form.fields.items()}


def test_from_a_copy_to_a_published_pack(browsers):
    writer, second = browsers
    page = begun(writer)
    edit = f"{page}rule/ABS-01/"
    said = fields(writer.get(edit))
    refused = writer.post(edit, said | {"patterns": "(好+)+", "note": "x"})
    assert refused.status_code == 422
    assert "(好+)+" in refused.content.decode()
    assert writer.post(edit, said | {"rewording": "讲产地", "note": "换说法"}).status_code == 302
    assert "讲产地" in writer.get(page).content.decode()
    tried = writer.post(f"{page}try/", follow=True).content.decode()
    assert f"{page}submit/" in tried
    writer.post(f"{page}submit/")
    assert f"{page}publish/" not in writer.get(page).content.decode()
    assert f"{page}publish/" in second.get(page).content.decode()
    second.post(f"{page}publish/", {"effective_from": clock.today().isoformat()})
    assert RulePack.objects.get(number=2).state == "published"
    first = RulePack.objects.get(number=1)
    assert "讲产地" in second.get(f"{page}compare/{first.uuid}/").content.decode()


def test_exceptions_and_sentences_are_edited_as_text(browsers):
    page = begun(browsers[0])
    part = f"{page}part/exceptions/"
    said = fields(browsers[0].get(part))
    assert browsers[0].post(part, said | {"content": "a: [", "note": "x"}).status_code == 422
    changed = said["content"].replace("reach: 20", "reach: 18")
    assert browsers[0].post(part, said | {"content": changed, "note": "短一点"}).status_code == 302
    own = f"{page}sentences/"
    said = fields(browsers[0].get(own))
    marked = "# ABS\nM core - 这是{嘎嘎好货}。"
    assert browsers[0].post(own, said | {"marked": marked, "note": "新句"}).status_code == 302
    assert "{嘎嘎好货}" in browsers[0].get(own).content.decode()


def test_the_list_asks_as_often_for_one_pack_as_for_four(browsers):
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert browsers[0].get("/admin/rules/").status_code == 200
        counts.append(len(queries))
        for _number in range(3):
            begun(browsers[0])
    assert counts[0] == counts[1]

"""Old videos read again under another pack: the difference is shown, their reports stay."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lms.accounts.api import Role, acting_for
from lms.core import clock
from lms.core.jobs import drain
from media_pipeline.assets.models import Finding, MediaAsset
from media_pipeline.packs.forms import next_id
from media_pipeline.packs.models import RulePack
from media_pipeline.packs.selectors import pack_data
from media_pipeline.packs.services import load_packs, start_pack, write_rule
from media_pipeline.rechecks.models import Recheck, RecheckedWork
from media_pipeline.rechecks.services import start_recheck
from media_pipeline.rechecks.types import RecheckRefusal
from media_pipeline.rulepacks.loading import shipped_document
from tests.lms.accounts.world import make_user, signed_in
from tests.media_pipeline.cast import NOW, Cast, finish, hand_in

# A pack of few rules is read and stored in a moment.
FEW = {"PRICE-01", "PRICE-03", "PRIV-02", "PRIV-03", "VULG-01"}


@pytest.fixture
def committee(cast: Cast):
    document = dict(shipped_document())
    few = [rule for rule in document["rules"] if rule["id"] in FEW]
    load_packs({**document, "rules": few, "sentences": {}})
    return make_user(cast.city, Role.COMMITTEE, name="甲")


def draft(by):
    """A pack that knows one word more and one rule less."""
    base = RulePack.objects.get(number=1).uuid
    data = start_pack(by=by, base=base, title="夏季规则", now=NOW)
    row = {
        "id": next_id(data.content, "VULG"), "category": "VULG", "term": "岩骨花香", "severity": "M", "scope": "all",
        "patterns": [], "rewording": "", "from": "", "until": "",
    }  # fmt: skip
    data = write_rule(by=by, pack=data.uuid, seen=data.text, rule=row, note="", now=NOW)
    old = next(rule for rule in data.content["rules"] if rule["id"] == "PRICE-01")
    for rule in [old, next(rule for rule in data.content["rules"] if rule["id"] == "PRICE-03")]:
        asleep = {**rule, "until": "2020-01-01"}
        data = write_rule(by=by, pack=data.uuid, seen=data.text, rule=asleep, note="", now=NOW)
    return data


def folder(path, name):
    made = path / name
    made.mkdir()
    return made


@pytest.fixture
def works(cast: Cast, tmp_path):
    one = finish(hand_in(cast), folder(tmp_path, "a"), ("大家好，岩骨花香的好茶。", "这是全网最低价。"))
    two = finish(hand_in(cast, "colleague", b"b"), folder(tmp_path, "b"), ("大家好，今天看茶。",))
    return one, two


def test_the_difference_is_shown_and_the_old_report_stays(committee, works):
    by = acting_for(committee, None)
    data = draft(by)
    told = list(Finding.objects.order_by("id").values())
    browser = signed_in(committee)
    address = f"/admin/rules/{data.uuid}/old/"
    assert browser.post(f"{address}start/").status_code == 302
    waiting = browser.get(address)
    assert waiting["Refresh"] == "3"
    with pytest.raises(RecheckRefusal) as refused:
        start_recheck(by=by, pack_uuid=data.uuid, now=clock.now())
    assert refused.value.code == "running"
    drain("media")
    page = browser.get(address)
    assert "Refresh" not in page
    assert (page.context["page"].done, page.context["page"].total, page.context["page"].differ) == (2, 2, 1)
    (work,) = page.context["page"].works
    assert work.code == works[0].blind_code
    assert [point.text for point in work.new] == ["岩骨花香"]
    assert [point.rule for point in work.gone] == ["PRICE-01"]
    one = browser.get(f"{address}{work.uuid}/").content.decode()
    assert "岩骨花香" in one
    assert "全网最低价" in one
    assert f"{address}{work.uuid}/" in page.content.decode()
    assert list(Finding.objects.order_by("id").values()) == told
    assert MediaAsset.objects.get(pk=works[0].pk).state == works[0].state


def test_a_successor_goes_on_where_a_killed_worker_stood(committee, works):
    by = acting_for(committee, None)
    data = draft(by)
    recheck = start_recheck(by=by, pack_uuid=data.uuid, now=clock.now())
    RecheckedWork.objects.create(recheck=recheck, asset=works[0], before="", kept=7, differs=False)
    drain("media")
    assert list(RecheckedWork.objects.order_by("asset").values_list("kept", flat=True)) == [7, 0]
    assert Recheck.objects.get().finished_at is not None


def test_personal_data_is_masked_and_strangers_do_not_read(cast, committee, tmp_path):
    finish(hand_in(cast), tmp_path, ("他的手机号是13800001234。",))
    by = acting_for(committee, None)
    data = draft(by)
    pack = RulePack.objects.get(uuid=data.uuid)
    content = pack_data(pack).content
    rules = [rule for rule in content["rules"] if rule["category"] == "PRIV"]
    for rule in rules:
        data = write_rule(by=by, pack=data.uuid, seen=data.text, rule={**rule, "until": "2020-01-01"}, note="", now=NOW)
    start_recheck(by=by, pack_uuid=data.uuid, now=clock.now())
    drain("media")
    browser = signed_in(committee)
    page = browser.get(f"/admin/rules/{data.uuid}/old/").content.decode()
    assert "13800001234" not in page
    assert "1＊＊＊＊＊＊＊＊＊＊" in page or "＊＊＊" in page
    stranger = signed_in(make_user(cast.city, Role.EXAMINER, name="丙"))
    assert stranger.get(f"/admin/rules/{data.uuid}/old/").status_code in (302, 403)


def test_the_page_asks_as_often_for_one_work_as_for_three(cast, committee, works, tmp_path):
    by = acting_for(committee, None)
    browser = signed_in(committee)
    counts = []
    for number in range(2):
        for extra in range(2 * number):
            finish(hand_in(cast, content=bytes([extra])), folder(tmp_path, f"c{extra}"), ("岩骨花香。",))
        data = draft(by)
        start_recheck(by=by, pack_uuid=data.uuid, now=clock.now())
        drain("media")
        browser.get(f"/admin/rules/{data.uuid}/old/")
        with CaptureQueriesContext(connection) as queries:
            browser.get(f"/admin/rules/{data.uuid}/old/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_without_a_finished_video_there_is_nothing_to_read(committee):
    by = acting_for(committee, None)
    with pytest.raises(RecheckRefusal) as refused:
        start_recheck(by=by, pack_uuid=draft(by).uuid, now=clock.now())
    assert refused.value.code == "none"

"""Rule packs by versions: loaded once, edited as drafts, published by a second person once their own sentences pass."""

import copy
from dataclasses import replace
from datetime import timedelta

import pytest

from lms.accounts.api import NotAllowed, Role, acting_for
from lms.core import clock
from lms.core.audit import AuditEvent
from media_pipeline.packs import services
from media_pipeline.packs.forms import next_id
from media_pipeline.packs.models import PackText, RulePack
from media_pipeline.packs.selectors import pack_data, pack_in_force
from media_pipeline.packs.services import (
    give_up_pack,
    load_packs,
    publish_pack,
    return_pack,
    run_trial,
    start_pack,
    submit_pack,
    try_pack,
    withdraw_pack,
    write_rule,
    write_sentences,
)
from media_pipeline.packs.types import PackRefusal, PackState
from media_pipeline.rulepacks.api import check, current_pack
from media_pipeline.rulepacks.document import difference
from media_pipeline.rulepacks.loading import shipped_document
from tests.lms.accounts.world import NOW, build_places, make_user

pytestmark = pytest.mark.django_db


def small():
    """The shipped pack with a handful of sentences: a trial takes a second."""
    document = dict(shipped_document())
    return {**document, "sentences": {"commissioned": document["sentences"]["commissioned"][:6]}}


@pytest.fixture
def hands(db):
    places = build_places()
    load_packs(small())
    return [acting_for(make_user(places.city, Role.COMMITTEE, name=name), None) for name in ("甲", "乙")]


def shipped():
    return pack_data(RulePack.objects.get(number=1))


def draft(by):
    return start_pack(by=by, base=shipped().uuid, title="春季规则", now=NOW)


def new_rule(data, term="嘎嘎好货", **fields):
    row = {
        "id": next_id(data.content, "ABS"), "category": "ABS", "term": term, "severity": "H", "scope": "all",
        "patterns": [], "rewording": "", "from": "", "until": "",
    }  # fmt: skip
    return row | fields


def write(by, data, **fields):
    rule = new_rule(data, **fields)
    return write_rule(by=by, pack=data.uuid, seen=data.text, rule=rule, note="加一条", now=NOW)


def refused(act, **said):
    with pytest.raises(PackRefusal) as caught:
        act(**said)
    return caught.value.code


def test_the_loader_publishes_ours_once_and_never_over_what_people_published(hands):
    assert load_packs(small()) == 0
    assert (shipped().state, shipped().effective_from) == (PackState.PUBLISHED, clock.today())
    data = write(hands[0], draft(hands[0]))
    try_pack(by=hands[0], pack=data.uuid, now=NOW)
    submit_pack(by=hands[0], pack=data.uuid, now=NOW)
    publish_pack(by=hands[1], pack=data.uuid, effective_from=clock.today(), now=NOW)
    newer = copy.deepcopy(small())
    newer["rules"][0]["rewording"] = "换个说法"
    assert load_packs(newer) == 1
    assert RulePack.objects.get(number=3).state == PackState.DRAFT
    assert any(item.rule == "ABS-50" for item in check(pack_in_force(), "这是嘎嘎好货", None))


def test_a_draft_goes_to_force_by_two_people_and_back(hands):
    writer, second = hands
    data = draft(writer)
    assert refused(submit_pack, by=writer, pack=data.uuid, now=NOW) == "untried"
    data = write(writer, data)
    data = try_pack(by=writer, pack=data.uuid, now=NOW)
    assert data.trial is not None
    assert data.trial["passed"]
    submit_pack(by=writer, pack=data.uuid, now=NOW)
    day = clock.today() + timedelta(days=3)
    assert refused(publish_pack, by=writer, pack=data.uuid, effective_from=day, now=NOW) == "hands"
    assert refused(publish_pack, by=second, pack=data.uuid, effective_from=day - timedelta(days=9), now=NOW) == "past"
    publish_pack(by=second, pack=data.uuid, effective_from=day, now=NOW)
    text = "这是嘎嘎好货"
    assert check(pack_in_force(day - timedelta(days=1)), text, None) == []
    assert [item.rule for item in check(pack_in_force(day), text, None)] == ["ABS-50"]
    assert refused(withdraw_pack, by=second, pack=data.uuid, reason=" ", now=NOW) == "reason"
    withdraw_pack(by=second, pack=data.uuid, reason="误伤", now=NOW)
    assert check(pack_in_force(day), text, None) == []
    actions = list(AuditEvent.objects.filter(subject_kind="rule_pack").values_list("action", flat=True))
    assert {"rule_pack_written", "rule_pack_tried", "rule_pack_review", "rule_pack_published"} <= set(actions)


def test_a_pack_that_fails_its_own_sentences_is_not_sent(hands):
    data = draft(hands[0])
    marked = "# ABS\nN core - 这是{最好}的茶。"
    assert refused(write_sentences, by=hands[0], pack=data.uuid, seen=data.text, marked=marked, note="x", now=NOW) == (
        "marks"
    )
    data = write_sentences(
        by=hands[0], pack=data.uuid, seen=data.text, marked=marked.replace("{最好}", "最好"), note="x", now=NOW
    )
    data = try_pack(by=hands[0], pack=data.uuid, now=NOW)
    assert data.trial is not None
    assert data.trial["sets"]["own"]["alarmed"] == ["own-N-ABS-01"]
    assert refused(submit_pack, by=hands[0], pack=data.uuid, now=NOW) == "failed"


def test_a_changed_text_is_tried_again_and_an_old_screen_is_refused(hands):
    data = draft(hands[0])
    try_pack(by=hands[0], pack=data.uuid, now=NOW)
    newer = write(hands[0], data)
    assert newer.trial is None
    assert refused(submit_pack, by=hands[0], pack=data.uuid, now=NOW) == "untried"
    assert refused(write, by=hands[1], data=data) == "newer"
    assert refused(
        write_rule, by=hands[0], pack=data.uuid, seen=newer.text, rule=newer.content["rules"][0], note="", now=NOW
    ) == "same"  # fmt: skip
    assert refused(write, by=hands[0], data=newer, patterns=["(好+)+"]) == "faults"


def test_a_reviewer_returns_with_a_reason_and_published_text_stays(hands):
    data = write(hands[0], draft(hands[0]))
    try_pack(by=hands[0], pack=data.uuid, now=NOW)
    submit_pack(by=hands[0], pack=data.uuid, now=NOW)
    assert refused(write, by=hands[0], data=data) == "state"
    assert refused(return_pack, by=hands[1], pack=data.uuid, reason="", now=NOW) == "reason"
    return_pack(by=hands[1], pack=data.uuid, reason="太宽", now=NOW)
    give_up_pack(by=hands[0], pack=data.uuid, now=NOW)
    assert refused(write, by=hands[0], data=shipped()) == "state"
    with pytest.raises(TypeError):
        PackText.objects.all()[0].delete()


def test_a_pattern_that_hangs_is_ended_and_named(monkeypatch):
    monkeypatch.setattr(services, "_TRIAL", replace(services._TRIAL, cpu_s=4))
    document = copy.deepcopy(dict(small()))
    document["rules"][0]["patterns"] = ["(?:好|好)*茶"]
    with pytest.raises(PackRefusal) as caught:
        run_trial(document)
    assert caught.value.code == "slow"
    assert "ABS-01" in caught.value.message


def test_nobody_else_writes_or_publishes(hands):
    base = shipped().uuid
    with pytest.raises(NotAllowed):
        start_pack(by=replace(hands[0], role=Role.EXAMINER), base=base, title="x", now=NOW)


def test_without_any_pack_the_shipped_one_is_in_force(db):
    assert pack_in_force() is current_pack()


def test_the_difference_names_rules_parts_and_sentences(hands):
    data = write(hands[0], draft(hands[0]))
    found = difference(shipped().content, data.content)
    assert [(change.id, change.kind) for change in found.rules] == [("ABS-50", "added")]
    assert (found.parts, found.sentences) == ((), (0, 0))

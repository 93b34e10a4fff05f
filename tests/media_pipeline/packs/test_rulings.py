"""How often each rule was right, by version."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.accounts.api import Role
from media_pipeline.packs.logic import wilson
from media_pipeline.packs.models import RulePack
from media_pipeline.packs.rulings import RuledFinding, precisions, record_rulings
from media_pipeline.packs.selectors import pack_data
from media_pipeline.packs.services import load_packs
from media_pipeline.rulepacks.document import version_of
from media_pipeline.rulepacks.loading import shipped_document
from tests.lms.accounts.world import NOW, build_places, make_user, signed_in


def test_the_interval_is_wilsons():
    low, high = wilson(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert wilson(0, 3)[0] == 0.0
    assert round(wilson(3, 3)[0], 3) == 0.438
    with pytest.raises(ValueError, match="0 of 0"):
        wilson(0, 0)


@given(st.integers(1, 500).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_the_interval_holds_the_share(counts):
    low, high = wilson(*counts)
    assert 0.0 <= low <= counts[0] / counts[1] <= high <= 1.0


@pytest.mark.django_db
def test_rulings_are_counted_once_by_rule_and_version_and_shown_on_the_pack():
    places = build_places()
    document = shipped_document()
    few = [rule for rule in document["rules"] if rule["id"] == "ABS-06"]
    load_packs({**document, "rules": few, "sentences": {}})
    here = version_of(pack_data(RulePack.objects.get()).content, None)
    panel = uuid4()
    said = [RuledFinding(1, "ABS-06", False, True), RuledFinding(2, "ABS-06", False, False)]
    for _ in range(2):
        record_rulings(panel=panel, version=here, ruled=said, now=NOW)
    other = [RuledFinding(1, "ABS-06", False, True), RuledFinding(2, "ABS-06", True, False)]
    record_rulings(panel=uuid4(), version="old", ruled=other, now=NOW)
    assert [(one.version, one.confirmed, one.judged, one.suspected) for one in precisions()] == [
        (here, 1, 2, 0),
        ("old", 1, 1, 1),
        ("", 2, 3, 1),
    ]
    committee = signed_in(make_user(places.city, Role.COMMITTEE, name="甲"))
    page = committee.get(f"/admin/rules/{RulePack.objects.get().uuid}/")
    lines = [(line.version, line.here, line.figures) for line in page.context["page"].precision]
    assert lines == [("", False, "2/3 (66.7%)"), ("old", False, "1/1 (100.0%)"), (here, True, "1/2 (50.0%)")]
    assert "21%–94%" in page.content.decode()

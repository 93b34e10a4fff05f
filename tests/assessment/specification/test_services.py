import json
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import yaml

import assessment.marking
from assessment.api import (
    NoSpecification,
    Part,
    SpecificationRefusal,
    approve_specification,
    approved_specification,
    load_specifications,
    specification,
    specifications,
    waiting_specifications,
)
from assessment.papers.selectors import named_blueprint
from assessment.papers.services import load_blueprints
from assessment.specification.models import AssessmentSpecification, SpecificationApproval
from assessment.specification.selectors import versions
from assessment.specification.services import _FILE, add_specification_version
from lms.accounts.api import INSTALLATION, Acting, NotAllowed, Role, acting_for
from lms.core.audit import events_of
from lms.core.reference import content_hash
from lms.core.types import Level
from tests.lms.accounts.world import NOW, Places, build_places, make_user, signed_in


@pytest.fixture
def places(db: None) -> Places:
    load_specifications()
    return build_places()


def bureau(place: Any) -> Acting:
    return acting_for(make_user(place, Role.HR_BUREAU), None)


def demonstration(level: Level = Level.ELEMENTARY) -> AssessmentSpecification:
    newest: AssessmentSpecification
    newest = AssessmentSpecification.objects.filter(key="demonstration", level=int(level)).latest("version")
    return newest


@pytest.mark.req("S1-19")
def test_nothing_is_examined_without_an_approved_version(places: Places) -> None:
    with pytest.raises(NoSpecification):
        approved_specification("demonstration", Level.ELEMENTARY)
    city = bureau(places.city)
    assert waiting_specifications(city) == 4
    data = approve_specification(by=city, specification=demonstration().uuid, now=NOW)
    assert data.approved
    assert approved_specification("demonstration", Level.ELEMENTARY) == data
    assert (data.trial, [rule.part for rule in data.parts]) == (True, [Part.THEORY, Part.VIDEO])
    assert waiting_specifications(city) == 3
    assert [event.action for event in events_of(data.uuid)] == ["specification_approved"]
    with pytest.raises(NoSpecification):
        approved_specification("demonstration", Level.ADVANCED)


@pytest.mark.req("S1-20")
def test_a_change_is_a_new_version_and_old_ones_stay(places: Places) -> None:
    first = approve_specification(by=INSTALLATION, specification=demonstration().uuid, now=NOW)
    said = demonstration().content
    same = add_specification_version(said, now=NOW)
    assert same.uuid == first.uuid
    second = add_specification_version({**said, "quorum": {"minimum": 5}}, now=NOW)
    assert (second.version, second.approved) == (3, False)
    assert approved_specification("demonstration", Level.ELEMENTARY).uuid == first.uuid
    shown = [data.version for data in specifications() if data.key == "demonstration" and data.level == 5]
    assert shown == [2, 3]
    approve_specification(by=INSTALLATION, specification=second.uuid, now=NOW)
    assert approved_specification("demonstration", Level.ELEMENTARY).quorum.minimum == 5
    assert specification(first.uuid).quorum.minimum == 3


def test_approving_is_once_and_never_backwards(places: Places) -> None:
    first = demonstration()
    second = add_specification_version({**first.content, "note": "二"}, now=NOW)
    approve_specification(by=INSTALLATION, specification=second.uuid, now=NOW)
    with pytest.raises(SpecificationRefusal) as refusal:
        approve_specification(by=INSTALLATION, specification=second.uuid, now=NOW)
    assert refusal.value.code == "approved"
    with pytest.raises(SpecificationRefusal) as refusal:
        approve_specification(by=INSTALLATION, specification=first.uuid, now=NOW)
    assert refusal.value.code == "newer"
    with pytest.raises(NoSpecification):
        approve_specification(by=INSTALLATION, specification=uuid4(), now=NOW)
    with pytest.raises(TypeError, match="written once"):
        SpecificationApproval.objects.update(by=None)


@pytest.mark.req("S2-47")
def test_only_the_bureau_at_the_top_approves(places: Places) -> None:
    for acting in (bureau(places.bureau), acting_for(make_user(places.city, Role.INSPECTOR), None)):
        assert waiting_specifications(acting) == 0
        with pytest.raises(NotAllowed):
            approve_specification(by=acting, specification=demonstration().uuid, now=NOW)


def test_loading_again_changes_nothing(places: Places) -> None:
    assert load_specifications() == 0


def test_the_demonstration_has_its_history(places: Places) -> None:
    second, first = versions("demonstration", Level.ELEMENTARY)
    assert [rule.part for rule in first.parts] == [Part.VIDEO]
    assert [(rule.part, rule.weight, rule.pass_mark) for rule in second.parts] == [
        (Part.THEORY, Decimal(30), Decimal(60)),
        (Part.VIDEO, Decimal(70), Decimal(60)),
    ]


def test_an_installation_of_the_first_version_gets_the_second_and_nothing_beneath(places: Places) -> None:
    AssessmentSpecification.objects.filter(key="demonstration", version=2)._raw_delete("default")
    assert load_specifications() == 3
    assert [data.version for data in versions("demonstration", Level.ELEMENTARY)] == [2, 1]


def test_theory_names_its_blueprint_by_the_hash_it_has(places: Places) -> None:
    load_blueprints()
    for data in specifications():
        for rule in data.parts:
            if rule.part is Part.THEORY:
                assert named_blueprint(rule.blueprint_key, rule.blueprint_hash).level == data.level


def test_rubrics_are_named_by_the_hash_they_have() -> None:
    from pathlib import Path

    file = Path(assessment.marking.__file__).parent / "data" / "rubrics.yaml"
    rubrics = yaml.safe_load(file.read_text(encoding="utf-8"))
    known = {entry["key"]: content_hash(json.dumps(entry, ensure_ascii=False, sort_keys=True)) for entry in rubrics}
    frame = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    for part in [part for entry in (*frame["specifications"], *frame["earlier"]) for part in entry["parts"]]:
        assert part["part"] == "theory" or known[part["rubric_key"]] == part["rubric_hash"]


def test_pages_and_approval_in_the_browser(places: Places) -> None:
    row = demonstration()
    address = f"/specifications/{row.uuid}/"
    trainee = signed_in(make_user(places.school, Role.TRAINEE))
    assert "直播销售员初级演示评价规范" in trainee.get("/specifications/").content.decode()
    assert "批准这一版" not in trainee.get(address).content.decode()
    assert trainee.post(address + "approve/").status_code == 403
    assert signed_in(make_user(places.bureau, Role.HR_BUREAU)).post(address + "approve/").status_code == 403
    assert signed_in(make_user(places.city, Role.ADMINISTRATOR)).get(address).status_code == 403
    city = signed_in(make_user(places.city, Role.HR_BUREAU))
    assert city.get("/specifications/00000000-0000-4000-8000-000000000000/").status_code == 404
    assert "批准这一版" in city.get(address).content.decode()
    assert city.post(address + "approve/", follow=True).status_code == 200
    page = city.post(address + "approve/", follow=True).content.decode()
    assert "这一版已经批准了" in page
    assert "批准这一版" not in page

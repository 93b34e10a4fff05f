"""Results by role: hers explained, the desk's lists and acts."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from assessment.marking.types import Centre, OutcomeData
from assessment.results import explaining
from assessment.results.models import GradeDecision, GradeStanding
from assessment.results.selectors import waiting_results
from assessment.specification.types import Part
from lms.core import holdings
from tests.assessment.results.world import SERIOUS, Examined, confirmed, examined, mark, outcome_of, released
from tests.media_pipeline.cast import Cast, finish

BOTH = ((Part.THEORY, "30", "60"), (Part.VIDEO, "70", "60"))


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> dict[UUID, OutcomeData]:
    """What marking would answer, by outcome."""
    answers: dict[UUID, OutcomeData] = {}
    monkeypatch.setattr(explaining, "outcome", answers.__getitem__)
    return answers


@pytest.fixture
def case(cast: Cast, tmp_path: Any) -> Examined:
    made = examined(cast)
    finish(made.asset, tmp_path)
    return made


def judged(case: Examined, told: dict[UUID, OutcomeData], value: str = "56.0", **changes: Any) -> GradeDecision:
    uuid = uuid4()
    told[uuid] = outcome_of(case, uuid, **({"mark": Decimal(value)} | changes))
    return mark(case, value, outcome=uuid, proposed_fail=bool(changes.get("proposed_fail")))


def passing(case: Examined, told: dict[UUID, OutcomeData]) -> GradeDecision:
    return judged(case, told, "82.0", centre=Decimal("82.0"), deductions=[], deducted=0, dismissed=2)


def page(client: Client, decision: GradeDecision) -> str:
    answer = client.get(f"/results/{decision.uuid}/")
    assert answer.status_code == 200
    return answer.content.decode()


def headings(text: str) -> list[str]:
    """The order of the page, whatever the outcome."""
    marks = ("result-title", "next-title", "player-video", "criteria-title", "reason-title", "legal")
    return sorted((mark for mark in marks if mark in text), key=text.index)


@pytest.mark.req("S2-33")
def test_a_fail_is_explained_with_sum_reason_and_time(
    cast: Cast, case: Examined, told: dict[UUID, OutcomeData]
) -> None:
    text = page(cast.client("owner"), released(cast, judged(case, told)))
    for words in (
        "本次未通过",
        "差4.0分",
        "66.0",
        "−10.0",
        "56.0 不合格",
        "为什么扣10分",
        "《广告法》第十七条",
        "3.0/10",
    ):
        assert words in text, words
    assert "3位考评员中2位听后确认" in text
    assert "每处扣10分，最多扣30分" in text
    assert 'data-seek="41"' in text
    assert f"/evidence/{case.asset.blind_code}/video" in text
    assert "视频作品可以补考" in text
    assert "申诉" not in text


def test_a_pass_has_the_same_order(cast: Cast, case: Examined, told: dict[UUID, OutcomeData]) -> None:
    failed = page(cast.client("owner"), released(cast, judged(case, told)))
    passed = page(cast.client("owner"), released(cast, passing(case, told)))
    assert "恭喜通过！" in passed
    assert "良好" in passed
    assert headings(passed) == headings(failed)
    assert len(headings(passed)) == 6


def test_a_grave_breach_says_that_it_rules_out_a_pass(
    cast: Cast, case: Examined, told: dict[UUID, OutcomeData]
) -> None:
    from dataclasses import replace

    grave = replace(SERIOUS, severity="B", severity_label="否决", points=None, by_chief=True)
    decision = judged(
        case,
        told,
        "92.0",
        centre=Decimal("95.0"),
        removed=Decimal("3.0"),
        deductions=[grave],
        deducted=0,
        proposed_fail=True,
        reason="听过原话，属于治疗功效宣传",
    )
    text = page(cast.client("owner"), released(cast, decision))
    for words in ("为什么不合格", "−3.0", "92.0 不合格", "听过原话，属于治疗功效宣传", "组长裁定"):
        assert words in text, words


def test_arbitration_and_theory_are_named(cast: Cast, told: dict[UUID, OutcomeData], tmp_path: Any) -> None:
    case = examined(cast, *BOTH)
    finish(case.asset, tmp_path)
    judged(case, told, method=Centre.MEDIAN, reason="分差过大")
    text = page(cast.client("owner"), released(cast, mark(case, "86.0", part=Part.THEORY)))
    for words in ("86.0 合格", "仲裁后取中位数", "不能互相抵补", "65.0"):
        assert words in text, words


def test_every_reason_of_the_policy_is_shown(cast: Cast, case: Examined, told: dict[UUID, OutcomeData]) -> None:
    from lms.policies.api import decision_card

    decision = released(cast, judged(case, told, proposed_fail=True))
    text = page(cast.client("owner"), decision)
    card = decision_card(decision.policy_decision)
    assert len(card.reasons) == 2
    for reason in card.reasons:
        assert reason.title in text
        assert reason.required in text
        assert reason.found in text
    assert card.policy in text


def test_before_the_release_there_is_nothing_to_read(cast: Cast, case: Examined, told: dict[UUID, OutcomeData]) -> None:
    decision = confirmed(cast, judged(case, told))
    owner = cast.client("owner")
    assert owner.get(f"/results/{decision.uuid}/").status_code == 404
    assert owner.get(f"/evidence/{case.asset.blind_code}/").status_code == 404
    assert "还没有成绩" in owner.get("/results/").content.decode()
    assert [
        holding.rows for holding in holdings.held_about(case.candidacy.person, None) if holding.title == "成绩"
    ] == [[]]


def test_after_the_release_only_she_reads_her_page_and_evidence(
    cast: Cast, case: Examined, told: dict[UUID, OutcomeData]
) -> None:
    decision = released(cast, judged(case, told))
    paths = [
        f"/results/{decision.uuid}/",
        f"/evidence/{case.asset.blind_code}/",
        f"/evidence/{case.asset.blind_code}/video",
    ]
    assert [cast.client("owner").get(path).status_code for path in paths] == [200, 200, 200]
    assert [cast.client("colleague").get(path).status_code for path in paths] == [404, 404, 404]
    assert case.candidacy.class_name in cast.client("owner").get("/results/").content.decode()
    assert case.candidacy.class_name not in cast.client("colleague").get("/results/").content.decode()
    held = [holding for holding in holdings.held_about(case.candidacy.person, None) if holding.title == "成绩"]
    assert [len(holding.rows) for holding in held] == [1]


def test_the_link_without_javascript_opens_at_the_second(
    cast: Cast, case: Examined, told: dict[UUID, OutcomeData]
) -> None:
    decision = released(cast, judged(case, told))
    text = cast.client("owner").get(f"/results/{decision.uuid}/?t=41").content.decode()
    assert "video#t=41" in text
    assert cast.client("owner").get(f"/results/{decision.uuid}/?t=nan").status_code == 200


@pytest.mark.parametrize(
    "who,listed,shown",
    (
        ("chief", 200, 200),
        ("bureau", 200, 200),
        ("inspector", 200, 404),
        ("school_admin", 200, 404),
        ("other_admin", 200, 404),
        ("owner", 200, 404),
        ("examiner", 403, 403),
        ("instructor", 403, 403),
        ("administrator", 403, 403),
    ),
)
def test_every_address_answers_as_the_matrix_says(
    cast: Cast, case: Examined, told: dict[UUID, OutcomeData], who: str, listed: int, shown: int
) -> None:
    decision = judged(case, told)
    client = cast.client(who)
    assert client.get("/results/").status_code == listed
    assert client.get(f"/results/{decision.uuid}/").status_code == shown
    if who not in {"chief", "bureau"}:
        for act in ("confirm", "release"):
            assert client.post(f"/results/{decision.uuid}/{act}/").status_code == 403
            assert client.post(f"/results/{act}/", {"decision": [str(decision.uuid)]}).status_code == 403
    assert Client().get(f"/results/{decision.uuid}/").status_code == 302


def test_a_chief_sees_codes_and_the_bureau_masked_names(
    cast: Cast, case: Examined, told: dict[UUID, OutcomeData]
) -> None:
    decision = judged(case, told)
    blind = cast.client("chief").get("/results/?show=confirm").content.decode() + page(cast.client("chief"), decision)
    assert case.asset.blind_code in blind
    for secret in ("林晓燕", "林*燕", case.candidacy.class_name, "连江县职业中学", str(case.candidacy.person)):
        assert secret not in blind, secret
    named = cast.client("bureau").get("/results/?show=confirm").content.decode() + page(cast.client("bureau"), decision)
    assert "林*燕" in named
    assert "林晓燕" not in named


def test_an_institution_sees_what_was_released_without_the_evidence(
    cast: Cast, case: Examined, told: dict[UUID, OutcomeData]
) -> None:
    decision = released(cast, judged(case, told))
    school = cast.client("school_admin")
    assert "林*燕" in school.get("/results/").content.decode()
    text = page(school, decision)
    assert f"/evidence/{case.asset.blind_code}" not in text
    assert cast.client("other_admin").get(f"/results/{decision.uuid}/").status_code == 404


def test_confirm_and_release_by_the_pages(cast: Cast, case: Examined, told: dict[UUID, OutcomeData]) -> None:
    decision = judged(case, told)
    chief, bureau = cast.client("chief"), cast.client("bureau")
    assert [waiting_results(cast.acting(who)) for who in ("chief", "bureau", "inspector", "owner")] == [1, 0, 0, 0]
    assert chief.post(f"/results/{decision.uuid}/confirm/").status_code == 302
    again = chief.post(f"/results/{decision.uuid}/confirm/")
    assert again.status_code == 422
    assert "刚被别人处理过" in again.content.decode()
    assert [waiting_results(cast.acting(who)) for who in ("chief", "bureau")] == [1, 1]
    assert bureau.post("/results/release/", {"decision": [str(decision.uuid)]}).status_code == 302
    assert GradeStanding.objects.get().state == "published"
    refused = bureau.post("/results/release/", {"decision": [str(decision.uuid)]})
    assert refused.status_code == 422
    assert waiting_results(cast.acting("bureau")) == 0


def test_nothing_selected_is_said(cast: Cast, case: Examined, told: dict[UUID, OutcomeData]) -> None:
    judged(case, told)
    answer = cast.client("chief").post("/results/confirm/", {})
    assert answer.status_code == 422
    assert "请至少选一项" in answer.content.decode()
    assert cast.client("chief").post("/results/confirm/", {"decision": ["x"]}).status_code == 422
    assert cast.client("chief").post("/results/confirm/", {"decision": [str(uuid4())]}).status_code == 404


def test_a_replaced_result_leads_to_the_one_that_stands(
    cast: Cast, case: Examined, told: dict[UUID, OutcomeData]
) -> None:
    first = released(cast, judged(case, told))
    second = released(cast, passing(case, told))
    owner = cast.client("owner")
    text = page(owner, first)
    assert f"/results/{second.uuid}/" in text
    assert "本次未通过" in text
    mine = owner.get("/results/").content.decode()
    assert str(second.uuid) in mine
    assert str(first.uuid) not in mine


def test_the_list_asks_as_often_for_three_as_for_one(
    cast: Cast, case: Examined, told: dict[UUID, OutcomeData], django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from assessment.results.selectors import results_page

    judged(case, told)
    counts = {}
    for who in ("chief", "bureau"):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            results_page(cast.acting(who), shelf="confirm")
        counts[who] = len(asked)
    for other in ("colleague", "stranger"):
        more = examined(cast, who=other)
        judged(more, told)
    for who in ("chief", "bureau"):
        acting = cast.acting(who)
        with CaptureQueriesContext(connection) as asked:
            found = results_page(acting, shelf="confirm")
        assert len(found.rows) == 3
        assert len(asked) <= counts[who]

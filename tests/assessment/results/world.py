"""A candidacy under the demonstration's rules, marks without a panel, and an outcome as marking would tell it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from assessment.api import CandidacyData, SubmissionData, submission_for_asset
from assessment.marking.services import load_rubrics
from assessment.marking.types import Centre, OutcomeCriterion, OutcomeData, OutcomeDeduction, OutcomeSheet
from assessment.results.models import GradeDecision
from assessment.results.services import confirm_grade, receive_mark, release_grade
from assessment.specification.selectors import specification
from assessment.specification.services import add_specification_version, approve_specification
from assessment.specification.types import Part
from lms.accounts.api import INSTALLATION
from lms.core import clock
from lms.core.types import Level
from lms.policies.api import load_profiles, profile_in_force
from media_pipeline.assets.models import MediaAsset
from tests.assessment.people import open_candidacy
from tests.media_pipeline.cast import NOW, Cast, hand_in

RUBRIC = ("selling_video_l5", "a5618240cefbf7d0ceac4842b047a5b17b330e51b285b2769e4b56551cd9bf5b")
CRITERIA = (
    ("C1", "开场与定位", 10, "7.5"),
    ("C2", "产品讲解", 20, "16.5"),
    ("C3", "展示与演示", 15, "11.0"),
    ("C4", "语言与形象", 15, "11.5"),
    ("C5", "互动", 5, "3.5"),
    ("C7", "售后承诺与合规", 10, "3.0"),
    ("C9", "画面与声音", 15, "13.0"),
)


@dataclass(frozen=True)
class Examined:
    """Somebody whose work is handed in and waits for its mark."""

    candidacy: CandidacyData
    asset: MediaAsset
    submission: SubmissionData


def rules(*parts: tuple[Part, str, str]) -> UUID:
    """An approved specification with these parts (part, weight, pass mark); by default the video alone."""
    content: dict[str, Any] = {
        "key": "test",
        "level": 5,
        "title": "初级试用规范",
        "trial": True,
        "parts": [
            {
                "part": part,
                "weight": weight,
                "pass_mark": pass_mark,
                "resits": None,
                "rubric_key": RUBRIC[0] if part is Part.VIDEO else "",
                "rubric_hash": RUBRIC[1] if part is Part.VIDEO else "",
                "blueprint_key": "law" if part is Part.THEORY else "",
                "blueprint_hash": "b" * 64 if part is Part.THEORY else "",
            }
            for part, weight, pass_mark in parts or ((Part.VIDEO, "100", "60"),)
        ],
        "quorum": {"minimum": 3, "odd": True, "spread_limit": "15"},
        "papers": ["skill_level_certificate"],
    }
    made = add_specification_version(content, now=NOW)
    if not specification(made.uuid).approved:
        approve_specification(by=INSTALLATION, specification=made.uuid, now=NOW)
    return made.uuid


def examined(cast: Cast, *parts: tuple[Part, str, str], who: str = "owner", **changes: Any) -> Examined:
    """A candidacy under the demonstration's profile, and a work handed in under it."""
    load_profiles()
    load_rubrics()
    law = profile_in_force("demonstration", clock.today())
    candidacy = open_candidacy(
        cast, who, **({"profile": law.uuid, "specification": rules(*parts), "level": Level.ELEMENTARY} | changes)
    )
    asset = hand_in(cast, who)
    submission = submission_for_asset(asset.uuid)
    assert submission
    return Examined(candidacy, asset, submission)


def mark(
    case: Examined,
    value: str = "82.0",
    *,
    part: Part = Part.VIDEO,
    proposed_fail: bool = False,
    outcome: UUID | None = None,
    attempt: UUID | None = None,
) -> GradeDecision:
    """One part has its mark."""
    made = receive_mark(
        candidacy=case.candidacy.uuid,
        part=part,
        mark=Decimal(value),
        proposed_fail=proposed_fail,
        outcome=outcome or uuid4(),
        submission=case.submission.uuid if part is Part.VIDEO else None,
        attempt=attempt,
        now=NOW,
    )
    assert made
    return made


def confirmed(cast: Cast, decision: GradeDecision) -> GradeDecision:
    return confirm_grade(by=cast.acting("chief"), decision=decision.uuid, now=NOW)


def released(cast: Cast, decision: GradeDecision) -> GradeDecision:
    """Confirmed by the chief and released by the county's bureau."""
    confirmed(cast, decision)
    return release_grade(by=cast.acting("bureau"), decision=decision.uuid, now=NOW)


SERIOUS = OutcomeDeduction(
    number=1,
    severity="H",
    severity_label="严重",
    tone="bad",
    category_name="普通食品宣称疾病治疗功能",
    law="《广告法》第十七条；处罚见第五十八条",
    law_note="",
    rule="MED-012",
    quote="降血压",
    start_s=41.0,
    end_s=46.0,
    points=10,
    confirmed=2,
    asked=3,
    by_chief=False,
)


def outcome_of(case: Examined, uuid: UUID, **changes: Any) -> OutcomeData:
    """What marking tells of the work: 66.0 by mean, one serious breach, 56.0."""
    fields: dict[str, Any] = {
        "uuid": uuid,
        "submission": case.submission.uuid,
        "candidacy": case.candidacy.uuid,
        "asset": case.asset.uuid,
        "code": case.asset.blind_code,
        "level": 5,
        "specification": case.candidacy.specification,
        "rubric_key": RUBRIC[0],
        "rubric_version": 1,
        "rubric_hash": RUBRIC[1],
        "rubric_title": "初级评分标准",
        "evidence_hash": "e" * 64,
        "engine_line": "",
        "method": Centre.MEAN,
        "method_label": "各份评分表的平均",
        "spread": Decimal("4.0"),
        "sheets": [
            OutcomeSheet(label, Decimal(total), True, "a" * 64)
            for label, total in (("甲", "68.0"), ("乙", "64.0"), ("丙", "66.0"))
        ],
        "criteria": [
            OutcomeCriterion(code, title, Decimal(maximum), Decimal(mean), "pass", "合格")
            for code, title, maximum, mean in CRITERIA
        ],
        "centre": Decimal("66.0"),
        "removed": Decimal(0),
        "removed_title": "售后承诺与合规",
        "deductions": [SERIOUS],
        "deducted": 10,
        "dismissed": 0,
        "mark": Decimal("56.0"),
        "maximum": Decimal(100),
        "grade": "fail",
        "grade_label": "不合格",
        "proposed_fail": False,
        "signed_by": None,
        "reason": "",
        "at": NOW,
        "content_hash": "c" * 64,
    }
    return OutcomeData(**(fields | changes))

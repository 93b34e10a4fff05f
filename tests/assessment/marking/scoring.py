"""A work handed in for an examination, filed examiners and their sheets, by the real services."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from assessment.api import (
    CandidacyData,
    PanelState,
    SheetChanges,
    allocate,
    save_sheet,
    submission_for_asset,
    submit_sheet,
)
from assessment.examiners.models import Examiner
from assessment.marking.models import Panel, ScoreSheet
from assessment.marking.selectors.sheets import entered
from assessment.marking.services import load_rubrics
from assessment.specification.models import AssessmentSpecification
from assessment.specification.services import approve_specification, load_specifications
from lms.accounts.api import INSTALLATION, Acting, Role, record_consent, texts_in_force
from lms.core import clock
from lms.policies.api import load_profiles, profile_in_force
from media_pipeline.assets.models import MediaAsset
from tests.assessment.people import body_of, filed, member, open_candidacy, person_of
from tests.media_pipeline.cast import NOW, SENTENCES, Cast, finish, hand_in

# The first two are of the standing cast.
EXAMINERS = ("examiner", "examiner2", "examiner3", "examiner4", "examiner5", "examiner6")
QUIET = ("大家好，欢迎来到直播间。", "这款茶叶产自连江。", "不喜欢可以退，支持七天无理由。")
# One finding of severity H; the sentences of the cast have one of B (1) and one of H (2).
SERIOUS = ("大家好，欢迎来到直播间。", "这是全网最低价，大家可以去比。")


def with_examiners(cast: Cast, count: int = 3) -> list[str]:
    """So many filed examiners of the city's body, each with an identity record; those there are, stay."""
    for name in EXAMINERS[:count]:
        if name not in cast.users:
            newcomer(cast, name)
        if not Examiner.objects.filter(user=cast.uuid(name)).exists():
            person_of(cast, name)
            filed(cast, name)
    return list(EXAMINERS[:count])


def newcomer(cast: Cast, name: str) -> None:
    """A login for one more examiner of the body."""
    cast.users[name] = member(body_of(cast), Role.EXAMINER, f"考评{name[-1]}")


def ready_work(
    cast: Cast, folder: Path, who: str = "owner", sentences: tuple[str, ...] = SENTENCES, **changes: Any
) -> tuple[MediaAsset, CandidacyData]:
    """A finished work of somebody with a candidacy under version 1 of the demonstration's specification: the video alone."""
    candidacy = examined(cast, who, **changes)
    return finish(hand_in(cast, who), folder, sentences), candidacy


def examined(cast: Cast, who: str = "owner", **changes: Any) -> CandidacyData:
    """The candidacy alone, before anything is handed in."""
    load_rubrics()
    load_specifications()
    rules = AssessmentSpecification.objects.get(key="demonstration", level=5, version=1)
    if not hasattr(rules, "approval"):
        approve_specification(by=INSTALLATION, specification=rules.uuid, now=NOW)
    load_profiles()
    law = profile_in_force("demonstration", clock.today())
    candidacy = open_candidacy(cast, who, specification=rules.uuid, profile=law.uuid, **changes)
    for text in texts_in_force():
        record_consent(by=cast.acting(who), person=person_of(cast, who), text=text.uuid, given=True, now=NOW)
    return candidacy


def panel_for_work(asset: MediaAsset) -> Panel:
    """The panel of a work after an allocation."""
    work = submission_for_asset(asset.uuid)
    assert work
    allocate(submission=work.uuid, now=NOW)
    return Panel.objects.get(asset=asset.uuid)


def scoring_panel(
    cast: Cast, folder: Path, *, examiners: int = 3, sentences: tuple[str, ...] = SENTENCES, **changes: Any
) -> Panel:
    """A panel whose examiners score."""
    with_examiners(cast, examiners)
    panel = panel_for_work(ready_work(cast, folder, sentences=sentences, **changes)[0])
    assert panel.state == PanelState.SCORING
    return panel


def seated(cast: Cast, panel: Panel) -> list[str]:
    """Who sits on a panel, in the order of the seats."""
    names = {user.uuid: name for name, user in cast.users.items()}
    sheets = panel.sheets.exclude(state__in=["withdrawn", "conflict_declared"]).order_by("seat")
    return [names[sheet.examiner_user] for sheet in sheets]


def sheet_of(cast: Cast, panel: Panel, who: str) -> ScoreSheet:
    return ScoreSheet.objects.get(panel=panel, examiner_user=cast.uuid(who))


def scores_for(panel: Panel, total: str) -> dict[str, str]:
    """Scores that add up to a total, the first criteria full."""
    left = Decimal(total)
    scores = {}
    for entry in panel.rubric.content["criteria"]:
        if entry["maximum"]:
            given = min(left, Decimal(entry["maximum"]))
            scores[entry["code"]] = str(given)
            left -= given
    assert not left
    return scores


def filled(
    cast: Cast, panel: Panel, who: str, total: str, verdicts: Mapping[int, str] | str = "dismiss"
) -> SheetChanges:
    """A whole sheet: every score, every finding ruled on."""
    numbers = [finding.number for finding in entered(sheet_of(cast, panel, who)).findings]
    said = {number: verdicts if isinstance(verdicts, str) else verdicts[number] for number in numbers}
    return SheetChanges(
        scores=scores_for(panel, total),
        rulings={number: (verdict, "听过原声") for number, verdict in said.items()},
    )


def save(by: Acting, panel: Panel, changes: SheetChanges, *, revision: int = 0, now: Any = NOW) -> Any:
    return save_sheet(by=by, code=panel.code, changes=changes, revision=revision, now=now)


def score(
    cast: Cast, panel: Panel, who: str, total: str, verdicts: Mapping[int, str] | str = "dismiss", now: Any = NOW
) -> None:
    """Fill a sheet and hand it in."""
    revision = sheet_of(cast, panel, who).revision
    acting = cast.acting(who)
    receipt = save(acting, panel, filled(cast, panel, who, total, verdicts), revision=revision, now=now)
    assert receipt.errors == {}
    submit_sheet(by=acting, code=panel.code, revision=receipt.revision, now=now)


def scored(cast: Cast, panel: Panel, *totals: str, verdicts: Mapping[int, str] | str = "dismiss") -> Panel:
    """Every seated examiner hands in, in the order of the seats."""
    for who, total in zip(seated(cast, panel), totals, strict=True):
        score(cast, panel, who, total, verdicts)
    panel.refresh_from_db()
    return panel

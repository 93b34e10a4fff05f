"""The pages of the specifications: the list and one version."""

from dataclasses import dataclass
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessment.specification.rules import may_approve
from assessment.specification.selectors import specification, specifications, versions
from assessment.specification.types import NoSpecification, Paper, Part, PartRule, SpecificationData
from lms.accounts.api import Acting, require


@dataclass(frozen=True)
class SpecificationRow:
    """One version in a list."""

    title: str
    level_label: str
    version_label: str
    state: str
    tone: str
    url: str
    current: bool = False


@dataclass(frozen=True)
class PartView:
    """One part in words."""

    label: str
    weight: str
    pass_mark: str
    resits: str
    named: str
    fingerprint: str


@dataclass(frozen=True)
class SpecificationPage:
    """One version as shown. `approve_url` "" where the reader may not, or nothing is left to approve."""

    head: SpecificationRow
    trial: bool
    note: str
    parts: tuple[PartView, ...]
    quorum: str
    spread: str
    papers: tuple[str, ...]
    versions: tuple[SpecificationRow, ...]
    list_url: str
    approve_url: str


def specification_list(acting: Acting) -> tuple[SpecificationRow, ...]:
    """The newest version of each, and the approved one where they differ. Raises NotAllowed."""
    require(acting, "assessment_specification", "read")
    return tuple(_row(data) for data in specifications())


def specification_page(acting: Acting, uuid: UUID) -> SpecificationPage:
    """One version. Raises NotAllowed, Http404."""
    require(acting, "assessment_specification", "read")
    try:
        data = specification(uuid)
    except NoSpecification:
        raise Http404 from None
    others = versions(data.key, data.level)
    newer = any(other.approved and other.version > data.version for other in others)
    waits = not data.approved and not newer and may_approve(acting)
    return SpecificationPage(
        head=_row(data),
        trial=data.trial,
        note=data.note,
        parts=tuple(_part(rule) for rule in data.parts),
        quorum=_quorum(data),
        spread=_("over %(points)s marks apart goes to arbitration") % {"points": data.quorum.spread_limit},
        papers=tuple(paper_label(paper) for paper in data.papers),
        versions=tuple(_row(other, shown=data) for other in others),
        list_url=reverse("assessment:specifications"),
        approve_url=reverse("assessment:specification_approve", args=[data.uuid]) if waits else "",
    )


def _row(data: SpecificationData, shown: SpecificationData | None = None) -> SpecificationRow:
    return SpecificationRow(
        title=data.title,
        level_label=data.level.rank_zh,
        version_label=_("Version %(number)s") % {"number": data.version},
        state=pgettext("specification", "Approved") if data.approved else pgettext("specification", "Not approved"),
        tone="ok" if data.approved else "warn",
        url=reverse("assessment:specification", args=[data.uuid]),
        current=shown is not None and shown.uuid == data.uuid,
    )


def _part(rule: PartRule) -> PartView:
    return PartView(
        label=part_label(rule.part),
        weight=f"{rule.weight}%",
        pass_mark=f"{rule.pass_mark}/100",
        resits=_("as the policy says") if rule.resits is None else str(rule.resits),
        named=rule.rubric_key or rule.blueprint_key,
        fingerprint=(rule.rubric_hash or rule.blueprint_hash)[:16],
    )


def _quorum(data: SpecificationData) -> str:
    words = {"number": data.quorum.minimum}
    if data.quorum.odd:
        return _("at least %(number)s examiners, an odd number") % words
    return _("at least %(number)s examiners") % words


def part_label(part: Part) -> str:
    """理论考试, 视频作品, 作业, 实际操作, 课堂表现."""
    return {
        Part.THEORY: pgettext("part", "Theory"),
        Part.VIDEO: pgettext("part", "Selling video"),
        Part.HOMEWORK: pgettext("part", "Homework"),
        Part.OPERATION: pgettext("part", "Practical operation"),
        Part.CLASS_PERFORMANCE: pgettext("part", "Class performance"),
    }[part]


def paper_label(paper: Paper) -> str:
    """结业证书, 合格证书, 职业技能等级证书."""
    return {
        Paper.COMPLETION_CERTIFICATE: pgettext("paper", "Completion certificate"),
        Paper.QUALIFICATION_CERTIFICATE: pgettext("paper", "Qualification certificate"),
        Paper.SKILL_LEVEL_CERTIFICATE: pgettext("paper", "Skill-level certificate"),
    }[paper]

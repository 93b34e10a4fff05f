"""Words for papers, states and reasons, in the reader's language."""

from django.utils.translation import pgettext

from assessment.certification.types import BatchState, CertificateState, ReissueReason, RevocationReason
from assessment.specification.types import Paper
from lms.core.types import Level


def paper_label(paper: Paper) -> str:
    """结业证书, 合格证书, 职业技能等级证书."""
    return {
        Paper.COMPLETION_CERTIFICATE: pgettext("paper", "Completion certificate"),
        Paper.QUALIFICATION_CERTIFICATE: pgettext("paper", "Qualification certificate"),
        Paper.SKILL_LEVEL_CERTIFICATE: pgettext("paper", "Skill-level certificate"),
    }[paper]


def rank_label(level: int) -> str:
    """五级/初级工, as printed."""
    return {
        Level.ELEMENTARY: pgettext("rank", "Level 5, elementary"),
        Level.INTERMEDIATE: pgettext("rank", "Level 4, intermediate"),
        Level.ADVANCED: pgettext("rank", "Level 3, advanced"),
        Level.TECHNICIAN: pgettext("rank", "Level 2, technician"),
        Level.SENIOR_TECHNICIAN: pgettext("rank", "Level 1, senior technician"),
    }[Level(level)]


def batch_label(state: BatchState) -> tuple[str, str]:
    """The tag of a batch: its words and its tone."""
    return {
        BatchState.OPEN: (pgettext("batch", "Being put together"), "now"),
        BatchState.FROZEN: (pgettext("batch", "To be filed"), "now"),
        BatchState.FILED: (pgettext("batch", "Waiting for review"), "info"),
        BatchState.RETURNED: (pgettext("batch", "Returned"), "warn"),
        BatchState.REVIEWED: (pgettext("batch", "Waiting for numbers"), "info"),
        BatchState.NUMBERS_ALLOCATED: (pgettext("batch", "To be issued"), "now"),
        BatchState.ISSUED: (pgettext("batch", "Certificates issued"), "ok"),
    }[state]


def batch_step(state: BatchState) -> str:
    """What happened, in the history."""
    return {
        BatchState.OPEN: pgettext("batch step", "Begun"),
        BatchState.FROZEN: pgettext("batch step", "Rows fixed"),
        BatchState.FILED: pgettext("batch step", "Filed"),
        BatchState.RETURNED: pgettext("batch step", "Returned"),
        BatchState.REVIEWED: pgettext("batch step", "Reviewed"),
        BatchState.NUMBERS_ALLOCATED: pgettext("batch step", "Numbers allocated"),
        BatchState.ISSUED: pgettext("batch step", "Certificates issued"),
    }[state]


def certificate_label(state: CertificateState) -> tuple[str, str]:
    """The tag of a certificate: its words and its tone."""
    return {
        CertificateState.ISSUED: (pgettext("certificate", "Valid"), "ok"),
        CertificateState.REVOKED: (pgettext("certificate", "Revoked"), "bad"),
        CertificateState.REISSUED: (pgettext("certificate", "Reissued"), "warn"),
    }[state]


def certificate_step(state: CertificateState) -> str:
    """What happened, in the history."""
    return {
        CertificateState.ISSUED: pgettext("certificate step", "Issued"),
        CertificateState.REVOKED: pgettext("certificate step", "Revoked"),
        CertificateState.REISSUED: pgettext("certificate step", "Reissued"),
    }[state]


def revocation_label(reason: str) -> str:
    """弄虚作假, 成绩认定有变, 发证有误, 其他原因."""
    return {
        RevocationReason.FRAUD: pgettext("revocation", "Fraud"),
        RevocationReason.RESULT_CHANGED: pgettext("revocation", "The result was changed"),
        RevocationReason.ISSUED_IN_ERROR: pgettext("revocation", "Issued in error"),
        RevocationReason.OTHER: pgettext("revocation", "Another reason"),
    }[RevocationReason(reason)]


def reissue_label(reason: str) -> str:
    """遗失, 损坏, 个人信息更正."""
    return {
        ReissueReason.LOST: pgettext("reissue", "Lost"),
        ReissueReason.DAMAGED: pgettext("reissue", "Damaged"),
        ReissueReason.CORRECTED: pgettext("reissue", "Name or number corrected"),
    }[ReissueReason(reason)]


def category_label(state: CertificateState, category: str) -> str:
    """The public reason of a revocation or a reissue; "" where there is none."""
    if not category:
        return ""
    return revocation_label(category) if state is CertificateState.REVOKED else reissue_label(category)

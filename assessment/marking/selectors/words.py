"""What states, seats, verdicts and relations are called."""

from django.utils.translation import gettext, pgettext

from assessment.marking.types import Centre, PanelKind, PanelState, Relation, SheetState, Verdict

_SEATS = "ABCDEFGHIJ"


def seat_label(seat: int) -> str:
    """甲, 乙, 丙, 丁 …"""
    return {
        "A": pgettext("seat", "A"),
        "B": pgettext("seat", "B"),
        "C": pgettext("seat", "C"),
        "D": pgettext("seat", "D"),
        "E": pgettext("seat", "E"),
        "F": pgettext("seat", "F"),
        "G": pgettext("seat", "G"),
        "H": pgettext("seat", "H"),
        "I": pgettext("seat", "I"),
        "J": pgettext("seat", "J"),
    }[_SEATS[seat - 1]]


def kind_label(kind: PanelKind) -> str:
    """视频作品, 简答题."""
    return {
        PanelKind.VIDEO: pgettext("panel", "Video"),
        PanelKind.ANSWERS: pgettext("panel", "Short answers"),
    }[kind]


def panel_label(state: PanelState) -> tuple[str, str]:
    """The tag of a panel: its words and its tone."""
    return {
        PanelState.WAITING: (pgettext("panel", "Waiting for examiners"), "warn"),
        PanelState.SCORING: (pgettext("panel", "Being scored"), "now"),
        PanelState.SPREAD: (pgettext("panel", "Arbitration: examiner to be assigned"), "warn"),
        PanelState.ARBITRATION: (pgettext("panel", "Arbitration: being scored"), "now"),
        PanelState.RULINGS: (pgettext("panel", "Waiting for the chief examiner"), "warn"),
        PanelState.FINAL: (pgettext("panel", "Finished"), "ok"),
    }[state]


def sheet_label(state: SheetState) -> tuple[str, str]:
    """The tag of a sheet: its words and its tone."""
    return {
        SheetState.ASSIGNED: (pgettext("sheet", "To be scored"), "info"),
        SheetState.IN_PROGRESS: (pgettext("sheet", "Begun"), "now"),
        SheetState.SUBMITTED: (pgettext("sheet", "Handed in"), "ok"),
        SheetState.INCLUDED: (pgettext("sheet", "Counted"), "ok"),
        SheetState.SUPERSEDED: (pgettext("sheet", "Not counted"), "mute"),
        SheetState.CONFLICT_DECLARED: (pgettext("sheet", "Conflict declared"), "mute"),
        SheetState.WITHDRAWN: (pgettext("sheet", "Given to another examiner"), "mute"),
    }[state]


def own_sheet_label(state: SheetState) -> tuple[str, str]:
    """The same for its examiner: whether her total was counted says something of the others', so she is not told."""
    handed_in = state in {SheetState.INCLUDED, SheetState.SUPERSEDED}
    return sheet_label(SheetState.SUBMITTED if handed_in else state)


def verdict_word(verdict: Verdict) -> str:
    """确认违规, 不成立."""
    return {
        Verdict.CONFIRM: pgettext("ruling", "Confirmed"),
        Verdict.DISMISS: pgettext("ruling", "Dismissed"),
    }[verdict]


def centre_label(method: Centre) -> str:
    """平均 …"""
    return {
        Centre.MEAN: gettext("Mean of the sheets"),
        Centre.TRIMMED: gettext("Mean without the highest and the lowest"),
        Centre.MEDIAN: gettext("Median after arbitration"),
    }[method]


def relation_label(relation: Relation) -> str:
    """亲属, 师徒, 师生, 利益关系, 其他."""
    return {
        Relation.RELATIVE: pgettext("relation", "Relative"),
        Relation.MASTER_APPRENTICE: pgettext("relation", "Master and apprentice"),
        Relation.TEACHER_STUDENT: pgettext("relation", "Teacher and student"),
        Relation.INTEREST: pgettext("relation", "Common interest"),
        Relation.OTHER: pgettext("relation", "Other"),
    }[relation]

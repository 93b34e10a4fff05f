"""What the pages of scoring and arbitration take in, and a sheet as it stands on the screen: typed, with what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from assessment.marking.logic import seconds_typed
from assessment.marking.types import (
    AnswerView,
    BookletPage,
    CriterionRow,
    DeskPage,
    FindingView,
    PanelPage,
    SheetChanges,
    SheetFinding,
    TranscriptPage,
    Verdict,
    WaiverPage,
)


@dataclass(frozen=True)
class TypedTranscript:
    """What came of the transcript's form: lines by id as typed, lines confirmed, a line put in (start, end, text), why."""

    base: int
    lines: Mapping[int, str]
    heard: frozenset[int]
    added: tuple[str, str, str]
    reason: str

    @property
    def put_in(self) -> list[tuple[float, float, str]]:
        """The line that the machine missed, with its seconds. Raises ValueError on a time that is none."""
        start, end, text = self.added
        return [(seconds_typed(start), seconds_typed(end), text)] if text.strip() else []


def transcript_of_form(data: QueryDict) -> TypedTranscript:
    """Raises Unreadable on what this page never sends."""
    try:
        lines = {int(name.removeprefix("line-")): str(data.get(name, "")) for name in data if name.startswith("line-")}
        heard = frozenset(int(number) for number in data.getlist("heard"))
        base = int(data.get("base", ""))
    except ValueError:
        raise Unreadable from None
    added = (data.get("add_start", ""), data.get("add_end", ""), data.get("add_text", ""))
    return TypedTranscript(base, lines, heard, added, data.get("reason", ""))


def shown_transcript(
    page: TranscriptPage, typed: TypedTranscript, mistake: str, *, line: int | None = None, field: str = ""
) -> TranscriptPage:
    """The page again with what was typed and what was wrong with it; nothing typed is lost."""
    lines = [
        replace(
            each,
            text=typed.lines.get(each.id, each.text),
            heard=each.id in typed.heard,
            error=mistake if each.id == line else "",
        )
        for each in page.lines
    ]
    return replace(page, lines=lines, reason=typed.reason, added=typed.added, mistake=mistake, field=field)


class Unreadable(Exception):
    """A save that is not of the agreed shape."""


@dataclass(frozen=True)
class SheetLine:
    """A criterion as shown: score and comment as typed (else as stored), error and comment_error "" when fine.

    stored, comment_stored: what the server holds where that is something else, so that kb-sheet knows it is not saved.
    """

    row: CriterionRow
    score: str
    comment: str
    error: str
    comment_error: str
    stored: str | None
    comment_stored: str | None


@dataclass(frozen=True)
class RuleLine:
    """A finding to rule on as shown: verdict and reason as typed (else as stored); after: what a confirmation does;
    stored: as in SheetLine, the verdict, a line break and the reason."""

    number: int
    finding: FindingView
    verdict: str
    verdict_label: str
    tone: str
    reason: str
    after: str
    error: str
    stored: str | None


@dataclass(frozen=True)
class Mistake:
    """One line of the error summary: where it is and what is wrong."""

    anchor: str
    name: str
    words: str


@dataclass(frozen=True)
class ShownSheet:
    """A sheet on the screen. mistakes: for the summary, in the order of the page."""

    lines: list[SheetLine]
    rules: list[RuleLine]
    mistakes: list[Mistake]


def shown_sheet(
    page: DeskPage, typed: SheetChanges | None = None, errors: Mapping[str, str] | None = None, *, refusal: str = ""
) -> ShownSheet:
    """The sheet with what was typed over what is stored. errors as in `Receipt`: C2, C2.comment, F1; refusal: of it all."""
    typed, wrong = typed or SheetChanges(), errors or {}
    lines = [_line(row, typed, wrong) for row in page.criteria]
    rules = [_rule(each, typed, wrong) for each in page.findings]
    mistakes = [Mistake("sheet", "", refusal)] if refusal else []
    for line in lines:
        if line.error:
            mistakes.append(Mistake(f"score-{line.row.code}", line.row.title, line.error))
        if line.comment_error:
            mistakes.append(Mistake(f"comment-{line.row.code}", line.row.title, line.comment_error))
    mistakes += [
        Mistake(f"finding-{rule.number}", rule.finding.category_name, rule.error) for rule in rules if rule.error
    ]
    return ShownSheet(lines, rules, mistakes)


@dataclass(frozen=True)
class AnsweredLine:
    """A question of a booklet on the screen: what was asked and answered, and the line she scores it on."""

    answer: AnswerView
    line: SheetLine


def answered_lines(page: BookletPage, sheet: ShownSheet) -> list[AnsweredLine]:
    """In the order of the paper."""
    return [AnsweredLine(page.answers[line.row.code], line) for line in sheet.lines]


@dataclass(frozen=True)
class PanelNote:
    """A comment of one sheet; seat: 甲, 乙 …"""

    at_s: float | None
    text: str
    seat: str
    criterion: str


def panel_notes(page: PanelPage) -> list[PanelNote]:
    """The comments of every sheet shown, in the order of the video; those without a second last."""
    notes = [
        PanelNote(note.at_s, note.text, seat.label, row.title)
        for row in page.criteria
        for seat, given in zip(page.seats, row.comments, strict=True)
        for note in given
    ]
    return sorted(notes, key=lambda note: (note.at_s is None, note.at_s or 0.0))


@dataclass(frozen=True)
class PanelAnswer:
    """A question of a booklet before the chief. comments: (甲, 乙 …, text) of every sheet shown."""

    answer: AnswerView
    comments: list[tuple[str, str]]


def panel_answers(page: PanelPage) -> list[PanelAnswer]:
    """In the order of the paper; none for a video."""
    return [
        PanelAnswer(
            page.answers[row.code],
            [(seat.label, note.text) for seat, given in zip(page.seats, row.comments, strict=True) for note in given],
        )
        for row in page.criteria
        if row.code in page.answers
    ]


def missing_words(page: DeskPage, missing: list[str] | tuple[str, ...]) -> dict[str, str]:
    """What keeps a sheet from being handed in, as errors beside each place."""
    findings = {f"F{each.finding.number}" for each in page.findings}
    return {
        key: gettext("Rule on this finding before handing in")
        if key in findings
        else gettext("Give a score before handing in")
        for key in missing
    }


def after_confirming(deduction: int | None) -> str:
    """确认后 −10分; for a finding that may fail the work (B): the chief decides."""
    if deduction is None:
        return gettext("If confirmed: proposed fail, the chief decides")
    return ngettext("If confirmed: −%(number)d point", "If confirmed: −%(number)d points", deduction) % {
        "number": deduction
    }


def _line(row: CriterionRow, typed: SheetChanges, wrong: Mapping[str, str]) -> SheetLine:
    stored = "" if row.score is None else f"{row.score.normalize():f}"
    score, comment = typed.scores.get(row.code, stored), typed.comments.get(row.code, row.comment)
    return SheetLine(
        row=row,
        score=score,
        comment=comment,
        error=wrong.get(row.code, ""),
        comment_error=wrong.get(f"{row.code}.comment", ""),
        stored=stored if score != stored else None,
        comment_stored=row.comment if comment != row.comment else None,
    )


def _rule(each: SheetFinding, typed: SheetChanges, wrong: Mapping[str, str]) -> RuleLine:
    number = each.finding.number
    verdict, reason = typed.rulings.get(number, (each.verdict, each.reason))
    confirmed = verdict == Verdict.CONFIRM
    return RuleLine(
        number=number,
        finding=each.finding,
        verdict=verdict,
        verdict_label=pgettext("ruling", "Confirmed") if confirmed else pgettext("ruling", "Dismissed"),
        tone="ok" if confirmed else "mute",
        reason=reason,
        after=after_confirming(each.deduction),
        error=wrong.get(f"F{number}", ""),
        stored=f"{each.verdict}\n{each.reason}" if (verdict, reason) != (each.verdict, each.reason) else None,
    )


def changes_of_form(post: Mapping[str, Any], page: DeskPage) -> tuple[SheetChanges, int]:
    """The plain form: every field of the sheet, and the revision it was drawn from. Raises Unreadable."""
    codes = [row.code for row in page.criteria]
    numbers = [each.finding.number for each in page.findings]
    changes = SheetChanges(
        {code: post[f"score-{code}"].strip() for code in codes if f"score-{code}" in post},
        {code: post[f"comment-{code}"].replace("\r\n", "\n") for code in codes if f"comment-{code}" in post},
        {
            number: (post[f"ruling-{number}"], post.get(f"reason-{number}", "").strip())
            for number in numbers
            if f"ruling-{number}" in post
        },
    )
    try:
        return changes, int(post.get("revision", ""))
    except ValueError:
        raise Unreadable from None


def changes_of_json(data: Any) -> tuple[SheetChanges, int]:
    """The save of kb-sheet: {"revision", "scores": {code: text}, "comments": {code: text}, "rulings": {number: [verdict,
    reason]}}. Raises Unreadable."""
    try:
        scores, comments, rulings = (dict(data.get(name, {})) for name in ("scores", "comments", "rulings"))
        changes = SheetChanges(
            {_text(code): _text(score) for code, score in scores.items()},
            {_text(code): _text(comment) for code, comment in comments.items()},
            {int(number): (_text(verdict), _text(reason)) for number, (verdict, reason) in rulings.items()},
        )
        return changes, int(data["revision"])
    except (AttributeError, KeyError, TypeError, ValueError):
        raise Unreadable from None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


class ConflictForm(forms.Form):
    """回避: why she does not judge this work."""

    relation = forms.ChoiceField(label=_("How you are related to it"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason for the conflict of interest"),
        help_text=_("Required, kept on file; the candidate does not read it"),
        widget=forms.Textarea,
        max_length=500,
    )

    def __init__(self, *args: Any, relations: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["relation"].choices = relations  # type: ignore[attr-defined]


class FindingDecisionForm(forms.Form):
    """The chief's decision on one finding."""

    finding = forms.IntegerField(min_value=1)
    verdict = forms.ChoiceField(
        choices=[(verdict.value, verdict.value) for verdict in Verdict],
        error_messages={
            "required": _("Confirm the finding or dismiss it."),
            "invalid_choice": _("Confirm the finding or dismiss it."),
        },
    )
    reason = forms.CharField(max_length=500, error_messages={"required": _("Write the reason: it is kept on file")})


class SeatForm(forms.Form):
    """Who takes a seat; without an examiner the recommended one."""

    examiner = forms.UUIDField(required=False)


class ReassignForm(SeatForm):
    """An overdue sheet goes to somebody else."""

    seat = forms.IntegerField(min_value=1, error_messages={"required": _("Choose the sheet to give away")})
    reason = forms.CharField(required=False, max_length=500)


class WaiverForm(forms.Form):
    """What is waived for one candidate, and why."""

    checks = forms.MultipleChoiceField(
        label=_("Automatic checks that are waived"), required=False, widget=forms.CheckboxSelectMultiple
    )
    criteria = forms.MultipleChoiceField(
        label=_("Criteria that are not scored"),
        help_text=_("The other criteria are then scaled to 100 marks"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(
        label=_("Reason for the decision"),
        help_text=_("Kept sealed: examiners read that something is waived, never why"),
        widget=forms.Textarea,
        max_length=1000,
    )

    def __init__(self, *args: Any, page: WaiverPage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"checks": page.waived_checks, "criteria": page.waived_criteria, "reason": page.reason}
        self.fields["checks"].choices = page.checks  # type: ignore[attr-defined]
        self.fields["criteria"].choices = page.criteria  # type: ignore[attr-defined]


class ReleaseForm(forms.Form):
    """Why a work goes on although the same file was handed in by somebody else."""

    reason = forms.CharField(
        label=_("Reason for the decision"),
        help_text=_("Whose video it is, and how you know: bureau and inspector read it"),
        widget=forms.Textarea,
        max_length=1000,
    )


class SignForm(forms.Form):
    """The chief signs."""

    reason = forms.CharField(required=False, max_length=1000)

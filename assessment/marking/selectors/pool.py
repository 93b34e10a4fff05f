"""Who could take a seat on a panel: filed, of the level, without a conflict, least loaded first (S1-29, S1-30, domain 4.3)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count

from assessment.candidates.selectors import candidacies_of, works_of
from assessment.candidates.types import CandidacyData
from assessment.examiners.selectors import available_examiners
from assessment.examiners.types import ExaminerData
from assessment.marking.logic import in_turn
from assessment.marking.models import Panel, ScoreSheet
from assessment.marking.types import OPEN_SHEETS, SEATED_SHEETS, PanelKind, SheetState
from lms.accounts.api import Acting, TieData, conflicts_of


@dataclass(frozen=True)
class Free:
    """Somebody who may be given the work. person: known, or nobody could say what ties she has; load: her open sheets."""

    examiner: ExaminerData
    person: UUID
    load: int


@dataclass
class Pool:
    """The examiners of a panel's level and place, as far as they have been looked at, with the reasons of those left out."""

    panel: Panel
    candidacy: CandidacyData
    on: date
    available: int = 0
    unknown: int = 0
    conflict: int = 0
    passed_over: int = 0

    def free(self, *, again: bool = False, chooser: Acting | None = None) -> Iterator[Free]:
        """Those who may take a seat, in turn. `again`: also those from whom a sheet of this panel was taken before.
        `chooser`: the chief who chooses never takes the seat herself, she has seen the other sheets."""
        held = {sheet.examiner_user: sheet for sheet in ScoreSheet.objects.filter(panel=self.panel)}
        persons = {sheet.examiner_person: sheet for sheet in held.values()}
        known: dict[UUID, ExaminerData] = {}
        for one in available_examiners(level=self.panel.level, on=self.on, place=self.candidacy.organisation_path):
            known.setdefault(one.user, one)
        self.available = len(known)
        loads = open_loads()
        turn = in_turn({user: loads.get(user, 0) for user in known}, seed=str(self.panel.uuid))
        for user in turn:
            one = known[user]
            if chooser is not None and (user == chooser.user or one.person == chooser.person is not None):
                continue
            if one.person is None:
                self.unknown += 1
                continue
            before = held.get(user) or persons.get(one.person)
            if before is not None and before.state in SEATED_SHEETS:
                continue
            if before is not None and before.state == SheetState.WITHDRAWN and not again:
                self.passed_over += 1
                continue
            declared = before is not None and before.state == SheetState.CONFLICT_DECLARED
            if declared or conflicts(self.panel, self.candidacy, one.person, self.on):
                self.conflict += 1
                continue
            yield Free(one, one.person, loads.get(user, 0))

    def why(self, *, needed: int, found: int) -> dict[str, int]:
        """Counts that say why a seat stays empty."""
        return {
            "needed": needed,
            "found": found,
            "available": self.available,
            "conflict": self.conflict,
            "unknown": self.unknown,
            "passed_over": self.passed_over,
        }


def open_loads() -> dict[UUID, int]:
    """User → sheets she still has to hand in."""
    rows = ScoreSheet.objects.filter(state__in=sorted(OPEN_SHEETS)).values("examiner_user")
    return {row["examiner_user"]: row["count"] for row in rows.annotate(count=Count("pk"))}


def conflicts(panel: Panel, candidacy: CandidacyData, person: UUID, on: date) -> tuple[TieData, ...]:
    """What keeps this person from judging this work on this day; a conflict declared with another work or booklet of the same
    candidate holds for this one too."""
    return conflicts_of(
        person=person,
        persons=[candidacy.person],
        classes=[candidacy.class_uid] if candidacy.class_uid else [],
        submissions=[panel.submission, *works_of(candidacy.person), *_booklets_of(candidacy.person)],
        on=on,
    )


def _booklets_of(person: UUID) -> list[UUID]:
    """Attempts of this human being whose short answers people mark."""
    held = [one.uuid for one in candidacies_of(person)]
    rows = Panel.objects.filter(candidacy__in=held, kind=PanelKind.ANSWERS)
    return list(rows.order_by("id").values_list("submission", flat=True))

"""The one counter of resits and retakes (S5-24, S5-25): what was sat, how often, and what is left."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from assessment.candidates.models import Candidacy
from assessment.results.logic import Sat, last_words, resits_used
from assessment.results.models import CountedAbsence, ExpiredPart, FreshStart, GradeStanding, PartMark, UsedUp
from assessment.results.types import GradeState, ResitState, Standing
from assessment.specification.models import AssessmentSpecification
from assessment.specification.selectors import specification as specification_of
from assessment.specification.types import Part, PartRule, SpecificationData
from lms.accounts.api import records_of
from lms.policies import api as policies
from lms.policies.types import Decision, Grade, ProfileData


@dataclass(frozen=True)
class History:
    """What counts for one person under one key and level: her candidacies since the count last began, oldest first.

    attempts: part → attempt → whether it passed, as last released; absences: part → how many count; retake: she has to
    take the training again before she may sit anything.
    """

    candidacies: tuple[Candidacy, ...]
    attempts: dict[Part, dict[UUID, bool]]
    absences: dict[Part, int]
    retake: bool

    def used(self, part: Part) -> int:
        """Resits sat: the first attempt is none."""
        return resits_used(self.attempts.get(part, {}), self.absences.get(part, 0))


def history(person: UUID, rules: SpecificationData, upto: Candidacy | None = None) -> History:
    """Everything released about her under this key and level, whichever version her class was pinned to.

    upto: as it stood with this candidacy the last; None is the newest.

    The count begins anew with a training completed anew (S5-25), and after attempts that were used up where the policy asks
    for no retake.
    """
    versions = AssessmentSpecification.objects.filter(key=rules.key, level=int(rules.level)).values_list(
        "uuid", flat=True
    )
    mine = Candidacy.objects.filter(
        person__in=records_of([person])[person], level=int(rules.level), specification__in=list(versions)
    )
    held = [row for row in mine.order_by("id") if upto is None or row.pk <= upto.pk]
    numbers = [row.pk for row in held]
    afresh = FreshStart.objects.filter(candidacy__in=numbers).order_by("-candidacy_id").first()
    begins = afresh.candidacy_id if afresh else 0
    used_up = list(_standing_ends(numbers, begins))
    closed = max((row.candidacy_id for row in used_up if not row.retake and row.candidacy_id < numbers[-1]), default=0)
    counted = [row for row in held if row.pk >= begins and row.pk > closed]
    return History(
        candidacies=tuple(counted),
        attempts=last_words(_released(counted)),
        absences=_absences(counted),
        retake=any(row.retake for row in used_up),
    )


def _standing_ends(numbers: Sequence[int], begins: int) -> Iterable[UsedUp]:
    """Ends that still stand: a result changed to a pass takes its own back; one that an absence brought needs none."""
    passed = GradeStanding.objects.filter(candidacy__in=numbers, state=GradeState.PUBLISHED).exclude(
        decision__grade=Grade.FAIL
    )
    ends = UsedUp.objects.filter(candidacy__in=numbers, candidacy_id__gte=begins)
    return ends.exclude(candidacy__in=passed.values("candidacy"))


def _released(rows: Sequence[Candidacy]) -> list[Sat]:
    """Every mark that a released decision counted, in the order of release."""
    standings = GradeStanding.objects.filter(candidacy__in=rows, released_at__isnull=False)
    ordered = standings.select_related("decision").order_by("candidacy_id", "decision__version")
    parts = [part for row in ordered for part in row.decision.part_grades if part.outcome and part.passed is not None]
    marks = PartMark.objects.filter(outcome__in=[part.outcome for part in parts]).select_related("submission")
    attempts = {mark.outcome: mark.attempted for mark in marks}
    # A pass that counts no longer is no attempt: sitting it again is no resit.
    over = set(ExpiredPart.objects.filter(candidacy__in=rows).values_list("attempted", flat=True))
    return [
        Sat(part.part, attempts[part.outcome], bool(part.passed))
        for part in parts
        if part.outcome is not None and part.outcome in attempts and attempts[part.outcome] not in over
    ]


def _absences(rows: Sequence[Candidacy]) -> dict[Part, int]:
    found: dict[Part, int] = {}
    for name in CountedAbsence.objects.filter(candidacy__in=rows).values_list("part", flat=True):
        found[Part(name)] = found.get(Part(name), 0) + 1
    return found


def limit(law: ProfileData, rule: PartRule) -> int | None:
    """How many resits of a part: what the specification says of it, and never more than the law book; None: no limit."""
    named = [number for number in (rule.resits, law.parameters.resits_allowed) if number is not None]
    return min(named, default=None)


def judged(law: ProfileData, rule: PartRule, found: History) -> Decision:
    """Whether one more resit of a part is allowed, with the reason."""
    return policies.resit(law, resits_used=found.used(rule.part), allowed_by_specification=rule.resits)


def attempts_left(person: UUID, specification: UUID, part: Part | None = None) -> Standing:
    """How a person stands with resits under a specification: of one part, or of the whole.

    A part is counted by itself: a resit is its second and every later attempt that was released. The whole has used as many
    as its most often sat part, so that who failed two parts may sit both again. `allowed` None: no limit, recorded (domain
    2.2 no. 16). Raises NoSpecification, KeyError for a part the specification does not ask for.
    """
    rules = specification_of(specification)
    found = history(person, rules)
    law = policies.profile(found.candidacies[-1].profile) if found.candidacies else None
    standings = [_of_part(rule, law, found) for rule in rules.parts if part in {None, rule.part}]
    if not standings:
        raise KeyError(part)
    allowed = [one.allowed for one in standings if one.allowed is not None]
    return Standing(
        used=max(one.used for one in standings),
        allowed=min(allowed, default=None),
        state=max((one.state for one in standings), key=list(ResitState).index),
    )


def _of_part(rule: PartRule, law: ProfileData | None, found: History) -> Standing:
    allowed = rule.resits if law is None else limit(law, rule)
    used, sat = found.used(rule.part), found.attempts.get(rule.part, {})
    if found.retake:
        return Standing(used, allowed, ResitState.RETAKE_REQUIRED)
    if sat and list(sat.values())[-1]:
        return Standing(used, allowed, ResitState.PASSED)
    if not sat and not found.absences.get(rule.part):
        return Standing(used, allowed, ResitState.FIRST)
    spent = allowed is not None and used >= allowed
    return Standing(used, allowed, ResitState.USED_UP if spent else ResitState.RESIT)

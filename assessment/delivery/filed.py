"""Only what the filed plan names is sat (S1-19, S3-28): an approved assessment specification, and a paper drawn by the
blueprint that its theory part names by content hash."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_noop

from assessment.candidates.selectors import class_candidacies, entitlements
from assessment.candidates.types import CandidacyData, CandidacyState, EntitlementData
from assessment.delivery.models import Sitting
from assessment.delivery.selectors import sat_elsewhere
from assessment.specification.selectors import approved_among, approved_at
from assessment.specification.types import Part, SpecificationData
from lms.core.clock import day_of
from lms.core.types import Level
from lms.policies.api import profiles

NOT_ENTITLED = gettext_noop("Your institution has not opened the theory examination yet.")
CLOSED = gettext_noop("This examination is closed.")
OTHER_LEVEL = gettext_noop("The examination is of another level.")
ELSEWHERE = gettext_noop("You have sat this examination in another sitting. Its result comes first.")
NO_PLAN = gettext_noop("No approved assessment specification stands behind this examination.")
NO_THEORY = gettext_noop("The assessment specification of this examination has no theory part.")
OTHER_PAPER = gettext_noop("The paper was not drawn by the blueprint that the filed assessment specification names.")
NOBODY = gettext_noop("Nobody of this class has an examination yet.")


def unfiled(plan: SpecificationData | None, blueprint: str) -> str:
    """The msgid of why a paper of this blueprint (its content hash) may not be sat under a specification, "" when it may.
    plan: None when the bureau has not approved it."""
    if plan is None:
        return NO_PLAN
    theory = plan.part(Part.THEORY)
    if theory is None:
        return NO_THEORY
    return "" if theory.blueprint_hash == blueprint else OTHER_PAPER


def why_not(
    held: CandidacyData,
    word: EntitlementData | None,
    plan: SpecificationData | None,
    *,
    level: int,
    blueprint: str,
    elsewhere: Collection[UUID] = (),
) -> str:
    """The msgid of why a candidacy may not sit papers of this level and blueprint, "" when it may.

    elsewhere: candidacies whose attempt in another sitting is not settled (`sat_elsewhere`).
    """
    if held.state is not CandidacyState.OPEN:
        return CLOSED
    if held.level != level:
        return OTHER_LEVEL
    if word is None:
        return NOT_ENTITLED
    if not word.granted:
        return word.reason
    return ELSEWHERE if held.uuid in elsewhere else unfiled(plan, blueprint)


def judged(row: Sitting, asked: Sequence[CandidacyData]) -> Mapping[UUID, str]:
    """Candidacy → `why_not` at this sitting; three queries whatever their number."""
    held_by = [one.uuid for one in asked]
    words, elsewhere = entitlements(held_by, Part.THEORY), sat_elsewhere(held_by, row)
    plans = approved_among({one.specification for one in asked})
    return {
        one.uuid: why_not(
            one,
            words.get(one.uuid),
            plans.get(one.specification),
            level=row.level,
            blueprint=row.blueprint_hash,
            elsewhere=elsewhere,
        )
        for one in asked
    }


def plan_fault(level: Level, class_uid: UUID | None, blueprints: Collection[str]) -> str:
    """The msgid of why a sitting with papers of these blueprints is refused, "" when the filed plan names them.

    A class's plan is what its candidacies are pinned to. An accreditation brings people of many: some approved specification
    of the level has to name the paper; each candidate is judged by her own when the roster is fixed.
    """
    if class_uid is None:
        approved = approved_at(level)
        if not approved:
            return NO_PLAN
        named = {rule.blueprint_hash for plan in approved if (rule := plan.part(Part.THEORY)) is not None}
        return "" if named.issuperset(blueprints) else OTHER_PAPER
    pinned = {one.specification for one in class_candidacies(class_uid) if one.state is CandidacyState.OPEN}
    if not pinned:
        return NOBODY
    plans = approved_among(pinned)
    faults = (unfiled(plans.get(uuid), blueprint) for uuid in pinned for blueprint in blueprints)
    return next(filter(None, faults), "")


def rules_of(level: Level, class_uid: UUID | None, blueprint: str, now: datetime) -> dict[str, UUID | None]:
    """Profile and specification that a sitting is pinned to: its class's; for an accreditation the newest approved
    specification that names the paper, and the profile in force that names this specification; None where there are several,
    or none."""
    if class_uid is not None:
        held = [one for one in class_candidacies(class_uid) if one.state is CandidacyState.OPEN]
        return {
            "profile": held[0].profile if len({one.profile for one in held}) == 1 else None,
            "specification": held[0].specification if len({one.specification for one in held}) == 1 else None,
        }
    named = [plan for plan in approved_at(level) if not unfiled(plan, blueprint)]
    keys = {plan.key for plan in named}
    if len(keys) != 1:
        return {"profile": None, "specification": None}
    rules = [one for one in profiles(on=day_of(now)) if one.parameters.specification_key in keys]
    return {"profile": rules[0].uuid if len(rules) == 1 else None, "specification": named[-1].uuid}

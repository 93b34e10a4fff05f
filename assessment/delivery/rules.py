"""Who may do what with a sitting: the matrix's cell, the sitting's place, and for an invigilator that it is hers."""

from collections.abc import Mapping
from typing import Final

from assessment.delivery.models import Invigilation, Sitting
from lms.accounts.api import INSTALLATION, Acting, Action, Organisation, OrganisationKind, Role, may, require

SITTING = "sitting"  # asked for, approved, read
CONDUCT = "sitting_conduct"  # opening, pausing, more time, late additions, identity
DECISION = "exam_decision"  # voiding, repeating, counting what came late
ATTEMPT = "exam_attempt"  # sitting it; how somebody sat


def invigilates(acting: Acting, sitting: Sitting) -> bool:
    """Whether she watches this one."""
    return acting.user is not None and Invigilation.objects.filter(sitting=sitting, user=acting.user).exists()


def may_do(acting: Acting, kind: str, action: Action, sitting: Sitting) -> bool:
    """The installation itself may, for the demonstration."""
    if acting == INSTALLATION:
        return True
    return may(acting, kind, action, place=sitting.organisation_path, own=invigilates(acting, sitting))


def require_for(acting: Acting, kind: str, action: Action, sitting: Sitting) -> None:
    """The same as a gate. Raises NotAllowed."""
    if acting != INSTALLATION:
        require(acting, kind, action, place=sitting.organisation_path, own=invigilates(acting, sitting))


# Who speaks for a party that a policy profile names.
HR_BUREAU: Final = "hr_bureau"
PARTIES: Final[Mapping[str, frozenset[Role]]] = {
    HR_BUREAU: frozenset({Role.HR_BUREAU}),
    "county_hr_bureau": frozenset({Role.HR_BUREAU}),
    "commerce_bureau": frozenset({Role.COMMERCE_BUREAU}),
    "finance_bureau": frozenset({Role.FINANCE_BUREAU}),
    "competent_authority": frozenset({Role.HR_BUREAU, Role.COMMERCE_BUREAU}),
    # Whoever is called into a review panel (S3) sits there for one of these.
    "association": frozenset({Role.PANEL_MEMBER}),
    "expert": frozenset({Role.PANEL_MEMBER}),
    "leader": frozenset({Role.LEADER}),
    "panel": frozenset({Role.PANEL_MEMBER}),
}
_COUNTY: Final = "county_hr_bureau"


def speaks_for(acting: Acting, sitting: Sitting) -> tuple[str, ...]:
    """The parties of a sitting's approval that she may speak for, in the profile's order; the installation for all."""
    if acting == INSTALLATION:
        return tuple(sitting.approvers)
    if not may_do(acting, SITTING, "approve", sitting):
        return ()
    mine = [party for party in sitting.approvers if acting.role in PARTIES.get(party, PARTIES[HR_BUREAU])]
    return tuple(party for party in mine if party != _COUNTY or _of_a_county(acting))


def _of_a_county(acting: Acting) -> bool:
    place = Organisation.objects.filter(uuid=acting.organisation).first()
    while place is not None and place.kind == OrganisationKind.BUREAU:
        place = place.get_parent()
    return place is not None and place.kind in {OrganisationKind.COUNTY, OrganisationKind.ZONE}

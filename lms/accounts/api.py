"""The door of lms.accounts."""

from lms.accounts.consent.selectors import consents_of, has_consented, missing_consents, texts_in_force
from lms.accounts.consent.services import record_consent
from lms.accounts.consent.types import ConsentData, ConsentHow, ConsentKey, ConsentTextData
from lms.accounts.corrections.events import CorrectionDecided, PersonsMerged
from lms.accounts.corrections.selectors import name_at, waiting_corrections
from lms.accounts.desk.services import admit
from lms.accounts.desk.types import Admitted
from lms.accounts.logic import check_digit, masked_document, masked_name, masked_phone
from lms.accounts.matrix import MATRIX, PLACELESS, Action, Cell, can
from lms.accounts.memberships.models import Membership
from lms.accounts.memberships.selectors import acting_for, is_staff_today, role_label, valid_memberships
from lms.accounts.memberships.services import COMMITTEE_GROUP, INSTRUCTOR_GROUP, end_membership, grant_membership
from lms.accounts.organisations.models import Organisation
from lms.accounts.organisations.services import create_organisation, update_organisation
from lms.accounts.people.models import Person, User
from lms.accounts.people.selectors import canonical_person, masked_names, records_of
from lms.accounts.people.services import create_person, create_user, initial_password
from lms.accounts.registration.selectors import needs_seeing, open_institutions, waiting_identities
from lms.accounts.registration.services import register_trainee
from lms.accounts.requests import ActingRequest
from lms.accounts.rules import NotAllowed, may, require
from lms.accounts.signin.contacts import confirmed_contacts
from lms.accounts.signin.services import demo_totp, enrol_demo_second_factor
from lms.accounts.signin.types import AliasKind
from lms.accounts.slips.selectors import identity_seen
from lms.accounts.slips.services import issue_slip, redeem_slip
from lms.accounts.slips.types import IdentityCheckKind, PrintedSlip, SlipPurpose
from lms.accounts.ties.selectors import conflicts_of, ties_of
from lms.accounts.ties.services import end_tie, record_tie
from lms.accounts.ties.types import TieData, TieKind, TieObject
from lms.accounts.types import (
    INSTALLATION,
    NOBODY,
    STAFF_ROLES,
    AccountsRefusal,
    Acting,
    DocumentKind,
    OrganisationKind,
    PersonData,
    Role,
    Sex,
)

__all__ = [
    "COMMITTEE_GROUP",
    "INSTALLATION",
    "INSTRUCTOR_GROUP",
    "MATRIX",
    "NOBODY",
    "PLACELESS",
    "STAFF_ROLES",
    "AccountsRefusal",
    "Acting",
    "ActingRequest",
    "Action",
    "Admitted",
    "AliasKind",
    "Cell",
    "ConsentData",
    "ConsentHow",
    "ConsentKey",
    "ConsentTextData",
    "CorrectionDecided",
    "DocumentKind",
    "IdentityCheckKind",
    "Membership",
    "NotAllowed",
    "Organisation",
    "OrganisationKind",
    "Person",
    "PersonData",
    "PersonsMerged",
    "PrintedSlip",
    "Role",
    "Sex",
    "SlipPurpose",
    "TieData",
    "TieKind",
    "TieObject",
    "User",
    "acting_for",
    "admit",
    "can",
    "canonical_person",
    "check_digit",
    "confirmed_contacts",
    "conflicts_of",
    "consents_of",
    "create_organisation",
    "create_person",
    "create_user",
    "demo_totp",
    "end_membership",
    "end_tie",
    "enrol_demo_second_factor",
    "grant_membership",
    "has_consented",
    "identity_seen",
    "initial_password",
    "is_staff_today",
    "issue_slip",
    "masked_document",
    "masked_name",
    "masked_names",
    "masked_phone",
    "may",
    "missing_consents",
    "name_at",
    "needs_seeing",
    "open_institutions",
    "record_consent",
    "record_tie",
    "records_of",
    "redeem_slip",
    "register_trainee",
    "require",
    "role_label",
    "texts_in_force",
    "ties_of",
    "update_organisation",
    "valid_memberships",
    "waiting_corrections",
    "waiting_identities",
]

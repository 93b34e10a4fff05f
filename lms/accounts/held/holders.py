"""What this app's lower rooms hold about a person; slips, consent and other names to sign in by say their own part."""

from collections.abc import Sequence
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lms.accounts.corrections.models import Correction, Merge
from lms.accounts.held.words import action_words, subject_words
from lms.accounts.memberships.models import Membership
from lms.accounts.people.models import Person, User
from lms.accounts.ties.models import Tie
from lms.accounts.ties.selectors import tie_data
from lms.accounts.ties.types import TieKind, TieObject
from lms.core import holdings
from lms.core.audit.models import AuditEvent
from lms.core.holdings import Holding, Value


def _papers(kind: str) -> str:
    return str(dict(Person.DOCUMENTS).get(kind, ""))


def hold_people(person: UUID, user: UUID | None) -> Sequence[Holding]:
    """Her record and her login."""
    records = Person.objects.filter(uuid=person).select_related("organisation", "merged_into")
    logins = User.objects.filter(uuid=user).select_related("organisation") if user else User.objects.none()
    return [
        Holding(
            pgettext("held", "Person"),
            [
                {
                    pgettext("person", "Name"): row.name,
                    pgettext("person", "Sex"): str(row.get_sex_display()),
                    _("Date of birth"): row.birth_date,
                    _("Kind of identity paper"): _papers(row.document_type),
                    _("Number of the paper"): row.document_number,
                    _("Phone"): row.phone,
                    _("Registered by"): row.organisation.name,
                    _("Registered on"): row.created_at,
                    **({_("Merged into another record of hers"): True} if row.merged_into else {}),
                }
                for row in records
            ],
        ),
        Holding(
            pgettext("held", "Login"),
            [
                {
                    _("Login name"): row.username,
                    _("Display name"): row.display_name,
                    _("Registered by"): row.organisation.name if row.organisation else None,
                    _("Registered on"): row.created_at,
                    _("Last signed in"): row.last_login,
                    pgettext("held", "Active"): row.is_active,
                    _("Password"): _("kept only as a fingerprint nobody can turn back"),
                    _("Language"): row.language,
                    _("Text size"): row.text_size,
                    _("Theme"): row.theme,
                }
                for row in logins
            ],
        ),
    ]


def hold_memberships(person: UUID, user: UUID | None) -> Sequence[Holding]:
    """Her roles, the ended ones too."""
    rows = Membership.objects.filter(user__uuid=user).select_related("organisation").order_by("id") if user else ()
    return [
        Holding(
            _("Roles"),
            [
                {
                    _("Role"): str(row.get_role_display()),
                    _("Organisation"): row.organisation.name,
                    _("Valid from"): row.valid_from,
                    _("Valid to"): row.valid_to,
                }
                for row in rows
            ],
        )
    ]


def hold_signin(person: UUID, user: UUID | None) -> Sequence[Holding]:
    """Her second steps and where she is signed in."""
    steps = Authenticator.objects.filter(user__uuid=user).order_by("id") if user else ()
    sessions = UserSession.objects.filter(user__uuid=user).order_by("id") if user else ()
    return [
        Holding(
            _("Second steps at sign-in"),
            [
                {
                    pgettext("second step", "Kind"): str(row.get_type_display()),
                    _("Set up on"): row.created_at,
                    _("Last used"): row.last_used_at,
                }
                for row in steps
            ],
        ),
        Holding(
            _("Where you are signed in"),
            [
                {
                    _("Address"): row.ip,
                    _("Browser"): row.user_agent,
                    pgettext("session", "Since"): row.created_at,
                    _("Last seen"): row.last_seen_at,
                }
                for row in sessions
            ],
        ),
    ]


def _tie_kind(kind: TieKind) -> str:
    return {
        TieKind.TEACHES: pgettext("tie", "Teaches a class"),
        TieKind.RELATED: pgettext("tie", "Related to somebody"),
        TieKind.MASTER_APPRENTICE: pgettext("tie", "Master and apprentice"),
        TieKind.EMPLOYED: pgettext("tie", "Works for an organisation"),
        TieKind.DECLARED: pgettext("tie", "Conflict of interest declared"),
        TieKind.SELF: "",
    }[kind]


def hold_ties(person: UUID, user: UUID | None) -> Sequence[Holding]:
    """Ties in either direction, without the other person; a note only where she wrote it, for others may stand in it."""
    rows = Tie.objects.filter(
        Q(person__uuid=person) | Q(object_kind=TieObject.PERSON, object=person), ends=None
    ).select_related("person", "ended_by")
    held: list[dict[str, Value]] = []
    for row in rows.order_by("id"):
        tie = tie_data(row)
        hers = user is not None and row.by == user
        held.append(
            {
                pgettext("tie", "Kind"): _tie_kind(tie.kind),
                _("Valid from"): tie.valid_from,
                _("Valid to"): tie.valid_to,
                pgettext("tie", "Recorded on"): row.created_at,
                pgettext("tie", "Source"): tie.source,
                pgettext("tie", "Note"): row.note if hers or not row.note else _("kept; it may speak of others"),
            }
        )
    return [Holding(_("Ties that matter for conflicts of interest"), held)]


def hold_corrections(person: UUID, user: UUID | None) -> Sequence[Holding]:
    """Corrections of her record, and findings that two records are hers."""
    asked = Correction.objects.filter(person__uuid=person).select_related("decision").order_by("id")
    merges = Merge.objects.filter(Q(kept__uuid=person) | Q(merged__uuid=person)).select_related("decision")
    return [
        Holding(_("Corrections"), [_correction(row) for row in asked]),
        Holding(_("Records found to be one person's"), [_merge(row) for row in merges.order_by("id")]),
    ]


def _correction(row: Correction) -> dict[str, Value]:
    decision = getattr(row, "decision", None)
    return {
        _("Asked on"): row.created_at,
        _("Name before"): row.before_name,
        _("Name asked for"): row.name,
        _("Paper before"): f"{_papers(row.before_document_type)} {row.before_document_number}".strip(),
        _("Paper asked for"): f"{_papers(row.document_type)} {row.document_number}".strip(),
        _("What shows it"): row.evidence,
        _("Where the copy is kept"): row.scan_note,
        _("Allowed"): decision.allowed if decision else None,
        pgettext("decision", "Reason"): decision.reason if decision else "",
        _("Decided on"): decision.at if decision else None,
    }


def _merge(row: Merge) -> dict[str, Value]:
    """The finding itself only when it held: one that was refused speaks of somebody else."""
    decision = getattr(row, "decision", None)
    held = decision is not None and decision.allowed
    return {
        _("Asked on"): row.created_at,
        _("What shows it"): row.evidence if held else _("kept; it may speak of others"),
        _("Allowed"): decision.allowed if decision else None,
        _("Decided on"): decision.at if decision else None,
    }


def hold_audit(person: UUID, user: UUID | None) -> Sequence[Holding]:
    """What the trail says about her and what she did; it holds no words, only that and when."""
    about = [person, *([user] if user else [])]
    events = AuditEvent.objects.filter(Q(subject__in=about) | (Q(actor=user) if user else Q(pk=None))).order_by(
        "at", "id"
    )
    return [
        Holding(
            _("Audit trail"),
            [
                {
                    pgettext("audit", "When"): row.at,
                    pgettext("audit", "About"): subject_words(row.subject_kind),
                    pgettext("audit", "What"): action_words(row.action),
                    _("Done by her"): user is not None and row.actor == user,
                }
                for row in events
            ],
        )
    ]


def register() -> None:
    """Called by AccountsConfig.ready."""
    holdings.register("accounts.people", hold_people)
    holdings.register("accounts.memberships", hold_memberships)
    holdings.register("accounts.signin", hold_signin)
    holdings.register("accounts.ties", hold_ties)
    holdings.register("accounts.corrections", hold_corrections)
    holdings.register("core.audit", hold_audit)

"""Whom a desk looks after: the people of the next level down, and those registered there without a role."""

from datetime import date
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lms.accounts import chain
from lms.accounts.consent.selectors import consents_of
from lms.accounts.desk.types import (
    HeldRoleRow,
    OrganisationList,
    OrganisationRow,
    PeopleList,
    PeopleRow,
    PersonPage,
    SlipRow,
)
from lms.accounts.logic import masked_document, masked_name, masked_phone, tidy_number
from lms.accounts.matrix import can
from lms.accounts.memberships.models import Membership
from lms.accounts.memberships.selectors import role_label
from lms.accounts.organisations.models import Organisation
from lms.accounts.organisations.rules import is_top, may_give
from lms.accounts.people.models import Person, User
from lms.accounts.people.selectors import document_indexes
from lms.accounts.registration.models import Registration
from lms.accounts.registration.selectors import needs_seeing, waiting_identities
from lms.accounts.rules import require
from lms.accounts.slips.models import IdentityCheck, Slip
from lms.accounts.slips.selectors import slips_of
from lms.accounts.slips.types import IdentityCheckKind, SlipState
from lms.accounts.types import Acting, OrganisationKind, Role
from lms.core import clock
from lms.core.crypto import blind_index

_ROWS_A_PAGE = 50
_SLIP_TONES = {SlipState.OPEN: "now", SlipState.USED: "ok", SlipState.REPLACED: "mute", SlipState.WITHDRAWN: "mute"}


def branch(acting: Acting) -> QuerySet[Organisation]:
    """The organisations whose people she manages, in tree order. Raises NotAllowed."""
    require(acting, "user", "read", place=acting.organisation_path)
    return Organisation.objects.filter(path__startswith=acting.organisation_path).order_by("path")


def places_to_admit(acting: Acting) -> list[Organisation]:
    """Where she may register people: organisations at which she has a role to give; one query."""
    return [
        place
        for place in branch(acting)
        if chain.may_register(acting.role, at=OrganisationKind(place.kind), top=is_top(place))
    ]


def roles_to_admit(acting: Acting) -> list[tuple[Role, str]]:
    """The roles she may give anywhere, with their names."""
    return [(role, role_label(role)) for role in Role if role in chain.GIVES.get(acting.role, frozenset())]


def kinds_to_make(acting: Acting) -> list[tuple[str, str]]:
    """The kinds of organisation she may make somewhere; empty when she makes none."""
    if can(acting, "organisation", "create") is None:
        return []
    makes = chain.MAKES.get(acting.role, frozenset())
    return [(value, str(label)) for value, label in Organisation.KINDS if value in makes]


def places_to_make(acting: Acting) -> list[Organisation]:
    """Organisations she may put a new one under."""
    require(acting, "organisation", "create", place=acting.organisation_path)
    rows = list(branch(acting))
    kinds = [OrganisationKind(value) for value, _label in kinds_to_make(acting)]
    lineage = {row.path: OrganisationKind.OTHER if is_top(row) else OrganisationKind(row.kind) for row in rows}
    step = Organisation.steplen

    def above(row: Organisation) -> list[OrganisationKind]:
        paths = [row.path[:end] for end in range(step, len(row.path), step)]
        return [lineage[path] for path in paths if path in lineage]

    return [
        row
        for row in rows
        if any(chain.may_make(acting.role, kind, parent=lineage[row.path], above=above(row)) for kind in kinds)
    ]


def organisation_list(acting: Acting) -> OrganisationList:
    """Her branch. Raises NotAllowed."""
    require(acting, "organisation", "read", place=acting.organisation_path)
    rows = list(branch(acting))
    top = min((row.depth for row in rows), default=1)
    return OrganisationList(
        rows=tuple(
            OrganisationRow(row.uuid, row.name, str(row.get_kind_display()), row.depth - top, row.is_demo)
            for row in rows
        ),
        can_make=bool(kinds_to_make(acting)),
    )


def _current(today: date) -> Q:
    return Q(valid_to=None) | Q(valid_to__gte=today)


def _looked_after(acting: Acting, today: date) -> QuerySet[User]:
    """Logins holding, today or later, a role she could give in her branch; and those registered there that hold none."""
    require(acting, "user", "read", place=acting.organisation_path)
    path = acting.organisation_path
    gives = [role.value for role in chain.GIVES.get(acting.role, frozenset())]
    kinds = [kind.value for kind in OrganisationKind if chain.may_register(acting.role, at=kind)]
    held = Membership.objects.filter(_current(today), user=OuterRef("pk"))
    hers = held.filter(role__in=gives, organisation__path__startswith=path)
    registered = Q(organisation__path__startswith=path, organisation__kind__in=kinds)
    return User.objects.filter(Q(Exists(hers)) | (registered & ~Q(Exists(held))))


def user_for(acting: Acting, uuid: UUID) -> User:
    """One of them. Raises NotAllowed, Http404."""
    return get_object_or_404(_looked_after(acting, clock.today()).select_related("organisation"), uuid=uuid)


def person_of(user: User) -> Person | None:
    """The person of a login."""
    return Person.objects.filter(user=user).select_related("organisation", "user").first()


def membership_for(acting: Acting, user: User, uuid: UUID) -> Membership:
    """A role of that login in her branch. Raises NotAllowed, Http404."""
    require(acting, "membership", "read", place=acting.organisation_path)
    held = user.memberships.filter(organisation__path__startswith=acting.organisation_path)
    return get_object_or_404(held.select_related("organisation"), uuid=uuid)


def slip_for(acting: Acting, user: User, uuid: UUID) -> Slip:
    """A slip of that login. Raises Http404."""
    return get_object_or_404(Slip.objects.filter(user=user).select_related("user__organisation"), uuid=uuid)


def people_list(acting: Acting, *, query: str, page: int, only_unseen: bool = False) -> PeopleList:
    """The logins of this desk by name, login name, or the whole number of a paper or phone. Raises NotAllowed."""
    today = clock.today()
    users = _looked_after(acting, today).order_by("username")
    seen = IdentityCheck.objects.filter(person=OuterRef("person__uuid"), kind=IdentityCheckKind.PAPER_SEEN)
    herself = Registration.objects.filter(person__user=OuterRef("pk"))
    users = users.annotate(unseen=Exists(herself) & ~Exists(seen))
    if only_unseen:
        users = users.filter(unseen=True)
    if query:
        users = users.filter(
            Q(display_name__icontains=query)
            | Q(username__startswith=tidy_number(query))
            | Q(person__document_index__in=document_indexes(query))
            | Q(person__phone_index=blind_index(tidy_number(query), purpose="phone"))
        )
    holding = Membership.objects.filter(_current(today)).select_related("organisation").order_by("id")
    open_slips = Slip.objects.filter(state=SlipState.OPEN, valid_to__gte=today)
    users = users.select_related("organisation", "person").prefetch_related(
        Prefetch("memberships", queryset=holding, to_attr="holding"),
        Prefetch("slips", queryset=open_slips, to_attr="open_slips"),
    )
    pages = Paginator(users, _ROWS_A_PAGE)
    shown = pages.get_page(page)
    return PeopleList(
        rows=tuple(_people_row(user) for user in shown),
        total=pages.count,
        page=shown.number,
        pages=pages.num_pages,
        query=query,
        waiting=waiting_identities(acting),
        can_make=can(acting, "user", "create") is not None,
        can_see_organisations=can(acting, "organisation", "read") is not None,
    )


def _shown_name(user: User, roles: set[str], person: Person | None) -> str:
    """Colleagues by name; trainees, and who holds no role, masked."""
    if roles - {Role.TRAINEE.value}:
        return user.display_name
    return masked_name(person.name if person else user.display_name)


def _people_row(user: Any) -> PeopleRow:
    held = {row.role for row in user.holding}
    state, tone = _state(user, user.open_slips[0] if user.open_slips else None)
    return PeopleRow(
        uuid=user.uuid,
        name=_shown_name(user, held, getattr(user, "person", None)),
        login_name=user.username,
        roles=tuple(dict.fromkeys(role_label(row.role) for row in user.holding)),
        organisation=user.holding[0].organisation.name if user.holding else user.organisation.name,
        state=state,
        tone=tone,
        unseen=user.unseen,
        is_demo=user.is_demo,
    )


def _state(user: User, slip: Slip | None) -> tuple[str, str]:
    if not user.is_active:
        return pgettext("login", "closed"), "bad"
    if slip is not None:
        return _("slip made, valid to %(day)s") % {"day": slip.valid_to.isoformat()}, "now"
    if not user.has_usable_password():
        return _("needs a slip"), "warn"
    return pgettext("login", "open"), "ok"


def person_page(acting: Acting, user: User) -> PersonPage:
    """Everything about one login that this desk deals with."""
    today = clock.today()
    path = acting.organisation_path
    memberships = list(user.memberships.select_related("organisation").order_by("-valid_from", "-id"))
    current = [row for row in memberships if row.valid_to is None or row.valid_to >= today]
    foreign = [row for row in current if not _helps(acting, row)]
    person = person_of(user)
    slips = slips_of(user)
    still_open = next((slip for slip in slips if slip.state == SlipState.OPEN and slip.valid_to >= today), None)
    state, tone = _state(user, still_open)
    is_self = acting.user == user.uuid
    why_not = ""
    if is_self:
        why_not = _("This is your own login. Somebody else at the next level up helps you.")
    elif foreign:
        why_not = _("This login also holds a role that others give. Slips are made by the administrator above you.")
    helps = not why_not and can(acting, "slip", "execute") is not None
    return PersonPage(
        uuid=user.uuid,
        person=person.uuid if person else None,
        name=_shown_name(user, {row.role for row in current}, person),
        login_name=user.username,
        registered_by=user.organisation.name if user.organisation else "",
        document_label=str(person.get_document_type_display()) if person and person.document_number else "",
        document=masked_document(person.document_number) if person else "",
        phone=masked_phone(person.phone) if person else "",
        state=state,
        tone=tone,
        is_active=user.is_active,
        is_self=is_self,
        helps=helps,
        why_not=why_not,
        second_step=Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists(),
        unseen=person is not None and needs_seeing(person),
        has_paper=bool(person and person.document_number),
        roles=tuple(
            HeldRoleRow(
                uuid=row.uuid,
                label=role_label(row.role),
                organisation=row.organisation.name,
                valid_from=row.valid_from,
                valid_to=row.valid_to,
                holds=row.valid_from <= today and row in current,
                can_end=not is_self
                and (row.valid_to is None or row.valid_to > today)
                and row.organisation.path.startswith(path)
                and may_give(acting, Role(row.role), row.organisation),
            )
            for row in memberships
        ),
        slips=tuple(_slip_row(slip, today, helps) for slip in slips),
        consents=consents_of(person.uuid) if person and can(acting, "consent", "read") else (),
        records_consent=person is not None and can(acting, "consent", "create") is not None,
        can_give=not is_self and can(acting, "membership", "create") is not None,
    )


def _helps(acting: Acting, row: Membership) -> bool:
    if acting.role is Role.ADMINISTRATOR:
        return acting.covers(row.organisation.scope_path)
    return may_give(acting, Role(row.role), row.organisation)


def _slip_row(slip: Slip, today: date, helps: bool) -> SlipRow:
    over = slip.state == SlipState.OPEN and slip.valid_to < today
    return SlipRow(
        uuid=slip.uuid,
        purpose=str(slip.get_purpose_display()),
        state=_("past its last day") if over else str(slip.get_state_display()),
        tone="mute" if over else _SLIP_TONES[SlipState(slip.state)],
        made_at=slip.created_at,
        issuer=slip.issuer,
        valid_to=slip.valid_to,
        can_withdraw=helps and not over and slip.state == SlipState.OPEN,
    )

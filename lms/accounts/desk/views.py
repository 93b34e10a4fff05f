"""The people's desk: gate → form → one service or selector → page."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lms.accounts.consent.services import record_consent
from lms.accounts.consent.types import ConsentHow
from lms.accounts.desk import selectors, services
from lms.accounts.desk.forms import (
    AdmitForm,
    GiveRoleForm,
    NewOrganisationForm,
    PaperConsentForm,
    SeenForm,
    SlipForm,
)
from lms.accounts.memberships.services import end_membership
from lms.accounts.organisations.services import create_organisation
from lms.accounts.people.models import User
from lms.accounts.people.services import set_active
from lms.accounts.registration.services import give_role
from lms.accounts.requests import ActingRequest
from lms.accounts.rules import require
from lms.accounts.slips.selectors import purpose_label
from lms.accounts.slips.services import issue_slip, withdraw_slip
from lms.accounts.types import AccountsRefusal
from lms.core import clock


def _status(form: Any) -> int:
    return 422 if form.errors else 200


def _page_number(text: str) -> int:
    # The paginator takes any number; Python refuses to read one of thousands of digits.
    return int(text[:9]) if text.isdecimal() else 1


@login_required
@require_http_methods(["GET", "POST"])
@never_cache
def people(request: ActingRequest) -> HttpResponse:
    """Logins this desk looks after; searched by POST, so that no number stands in an address or a log."""
    page = selectors.people_list(
        request.acting,
        query=request.POST.get("q", "").strip(),
        page=_page_number(request.GET.get("page", "1")),
        only_unseen=request.GET.get("unseen") == "1",
    )
    words = {"page": page, "unseen": request.GET.get("unseen") == "1"}
    return render(request, "accounts/desk/people.html", words)


@login_required
@never_cache
@sensitive_post_parameters("document_number", "phone")
def admit(request: ActingRequest) -> HttpResponse:
    """Somebody new: a person, a login, a role."""
    acting = request.acting
    require(acting, "user", "create", place=acting.organisation_path)
    form = AdmitForm(
        request.POST or None,
        places=selectors.places_to_admit(acting),
        roles=selectors.roles_to_admit(acting),
        initial={"document_type": "resident_card"},
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = services.admit(
                by=acting,
                organisation=form.place(),
                role=form.cleaned_data["role"],
                data=form.person_data(),
                valid_to=form.cleaned_data["valid_to"],
                now=clock.now(),
            )
        except AccountsRefusal as refusal:
            form.refuse(refusal)
        else:
            words = _("Known here already; the login %(name)s has the role now.") if made.known else ""
            words = words or _("Registered with the login %(name)s. Make a slip, so that she can sign in.")
            messages.success(request, words % {"name": made.login_name})
            return redirect("accounts:person", uuid=made.user)
    return render(request, "accounts/desk/admit.html", {"form": form}, status=_status(form))


@login_required
@require_GET
@never_cache
def person(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """One login: what it may do, its slips, its consents."""
    return _person_page(request, selectors.user_for(request.acting, uuid))


def _person_page(request: ActingRequest, user: User, **extra: Any) -> HttpResponse:
    acting = request.acting
    words: dict[str, Any] = {
        "page": selectors.person_page(acting, user),
        "give": GiveRoleForm(places=selectors.places_to_admit(acting), roles=selectors.roles_to_admit(acting)),
        "seen": SeenForm(auto_id="seen_%s"),
    }
    words.update(extra)
    status = 422 if any(getattr(value, "errors", None) for value in extra.values()) else 200
    return render(request, "accounts/desk/person.html", words, status=status)


def _done(request: ActingRequest, user: User, act: Callable[[], Any], words: str) -> HttpResponse:
    """Do it, then show the login again with the outcome or the reason against it."""
    try:
        act()
    except AccountsRefusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, words)
    return redirect("accounts:person", uuid=user.uuid)


@login_required
@require_http_methods(["GET", "POST"])
@never_cache
@sensitive_post_parameters("paper_end")
def slip(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """The check of identity, then the slip: shown once, in this answer only."""
    acting = request.acting
    user = selectors.user_for(acting, uuid)
    require(acting, "slip", "execute", place=acting.organisation_path)
    page = selectors.person_page(acting, user)
    form = SlipForm(
        request.POST or None,
        has_paper=page.has_paper,
        has_password=user.has_usable_password() and not user.password_is_initial,
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            printed = issue_slip(
                by=acting,
                user=user,
                purpose=data["purpose"],
                check=data["check"],
                paper_end=data.get("paper_end", ""),
                now=clock.now(),
            )
        except AccountsRefusal as refusal:
            form.refuse(refusal)
        else:
            words = {
                "slip": printed,
                "purpose": purpose_label(printed.purpose),
                "address": request.build_absolute_uri("/")[:-1],
                "printed_at": clock.now(),
            }
            return render(request, "accounts/desk/printed_slip.html", words)
    return render(request, "accounts/desk/slip.html", {"form": form, "page": page}, status=_status(form))


@login_required
@require_POST
def withdraw(request: ActingRequest, uuid: UUID, slip: UUID) -> HttpResponse:
    """Void a slip."""
    acting = request.acting
    user = selectors.user_for(acting, uuid)
    row = selectors.slip_for(acting, user, slip)
    return _done(
        request,
        user,
        lambda: withdraw_slip(by=acting, slip=row, now=clock.now()),
        _("The slip opens nothing any more."),
    )


@login_required
@require_POST
def give(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Give a role."""
    acting = request.acting
    user = selectors.user_for(acting, uuid)
    form = GiveRoleForm(request.POST, places=selectors.places_to_admit(acting), roles=selectors.roles_to_admit(acting))
    if form.is_valid():
        try:
            give_role(
                by=acting,
                user=user,
                organisation=form.place(),
                role=form.cleaned_data["role"],
                valid_to=form.cleaned_data["valid_to"],
                now=clock.now(),
            )
        except AccountsRefusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The role is given."))
            return redirect("accounts:person", uuid=user.uuid)
    return _person_page(request, user, give=form)


@login_required
@require_POST
def end(request: ActingRequest, uuid: UUID, membership: UUID) -> HttpResponse:
    """Let a role end with today."""
    acting = request.acting
    user = selectors.user_for(acting, uuid)
    held = selectors.membership_for(acting, user, membership)
    act = lambda: end_membership(by=acting, membership=held, last_day=clock.today(), now=clock.now())  # noqa: E731
    return _done(request, user, act, _("The role ends with today."))


@login_required
@require_POST
def activity(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Close the login or open it again (field `active`: 1 or 0)."""
    acting = request.acting
    user = selectors.user_for(acting, uuid)
    active = request.POST.get("active") == "1"
    words = _("The login is open again.") if active else _("The login is closed and signed out everywhere.")
    return _done(request, user, lambda: set_active(by=acting, user=user, active=active, now=clock.now()), words)


@login_required
@require_POST
@sensitive_post_parameters("paper_end")
def seen(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """A self-registered person was compared with her paper."""
    acting = request.acting
    user = selectors.user_for(acting, uuid)
    human = selectors.person_of(user)
    if human is None:
        raise Http404
    form = SeenForm(request.POST, auto_id="seen_%s")
    if form.is_valid():
        try:
            services.see_identity(by=acting, person=human, paper_end=form.cleaned_data["paper_end"], now=clock.now())
        except AccountsRefusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The check of identity is recorded."))
            return redirect("accounts:person", uuid=user.uuid)
    return _person_page(request, user, seen=form)


@login_required
@require_http_methods(["GET", "POST"])
@never_cache
def consent(request: ActingRequest, uuid: UUID, text: UUID) -> HttpResponse:
    """Record a consent that was signed on paper; the page is also what is printed for signing."""
    acting = request.acting
    require(acting, "consent", "create", place=acting.organisation_path)
    user = selectors.user_for(acting, uuid)
    human = selectors.person_of(user)
    page = selectors.person_page(acting, user)
    standing = next((one for one in page.consents if one.text.uuid == text), None)
    if human is None or standing is None:
        raise Http404
    form = PaperConsentForm(request.POST or None, initial={"text": text})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            record_consent(
                by=acting,
                person=human,
                text=data["text"],
                given=data["given"],
                how=ConsentHow.PAPER,
                signed_on=data["signed_on"],
                note=data["note"],
                now=clock.now(),
            )
        except AccountsRefusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The consent on paper is recorded."))
            return redirect("accounts:person", uuid=user.uuid)
    words = {"form": form, "page": page, "standing": standing}
    return render(request, "accounts/desk/paper_consent.html", words, status=_status(form))


@login_required
@require_GET
@never_cache
def organisations(request: ActingRequest) -> HttpResponse:
    """The branch."""
    return render(request, "accounts/desk/organisations.html", {"page": selectors.organisation_list(request.acting)})


@login_required
@never_cache
def new_organisation(request: ActingRequest) -> HttpResponse:
    """Form and creation of an organisation of the next level."""
    acting = request.acting
    form = NewOrganisationForm(
        request.POST or None, places=selectors.places_to_make(acting), kinds=selectors.kinds_to_make(acting)
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = create_organisation(
                by=acting,
                parent=form.place(),
                name=form.cleaned_data["name"],
                kind=form.cleaned_data["kind"],
                now=clock.now(),
            )
        except AccountsRefusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("“%(name)s” now stands in the tree.") % {"name": made.name})
            return redirect("accounts:organisations")
    return render(request, "accounts/desk/new_organisation.html", {"form": form}, status=_status(form))

"""The administrator's pages in the frame of the Wagtail admin: organisations, logins with their roles, persons."""

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lms.accounts.backoffice import selectors
from lms.accounts.backoffice.forms import MembershipForm, OrganisationForm, PersonForm, RenameForm, UserForm
from lms.accounts.memberships.services import end_membership
from lms.accounts.organisations.services import create_organisation, update_organisation
from lms.accounts.people.models import User
from lms.accounts.people.services import (
    create_person,
    create_user,
    rename_user,
    set_active,
)
from lms.accounts.registration.services import give_role
from lms.accounts.requests import ActingRequest
from lms.accounts.types import AccountsRefusal, Acting
from lms.core import clock
from lms.core.reading import words_asked


def _acting(request: HttpRequest) -> Acting:
    return cast("ActingRequest", request).acting


def _head(title: str, icon: str, **words: Any) -> dict[str, Any]:
    return {"header_title": title, "header_icon": icon, **words}


def _up(page: str, text: str) -> dict[str, str]:
    return {"up_url": reverse(page), "up_text": text}


def _status(form: Any) -> int:
    return 422 if form.errors else 200


def _page_number(request: HttpRequest) -> int:
    text = request.GET.get("p", "1")
    # The paginator takes any number; Python refuses to read one of thousands of digits.
    return int(text[:9]) if text.isdecimal() else 1


@require_GET
@never_cache
def organisations(request: HttpRequest) -> HttpResponse:
    """The tree."""
    rows = selectors.organisation_listing(_acting(request))
    return render(
        request,
        "accounts/admin/organisations.html",
        _head(
            _("Organisations"),
            "site",
            rows=rows,
            action_url=reverse("people_admin:new_organisation"),
            action_text=_("New organisation"),
        ),
    )


@never_cache
def new_organisation(request: HttpRequest) -> HttpResponse:
    """Form and creation of a node."""
    acting = _acting(request)
    form = OrganisationForm(
        request.POST or None, organisations=selectors.organisations_of(acting), with_parent=True, initial=request.GET
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = create_organisation(by=acting, now=clock.now(), **form.cleaned_data)
        except AccountsRefusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("“%(name)s” now stands in the tree.") % {"name": made.name})
            return redirect("people_admin:organisations")
    words = _head(
        _("New organisation"),
        "site",
        form=form,
        button=_("Create"),
        **_up("people_admin:organisations", _("Organisations")),
    )
    return render(request, "accounts/admin/form.html", words, status=_status(form))


@never_cache
def organisation(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Name and kind of a node."""
    acting = _acting(request)
    row = selectors.organisation_for(acting, uuid)
    form = OrganisationForm(
        request.POST or None,
        organisations=selectors.organisations_of(acting),
        with_parent=False,
        initial={"name": row.name, "kind": row.kind},
    )
    if request.method == "POST" and form.is_valid():
        try:
            update_organisation(by=acting, organisation=row, now=clock.now(), **form.cleaned_data)
        except AccountsRefusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("people_admin:organisations")
    words = _head(
        row.name, "site", form=form, button=_("Save"), **_up("people_admin:organisations", _("Organisations"))
    )
    return render(request, "accounts/admin/form.html", words, status=_status(form))


@require_GET
@never_cache
def users(request: HttpRequest) -> HttpResponse:
    """Logins, searched by name or login name."""
    query = words_asked(request.GET)
    listing = selectors.user_listing(_acting(request), query=query, page=_page_number(request))
    return render(
        request,
        "accounts/admin/users.html",
        _head(
            _("Logins and roles"),
            "user",
            listing=listing,
            action_url=reverse("people_admin:new_user"),
            action_text=_("New login"),
        ),
    )


@never_cache
def new_user(request: HttpRequest) -> HttpResponse:
    """A login without password; the slip for its first sign-in is printed at the people's desk."""
    acting = _acting(request)
    form = UserForm(request.POST or None, organisations=selectors.organisations_of(acting))
    if request.method == "POST" and form.is_valid():
        try:
            made = create_user(by=acting, password=None, now=clock.now(), **form.cleaned_data)
        except AccountsRefusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Login %(name)s is made. Give it a role and print a slip.") % {"name": made})
            return redirect("people_admin:user", uuid=made.uuid)
    words = _head(
        _("New login"), "user", form=form, button=_("Create"), **_up("people_admin:users", _("Logins and roles"))
    )
    return render(request, "accounts/admin/form.html", words, status=_status(form))


@never_cache
def user(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One login: rename it, see its roles."""
    acting = _acting(request)
    row = selectors.user_for(acting, uuid)
    form = RenameForm(request.POST or None, initial={"display_name": row.display_name})
    if request.method == "POST" and form.is_valid():
        return _done(request, row, lambda: rename_user(by=acting, user=row, now=clock.now(), **form.cleaned_data))
    return _user_page(request, row, form=form)


def _user_page(request: HttpRequest, row: User, **extra: Any) -> HttpResponse:
    acting = _acting(request)
    words = _head(
        row.display_name or row.username,
        "user",
        page=selectors.user_page(acting, row),
        form=RenameForm(initial={"display_name": row.display_name}),
        grant=MembershipForm(organisations=selectors.organisations_of(acting)),
        **_up("people_admin:users", _("Logins and roles")),
    )
    words.update(extra)
    status = max(_status(words["form"]), _status(words["grant"]))
    return render(request, "accounts/admin/user.html", words, status=status)


def _done(request: HttpRequest, row: User, act: Callable[[], Any], words: str = "") -> HttpResponse:
    """Do it, then show the login again with the outcome or the reason against it."""
    try:
        act()
    except AccountsRefusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, words or _("Saved."))
    return redirect("people_admin:user", uuid=row.uuid)


@require_POST
@never_cache
def activity(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Close the login or open it again (field `active`: 1 or 0)."""
    acting = _acting(request)
    row = selectors.user_for(acting, uuid)
    active = request.POST.get("active") == "1"
    words = _("The login is open again.") if active else _("The login is closed and signed out everywhere.")
    return _done(request, row, lambda: set_active(by=acting, user=row, active=active, now=clock.now()), words)


@require_POST
@never_cache
def grant(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Give a role."""
    acting = _acting(request)
    row = selectors.user_for(acting, uuid)
    form = MembershipForm(request.POST, organisations=selectors.organisations_of(acting))
    if form.is_valid():
        try:
            give_role(by=acting, user=row, now=clock.now(), **form.cleaned_data)
        except AccountsRefusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The role is given."))
            return redirect("people_admin:user", uuid=row.uuid)
    return _user_page(request, row, grant=form)


@require_POST
@never_cache
def end(request: HttpRequest, uuid: UUID, membership: UUID) -> HttpResponse:
    """Let a role end with today."""
    acting = _acting(request)
    row = selectors.user_for(acting, uuid)
    held = selectors.membership_for(acting, row, membership)
    return _done(
        request,
        row,
        lambda: end_membership(by=acting, membership=held, last_day=clock.today(), now=clock.now()),
        _("The role ends with today."),
    )


@require_http_methods(["GET", "POST"])
@never_cache
def persons(request: HttpRequest) -> HttpResponse:
    """Persons, masked; searched by name or whole number, by POST so that no number stands in an address or a log."""
    query = request.POST.get("q", "").strip()
    listing = selectors.person_listing(_acting(request), query=query, page=_page_number(request))
    return render(
        request,
        "accounts/admin/persons.html",
        _head(
            _("Persons"),
            "group",
            listing=listing,
            action_url=reverse("people_admin:new_person"),
            action_text=_("New person"),
        ),
    )


@never_cache
def new_person(request: HttpRequest) -> HttpResponse:
    """Register a person."""
    acting = _acting(request)
    form = PersonForm(request.POST or None, organisations=selectors.organisations_of(acting))
    if request.method == "POST" and form.is_valid():
        try:
            create_person(
                by=acting,
                organisation=form.cleaned_data["organisation"],
                data=form.person_data(),
                now=clock.now(),
            )
        except AccountsRefusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The person is registered."))
            return redirect("people_admin:persons")
    words = _head(_("New person"), "user", form=form, button=_("Register"), **_up("people_admin:persons", _("Persons")))
    return render(request, "accounts/admin/form.html", words, status=_status(form))

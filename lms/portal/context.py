"""What every page's shell shows: who is here, on whose behalf, where they may go."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import formats
from django.utils.functional import SimpleLazyObject, cached_property
from django.utils.timezone import localtime
from django.utils.translation import get_language

from lms.accounts.api import NOBODY, Acting, Role, User, role_label, valid_memberships
from lms.core import clock
from lms.notices.api import unread_count
from lms.portal.navigation import navigation
from lms.portal.types import MembershipChoice, NavItem


@dataclass(frozen=True)
class Shell:
    """Data of the page shells (phone, desk, bare, public, exam). What costs a query is worked out when a shell first asks:
    those of an examination never do."""

    acting: Acting
    user: User | None
    path: str
    home_url: str
    language: str
    text_size: str
    theme: str
    person_label: str
    organisation_label: str
    demo: bool
    clock_note: str
    notices_url: str
    preferences_url: str
    role_url: str
    sign_out_url: str

    @cached_property
    def nav(self) -> list[NavItem]:
        """The places of her bar or rail."""
        return navigation(self.acting, path=self.path) if self.user else []

    @cached_property
    def memberships(self) -> list[MembershipChoice]:
        """The organisations and roles she may choose from. One query."""
        return [
            MembershipChoice(
                uuid=membership.uuid,
                organisation=membership.organisation.name,
                role_label=role_label(membership.role),
                current=membership.uuid == self.acting.membership,
            )
            for membership in (valid_memberships(self.user, today=clock.today()) if self.user else [])
        ]

    @cached_property
    def unread(self) -> int:
        """How many notices are new, a hundred at most. One query."""
        return unread_count(self.acting) if self.user else 0

    @property
    def frame(self) -> str:
        """The shell of a page that every role has: phone for trainees, desk for staff, bare for strangers."""
        if not self.sign_out_url:
            return "shells/bare.html"
        return "shells/phone.html" if self.acting.role is Role.TRAINEE else "shells/desk.html"


def _signed_in(request: HttpRequest) -> User | None:
    """The user, also where the middleware never ran (an error before it)."""
    user = getattr(request, "user", None)
    return user if isinstance(user, User) else None


def _preference(request: HttpRequest, name: str, default: str) -> str:
    user = _signed_in(request)
    return (getattr(user, name) if user else "") or request.COOKIES.get(f"kb_{name}", "") or default


def build_shell(request: HttpRequest) -> Shell:
    """The shell of one request."""
    user = _signed_in(request)
    acting: Acting = getattr(request, "acting", NOBODY)
    moved = clock.offset()
    return Shell(
        acting=acting,
        user=user,
        path=request.path,
        home_url=reverse("portal:home"),
        language=get_language() or settings.LANGUAGE_CODE,
        text_size=_preference(request, "text_size", "normal"),
        theme=_preference(request, "theme", "light"),
        person_label=user.get_full_name() if user else "",
        organisation_label=acting.organisation_name,
        demo=settings.DEMO,
        clock_note=formats.date_format(localtime(clock.now()), "Y-m-d H:i") if moved else "",
        notices_url=reverse("notices:list") if user else "",
        preferences_url=reverse("accounts:set_preferences"),
        role_url=reverse("accounts:switch_membership"),
        sign_out_url=reverse("account_logout") if user else "",
    )


def shell(request: HttpRequest) -> dict[str, object]:
    """Template context: `shell`, built when a template first asks for it."""
    return {"shell": SimpleLazyObject(lambda: build_shell(request))}

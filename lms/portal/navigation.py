"""Where each role may go. Only pages that exist and that the matrix lets the role read: no dead links."""

from django.urls import reverse
from django.utils.translation import gettext, pgettext

from lms.accounts.api import Acting, Role, can
from lms.portal.types import NavItem

# They see works by code only; the overview with masked names is not for them.
BLIND_ROLES = frozenset({Role.EXAMINER, Role.CHIEF_EXAMINER})


def _item(path: str, label: str, url: str, icon: str, *, group: str = "", count: int | None = None) -> NavItem:
    home = reverse("portal:home")
    current = path == url if url == home else path.startswith(url)
    return NavItem(label, url, icon, current, count, group)


def navigation(acting: Acting, *, path: str) -> list[NavItem]:
    """The entries of the bottom bar (trainees) or the rail (everybody else)."""
    home = _item(path, gettext("Home"), reverse("portal:home"), "home")
    me = _item(path, gettext("Me"), reverse("accounts:account"), "user-circle")
    if acting.role is Role.TRAINEE:
        return [
            home,
            _item(path, gettext("Study"), "/learn/", "book-open"),
            _item(path, gettext("Works"), reverse("media:works"), "video-camera"),
            me,
        ]
    items = [home]
    work = pgettext("navigation", "Work")
    if can(acting, "evidence", "read"):
        items.append(_item(path, gettext("Evidence"), reverse("assessment:evidence_list"), "eye", group=work))
    if can(acting, "other_submission", "read") and acting.role not in BLIND_ROLES:
        items.append(_item(path, gettext("Works"), reverse("portal:works_overview"), "video-camera", group=work))
    if can(acting, "lesson", "read"):
        items.append(_item(path, gettext("Curriculum"), "/learn/", "book-open", group=work))
    if acting.role in (Role.COMMITTEE, Role.ADMINISTRATOR):
        items.append(_item(path, gettext("Content admin"), reverse("wagtailadmin_home"), "pencil-square", group=work))
    if can(acting, "dead_letter", "read"):
        items.append(
            _item(path, gettext("Failed jobs"), reverse("portal:dead_letters"), "exclamation-triangle", group=work)
        )
    return [*items, me]

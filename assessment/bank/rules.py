"""Who may read, write and judge questions, and who may look at keys (domain 3.3). The bank is one for all (S1-28)."""

from uuid import UUID

from django.utils.translation import gettext as _

from lms.accounts.api import Acting, NotAllowed, Role, may, require


def reads_questions(acting: Acting) -> bool:
    """The committee; the HR bureau for its audit. No institution, ever (S1-28)."""
    return may(acting, "question", "read")


def writes_questions(acting: Acting) -> bool:
    """The committee: whoever writes may read what colleagues say of a question."""
    return may(acting, "question", "update")


def require_reader(acting: Acting) -> None:
    """The same as a gate. Raises NotAllowed."""
    require(acting, "question", "read")


def require_writer(acting: Acting) -> None:
    """The same as a gate. Raises NotAllowed."""
    require(acting, "question", "update")


def require_expert(acting: Acting) -> tuple[UUID, UUID]:
    """A member of the committee in person, as (user, person): a verdict is somebody's word. Raises NotAllowed."""
    require(acting, "question", "approve")
    if acting.role is not Role.COMMITTEE or acting.user is None or acting.person is None:
        raise NotAllowed(_("A verdict is given by a member of the committee in person."))
    return acting.user, acting.person


def may_see_keys(acting: Acting) -> bool:
    """Whoever may, with a reason that is written down."""
    return acting.user is not None and may(acting, "question_key", "read")


def require_key_reader(acting: Acting) -> UUID:
    """The same as a gate; her user. Raises NotAllowed."""
    require(acting, "question_key", "read")
    if acting.user is None:
        raise NotAllowed(_("Only a person may look at keys."))
    return acting.user


def reads_statistics(acting: Acting) -> bool:
    """How many questions there are, by topic: no text, no key."""
    return may(acting, "question_statistics", "read")


def require_statistics(acting: Acting) -> None:
    """The same as a gate. Raises NotAllowed."""
    require(acting, "question_statistics", "read")

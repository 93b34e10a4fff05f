"""The door of lms.notices."""

from lms.notices.kinds import register as register_kind
from lms.notices.selectors import deadline, deadline_text, unreached_count, unread_count
from lms.notices.services import notify
from lms.notices.types import Deadline

__all__ = ["Deadline", "deadline", "deadline_text", "notify", "register_kind", "unreached_count", "unread_count"]

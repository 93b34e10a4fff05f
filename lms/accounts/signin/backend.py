"""Who a session belongs to: the user with her person in one query, as every request asks for both."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models.functions import Coalesce

from lms.accounts.people.models import User


class SigninBackend(AuthenticationBackend):
    """allauth's, whose users know their person."""

    def get_user(self, user_id: Any) -> User | None:
        """The user with `kept_person`, as `acting_for` looks it up; None where there is none or the login is closed."""
        users = User.objects.annotate(kept_person=Coalesce("person__merged_into__uuid", "person__uuid"))
        try:
            user = users.get(pk=user_id)
        except User.DoesNotExist:
            return None
        return user if self.user_can_authenticate(user) else None

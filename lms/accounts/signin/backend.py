"""Who a session belongs to: the user with her person in one query, as every request asks for both."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import BigAutoField, QuerySet
from django.db.models.functions import Coalesce

from lms.accounts.people.models import User
from lms.core.keptquery import KeptQuery


def _user(pk: int) -> QuerySet[User]:
    return User.objects.annotate(kept_person=Coalesce("person__merged_into__uuid", "person__uuid")).filter(pk=pk)


_USER = KeptQuery(_user, pk=BigAutoField())


class SigninBackend(AuthenticationBackend):
    """allauth's, whose users know their person."""

    def get_user(self, user_id: Any) -> User | None:
        """The user with `kept_person`, as `acting_for` looks it up; None where there is none or the login is closed."""
        found = _USER(pk=user_id)
        return found[0] if found and self.user_can_authenticate(found[0]) else None

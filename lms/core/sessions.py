"""Sessions in Django's table: read by a kept question, stored in one statement, made without asking whether a key is free."""

from typing import Any

from django.contrib.sessions.backends.base import VALID_KEY_CHARS, CreateError, UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.models import Session
from django.db import DatabaseError, IntegrityError
from django.db.models import CharField, DateTimeField
from django.utils.crypto import get_random_string

from lms.core import clock
from lms.core.keptquery import KeptQuery

_SESSION = KeptQuery(
    lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now), key=CharField(), now=DateTimeField()
)
_LENGTH = 32


class SessionStore(DatabaseSessions):
    """As Django's, but saved without a transaction or savepoint of its own: in a transaction, a refused save ends that.

    A key is drawn from 36^32, so that two never meet; were one taken, its row is refused all the same.
    """

    def _get_session_from_db(self) -> Any:
        found = _SESSION(key=self.session_key or "", now=clock.real_now())
        if not found:
            self._session_key = None
            return None
        return found[0]

    def save(self, must_create: bool = False) -> None:
        """As Django's, without a transaction or savepoint of its own. Raises CreateError, UpdateError, DatabaseError."""
        if self.session_key is None:
            self.create()
            return
        row = self.create_model_instance(self._get_session(no_load=must_create))  # type: ignore[attr-defined]  # not in the stubs
        try:
            row.save(force_insert=must_create, force_update=not must_create)
        except IntegrityError as error:
            if must_create:
                raise CreateError from error
            raise
        except DatabaseError as error:
            if not must_create:
                raise UpdateError from error
            raise

    def _get_new_session_key(self) -> str:
        return get_random_string(_LENGTH, VALID_KEY_CHARS)

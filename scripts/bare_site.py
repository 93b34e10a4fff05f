"""The least that Django does for a request that writes: what `bench_exam` holds its figures against, on the same machine.

A session, its user, one upsert; no template, no other middleware. `WSGI` is what a web server takes. The engineering notes
measured such a view at 2.2–2.5 ms on SQLite and 3.5–4.3 ms on PostgreSQL on a machine of the same kind, under granian.
Settings come from the environment: BARE_SQLITE names a file, else BARE_POSTGRES a database, and libpq's own PGHOST, PGPORT
and PGUSER its server.
"""

import os
from typing import Any, ClassVar

import django
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path

_sqlite = os.environ.get("BARE_SQLITE", "")
_engine: dict[str, Any] = (
    {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": _sqlite,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
    if _sqlite
    else {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ.get("BARE_POSTGRES", ""),
    }
)
settings.configure(
    SECRET_KEY="of a bench alone",  # noqa: S106 # guards nothing
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    DATABASES={"default": {**_engine, "CONN_MAX_AGE": 60}},
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)
django.setup()

# Models can be written once Django is set up.
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connection, models


class Said(models.Model):
    """One row of each user, written over by each request."""

    user = models.OneToOneField(User, on_delete=models.CASCADE)
    times = models.IntegerField()
    objects: ClassVar[models.Manager["Said"]] = models.Manager()

    class Meta:
        app_label = "bare"

    def __str__(self) -> str:
        return str(self.times)


def write(request: HttpRequest) -> HttpResponse:
    """The view."""
    row = Said(user_id=request.user.pk, times=1)
    Said.objects.bulk_create([row], update_conflicts=True, unique_fields=["user"], update_fields=["times"])
    return HttpResponse("ok")


def make(count: int) -> list[str]:
    """Tables and so many users who are signed in: their session keys."""
    call_command("migrate", verbosity=0)
    # Outside of the application that migrations know.
    with connection.schema_editor() as editor:
        editor.create_model(Said)
    keys = []
    for number in range(count):
        user = User.objects.create_user(f"user {number}", password="x")  # noqa: S106 # nobody's
        session = SessionStore()
        session["_auth_user_id"] = str(user.pk)
        session["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
        session["_auth_user_hash"] = user.get_session_auth_hash()
        session.save()
        keys.append(str(session.session_key))
    return keys


urlpatterns = [path("write", write), path("healthz", lambda request: HttpResponse())]
WSGI = get_wsgi_application()

"""The test suite: nothing of var/ is touched, no key of an installation is used."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("KAIBO_VAR", str(Path(tempfile.gettempdir()) / f"kaibo-test-{os.getpid()}"))

from lms.core import keys
from lms.settings.base import *
from lms.settings.base import BASE_DIR, DATABASES, STORAGES, VAR_DIR, env

DEBUG = False
TESTING = True
DEMO = True  # synthetic ID numbers (region 99) are the only ones tests use
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
KEYRING = keys.throwaway_keyring()
SECRET_KEY = KEYRING.secret_key
# Weights are large and read only: the installation's are used.
WEIGHTS_DIR = env.path("KAIBO_WEIGHTS", BASE_DIR / "var" / "weights")
WHISPER_MODEL = env.string("KAIBO_WHISPER_MODEL", str(WEIGHTS_DIR / "whisper-base"))
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", "lms.accounts.hashers.KaiboArgon2Hasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    VAR_DIR.mkdir(parents=True, exist_ok=True)
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns without it, and warnings are errors

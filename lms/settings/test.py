"""The test suite: nothing of var/ is touched, no key of an installation is used."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

if "KAIBO_VAR" not in os.environ:
    _var = Path(tempfile.gettempdir()) / f"kaibo-test-{os.getpid()}"
    os.environ["KAIBO_VAR"] = str(_var)
    atexit.register(shutil.rmtree, _var, ignore_errors=True)
# Workers of pytest-xdist inherit the controller's folder: each takes one inside, so that none sees another's files.
_worker = os.environ.get("PYTEST_XDIST_WORKER", "")
if _worker and Path(os.environ["KAIBO_VAR"]).name != _worker:
    os.environ["KAIBO_VAR"] = str(Path(os.environ["KAIBO_VAR"]) / _worker)

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

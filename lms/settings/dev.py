"""One machine, out of the box: development and, with KAIBO_DEMO=1 and KAIBO_DEBUG=0, the demonstration."""

from lms.core import keys
from lms.settings.base import *
from lms.settings.base import DEMO, VAR_DIR, env

DEBUG = env.boolean("KAIBO_DEBUG", not DEMO)
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *env.listing("KAIBO_HOSTS", "")]
KEYRING = keys.local_keyring(VAR_DIR / "keys.json", env.string("KAIBO_TRUSTED_KEYS", ""))
SECRET_KEY = KEYRING.secret_key

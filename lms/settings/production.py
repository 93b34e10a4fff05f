"""A city's installation. Refuses to start without its own keys, hosts and address."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from lms.core import keys
from lms.settings.base import *
from lms.settings.base import CONTENT_ORIGIN, FRAGMENTS_CACHE, SHARED_CACHE, env

PRODUCTION = True
DEBUG = False
DEMO = False
ALLOWED_HOSTS = env.listing("KAIBO_HOSTS")
WAGTAILADMIN_BASE_URL = env.string("KAIBO_BASE_URL")
_hosts = {urlsplit(WAGTAILADMIN_BASE_URL).hostname or "", *ALLOWED_HOSTS}
_content = urlsplit(CONTENT_ORIGIN)
# Cookies know no ports, and a host below ours may set them for ours.
if CONTENT_ORIGIN and any(f".{_content.hostname}".endswith(f".{host.lstrip('.')}") for host in _hosts if host):
    raise ImproperlyConfigured("KAIBO_CONTENT_ORIGIN must be another host than KAIBO_BASE_URL, and not one below it")
if CONTENT_ORIGIN and _content.scheme != "https":
    raise ImproperlyConfigured("KAIBO_CONTENT_ORIGIN must be https")
CSRF_TRUSTED_ORIGINS = env.listing("KAIBO_TRUSTED_ORIGINS", WAGTAILADMIN_BASE_URL)
KEYRING = keys.environment_keyring(
    env.string("SECRET_KEY"),
    env.string("KAIBO_KEYS"),
    env.string("KAIBO_INDEX_KEY"),
    env.string("KAIBO_SIGNING_KEYS"),
    env.string("KAIBO_TRUSTED_KEYS", ""),
)
SECRET_KEY = KEYRING.secret_key
CACHES = {"default": SHARED_CACHE, "template_fragments": FRAGMENTS_CACHE}

SECURE_SSL_REDIRECT = env.boolean("KAIBO_SSL_REDIRECT", True)
_behind_proxy = env.boolean("KAIBO_BEHIND_PROXY", False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _behind_proxy else None
# Behind a proxy that is not counted every visitor has the proxy's address, and one of them locks everybody out.
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("KAIBO_PROXY_COUNT", int(_behind_proxy), minimum=int(_behind_proxy))
SECURE_HSTS_SECONDS = env.integer("KAIBO_HSTS_SECONDS", 31_536_000, minimum=0)
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True

if env.string("KAIBO_MAIL_HOST", ""):
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = env.string("KAIBO_MAIL_HOST")
    EMAIL_PORT = env.integer("KAIBO_MAIL_PORT", 587, minimum=1)
    EMAIL_HOST_USER = env.string("KAIBO_MAIL_USER", "")
    EMAIL_HOST_PASSWORD = env.string("KAIBO_MAIL_PASSWORD", "")
    EMAIL_USE_TLS = True

"""Settings shared by every way of running Kaibo."""

from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from lms.settings import env

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = env.path("KAIBO_VAR", BASE_DIR / "var")

# Demonstration: builds and shows a marked demonstration world; accepts synthetic ID numbers (region 99); set_clock allowed.
DEMO = env.boolean("KAIBO_DEMO", False)
PRODUCTION = False
DEBUG = False

INSTALLED_APPS = [
    "lms.core",
    "lms.accounts",
    "lms.notices",
    "lms.policies",
    "media_pipeline",
    "assessment",
    "courses",
    "lms.portal",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_tasks",
    "django_q",
    "django_htmx",
    "rules",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django.forms",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "lms.core.staticfiles.KaiboStaticFilesConfig",
]

MIDDLEWARE = [
    "courses.packages.middleware.ContentOrigin",
    "lms.core.middleware.UploadGate",
    "courses.studytime.middleware.StudyClock",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "lms.core.middleware.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "lms.core.middleware.PrivatePages",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "lms.accounts.middleware.ActingMiddleware",
    "lms.accounts.middleware.AdminBodies",
    "lms.accounts.middleware.FirstThingsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "lms.urls"
WSGI_APPLICATION = "lms.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "lms" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lms.portal.context.shell",
            ],
            "builtins": ["lms.core.templatetags.kaibo"],
        },
    }
]
FORM_RENDERER = "lms.core.forms.KaiboRenderer"

DATABASES: dict[str, dict[str, Any]]
_postgres = env.string("KAIBO_POSTGRES_DB", "")
if _postgres:
    DATABASES = {
        "default": {
            "ENGINE": "lms.core.postgresql",
            "NAME": _postgres,
            "USER": env.string("KAIBO_POSTGRES_USER", ""),
            "PASSWORD": env.string("KAIBO_POSTGRES_PASSWORD", ""),
            "HOST": env.string("KAIBO_POSTGRES_HOST", ""),
            "PORT": env.string("KAIBO_POSTGRES_PORT", ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            # The server plans a statement that comes again once a connection: half of its work for a sitting was planning.
            "OPTIONS": {"server_side_binding": True, "prepare_threshold": 2},
        }
    }
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": VAR_DIR / "kaibo.sqlite3",
            # Closing the last connection writes the whole log back: a study beat cost four times as much without this.
            "CONN_MAX_AGE": 60,
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                # 32 MB of pages kept: reading a table of 50,000 questions through costs a quarter less.
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
                "PRAGMA cache_size=-32000;",
            },
        }
    }
# Rate limits and used TOTP codes live in the cache: one web process (the demonstration) keeps them in memory, several
# share a table, which production always does. Many names tried at once must not push the counts of others out.
SHARED_CACHE: dict[str, Any] = {
    "BACKEND": "lms.core.sharedcache.SharedCache",
    "LOCATION": "kaibo_cache",
    "OPTIONS": {"MAX_ENTRIES": 10_000},
}
# Pieces of pages that are the same for everybody (`{% cache %}` in templates): each process draws them once in each language.
FRAGMENTS_CACHE: dict[str, Any] = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "LOCATION": "template_fragments",
    "TIMEOUT": None,
}
CACHES: dict[str, dict[str, Any]] = {
    "default": SHARED_CACHE if _postgres else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "template_fragments": FRAGMENTS_CACHE,
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# People -------------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "lms.accounts.signin.backend.SigninBackend",
]
PASSWORD_HASHERS = ["lms.accounts.hashers.KaiboArgon2Hasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "portal:home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
# Logins are given by the installation; mail and phone are optional and never an identity.
ACCOUNT_ADAPTER = "lms.accounts.signin.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_FORMS = {
    "login": "lms.accounts.signin.forms.SignInForm",
    "change_password": "lms.accounts.signin.forms.PasswordForm",
    "reauthenticate": "lms.accounts.signin.forms.PasswordAgainForm",
}
# Wrong codes of the second step; passwords are counted in `signin/limits.py`. A whole class shares one address, so that bound
# is wider.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": "60/m/ip,6/15m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("KAIBO_PROXY_COUNT", 0, minimum=0)
MFA_ADAPTER = "lms.accounts.signin.adapter.MFAAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_TOLERANCE = 1  # a phone's clock may be half a minute off
MFA_FORMS = {
    "authenticate": "lms.accounts.signin.forms.SecondStepForm",
    "reauthenticate": "lms.accounts.signin.forms.SecondStepAgainForm",
    "activate_totp": "lms.accounts.signin.forms.SetUpSecondStepForm",
}
# A session ends with the browser and after 12 hours; a trainee may keep hers on her own phone for 14 days.
SESSION_ENGINE = "lms.core.sessions"
SESSION_COOKIE_AGE = 12 * 3600
ACCOUNT_SESSION_COOKIE_AGE = 14 * 24 * 3600

# Language and time --------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "lms" / "locale"]

# Files --------------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "lms" / "static" / "src", BASE_DIR / "lms" / "static" / "dist"]
MEDIA_ROOT = VAR_DIR / "public"
MEDIA_URL = "/media/"
SCRATCH_DIR = VAR_DIR / "scratch"
WEIGHTS_DIR = env.path("KAIBO_WEIGHTS", VAR_DIR / "weights")
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Submissions, scans, photographs: never under MEDIA_URL, served only through a permission check.
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR_DIR / "private", "base_url": None, "file_permissions_mode": 0o600},
    },
    "staticfiles": {"BACKEND": "lms.core.static.KaiboStaticStorage"},
}
# Several web hosts share one bucket (needs requirements/scale.txt); a folder serves one.
_bucket = env.string("KAIBO_S3_BUCKET", "")
if _bucket:
    STORAGES["private"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": _bucket,
            "endpoint_url": env.string("KAIBO_S3_ENDPOINT", "") or None,
            "region_name": env.string("KAIBO_S3_REGION", "") or None,
            "access_key": env.string("KAIBO_S3_KEY_ID", "") or None,
            "secret_key": env.string("KAIBO_S3_SECRET", "") or None,
            "default_acl": None,
            "file_overwrite": True,
        },
    }
UPLOAD_PATHS = ["/uploads/", "/works/upload/", "/homework/video/", "/admin/lesson-videos/upload/"]
UPLOAD_PIECES_PATHS = ["/uploads/"]
# Every other body is a form, but for the files of curriculum, content admin (pictures, documents) and a task (pictures).
# An address here lets nobody's body be read before it knows who sends it: in its view, or AdminBodies.
BODY_MAX_BYTES = 1024**2
BODY_MAX_BYTES_AT = {
    r"/curriculum/exchange/": 62 * 1024**2,
    r"/homework/[0-9a-f-]{36}/[0-9a-f-]{36}/": 12 * 1024**2,
    r"/admin/packages/upload/": 101 * 1024**2,
    # A file of questions has 20 MB at most, and several pictures or a film may come with one question.
    r"/admin/bank/(import/|new/[a-z_]+/|[0-9a-f-]{36}/edit/)": 22 * 1024**2,
    r"/admin/.*": 12 * 1024**2,
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_TEMP_DIR = VAR_DIR / "scratch" / "uploads"
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

# With nginx in front: the internal location (ending in /) that maps to the private folder; videos then leave no thread busy.
X_ACCEL_PREFIX = env.string("KAIBO_X_ACCEL_PREFIX", "")

# SCORM packages are strangers' scripts: they run on an origin of their own, or not at all.
CONTENT_ORIGIN = env.origin("KAIBO_CONTENT_ORIGIN", "")

# Media pipeline -----------------------------------------------------------------------------------------------------
UPLOAD_MAX_BYTES = env.integer("KAIBO_UPLOAD_MAX_BYTES", 2 * 1024**3, minimum=1)
UPLOAD_LONG_MAX_BYTES = env.integer("KAIBO_UPLOAD_LONG_MAX_BYTES", 12 * 1024**3, minimum=1)
# Where a body may be as large as the second; in pieces one may hold the rest of any file.
UPLOAD_LONG_PATHS = ["/uploads/", "/admin/lesson-videos/upload/"]
UPLOAD_OWNER_BYTES = env.integer("KAIBO_UPLOAD_OWNER_BYTES", 20 * 1024**3, minimum=1)
UPLOAD_STAFF_BYTES = env.integer("KAIBO_UPLOAD_STAFF_BYTES", 500 * 1024**3, minimum=1)
UPLOAD_TOTAL_BYTES = env.integer("KAIBO_UPLOAD_TOTAL_BYTES", 0, minimum=0)
UPLOAD_RESERVE_BYTES = env.integer("KAIBO_UPLOAD_RESERVE_BYTES", 256 * 1024**2, minimum=0)
UPLOAD_KEPT_HOURS = env.integer("KAIBO_UPLOAD_KEPT_HOURS", 72, minimum=24)
WEB_THREADS = env.integer("KAIBO_WEB_THREADS", 8, minimum=2)
# One computes, one waits for the database.
WEB_AT_ONCE = env.integer("KAIBO_WEB_AT_ONCE", 2, minimum=1)
WHISPER_ENGINE = env.string("KAIBO_WHISPER_ENGINE", "faster-whisper")
WHISPER_MODEL = env.string("KAIBO_WHISPER_MODEL", str(WEIGHTS_DIR / "whisper-base"))
WHISPER_COMPUTE_TYPE = env.string("KAIBO_WHISPER_COMPUTE_TYPE", "int8")
WHISPER_LANGUAGE = env.string("KAIBO_WHISPER_LANGUAGE", "zh")
# The interpreter that has the engine: openai-whisper lives in an environment of its own. Empty: this one.
WHISPER_PYTHON = env.string("KAIBO_WHISPER_PYTHON", "")
FFMPEG = env.string("KAIBO_FFMPEG", "")  # empty: the one on PATH, else the wheel's
CHECK_THRESHOLDS = env.string("KAIBO_CHECK_THRESHOLDS", "")  # empty: stages/data/thresholds.yaml of the pipeline

# Background work ----------------------------------------------------------------------------------------------------
Q_SHARED: dict[str, Any] = {
    "orm": "default",
    "ack_failures": True,
    "max_attempts": 1,
    "catch_up": False,
    "bulk": 1,
    "save_limit": -1,  # the ledger is the record; q2 keeps failures only
    "scheduler": False,  # periodic work is in the ledger too
    "label": "Kaibo",
}
Q_CLUSTER: dict[str, Any] = {
    **Q_SHARED,
    "name": "short",
    "workers": env.integer("KAIBO_SHORT_WORKERS", 1, minimum=1),
    "timeout": 300,
    "retry": 600,
    "poll": 0.5,
    "ALT_CLUSTERS": {
        "media": {
            **Q_SHARED,
            "workers": env.integer("KAIBO_MEDIA_WORKERS", 1, minimum=1),
            "timeout": 7200,
            "retry": 14400,
            "poll": 0.5,
            "recycle": 20,
        },
    },
}
TASKS = {"default": {"BACKEND": "lms.core.queue.QueueTaskBackend"}}
JOB_CLUSTERS = ["short", "media"]
JOB_LEASE_S = env.integer("KAIBO_JOB_LEASE_S", 60, minimum=1)  # a silent worker keeps its job this long
JOB_BACKOFF_S = env.integer("KAIBO_JOB_BACKOFF_S", 10, minimum=0)  # after the first failure; then 4 times, 16 times …
JOB_STUCK_S = env.integer("KAIBO_JOB_STUCK_S", 180, minimum=1)  # due for so long and nothing runs: restart the cluster
SWEEP_S = env.integer("KAIBO_SWEEP_S", 15, minimum=1)
EXTRA_JOBS = env.string("KAIBO_EXTRA_JOBS", "")  # tests only: a module with more kinds of job; refused in production

# Wagtail ------------------------------------------------------------------------------------------------------------
WAGTAIL_SITE_NAME = "开播 Kaibo"
WAGTAILADMIN_BASE_URL = env.string("KAIBO_BASE_URL", "http://127.0.0.1:8000")
WAGTAILADMIN_LOGIN_URL = "accounts:admin_door"
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAILUSERS_PASSWORD_ENABLED = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_I18N_ENABLED = False
WAGTAILIMAGES_IMAGE_FORM_BASE = "courses.catalogue.file_forms.PictureForm"
# Wagtail's own address of documents, open to anybody, is not there (lms.urls).
WAGTAILDOCS_SERVE_METHOD = "direct"
WAGTAILDOCS_DOCUMENT_FORM_BASE = "courses.catalogue.file_forms.DocumentForm"
WAGTAILADMIN_PERMITTED_LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}

# Browser ------------------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF, "blob:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
X_FRAME_OPTIONS = "SAMEORIGIN"  # the Wagtail preview; every other page says frame-ancestors 'none'
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = False
CSRF_FAILURE_VIEW = "lms.portal.errors.csrf_failure"

# Mail: printed to the log until a host is named.
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
# Mail is sent in the request that asks for it; a relay that is silent must not keep it for ever.
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.string("KAIBO_MAIL_FROM", "kaibo@localhost")
SEND_MAIL = env.boolean("KAIBO_SEND_MAIL", False)
SMS_SENDER = env.string("KAIBO_SMS_SENDER", "")  # dotted path of a callable (phone, text); empty: off

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.string("KAIBO_LOG_LEVEL", "WARNING")},
    "loggers": {"kaibo": {"level": env.string("KAIBO_LOG_LEVEL", "INFO")}},
}

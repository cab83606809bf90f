"""Settings. Everything that differs between installations comes from the environment.

Legal numbers are not here: they are dated rows that staff can see.
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF

from config import address, logs
from config.embedded import Servers
from config.supervisor import CannotRun

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / env.str("PORTAL_ENV_FILE", default=".env"))

# --- where data lives -------------------------------------------------------
DATA_DIR = BASE_DIR / env.str("PORTAL_DATA_DIR", default=".data")
EMBEDDED = Servers(DATA_DIR, durable=env.bool("PORTAL_DURABLE", default=True))
DATABASE_URL = env.str("DATABASE_URL", default="") or EMBEDDED.database_url
REDIS_URL = env.str("REDIS_URL", default="") or EMBEDDED.redis_url
EMBEDDED_DATABASE = EMBEDDED.database_url == DATABASE_URL
EMBEDDED_REDIS = EMBEDDED.redis_url == REDIS_URL


def secret(name: str) -> str:
    """A secret from the environment; only the embedded mode may make its own."""
    if value := env.str(name, default=""):
        return value
    if not EMBEDDED_DATABASE:
        raise SystemExit(f"{name} is not set; docs/operations.md says how to make one.")
    try:
        return EMBEDDED.secret(name)
    except CannotRun as refusal:
        raise SystemExit(f"{refusal} Set PORTAL_DATA_DIR.") from None


def database(url: str) -> dict[str, Any]:
    """A database URL in Django's form; the folder of a socket is in `?host=`."""
    parsed = env.db_url_config(url)
    options = parsed.pop("OPTIONS", {})
    host = options.pop("host", parsed["HOST"])
    return {
        **parsed,
        "ENGINE": "config.postgresql",
        "NAME": env.str("PORTAL_DATABASE_NAME", default="") or parsed["NAME"],
        "HOST": host,
        "CONN_MAX_AGE": 600,  # seconds
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **options,
            "prepare_threshold": 5,  # lets `privacy.sql.prepared` prepare its own
        },
    }


# --- secrets ----------------------------------------------------------------
SECRET_KEY = secret("SECRET_KEY")
# Keys are "id:base64url" of 32 bytes, newest first; old ones stay until rotated out.
IDENTIFIER_KEYS = secret("IDENTIFIER_KEYS").split(",")
SEALING_KEYS = secret("SEALING_KEYS").split(",")
SIGNING_KEYS = secret("SIGNING_KEYS").split(",")
# Several, separated by commas, while one is being rotated; docs/carriers.md.
CARRIER_SECRETS = {
    name: env.list(name, default=[])
    for name in (
        "TWILIO_AUTH_TOKEN", "TELNYX_PUBLIC_KEY", "BANDWIDTH_WEBHOOK_CREDENTIALS",
        "VONAGE_SIGNATURE_SECRET", "PLIVO_AUTH_TOKEN", "SINCH_WEBHOOK_SECRET",
        "MESSAGEBIRD_SIGNING_KEY", "AWS_SNS_TOPIC_ARN", "STANDARD_WEBHOOKS_SECRET",
    )
}  # fmt: skip
# Those whose own account answers STOP, START and HELP; they forward no answer of ours.
CARRIERS_THAT_ANSWER = env.list("CARRIERS_THAT_ANSWER", default=[])
# Whoever asks the check counts the messages of each person: no table of ours has them.
CALLER_COUNTS_MESSAGES = env.bool("CALLER_COUNTS_MESSAGES", default=False)

# Where people sign in to their account on the platform, and the key (Ed25519, base64)
# with which it says who they are; where it takes texts that we ask it to send.
ACCOUNT_SIGN_IN_URL = env.str("ACCOUNT_SIGN_IN_URL", default="")
ACCOUNT_KEY = env.str("ACCOUNT_KEY", default="")
TEXTS_URL = env.str("TEXTS_URL", default="")
TEXTS_FROM = env.str("TEXTS_FROM", default="")

# --- requests of other systems ---------------------------------------------
# Our id and name in the directory of the Data Rights Protocol.
DRP_BUSINESS_ID = env.str("DRP_BUSINESS_ID", default="PRIVACY_PORTAL")
DRP_BUSINESS_NAME = env.str("DRP_BUSINESS_NAME", default="Privacy portal")
# RSA key and certificate (PEM files) that OpenDSR answers are signed with.
OPENDSR_CERTIFICATE = env.str("OPENDSR_CERTIFICATE", default="")
OPENDSR_KEY = env.str("OPENDSR_KEY", default="") or (
    EMBEDDED.secret("OPENDSR_KEY") if EMBEDDED_DATABASE else ""
)

# --- the site ---------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
PUBLIC_URL = env.str("PUBLIC_URL", default="") or address.remembered(
    DATA_DIR / "address"
)
PUBLIC_URL = PUBLIC_URL.rstrip("/")
SECURE = PUBLIC_URL.startswith("https://")
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=[urlsplit(PUBLIC_URL).hostname, "localhost"]
)
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CSRF_FAILURE_VIEW = "config.errors.not_sent"
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
INSTALLED_APPS = [
    "config.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "privacy",
    "consent",
    "dsr",
    "config.apps.PortalConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.caching.KeptByNobody",
    "csp.middleware.CSPMiddleware",
    "consent.views.cookies.CookieWatch",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.signin.session.SecondFactorWatch",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.errors.MethodInWords",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- database and broker ----------------------------------------------------
DATABASES = {"default": database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
BROKER_URL = REDIS_URL
CACHE_URL = REDIS_URL
if REDIS_URL.startswith("unix://"):  # Celery's spelling; and clearing the cache
    BROKER_URL = f"{REDIS_URL.replace('unix', 'redis+socket', 1)}?virtual_host=0"
    CACHE_URL = f"{REDIS_URL}?db=1"  # must not empty the queue
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CACHE_URL,
    }
}

# --- people -----------------------------------------------------------------
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "admin:login"
# Nobody gets in by a password alone; only a portal that is being tried may do without.
SECOND_FACTOR_REQUIRED = env.bool(
    "SECOND_FACTOR_REQUIRED", default=not EMBEDDED_DATABASE
)

# --- security ---------------------------------------------------------------
SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
COOKIE_MARK = address.mark(PUBLIC_URL)
SESSION_COOKIE_NAME = f"sessionid{COOKIE_MARK}"
CSRF_COOKIE_NAME = f"csrftoken{COOKIE_MARK}"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 8 * 3600  # one working day
SECURE_REFERRER_POLICY = "same-origin"
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
X_FRAME_OPTIONS = "DENY"
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
# Public answers take at least so long, whatever the portal knows of the person.
PUBLIC_PAGE_SECONDS = env.float("PUBLIC_PAGE_SECONDS", default=0.3)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF, *address.origins(ACCOUNT_SIGN_IN_URL)],
    }
}

# --- language, time, law, files ---------------------------------------------
FORMAT_MODULE_PATH = "config.formats"
TIME_ZONE = "UTC"
LEGAL_TIME_ZONE = env.str("LEGAL_TIME_ZONE", default="UTC")  # where we are a controller
# Its public holidays, as DE or DE-BY; without one only weekends move a last day.
LEGAL_CALENDAR = env.str("LEGAL_CALENDAR", default="")
# Where data may be processed without a safeguard (ISO 3166-1, two letters each).
HOME_COUNTRIES = env.list("HOME_COUNTRIES", default=["US"])
# Who is responsible for the data, by name and postal address, and the countries where
# this database is; they stand in the records of consent (ISO/IEC TS 27560).
CONTROLLER_NAME = env.str("CONTROLLER_NAME", default="")
CONTROLLER_ADDRESS = env.str("CONTROLLER_ADDRESS", default="")
STORED_IN = env.list("STORED_IN", default=[])
# Whether we sell data of people with whom we have no direct relationship (dsr/drop.py).
DATA_BROKER = env.bool("DATA_BROKER", default=False)
# Whether texts that no keyword and no phrase knows are weighed word by word.
LEARNED_READER = env.bool("LEARNED_READER", default=True)
# A folder with one of each carrier's name, into which its block lists are put.
BLOCK_LISTS = env.str("BLOCK_LISTS", default="")
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True

# --- work that runs by itself -----------------------------------------------
RANGE_LEASE_SECONDS = env.int("RANGE_LEASE_SECONDS", default=60)
# Outside every database, so that no restore or backup brings back what was erased.
UNDO_KEYS = Path(env.str("UNDO_KEYS", f"{DATA_DIR}/undo-keys"))
ERASURE_JOURNAL = Path(env.str("ERASURE_JOURNAL", f"{DATA_DIR}/erasures.jsonl"))

# --- mail -------------------------------------------------------------------
# EMAIL_URL is smtp+tls://user:password@host:587. Without one, letters become files
# in the data directory: they hold personal data, which a console would put in a log.
EMAIL_TIMEOUT = 10  # seconds; a mail server that says nothing holds no worker for good
DEFAULT_FROM_EMAIL = env.str("PRIVACY_EMAIL", default="privacy@localhost")
if EMAIL_URL := env.str("EMAIL_URL", default=""):
    vars().update(env.email_url_config(EMAIL_URL))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(DATA_DIR / "outbox")

# Providers that hand mail on to /webhooks/mail/…: how each proves that it is it.
ANYMAIL = {
    "WEBHOOK_SECRET": env.list("MAIL_WEBHOOK_SECRET", default=[]),  # user:password
    "MAILGUN_WEBHOOK_SIGNING_KEY": env.str("MAILGUN_WEBHOOK_SIGNING_KEY", default=""),
    "MAILERSEND_INBOUND_SECRET": env.str("MAILERSEND_INBOUND_SECRET", default=""),
    "POSTAL_WEBHOOK_KEY": env.str("POSTAL_WEBHOOK_KEY", default=""),
}

# --- API --------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["privacy.api.KeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["privacy.api.HasScope"],  # of no scope: nobody
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["privacy.api.JsonParser"],
    "EXCEPTION_HANDLER": "privacy.problems.problem",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Privacy portal",
    "VERSION": "1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},  # asks nobody
}

# --- logs: ids only, never a value from a request ---------------------------
LOGGING = logs.configured(env.str("LOG_LEVEL", default="INFO"))
os.environ.setdefault("DJANGO_COLORS", "nocolor")

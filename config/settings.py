"""Settings. Everything that differs between places comes from the environment.

Legal numbers are not here: they are dated rows that staff can see.
"""

import os
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

# --- where data lives -------------------------------------------------------
DATA_DIR = Path(env.str("PORTAL_DATA_DIR", default=str(BASE_DIR / ".data")))
DATABASE_URL = env.str("DATABASE_URL", default="")
REDIS_URL = env.str("REDIS_URL", default="")
EMBEDDED: Any = None
if not (DATABASE_URL and REDIS_URL):
    from config.embedded import Stack  # needs fcntl: only where it is used

    EMBEDDED = Stack(DATA_DIR, durable=env.bool("PORTAL_DURABLE", default=True))


def secret(name: str) -> str:
    """A secret from the environment; only the embedded mode may make its own."""
    if EMBEDDED and not DATABASE_URL:
        return env.str(name, default=EMBEDDED.secret(name))
    return env.str(name)


# --- secrets ----------------------------------------------------------------
SECRET_KEY = secret("SECRET_KEY")
# Keys are "id:base64url" of 32 bytes, newest first; old ones stay until rotated out.
IDENTIFIER_KEYS = secret("IDENTIFIER_KEYS").split(",")
SEALING_KEYS = secret("SEALING_KEYS").split(",")
SIGNING_KEYS = secret("SIGNING_KEYS").split(",")
TWILIO_AUTH_TOKENS = env.list("TWILIO_AUTH_TOKEN", default=[])

# --- the site ---------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
SECURE = PUBLIC_URL.startswith("https://")
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=[PUBLIC_URL.split("://")[1].split(":")[0], "localhost"]
)
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
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
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
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
_portal = env.db_url_config(DATABASE_URL) if DATABASE_URL else EMBEDDED.database
DATABASES = {
    "default": {
        **_portal,
        "ENGINE": "django.db.backends.postgresql",
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **_portal.get("OPTIONS", {}),
            "pool": {"min_size": 0, "max_size": 8, "timeout": 30},
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
BROKER_URL = REDIS_URL or f"redis+socket://{EMBEDDED.kv_sock}?virtual_host=0"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL or f"unix://{EMBEDDED.kv_sock}?db=1",
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

# --- security ---------------------------------------------------------------
SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 8 * 3600  # one working day
SECURE_REFERRER_POLICY = "same-origin"
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
X_FRAME_OPTIONS = "DENY"
if env.bool("BEHIND_PROXY", default=False):
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
        "form-action": [SELF],
    }
}

# --- language, time, files --------------------------------------------------
USE_TZ = True
TIME_ZONE = "UTC"
LEGAL_TIME_ZONE = env.str("LEGAL_TIME_ZONE", default="UTC")  # where we are a controller
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True

# --- work that runs by itself -----------------------------------------------
RANGE_LEASE_SECONDS = env.int("RANGE_LEASE_SECONDS", default=60)

# --- API --------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Privacy portal",
    "VERSION": "1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# --- logs: ids only, never a value from a request ---------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
os.environ.setdefault("DJANGO_COLORS", "nocolor")

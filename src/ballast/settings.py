"""Settings: one table of what an operator may set, and the Django settings made from it."""

import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Setting:
    """One thing an operator may set through the environment."""

    name: str
    default: str
    env: str
    help: str

    @property
    def value(self) -> str:
        """The value from the environment, else the default."""
        return os.environ.get(self.env, self.default)


SETTINGS = (
    Setting("data_dir", "ballast-data", "BALLAST_DATA_DIR", "Folder of the embedded database and the secret key."),
    Setting("database_url", "", "BALLAST_DATABASE_URL", "postgresql://user:password@host/name; empty: embedded."),
    Setting("secret_key", "", "BALLAST_SECRET_KEY", "Signing key; empty: made once and kept in the data folder."),
    Setting("hosts", "localhost,127.0.0.1,[::1]", "BALLAST_HOSTS", "Host names that the server answers to."),
    Setting("https", "no", "BALLAST_HTTPS", "yes when served through HTTPS: secure cookies and HSTS."),
    Setting("debug", "no", "BALLAST_DEBUG", "yes shows error details; never in service."),
    Setting("upload_limit_mb", "20", "BALLAST_UPLOAD_LIMIT_MB", "Largest file that a page or the API accepts, MB."),
    Setting("show_logins", "yes", "BALLAST_SHOW_LOGINS", "yes lists an exercise's user names on its sign-in page."),
    Setting("case_packs", "", "BALLAST_CASE_PACKS", "Folder of the authority's own case packs (*.toml)."),
    Setting("forecast_horizon", "30", "BALLAST_FORECAST_HORIZON", "Days that the desk's forecast looks ahead."),
    Setting(
        "warnings_a_day",
        "10",
        "BALLAST_WARNINGS_A_DAY",
        "Notices of warnings an officer gets a day; one digest lists the rest.",
    ),
    Setting("dispatch_time", "17:00", "BALLAST_DISPATCH_TIME", "Local time of the daily dispatch sheet."),
    Setting("address", "", "BALLAST_ADDRESS", "Address of the pages, for links in e-mails: https://desk.example.org"),
    Setting("mail_host", "", "BALLAST_MAIL_HOST", "Mail server; empty: no e-mail is written or sent."),
    Setting("mail_port", "587", "BALLAST_MAIL_PORT", "Port of the mail server."),
    Setting("mail_tls", "starttls", "BALLAST_MAIL_TLS", "Encryption of the mail server: starttls, tls or none."),
    Setting("mail_user", "", "BALLAST_MAIL_USER", "User of the mail server; empty: no sign-in."),
    Setting("mail_password", "", "BALLAST_MAIL_PASSWORD", "Password of that user."),
    Setting("mail_from", "ballast@localhost", "BALLAST_MAIL_FROM", "Sender: Desk <desk@example.org>."),
    Setting("webhook_private", "no", "BALLAST_WEBHOOK_PRIVATE", "yes lets webhooks call private networks."),
)
_VALUES = {s.name: s.value for s in SETTINGS}

BASE_DIR = Path(__file__).resolve().parent
DATA_DIR = Path(_VALUES["data_dir"]).expanduser().resolve()


def _truth(name: str) -> bool:
    return _VALUES[name].strip().lower() in {"1", "yes", "true", "on"}


def _secret_key() -> str:
    """The operator's key, or one made once and kept readable by the owner only."""
    if _VALUES["secret_key"]:
        return _VALUES["secret_key"]
    path = DATA_DIR / "secret_key"
    if not path.exists():
        from django.core.management.utils import get_random_secret_key

        DATA_DIR.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(get_random_secret_key())
    return path.read_text()


def _database() -> dict[str, Any]:
    """SQLite in the data folder, or PostgreSQL when a URL is given."""
    url = _VALUES["database_url"]
    if not url:
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "ballast.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                # A transaction with more changed pages than the cache holds slows down many times over: a load of
                # 20,000 enterprises changes 80 MB. Each connection may hold so much, so what is only read is mapped
                # and shared: up to 1 GiB of the file, three times what 54,000 cases take.
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-128000;"
                " PRAGMA mmap_size=1073741824; PRAGMA temp_store=MEMORY;",
            },
        }
    parts = urlparse(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        msg = f"BALLAST_DATABASE_URL must begin with postgresql://, not {parts.scheme!r}."
        raise ImproperlyConfigured(msg)
    query = dict(item.split("=", 1) for item in parts.query.split("&") if "=" in item)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host", parts.hostname or "")),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # A request uses one core and leaves the others to the next ones: a query whose helpers have to wait for a core
        # makes a list of 30 ms take half a second.
        "OPTIONS": {"options": "-c max_parallel_workers_per_gather=0 -c jit=off"},
    }


SECRET_KEY = _secret_key()
DEBUG = _truth("debug")
ALLOWED_HOSTS = [h.strip() for h in _VALUES["hosts"].split(",") if h.strip()]
DATABASES = {"default": _database()}
SHOW_LOGINS = _truth("show_logins")
CASE_PACKS = _VALUES["case_packs"]
FORECAST_HORIZON = int(_VALUES["forecast_horizon"])
WARNINGS_A_DAY = int(_VALUES["warnings_a_day"])
try:
    DISPATCH_TIME = dt.time.fromisoformat(_VALUES["dispatch_time"].strip())
except ValueError:
    _fault = f"BALLAST_DISPATCH_TIME is {_VALUES['dispatch_time']!r}; give a time of day such as 17:00."
    raise ImproperlyConfigured(_fault) from None
UPLOAD_LIMIT_BYTES = int(_VALUES["upload_limit_mb"]) * 1024 * 1024

ADDRESS = _VALUES["address"].strip().rstrip("/")
WEBHOOK_PRIVATE = _truth("webhook_private")
if _VALUES["mail_tls"] not in {"starttls", "tls", "none"}:
    _fault = f"BALLAST_MAIL_TLS is {_VALUES['mail_tls']!r}; give starttls, tls or none."
    raise ImproperlyConfigured(_fault)
if not _VALUES["mail_port"].isdigit():
    _fault = f"BALLAST_MAIL_PORT is {_VALUES['mail_port']!r}; give a number, such as 587."
    raise ImproperlyConfigured(_fault)
EMAIL_HOST = _VALUES["mail_host"].strip()
EMAIL_PORT = int(_VALUES["mail_port"])
EMAIL_USE_TLS = _VALUES["mail_tls"] == "starttls"
EMAIL_USE_SSL = _VALUES["mail_tls"] == "tls"
EMAIL_HOST_USER = _VALUES["mail_user"]
EMAIL_HOST_PASSWORD = _VALUES["mail_password"]
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = _VALUES["mail_from"]

AREAS = (
    "accounts", "audit", "reference", "registry", "papers", "modes", "reports", "alerts", "notices", "desks", "cases",
    "chains", "reserve", "responses", "docking", "economy", "dispatch", "briefs", "exchange",
)  # fmt: skip
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "ballast.web",
    *(f"ballast.areas.{area}" for area in AREAS),
]
MIDDLEWARE = [
    "ballast.web.health.HealthMiddleware",
    "ballast.web.hosts.HostMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "ballast.web.middleware.DeskMiddleware",
    "ballast.web.returning.ReturnMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "ballast.web.urls"
WSGI_APPLICATION = "ballast.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ballast.web.context.desk",
            ],
            "builtins": ["ballast.web.templatetags.ballast"],
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "accounts:login"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "ballast.areas.accounts.views.locked_out"
AXES_VERBOSE = False

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = ["ballast.web.formats"]

STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Assets are served straight from the package: there is no collect step to forget.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
DATA_UPLOAD_MAX_MEMORY_SIZE = UPLOAD_LIMIT_BYTES
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        # ECharts and the tile map set widths and colours through style attributes.
        "style-src": [SELF, "'unsafe-inline'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _truth("https")
SECURE_HSTS_SECONDS = 31_536_000 if _truth("https") else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _truth("https")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _truth("https") else None
CSRF_TRUSTED_ORIGINS = [f"https://{h}" for h in ALLOWED_HOSTS if _truth("https") and "*" not in h]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}

"""Superset's settings. What belongs to one home (database, keys) is read from that home's state."""

import json
import os
from pathlib import Path

_home = Path(os.environ["GOVLAKE_HOME"])
_state = json.loads((_home / "run" / "superset.json").read_text("utf-8"))

SQLALCHEMY_DATABASE_URI = _state["database"]
SECRET_KEY = _state["secret_key"]
GUEST_TOKEN_JWT_SECRET = _state["guest_token_secret"]

APP_NAME = "govlake"
LANGUAGES = {"zh": {"flag": "cn", "name": "中文"}, "en": {"flag": "us", "name": "English"}}
BABEL_DEFAULT_LOCALE = "zh"

FEATURE_FLAGS = {
    "DASHBOARD_RBAC": True,
    "RLS_IN_SQLLAB": True,
    "DRILL_BY": False,
    "SQLLAB_BACKEND_PERSISTENCE": False,
    # Charts drawn only when scrolled to would be missing from a printed page.
    "DASHBOARD_VIRTUALIZATION": False,
}

# Answers are not cached: marts are small and served in milliseconds, and a page must change with the edition.
_cache = {"CACHE_TYPE": "FileSystemCache", "CACHE_DIR": str(Path(_state["folder"]) / "cache")}
CACHE_CONFIG = {**_cache, "CACHE_DEFAULT_TIMEOUT": 300, "CACHE_KEY_PREFIX": "meta_"}
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
THUMBNAIL_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}

# Sessions: cookies are signed, out of scripts' reach, and not sent from other sites.
WTF_CSRF_ENABLED = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# Plain HTTP on loopback; a proxy that speaks TLS in front of it sets this to True.
SESSION_COOKIE_SECURE = False
PERMANENT_SESSION_LIFETIME = 12 * 60 * 60
RATELIMIT_ENABLED = True
RATELIMIT_STORAGE_URI = "memory://"
# Superset's own limit is 50 requests a second and address: behind a proxy all readers share one, and two pages opened
# at once would be refused their charts.
RATELIMIT_APPLICATION = None
AUTH_RATE_LIMITED = True
AUTH_RATE_LIMIT = "20 per minute"
PUBLIC_ROLE_LIKE = None
# Lists have no order of their own, so what is asked for in pages may come twice or not at all.
FAB_API_MAX_PAGE_SIZE = 1000
ENABLE_CORS = False
PREVENT_UNSAFE_DB_CONNECTIONS = True

# The browser asks nobody but us: no fonts, pictures, maps or counters from outside.
THEME_FONT_URL_ALLOWED_DOMAINS: list[str] = []
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'", "data:"],
        "frame-ancestors": ["'self'"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": False,
}
_fonts = "Inter, 'Noto Sans SC', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', Helvetica, Arial, sans-serif"
_wordmark = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='110' height='24'%3E"
    "%3Ctext x='0' y='19' font-family='Helvetica,Arial,sans-serif' font-size='20' font-weight='700' "
    "letter-spacing='1' fill='%2312365f'%3Egovlake%3C/text%3E%3C/svg%3E"
)
THEME_DEFAULT = {
    "algorithm": "default",
    "token": {
        "brandAppName": APP_NAME,
        "brandLogoAlt": APP_NAME,
        "brandLogoUrl": _wordmark,
        "brandLogoHref": "/",
        "brandLogoHeight": "24px",
        "brandLogoMargin": "18px 0",
        "colorPrimary": "#2893B3",
        "colorLink": "#2893B3",
        "fontUrls": [],
        "fontFamily": _fonts,
    },
    # No select-all and invert buttons beside a chart's legend.
    "echartsOptionsOverrides": {"legend": {"selector": False}},
}
THEME_DARK = None

LOG_LEVEL = "WARNING"

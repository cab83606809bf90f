"""The real settings on throw-away servers, with a fast password hasher."""

import os
import re
from pathlib import Path

# A session has a data directory of its own, so that two do not wait for each other;
# processes it starts inherit it. Nobody's .env, keys or data reach a test.
_session = os.environ.setdefault("PORTAL_TEST_SESSION", str(os.getpid()))
_tests = Path(__file__).resolve().parent
os.environ |= {
    "PORTAL_ENV_FILE": os.devnull,
    "PORTAL_DATA_DIR": str(_tests.parent / ".data-test" / _session),
    "PORTAL_DURABLE": "0",
    "PUBLIC_PAGE_SECONDS": "0",
    "SECOND_FACTOR_REQUIRED": "0",
    "SECRET_KEY": "a key for tests, as long as Django wishes one to be: fifty",
    "IDENTIFIER_KEYS": "k1:SWRlbnRpZmllcnMgYXJlIGtleWVkIHdpdGggdGhpcyE=",
    "SEALING_KEYS": "k1:U2VhbGVkIHZhbHVlcyBhcmUgb3BlbmVkIHdpdGggaXQ=",
    "SIGNING_KEYS": "k1:VGhlIHRyYWlsIGlzIHNpZ25lZCB3aXRoIHRoaXMgb24=",
}

from config.settings import *  # noqa: E402, F403
from config.settings import (  # noqa: E402
    BROKER_URL,
    CACHE_URL,
    CACHES,
    DATA_DIR,
    DATABASES,
)

# Processes that share the work of a session share its servers, no queue and no file.
DATA_DIR /= os.environ.get("PYTEST_XDIST_WORKER", "")
EMAIL_FILE_PATH = str(DATA_DIR / "outbox")
ERASURE_JOURNAL = DATA_DIR / "erasures.jsonl"
UNDO_KEYS = DATA_DIR / "undo-keys"
_mine = 2 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
if _mine:
    BROKER_URL = re.sub(r"(virtual_host=|/)0$", rf"\g<1>{_mine}", BROKER_URL)
    _cache = re.sub(r"(db=1|/0)$", f"?db={_mine + 1}", CACHE_URL).replace("??", "?")
    CACHES["default"]["LOCATION"] = _cache

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DATABASES["default"]["CONN_MAX_AGE"] = 0

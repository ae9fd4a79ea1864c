"""Settings of the test run: as shipped, with a cheap password hasher and tasks that run at once."""

import atexit
import os
import shutil
import tempfile

if "BALLAST_DATA_DIR" not in os.environ:
    os.environ["BALLAST_DATA_DIR"] = tempfile.mkdtemp(prefix="ballast-test-")
    atexit.register(shutil.rmtree, os.environ["BALLAST_DATA_DIR"], ignore_errors=True)
os.environ.setdefault("BALLAST_SECRET_KEY", "tests-only")

from ballast.settings import *  # noqa: F403
from ballast.settings import DATA_DIR, DATABASES

# A file, as in service. In memory, threads share one cache whose table locks no timeout waits for.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Made from the models, two seconds sooner than by migrating, as PostgreSQL's and those of tests/cli are.
    DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "test.sqlite3", "MIGRATE": False}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
ALLOWED_HOSTS = ["*"]
AXES_ENABLED = False

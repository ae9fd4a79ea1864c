"""Settings of the test run: as shipped, with a cheap password hasher and tasks that run at once."""

import os
import tempfile

os.environ.setdefault("BALLAST_DATA_DIR", tempfile.mkdtemp(prefix="ballast-test-"))
os.environ.setdefault("BALLAST_SECRET_KEY", "tests-only")

from ballast.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
ALLOWED_HOSTS = ["*"]
AXES_ENABLED = False

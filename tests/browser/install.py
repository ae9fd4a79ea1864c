"""See to it that a browser is there: the system's, else Debian's package, else Playwright's own.

python -m tests.browser.install
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Another apt-get may be at work on the machine; wait for it.
LOCK = ("-o", "DPkg::Lock::Timeout=120")


def find() -> str | None:
    """Path of a browser of the system, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def playwrights_own() -> str | None:
    """Path of the browser that Playwright downloaded, or None."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if path and Path(path).exists() else None


def _apt_get() -> bool:
    """Install Debian's chromium and a Chinese font where that is allowed; True when it worked."""
    if not shutil.which("apt-get"):
        return False
    rights = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if rights and not shutil.which("sudo"):
        return False
    # dpkg wants the system's own programs, which a bare PATH leaves out.
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin"])
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "PATH": path}
    for step in (["update"], ["install", "-y", "--no-install-recommends", *LOCK, "chromium", "fonts-noto-cjk"]):
        done = subprocess.run([*rights, "apt-get", "-qq", *step], env=environment, check=False, stdout=subprocess.PIPE)
        if done.returncode:
            return False
    return True


def main() -> int:
    if find() or playwrights_own():
        return 0
    print("No browser found; installing Debian's chromium.", file=sys.stderr)
    if _apt_get() and find():
        return 0
    print("apt-get could not be used; asking Playwright for its own.", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if playwrights_own():
        return 0
    print("No browser could be installed. Install chromium and run the tests again.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())

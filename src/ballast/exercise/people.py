"""One login for each role of the demo, with one shared password that is made once and kept in the data folder."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ballast.areas.accounts.models import Grant, Role, User
from ballast.areas.accounts.services import create_user, grant
from ballast.areas.reference.models import Region
from ballast.exercise.stories import REPORTER_REGION
from ballast.exercise.words import LOCALES, Language, chosen, words

__all__ = ["LOGINS", "Login", "desk_name", "logins", "make_desks", "make_people", "shared_password"]

_ACTOR = "exercise"
_PASSWORD_FILE = "exercise_password"  # noqa: S105 - the name of a file
_SYLLABLES = "ba be bo da de do fa fe fo ka ke ko la le lo ma me mo na ne no pa pe po ra re ro sa se so ta te to"


@dataclass(frozen=True)
class Login:
    """A person of the demo: username, role and scope."""

    username: str
    role: str
    region: str = ""
    is_reporter: bool = False


LOGINS: tuple[Login, ...] = (
    Login("ministry", Role.MINISTRY_OFFICER),
    Login("province", Role.PROVINCE_OFFICER, "310000"),
    Login("city", Role.CITY_OFFICER, REPORTER_REGION),
    Login("analyst", Role.ANALYST),
    Login("reporter", Role.REPORTER, is_reporter=True),
    Login("leader", Role.LEADER),
    Login("administrator", Role.ADMINISTRATOR),
)


def shared_password(data_dir: Path) -> str:
    """The password of all logins of this demo; made on the first call, readable by the owner only."""
    path = data_dir / _PASSWORD_FILE
    if not path.exists():
        syllables = _SYLLABLES.split()
        words = ["".join(secrets.choice(syllables) for _ in range(3)) for _ in range(3)]
        data_dir.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(f"{'-'.join(words)}-{secrets.randbelow(90) + 10}", encoding="utf-8")
    return path.read_text(encoding="utf-8")


def desk_name(province: str) -> str:
    """Username of the person at a province's desk; the demo's own province officer sits in Shanghai."""
    return "province" if province == "310000" else f"desk-{province}"


def make_people(password: str, *, reporter: str, provinces: list[str], language: Language = "en") -> dict[str, User]:
    """Accounts by username: one a role, and one without a password for the desk of each province."""
    found, locale = {}, LOCALES[language]
    for login in LOGINS:
        shown = words(language, "person", login.username)
        user = create_user(_ACTOR, login.username, name=shown, password=password, language=locale)
        enterprise = reporter if login.is_reporter else ""
        grant(_ACTOR, user, role=login.role, region=login.region, enterprise=enterprise)
        found[login.username] = user
    found |= {user.username: user for user in make_desks(provinces, language=language).values()}
    return found


def make_desks(provinces: Iterable[str], *, language: Language = "en") -> dict[str, User]:
    """The person at the desk of each province, by its code; one without a password where there is none yet."""
    found = {}
    for region in Region.objects.filter(code__in=list(provinces)):
        user = User.objects.filter(username=desk_name(region.code)).first()
        if user is None:
            shown = words(language, "person", "desk", region=chosen(language, region.name, region.name_zh))
            user = create_user(_ACTOR, desk_name(region.code), name=shown, language=LOCALES[language])
            grant(_ACTOR, user, role=Role.PROVINCE_OFFICER, region=region.code)
        found[region.code] = user
    return found


def logins() -> list[tuple[str, str, str]]:
    """Username, role and scope of each login, for the printed table."""
    rows = []
    for login in LOGINS:
        right = Grant.objects.filter(user__username=login.username).first()
        scope = (right.enterprise or right.region or right.chain or "all") if right else "all"
        rows.append((login.username, str(Role(login.role).label), scope))
    return rows

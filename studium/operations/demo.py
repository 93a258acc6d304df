"""`studium demo`: the sample course through the real pipeline, and accounts of its people to look around with."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from psycopg import Connection
from rich.console import Console

from studium.accounts.people import MoodleUser, create_account, find_moodle_user
from studium.accounts.secrets import open_keys
from studium.database.pool import Role, connect
from studium.moodle.keys import CourseKey
from studium.motivation.membership import join
from studium.operations.imports import import_backup, import_files, import_logs
from studium.operations.people import new_password
from studium.settings import Settings

SAMPLE = Path(__file__).parents[2] / "examples" / "cvs201"
COURSE = "CVS201"
ZONE = ZoneInfo("Europe/London")
STUDENT, INSTRUCTOR = "s2026101", "awhitfield"
LEFT_OUT = 3
"""Every fourth of the invented students chose to stay off the leaderboard."""


@dataclass(frozen=True)
class DemoAccount:
    """An account the demo made; it is printed at each start, so its password is kept (readable by its owner alone)."""

    role: str
    name: str
    email: str
    password: str


def fill(settings: Settings, console: Console) -> None:
    """Import the sample course and make its accounts, once; a second call finds everything there.

    Accounts stand before the logs, whose marts then have the leaderboard's members: a build of them alone is spared.
    """
    accounts = _kept(settings)
    if accounts.exists():
        return
    import_backup(settings, console, next(SAMPLE.glob("*.mbz")))
    made = accounts.with_suffix(".made")
    if not made.exists():
        with console.status("Making accounts"):
            _keep(made, _make_accounts(settings))
    import_logs(settings, console, SAMPLE / "logstore_standard_log.parquet", COURSE, ZONE)
    import_files(settings, console, SAMPLE / "files", COURSE)
    made.replace(accounts)


def show(settings: Settings, console: Console) -> None:
    """Print the demo's accounts."""
    console.print()
    for row in json.loads(_kept(settings).read_text()):
        role = "instructor" if "teacher" in row["role"] else row["role"]
        line = f"  {role:<11} {row['email']:<28} {row['password']:<29} {row['name']}"
        console.print(line, highlight=False, soft_wrap=True)


def _kept(settings: Settings) -> Path:
    return settings.home / "demo-accounts.json"


def _keep(path: Path, accounts: list[DemoAccount]) -> None:
    path.touch(mode=0o600)
    path.write_text(json.dumps([asdict(account) for account in accounts], indent=2))


def _make_accounts(settings: Settings) -> list[DemoAccount]:
    keys = open_keys(settings)
    made: list[DemoAccount] = []
    with connect(settings, Role.PIPELINE) as connection:
        admin = DemoAccount("admin", "Ada Admin", "admin@example.test", new_password())
        create_account(connection, admin.email, admin.name, admin.password, is_admin=True)
        for number, (course, learner, name, role) in enumerate(_people(connection)):
            username = learner[1]
            account = DemoAccount(role, name, f"{username}@example.test", new_password())
            shown = username in (STUDENT, INSTRUCTOR)
            create_account(connection, account.email, name, account.password if shown else None, moodle_user=learner)
            made += [account] if shown else []
            if role == "student" and number % 4 != LEFT_OUT:
                join(connection, keys, str(course), f"{learner[0]}:{find_moodle_user(connection, learner)}")
    return [*sorted(made, key=lambda account: account.role, reverse=True), admin]


def _people(connection: Connection) -> list[tuple[CourseKey, MoodleUser, str, str]]:
    rows = connection.execute(
        "select u.site_id, r.course_id, u.username, concat_ws(' ', u.first_name, u.last_name), r.archetype "
        "from raw.users u join raw.role_assignments r using (site_id, user_id) "
        "join raw.courses c on (c.site_id, c.course_id) = (r.site_id, r.course_id) "
        "where c.shortname = %s order by u.user_id",
        [COURSE],
    ).fetchall()
    return [(CourseKey(site, course), (site, username), name, role) for site, course, username, name, role in rows]

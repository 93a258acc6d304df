"""Two courses with people in every role, accounts for them, and marts built from that by dbt: what the API serves."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from uuid import UUID, uuid4

from invented_site import COURSE, NOW, SITE, Site, add_document, insert
from psycopg import Connection

from studium import warehouse
from studium.accounts.passwords import hash_password
from studium.database import migrate
from studium.database.pool import Role, connect
from studium.settings import Settings
from studium.storage import open_store, put_content

PASSWORD = "correct horse battery"
OTHER_COURSE = 2
BIOLOGY, CHEMISTRY = f"{SITE}:{COURSE}", f"{SITE}:{OTHER_COURSE}"
PDF = b"%PDF-1.4\n" + bytes(range(256)) * 8


@dataclass
class World:
    """Who and what there is, by name."""

    settings: Settings
    accounts: dict[str, UUID]
    learners: dict[str, str]
    modules: dict[str, str]
    documents: dict[str, UUID]

    def email(self, name: str) -> str:
        return f"{name}@example.test"


ROLES = {
    "ann": ("student", COURSE),
    "ben": ("student", COURSE),
    "sue": ("student", COURSE),
    "tom": ("editingteacher", COURSE),
    "dan": ("student", OTHER_COURSE),
    "una": ("teacher", OTHER_COURSE),
}
"""ann and ben learn biology, sue's enrolment in it is suspended, tom teaches it; dan and una are in chemistry."""
NEWCOMERS = count(9_000_101)


def build_world(settings: Settings) -> World:
    """Migrate, fill and build."""
    migrate.upgrade(settings)
    with connect(settings, Role.ADMIN) as connection:
        connection.execute(
            "insert into raw.sites (site_id, wwwroot, timezone) values (%s, 'http://example.test', 'UTC')", [SITE]
        )
        site = Site(connection)
        connection.execute("update raw.courses set fullname = 'Biology', shortname = 'BIO'")
        site.add_course(OTHER_COURSE, fullname="Chemistry", shortname="CHE")
        accounts = {name: _person(site, name, *role) for name, role in ROLES.items()}
        accounts |= {"out": site.add_account(), "root": site.add_account(is_admin=True)}
        kept = hash_password(PASSWORD, email="")
        for name, account_id in accounts.items():
            connection.execute(
                "update app.accounts set email = %s, display_name = %s, password_hash = %s where account_id = %s",
                [f"{name}@example.test", name.title(), kept, account_id],
            )
        learners = {name: f"{SITE}:{site.user_of(accounts[name])}" for name in ROLES}
        modules, documents = _contents(settings, site)
        _deeds(connection, site, accounts, modules)
    warehouse.build(settings, "--resource-types", "model", "seed")
    return World(settings, accounts, learners, modules, documents)


@contextmanager
def newcomer(world: World, name: str) -> Iterator[UUID]:
    """Somebody else each time, who learns biology for as long as this lasts: what they did stays, but is nobody's."""
    user_id = next(NEWCOMERS)
    with connect(world.settings, Role.ADMIN) as connection:
        here = {"site_id": SITE, "user_id": user_id}
        insert(connection, "users", **here, is_deleted=False, seen_at=NOW)
        enrolment = {"enrolment_id": user_id, "method": "manual", "status": 0, "method_status": 0}
        insert(connection, "enrolments", **here, course_id=COURSE, **enrolment)
        role = {"assignment_id": user_id, "role_id": 5, "role": "student", "archetype": "student"}
        insert(connection, "role_assignments", **here, course_id=COURSE, **role)
        row = connection.execute(
            "insert into app.accounts (email, display_name) values (%s, %s) returning account_id",
            [f"{name}-{uuid4()}@example.test", name.title()],
        ).fetchone()
        assert row is not None
        connection.execute(
            "insert into app.moodle_links (site_id, moodle_user_id, account_id) values (%s, %s, %s)",
            [SITE, user_id, row[0]],
        )
    world.accounts[name], world.learners[name] = row[0], f"{SITE}:{user_id}"
    try:
        yield row[0]
    finally:
        with connect(world.settings, Role.ADMIN) as connection:
            for table in ("role_assignments", "enrolments", "users"):
                connection.execute(f"delete from raw.{table} where user_id = %s", [user_id])
            connection.execute("delete from app.moodle_links where account_id = %s", [row[0]])
        del world.accounts[name], world.learners[name]


def _person(site: Site, name: str, archetype: str, course_id: int) -> UUID:
    account_id = site.add_person(archetype, course_id=course_id, status=1 if name == "sue" else 0)
    site.connection.execute(
        "update raw.users set first_name = %s, last_name = 'Tester', username = %s, email = %s where user_id = %s",
        [name.title(), name, f"{name}@example.test", site.user_of(account_id)],
    )
    return account_id


def _contents(settings: Settings, site: Site) -> tuple[dict[str, str], dict[str, UUID]]:
    cmids = {
        "page": site.add_module(indexed=False, name="Cells", completion_mode=2),
        "quiz": site.add_module(indexed=False, name="Cell quiz", modname="quiz", completion_mode=2),
        "hidden": site.add_module(indexed=False, name="Secret answers", is_visible=False),
    }
    modules = {name: f"{SITE}:{cmid}" for name, cmid in cmids.items()}
    store = open_store(settings)
    files = {
        "page": (
            b"<h1>Cells</h1><script>alert(1)</script><p onclick='x()'>All life is made of cells.</p>",
            "text/html",
        ),
        "pdf": (PDF, "application/pdf"),
        "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "image/svg+xml"),
        "odd": (b"MZ\x00\x01", "application/x-msdownload"),
        "hidden": (b"42", "text/plain"),
    }
    documents = {}
    for name, (data, media_type) in files.items():
        documents[name] = add_document(
            site.connection,
            course_id=BIOLOGY,
            module_id=modules.get(name, modules["page"]),
            material_key=name,
            title=f"The {name}",
            filename=f"{name} “ü”.bin",
            media_type=media_type,
            byte_size=len(data),
            object_path=put_content(store, "files", data),
        )
    return modules, documents


def _deeds(connection: Connection, site: Site, accounts: dict[str, UUID], modules: dict[str, str]) -> None:
    cmid = {name: int(module.rpartition(":")[2]) for name, module in modules.items()}
    user = {name: site.user_of(accounts[name]) for name in ROLES}
    here = {"site_id": SITE, "course_id": COURSE}
    done = datetime(2026, 11, 20, 10, tzinfo=UTC)
    insert(connection, "completions", **here, cmid=cmid["page"], user_id=user["ann"], state=1, completed_at=done)
    insert(
        connection, "quizzes", **here, cmid=cmid["quiz"], quiz_id=1, name="Cell quiz",
        attempts_allowed=0, grade_method=1, sum_grades=10, grade_max=10,
    )  # fmt: skip
    for attempt_id, name, state, marks in [(1, "ann", "finished", 8), (2, "ben", "inprogress", None)]:
        insert(
            connection, "quiz_attempts", **here, cmid=cmid["quiz"], quiz_id=1, attempt_id=attempt_id,
            user_id=user[name], attempt_number=1, state=state, is_preview=False, started_at=done,
            finished_at=done + timedelta(minutes=5) if marks else None, sum_grades=marks,
        )  # fmt: skip
    insert(
        connection, "grade_items", **here, cmid=cmid["quiz"], grade_item_id=1, item_type="mod", item_module="quiz",
        item_instance=1, item_number=0, name="Cell quiz", grade_type=1, grade_max=10, grade_min=0, is_hidden=False,
    )  # fmt: skip
    insert(
        connection, "grades", **here, cmid=cmid["quiz"], grade_id=1, grade_item_id=1, user_id=user["ann"],
        raw_grade=8, final_grade=8, is_hidden=False, is_overridden=False, is_excluded=False, graded_at=done,
    )  # fmt: skip
    for name, day in [("ann", date(2026, 11, 20)), ("ann", date(2026, 11, 21)), ("ben", date(2026, 11, 2))]:
        at = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=9)
        insert(
            connection, "activity_daily", **here, user_id=user[name], cmid=cmid["page"], day=day, origin="web",
            events=5, sessions=1, active_seconds=600, first_at=at, last_at=at + timedelta(minutes=10), loaded_at=NOW,
        )  # fmt: skip

"""A course that goes to and fro between two states, and what each of its students sees at any moment meanwhile.

What they may see is not asked of Studium: before, it is what the real Moodle showed each of them; after, that and what
the edits say. A text is named by its hash, so that an old text in a place that is open only now counts as a leak.
"""

import copy
import gzip
import json
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID, uuid4

from content_world import open_world
from moodle_site.changes import change_condition, change_group, hide_section, show
from moodle_site.edits import edit
from moodle_site.faults import Proxy, Schedule
from moodle_site.recordings import DATA
from moodle_site.site import Site
from psycopg import Connection
from sync_world import SyncWorld, tell_what_was_not_recorded

from studium.content.intake import sync_course as register_documents
from studium.database.pool import Role, acting_as, connect
from studium.moodle.webservice.errors import WebServiceError
from studium.moodle.webservice.reader.people import ENROLLED
from studium.settings import Settings

AS_OF = datetime(2026, 11, 22, 12, tzinfo=UTC)
"""When the real Moodle was asked what it shows each student."""
MOMENTS = ["seen_at", "backup_at", "synced_at", "gone_at"]
WORD = "needle"
Seen: TypeAlias = set[tuple[int, str]]
"""Modules, each with `module` and the hashes of its texts."""


@dataclass(frozen=True)
class Roles:
    """Who and what the edits concern, by Moodle's numbers."""

    rewritten: int
    hidden: int
    moved: int
    """Out of its section, which is hidden then."""
    deleted: int
    draft: int
    """Hidden; is rewritten and shown at once."""
    of_group: int
    """For one group alone; then for another, while a member of each goes to the other."""
    groups: tuple[int, int]
    swapped: tuple[int, int]
    section: int
    hidden_with_it: frozenset[int]


class Seesaw:
    """A site whose course is in one of two states, and the people who look at it."""

    def __init__(self, site: Site, number: int) -> None:
        tell_what_was_not_recorded(site)
        self.site, self.number, self.is_after, self.created = site, number, False, 0
        sections = site.recordings.body("core_course_get_contents", "service", courseid=str(number))
        people = site.recordings.body(ENROLLED, "service", courseid=str(number))
        self.group_of = {one["id"]: one["groups"][0]["id"] for one in people if one.get("groups")}
        self.user_ids = {one["username"]: one["id"] for one in people if one["id"] in self.group_of}
        self.roles = self._roles(sections)
        self._states = [self._state(), self._edited()]
        self.site.recordings, self.site.files = self._states[0]

    def turn(self) -> None:
        """The course is in its other state from now on."""
        self.is_after = not self.is_after
        with self.site.lock:
            self.site.recordings, self.site.files = self._states[self.is_after]

    def may_see(self) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
        """By student the modules they may see before and after."""
        shown: dict[int, set[int]] = {}
        with gzip.open(DATA / "what_each_student_sees.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                asked = json.loads(line)
                if asked["courseid"] == self.number and asked["username"] in self.user_ids:
                    contents = asked["contents"] if isinstance(asked["contents"], list) else []
                    modules = {m["id"] for section in contents for m in section["modules"] if m["uservisible"]}
                    shown[self.user_ids[asked["username"]]] = modules
        return shown, {user: self._after(user, modules) for user, modules in shown.items()}

    def _after(self, user: int, before: set[int]) -> set[int]:
        if not before:  # suspended, or not in this course
            return set()
        roles = self.roles
        gone = {roles.hidden, roles.deleted, roles.of_group} | roles.hidden_with_it
        group = self.group_of[user]
        if user in roles.swapped:
            group = next(one for one in roles.groups if one != group)
        own = {roles.of_group} if group == roles.groups[1] else set()
        return (before - gone) | {roles.draft, self.created} | own

    def _roles(self, sections: list[dict[str, Any]]) -> Roles:
        modules = [module for section in sections if section["visible"] for module in section["modules"]]
        pages = [module for module in modules if module["modname"] == "page"]
        rewritten, hidden, moved, deleted = [one["id"] for one in pages if one["visible"] and not one["availability"]][
            :4
        ]
        of_group = next(one for one in pages if '"group"' in (one["availability"] or ""))
        first: int = json.loads(of_group["availability"])["c"][0]["id"]
        members = {group: user for user, group in reversed(self.group_of.items())}
        second = next(group for group in members if group != first)
        section = next(one for one in sections if any(module["id"] == moved for module in one["modules"]))
        return Roles(
            rewritten=rewritten,
            hidden=hidden,
            moved=moved,
            deleted=deleted,
            draft=next(one["id"] for one in pages if not one["visible"]),
            of_group=of_group["id"],
            groups=(first, second),
            swapped=(members[first], members[second]),
            section=section["section"],
            hidden_with_it=frozenset(module["id"] for module in section["modules"]) - {moved},
        )

    def _state(self) -> tuple[Any, Any]:
        files = copy.copy(self.site.files)
        files.by_path, files.gone = dict(files.by_path), set(files.gone)
        return copy.deepcopy(self.site.recordings), files

    def _edited(self) -> tuple[Any, Any]:
        roles, site, course = self.roles, self.site, self.number
        self.site.recordings, self.site.files = self._state()
        at = int(time.time())
        for op, cmid in (
            ("page_edit", roles.rewritten),
            ("page_edit", roles.draft),
            ("hide", roles.hidden),
            ("move", roles.moved),
            ("delete", roles.deleted),
        ):
            edit(site, op, course=course, cmid=cmid, at=at)
        show(site, course, roles.draft)
        hide_section(site, course, roles.section)
        change_condition(site, course, roles.of_group, f'"id":{roles.groups[0]}', f'"id":{roles.groups[1]}')
        for user, old, new in zip(roles.swapped, roles.groups, reversed(roles.groups), strict=True):
            change_group(site, course, user, old=old, new=new)
        self.created = edit(site, "create", course=course, at=at).cmid or 0
        return site.recordings, site.files


class FaultWorld(SyncWorld):
    """An installation whose documents are read at once, each as one passage that holds its hash."""

    def read(self, number: int) -> None:
        """What follows the loading of a course: its documents are registered and read."""
        with connect(self.settings, Role.PIPELINE) as connection:
            register_documents(connection, self.course(number))
            read_anew(connection, str(self.course(number)))

    def add_accounts(self, user_ids: list[int]) -> dict[int, UUID]:
        """An account for each student of the site, by Moodle's number."""
        made = {}
        with connect(self.settings, Role.ADMIN) as connection:
            for user in user_ids:
                row = connection.execute(
                    "insert into app.accounts (email, display_name) values (%s, 'A student') returning account_id",
                    [f"{uuid4()}@example.test"],
                ).fetchone()
                assert row
                made[user] = row[0]
                connection.execute(
                    "insert into app.moodle_links (site_id, moodle_user_id, account_id) values (%s, %s, %s)",
                    [self.course(0).site_id, user, row[0]],
                )
        return made

    def tables(self, number: int) -> dict[str, list[str]]:
        """Every row of `raw` and of the documents, but for moments of reading."""
        with connect(self.settings, Role.ADMIN) as connection:
            named = connection.execute(
                "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname = 'raw' "
                "and tablename <> 'course_syncs' order by 1"
            ).fetchall()
            told = {name: _rows(connection, name) for (name,) in named}
            told["documents"] = sorted(
                str(row)
                for row in connection.execute(
                    "select course_id, module_id, section_id, group_id, material_key, title, content_sha256, "
                    "object_path, status from content.documents"
                )
            )
        told["newest"] = [str(self.newest(number))]
        return told

    def newest(self, number: int) -> str | None:
        with self.connect() as connection:
            row = connection.execute(
                "select sha256 from raw.course_syncs where site_id = %s and course_id = %s "
                "order by synced_at desc limit 1",
                list(self.course(number)),
            ).fetchone()
        return row[0] if row else None

    def texts(self, number: int) -> dict[int, set[str]]:
        """The hashes of what is in each module."""
        found: dict[int, set[str]] = {}
        for cmid, sha256 in self.rows("materials", number, "cmid, content_sha256"):
            if cmid is not None:
                found.setdefault(cmid, set()).add(sha256)
        return found


def _rows(connection: Connection, table: str) -> list[str]:
    query = f"select (to_jsonb(r) - %s::text[])::text from {table} as r"
    return sorted(row[0] for row in connection.execute(query, [MOMENTS]))  # type: ignore[call-overload]


def read_anew(connection: Connection, course_id: str) -> None:
    """What `ingest` does, without a reader and without vectors: a passage that says which text it is of."""
    waiting = connection.execute(
        "select document_id, content_sha256 from content.documents where course_id = %s and status = 'processing'",
        [course_id],
    ).fetchall()
    for document_id, sha256 in waiting:
        text = f"The {WORD} of {sha256}."
        connection.execute("delete from content.chunks where document_id = %s", [document_id])
        connection.execute(
            "with chunk as (insert into content.chunks (document_id, position, text, token_count, content_sha256) "
            "values (%(d)s, 0, %(t)s, 5, %(s)s) returning chunk_id) insert into content.passages (chunk_id, "
            "document_id, position, text, content_sha256, token_count, start_offset, end_offset) "
            "select chunk_id, %(d)s, 0, %(t)s, %(s)s, 5, 0, length(%(t)s) from chunk",
            {"d": document_id, "t": text, "s": sha256},
        )
        connection.execute("select content.index_document(%s)", [document_id])
    connection.execute(
        "update content.documents set status = 'ready' where document_id = any(%s)", [[row[0] for row in waiting]]
    )


SEEN = """
select m, 'module' from content.permitted_modules() as m
union select module_id, content_sha256 from content.documents where module_id is not null
union select d.module_id, split_part(rtrim(p.text, '.'), ' ', 4)
from content.passages as p inner join content.documents as d using (document_id) where d.module_id is not null
union select d.module_id, split_part(rtrim(c.text, '.'), ' ', 4)
from content.search(null, null, 'needle', wanted => 10000, depth => 10000) as s
inner join content.chunks as c using (chunk_id) inner join content.documents as d on d.document_id = c.document_id
where d.module_id is not null
"""


class Witness:
    """Looks as the API does, as each student, and remembers whatever none of them may see."""

    def __init__(self, world: FaultWorld, accounts: dict[int, UUID]) -> None:
        self.world, self.accounts = world, accounts
        self.allowed: dict[int, Seen] = {}
        self.leaks: set[tuple[int, int, str]] = set()
        self.looks = 0

    def look(self, users: Iterable[int] | None = None) -> dict[int, Seen]:
        """Once, as these or as everybody."""
        with connect(self.world.settings, Role.API) as connection:
            return {user: self._judged(connection, user) for user in users or self.accounts}

    @contextmanager
    def watching(self, users: list[int]) -> Iterator[None]:
        """Look as these again and again until the block ends."""
        done = threading.Event()
        thread = threading.Thread(target=self._watch, args=(users, done))
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _watch(self, users: list[int], done: threading.Event) -> None:
        with connect(self.world.settings, Role.API, autocommit=True) as connection:
            while not done.is_set():
                for user in users:
                    self._judged(connection, user)
                done.wait(0.1)

    def _judged(self, connection: Connection, user: int) -> Seen:
        """What retrieval gives a student of the course."""
        allowed = self.allowed  # as of when the look began
        with acting_as(connection, self.accounts[user], AS_OF):
            rows = connection.execute(SEEN).fetchall()
        seen = {(int(module.rpartition(":")[2]), what) for module, what in rows}
        self.looks += 1
        self.leaks |= {(user, *one) for one in seen - allowed.get(user, set())}
        return seen


class Disturbed:
    """A course that was synced in peace in both its states, and is to be found so again, whatever happens to a sync."""

    def __init__(self, settings: Settings, proxy: Proxy, seesaw: Seesaw, home: Path) -> None:
        self.number, self.proxy, self.seesaw = seesaw.number, proxy, seesaw
        self.world = FaultWorld(open_world(settings, home), proxy.site, proxy=proxy)
        accounts = self.world.add_accounts(list(self.seesaw.user_ids.values()))
        self.witness = Witness(self.world, accounts)
        self.first = Expected({}, {}, 0)
        self.expected: list[Expected] = []

    def settle(self) -> None:
        """Both states, without a fault; the one before once more, with tombstones of what came and went again."""
        before, after = self.seesaw.may_see()
        self.first = self._peaceful(before)
        for modules in (after, before):
            self.seesaw.turn()
            self.expected.insert(0, self._peaceful(modules))
        self.witness.allowed = self.now.may_see
        self.must_be(self.now)

    def _peaceful(self, modules: dict[int, set[int]]) -> "Expected":
        calls = self.bring()
        return Expected(self.world.tables(self.number), visible(modules, self.world.texts(self.number)), calls)

    def turn(self) -> None:
        """The Moodle is edited; from now on each may see what they might before or may after."""
        before = self.now.may_see
        self.seesaw.turn()
        after = self.now.may_see
        self.witness.allowed = {user: before[user] | after[user] for user in before}

    def attempt(self, schedule: Schedule) -> Exception | None:
        """A sync that is disturbed, and loaded where it ends well all the same; the error it ends with."""
        self.proxy.follow(schedule)
        try:
            self.bring()
        except WebServiceError as error:
            return error
        finally:
            self.proxy.follow(lambda *_: None)
            self.witness.look(self.watched)
        return None

    def recover(self) -> None:
        """The next sync meets no fault: all is as if there had never been one, and nobody saw what they may not."""
        self.bring()
        self.witness.allowed = self.now.may_see
        self.must_be(self.now)

    @contextmanager
    def patient(self, attempts: int) -> Iterator[None]:
        """A client that tries so often, as it does by default, but without waiting."""
        usual = self.world.patience
        self.world.patience = replace(usual, attempts=attempts)
        yield
        self.world.patience = usual

    @property
    def now(self) -> "Expected":
        return self.expected[self.seesaw.is_after]

    @property
    def watched(self) -> list[int]:
        """Students whom the edits concern in different ways."""
        others = {group: user for user, group in self.seesaw.group_of.items() if user not in self.seesaw.roles.swapped}
        return [*self.seesaw.roles.swapped, *(others[group] for group in self.seesaw.roles.groups)]

    def bring(self) -> int:
        """Sync, load and read, looked at in between; returns the number of calls."""
        calls = self.world.sync(self.number).calls
        self.world.load(self.number)
        if self.witness.allowed:
            self.witness.look(self.watched)
        self.world.read(self.number)
        return calls

    def must_be(self, expected: "Expected") -> None:
        """All is as it is after syncs in peace, and nobody has seen too much so far."""
        tables = self.world.tables(self.number)
        differing = [name for name in tables if tables[name] != expected.tables[name]]
        assert not differing, {name: set(tables[name]) ^ set(expected.tables[name]) for name in differing}
        standing = self.world.standing(self.number)
        assert (standing["state"], standing["error"], standing["held"]) == ("idle", None, None)
        seen = self.witness.look()
        assert {user: seen[user] ^ may for user, may in expected.may_see.items() if seen[user] != may} == {}
        assert not self.witness.leaks, f"student, module, what they saw: {sorted(self.witness.leaks)}"


@dataclass(frozen=True)
class Expected:
    """A state of the course: its rows, and what each student may see."""

    tables: dict[str, list[str]]
    may_see: dict[int, Seen]
    calls: int
    """What a sync took to get there."""


def visible(modules: dict[int, set[int]], texts: dict[int, set[str]]) -> dict[int, Seen]:
    """By student what they may see: modules, and the texts in them."""
    return {
        user: {(cmid, what) for cmid in of for what in {"module", *texts.get(cmid, set())}}
        for user, of in modules.items()
    }

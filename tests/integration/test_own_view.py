"""A course read through a learner's own link: what they see there, they alone see here, and nothing else.

Recorded for a student are the contents (of two students), the list of their courses, the participants, the gradebook's
own row, one assignment's status, and all functions of the kinds of modules. Attempts were recorded for the first quiz
alone: for all three they are taken as the service account was told of the same person. `NOT_RECORDED` is what else a
student was not asked: the site answers it with 501, and nothing is known of it here.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from moodle_site.recordings import recording
from moodle_site.site import PASSWORDS, TOKENS, Site
from psycopg import Connection
from pydantic import SecretStr

from studium import work
from studium.accounts.people import create_account
from studium.accounts.sealing import open_seal
from studium.database import migrate
from studium.database.pool import Role, acting_as, connect
from studium.moodle import links
from studium.moodle.clients import open_client, sites_to_look_at
from studium.moodle.keys import CourseKey
from studium.moodle.load import Loaded, load_course
from studium.moodle.own_view import OWN_COURSES
from studium.moodle.scan import scan
from studium.moodle.snapshots import land, newest_snapshot
from studium.moodle.sync import Synced, sync_course
from studium.moodle.webservice.answers import Answers
from studium.moodle.webservice.errors import AddressRefused, AuthenticationError
from studium.moodle.webservice.plan import ATTEMPTS, COURSES
from studium.moodle.webservice.reader.read import CONTENTS
from studium.settings import Settings
from studium.storage import open_store
from studium.syncs import behind, choose
from studium.wire.links import LinkMoodle

NAME = "s2026101"
ME = 3
NOT_RECORDED = {
    "core_user_get_users_by_field {'field': 'id', 'values[0]': '3'} as student",
    "mod_forum_get_forum_discussions {'forumid': '1'} as student",
    "mod_forum_get_discussion_posts {'discussionid': '6'} as student",
    "mod_forum_get_discussion_posts {'discussionid': '11'} as student",
    "mod_assign_get_submission_status {'assignid': '2', 'userid': '3'} as student",
    "mod_quiz_get_attempt_review {'attemptid': '217', 'page': '-1'} as student",
    "mod_choice_get_choice_options {'choiceid': '1'} as student",
    "the file /webservice/pluginfile.php/83/mod_assign/introattachment/0/"
    "CVS201%20Practical%20-%20Blood%20pressure%20and%20exercise.docx",
}
GROUP_PAGE = 19
"""For tutorial group A: the first student is in it, the second is not."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = Settings(home=tmp_path_factory.mktemp("own"), moodle_allow_private=True, _env_file=None)
    migrate.upgrade(made)
    return made


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        for quiz in (1, 2, 3):
            asked: dict[str, Any] = {"quizid": quiz, "userid": ME, "status": "all", "includepreviews": 0}
            told = running.recordings.answer(ATTEMPTS, "service", {name: str(value) for name, value in asked.items()})
            running.recordings.add(ATTEMPTS, "student", told, **asked)
        yield running


class Own:
    """A learner, their link, and what came of it."""

    def __init__(self, settings: Settings, site: Site) -> None:
        self.settings, self.site, self.now = settings, site, datetime.now(UTC)
        with connect(settings, Role.PIPELINE) as connection:
            self.account = create_account(connection, f"{uuid4()}@example.test", "Pat")
        self.link()

    def link(self) -> None:
        said = LinkMoodle(username=NAME, password=SecretStr(PASSWORDS[NAME]))
        proved = links.prove(self.settings, said)
        with connect(self.settings, Role.API) as connection, acting_as(connection, self.account):
            links.keep(connection, open_seal(self.settings), self.account, proved)
            [(self.site_id,)] = connection.execute("select own_site_id from app.moodle_tokens").fetchall()

    @property
    def course(self) -> CourseKey:
        return CourseKey(self.site_id, 2)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        with connect(self.settings, Role.PIPELINE, autocommit=True) as connection:
            yield connection

    def sync(self) -> Synced:
        self.now += timedelta(minutes=1)
        with self.connect() as connection, open_client(self.settings, connection, self.site_id) as client:
            return sync_course(open_store(self.settings), connection, client, self.course, at=self.now)

    def load(self) -> Loaded:
        with self.connect() as connection:
            return load_course(
                connection, land(connection, open_store(self.settings), newest_snapshot(connection, self.course))
            )

    def seen(self, account: UUID | None = None) -> set[int]:
        """The modules whose place in the course an account may read, as the database decides."""
        with connect(self.settings, Role.ADMIN) as connection, acting_as(connection, account or self.account):
            rows = connection.execute(
                "select cmid from content.permitted_places(%s) where cmid is not null", [str(self.course)]
            )
            return {row[0] for row in rows}

    def rows(self, table: str, columns: str) -> list[tuple[Any, ...]]:
        with self.connect() as connection:
            return connection.execute(
                f"select {columns} from raw.{table} where site_id = %s", [self.site_id]
            ).fetchall()

    def link_row(self) -> tuple[Any, ...]:
        with self.connect() as connection:
            [row] = connection.execute(
                "select refused_because, last_used_at from app.moodle_tokens where account_id = %s", [self.account]
            ).fetchall()
        return row

    def sees(self, tag: str) -> None:
        """Let the site show the course as it showed it to another student."""
        other = recording(f"core_course_get_contents/{tag}/courseid=2").body
        self.site.recordings.add("core_course_get_contents", "student", other, courseid=2)


@pytest.fixture
def own(home: Settings, site: Site) -> Own:
    return Own(home.model_copy(update={"moodle_url": site.url}), site)


def shown(tag: str) -> set[int]:
    sections = recording(f"core_course_get_contents/{tag}/courseid=2").body
    return {
        module["id"]
        for section in sections
        for module in section["modules"]
        if section["uservisible"] and module["uservisible"]
    }


def test_linking_asks_for_the_courses_one_is_in(own: Own) -> None:
    with own.connect() as connection:
        asked = connection.execute(
            "select payload ->> 'course_id' from app.work_requests where requested_by = %s order by 1", [own.account]
        ).fetchall()
    assert asked == [(f"{own.site_id}:2",), (f"{own.site_id}:3",)]


def test_one_sees_what_moodle_shows_one_and_nobody_else_does(own: Own, home: Settings) -> None:
    synced = own.sync()
    own.load()
    assert synced.changed
    assert GROUP_PAGE in shown("student")
    assert own.seen() == shown("student")
    with connect(home, Role.PIPELINE) as connection:
        stranger = create_account(connection, f"x{own.site.port}@example.test", "Sam")
    assert own.seen(stranger) == set()
    with connect(home, Role.API) as connection, acting_as(connection, own.account):
        assert connection.execute("select app.enrolled_course_ids()").fetchall() == [(str(own.course),)]
        assert connection.execute("select app.instructed_course_ids()").fetchall() == []
    assert set(own.site.unrecorded) == {f"not recorded: {asked}" for asked in NOT_RECORDED}


def test_of_other_people_nothing_is_kept(own: Own) -> None:
    own.sync()
    own.load()
    assert own.rows("users", "user_id, username, email") == [(ME, NAME, "s2026101@students.example.test")]
    for table in ("enrolments", "grades", "quiz_attempts", "completions", "assignment_submissions", "group_members"):
        assert {row[0] for row in own.rows(table, "user_id")} == {ME}, table
    assert own.rows("role_assignments", "archetype") == [("student",)]
    with own.connect() as connection:
        newest = newest_snapshot(connection, own.course)
    answers = Answers.load(open_store(own.settings), newest.source.object_path)
    others = [person["email"] for person in recording("core_enrol_get_enrolled_users/student/courseid=2").body[1:5]]
    kept = "".join(getattr(said, "text", "") for said in answers.said.values())
    assert "s2026101@students.example.test" in kept
    assert not any(other and other != "s2026101@students.example.test" and other in kept for other in others)


def test_what_moodle_closes_is_closed_at_the_next_sync(own: Own) -> None:
    own.sync()
    own.load()
    own.sees("student2")
    own.sync()
    own.load()
    assert GROUP_PAGE not in shown("student2")
    assert own.seen() == shown("student2") == shown("student") - {GROUP_PAGE}


def test_much_that_is_closed_at_once_waits_for_nobody(own: Own) -> None:
    own.sync()
    own.load()
    few = recording("core_course_get_contents/student/courseid=2").body[:2]
    own.site.recordings.add("core_course_get_contents", "student", few, courseid=2)
    own.sync()
    own.load()
    assert own.seen() == {module["id"] for section in few for module in section["modules"]}


def test_a_course_one_has_left_shows_nothing(own: Own) -> None:
    own.sync()
    own.load()
    own.site.recordings.add("core_enrol_get_users_courses", "student", [], userid=ME)
    assert own.sync().is_gone
    assert own.seen() == set()
    assert own.rows("modules", "count(*)")[0][0] > 20, "the rows stay"


def test_nothing_new_costs_little_and_changes_nothing(own: Own) -> None:
    first = own.sync()
    own.load()
    again = own.sync()
    assert not again.changed
    assert again.calls < first.calls / 2
    with own.connect() as connection, open_client(own.settings, connection, own.site_id) as client:
        found = {one.course.course_id: one.changed for one in scan(connection, client)}
    assert found == {2: True, 3: True}, "quizzes with random questions hide what changed; the other was never synced"


def test_a_refused_token_is_written_down_and_closes_what_it_showed(own: Own) -> None:
    own.sync()
    own.load()
    before, rows = own.seen(), own.rows("modules", "cmid")
    used = own.link_row()[1]
    own.site.refused["student"] = "invalid_token"
    with pytest.raises(AuthenticationError):
        own.sync()
    refused, last_used = own.link_row()
    assert refused
    assert last_used == used
    assert before
    assert own.seen() == set()
    assert own.rows("modules", "cmid") == rows, "the rows stay"
    with own.connect() as connection:
        assert sites_to_look_at(own.settings, connection) == []
        del own.site.refused["student"]
        own.link()
        assert own.link_row()[0] is None
        assert own.seen() == before
        assert sites_to_look_at(own.settings, connection) == [own.site_id]
    assert not own.sync().changed


def test_what_nobody_confirmed_for_a_day_is_closed_until_a_look_does(own: Own) -> None:
    own.sync()
    own.load()
    with own.connect() as connection:
        for hours, is_open in ((23, True), (25, False)):
            connection.execute(
                "update app.course_sync set last_scanned_at = now() - make_interval(hours => %(hours)s), "
                "last_synced_at = now() - make_interval(hours => %(hours)s) where course_id = %(course)s",
                {"hours": hours, "course": str(own.course)},
            )
            assert bool(own.seen()) is is_open
        own.site.recordings.add(OWN_COURSES, "student", [], userid=ME)
        with open_client(own.settings, connection, own.site_id) as client:
            scan(connection, client)
        assert own.seen() == set(), "a look that does not find the course confirms nothing"
        listed = recording(f"{OWN_COURSES}/student/userid={ME}").body
        own.site.recordings.add(OWN_COURSES, "student", listed, userid=ME)
        with open_client(own.settings, connection, own.site_id) as client:
            scan(connection, client)
    assert own.seen() == shown("student")


def test_a_service_account_takes_over(own: Own) -> None:
    own.sync()
    own.load()
    site_id = own.site_id.partition("--")[0]
    whole = own.settings.model_copy(update={"moodle_token": SecretStr(TOKENS["service"])})
    with own.connect() as connection:
        with open_client(whole, connection, site_id) as client:
            assert client.site_id == site_id
            assert own.seen() == set(), "from its first question on"
        assert sites_to_look_at(whole, connection) == [site_id]
        own.link()
        assert own.seen() == set(), "linking proves who one is, and no more"
        with pytest.raises(AddressRefused, match="service account"), open_client(whole, connection, own.site_id):
            pass
        assert own.link_row()[0] is None
        assert sites_to_look_at(own.settings, connection) == [own.site_id]
    assert own.seen() == shown("student"), "without it, links are read again"


def test_another_moodle_ends_what_was_seen_of_this_one(own: Own) -> None:
    own.sync()
    own.load()
    later = datetime.now(UTC) + timedelta(hours=3)
    moved = own.settings.model_copy(update={"moodle_url": "https://other.example.test"})
    with own.connect() as connection:
        assert str(own.course) in [one.course_id for one in behind(connection, later)]
        assert sites_to_look_at(moved, connection) == []
        assert str(own.course) not in [one.course_id for one in behind(connection, later)]
    assert own.seen() == set()


def test_a_course_that_is_switched_off_stays_off(own: Own) -> None:
    own.sync()
    with own.connect() as connection:
        choose(connection, str(own.course), enabled=False)
        assert sites_to_look_at(own.settings, connection) == [own.site_id]
        with open_client(own.settings, connection, own.site_id) as client:
            assert [one.course.course_id for one in scan(connection, client)] == [3]


def test_an_unlinked_account_is_asked_for_no_more_and_sees_nothing(own: Own) -> None:
    own.sync()
    own.load()
    with connect(own.settings, Role.API) as connection, acting_as(connection, own.account):
        assert links.end(connection)
    with own.connect() as connection:
        assert sites_to_look_at(own.settings, connection) == []
        work.submit(connection, "sync", {"course_id": str(own.course)})
    with pytest.raises(AuthenticationError, match="no link"):
        own.sync()
    assert own.seen() == set()


def test_what_several_questions_hang_on_is_asked_once(own: Own) -> None:
    own.site.requests.clear()
    own.sync()
    asked = Counter(request.function for request in own.site.requests)
    assert asked[CONTENTS] == asked[OWN_COURSES] == 1


def test_a_look_asks_for_no_course_that_is_not_the_learners(own: Own) -> None:
    with own.connect() as connection, open_client(own.settings, connection, own.site_id) as client:
        own.site.requests.clear()
        assert len(scan(connection, client)) == 2
    asked = [request.params for request in own.site.requests if request.function == COURSES]
    assert sorted(asked, key=str) == [{"field": "id", "value": "2"}, {"field": "id", "value": "3"}]


def test_what_moodle_does_not_say_is_open_is_closed(own: Own) -> None:
    """Not recorded: each section and module of a student's contents says whether it is open to them."""
    sections = deepcopy(recording("core_course_get_contents/student/courseid=2").body)
    assert all("uservisible" in one for section in sections for one in (section, *section["modules"]))
    silent = sections[1]["modules"][0]
    del silent["uservisible"]
    own.site.recordings.add("core_course_get_contents", "student", sections, courseid=2)
    own.sync()
    own.load()
    assert own.seen() == shown("student") - {silent["id"]}


def test_an_attempt_that_changes_no_grade_is_found(own: Own) -> None:
    """Not recorded: a second attempt, lower than the first. It is the first with another number and fewer points."""
    asked = {"quizid": 1, "userid": ME, "status": "all", "includepreviews": 0}
    told = own.site.recordings.answer(ATTEMPTS, "student", {name: str(value) for name, value in asked.items()})
    own.sync()
    [*_, last] = told["attempts"]
    lower = {**last, "id": 99001, "uniqueid": 99001, "attempt": last["attempt"] + 1, "sumgrades": 0}
    own.site.recordings.add(ATTEMPTS, "student", {**told, "attempts": [*told["attempts"], lower]}, **asked)
    assert own.sync().changed
    own.load()
    assert (99001,) in own.rows("quiz_attempts", "attempt_id")

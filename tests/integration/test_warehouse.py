"""The warehouse over two recorded courses: its facts, who sees them, and what a second build does."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import dagster as dg
import psycopg
import pytest
from psycopg import Connection
from warehouse_world import CVS201, PHA203, SITE, add_account, build_world

from assets import warehouse as assets
from pipelines.checks import warehouse as checks
from pipelines.resources import Studium
from studium import warehouse
from studium import warehouse_audit as audit
from studium.database.pool import Role, acting_as, connect
from studium.settings import Settings
from studium.storage import get, open_store, put

STUDENT, OTHER, TEACHER = 3, 10, 43
Ask = Callable[..., list[tuple[object, ...]]]


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An installation of its own with both courses in its marts."""
    settings = Settings(home=tmp_path_factory.mktemp("warehouse"), _env_file=None)
    build_world(settings)
    return settings


@pytest.fixture
def reader(installation: Settings) -> Iterator[Ask]:
    """Questions as `studium sql` asks them."""
    with connect(installation, Role.READER) as connection:
        connection.execute("set search_path = marts")
        yield lambda query, *values: connection.execute(query, values).fetchall()


@pytest.fixture
def pipeline(installation: Settings) -> Iterator[Connection]:
    """A connection of the pipeline's role."""
    with connect(installation, Role.PIPELINE) as connection:
        yield connection


@pytest.fixture(scope="module")
def accounts(installation: Settings) -> dict[str, UUID]:
    """A student, another one, a teacher of both courses, an admin, and somebody tied to nobody."""
    with connect(installation, Role.ADMIN) as connection:
        return {
            "student": add_account(connection, "student", STUDENT),
            "other": add_account(connection, "other", OTHER),
            "teacher": add_account(connection, "teacher", TEACHER),
            "admin": add_account(connection, "admin", is_admin=True),
            "outsider": add_account(connection, "outsider"),
        }


@pytest.fixture
def api(installation: Settings, accounts: dict[str, UUID]) -> Iterator[Ask]:
    """Questions as the API asks them for an account."""
    with connect(installation, Role.API) as connection:

        def ask(name: str, query: str, *values: object) -> list[tuple[object, ...]]:
            with acting_as(connection, accounts[name]):
                return connection.execute(query, values).fetchall()

        yield ask


class Here(Studium):
    """The resource of the installation under test."""

    home: str

    @property
    def settings(self) -> Settings:
        return Settings(home=Path(self.home), _env_file=None)


class TestFacts:
    """What the recorded courses are known to hold."""

    def test_modules(self, reader: Ask) -> None:
        query = "select modules from dim_courses where course_id = %s"
        assert reader(query, str(CVS201)) == [(29,)]
        assert reader("select count(*) from dim_modules where course_id = %s", str(CVS201)) == [(29,)]

    def test_people(self, reader: Ask) -> None:
        query = "select role, count(*) from fct_enrolments where course_id = %s group by 1 order by 1"
        assert reader(query, str(CVS201)) == [("editingteacher", 2), ("student", 40), ("teacher", 1)]
        assert reader("select learners from dim_courses where course_id = %s", str(CVS201)) == [(40,)]

    @pytest.mark.parametrize(
        ("course", "finished", "learners", "open_attempts", "responses"),
        [(CVS201, 141, 38, 2, 1044), (PHA203, 70, 30, 0, 490)],
    )
    def test_quizzes(
        self, reader: Ask, course: object, finished: int, learners: int, open_attempts: int, responses: int
    ) -> None:
        query = """
            select count(*) filter (where state = 'finished'),
                   count(distinct learner_id) filter (where state = 'finished'),
                   count(*) filter (where state = 'inprogress')
            from fct_quiz_attempts where course_id = %s"""
        assert reader(query, str(course)) == [(finished, learners, open_attempts)]
        assert reader("select count(*) from fct_question_responses where course_id = %s", str(course)) == [(responses,)]

    @pytest.mark.parametrize(("course", "count", "mean"), [(CVS201, 113, "40.0785"), (PHA203, 78, "26.3828")])
    def test_grades(self, reader: Ask, course: object, count: int, mean: str) -> None:
        query = "select count(*), round(avg(grade), 4) from fct_grades where item_type = 'mod' and course_id = %s"
        assert reader(query, str(course)) == [(count, Decimal(mean))]

    def test_completions(self, reader: Ask) -> None:
        query = "select count(*) from fct_completions where is_complete and course_id = %s"
        assert reader(query, str(CVS201)) == [(624,)]

    def test_events(self, reader: Ask) -> None:
        query = "select sum(events + noise_events), sum(noise_events) > 0 from fct_activity_daily where course_id = %s"
        assert reader(query, str(CVS201)) == [(13292, True)]

    def test_a_service_leaves_no_act_of_its_own(self, reader: Ask) -> None:
        service = "select sum(events), sum(noise_events) > 0 from fct_activity_daily where learner_id = %s"
        assert reader(service, f"{SITE}:46") == [(0, True)]

    def test_time_is_the_datas_own(self, reader: Ask) -> None:
        assert reader("select distinct as_of_date, timezone from dim_courses") == [
            (date(2026, 11, 22), "Europe/London")
        ]
        assert reader("select max(week_start) from course_engagement_weekly") == [(date(2026, 11, 16),)]

    def test_a_group_page_is_in_the_total_of_that_group_alone(self, reader: Ask) -> None:
        query = """
            select distinct 'Tutorial group A' = any(group_names), modules_total
            from learner_progress join fct_enrolments using (learner_id, course_id)
            where course_id = %s order by 1"""
        assert reader(query, str(CVS201)) == [(False, 20), (True, 21)]

    def test_dated_work_is_next(self, reader: Ask) -> None:
        """For everybody with something to do: what is due next, whatever stands earlier on the course page."""
        query = """
            select m.modname, m.due_at is not null, f.is_overdue, count(*)
            from fct_learner_modules f join dim_modules m using (module_id)
            where f.course_id = %s and f.next_place = 1 group by 1, 2, 3 order by 1"""
        assert reader(query, str(CVS201)) == [("assign", True, False, 23), ("quiz", True, False, 17)]
        shut = "select count(*) from fct_learner_modules where is_overdue and next_place is null and course_id = %s"
        assert reader(shut, str(CVS201)) > [(0,)], "Quiz 1 is over for who missed it"

    def test_what_a_learner_is_not_shown_is_not_theirs(self, reader: Ask) -> None:
        query = """
            select count(distinct f.learner_id), bool_and('Tutorial group A' = any(e.group_names))
            from fct_learner_modules f
            join dim_modules m using (module_id)
            join fct_enrolments e on e.learner_id = f.learner_id and e.course_id = f.course_id
            where f.course_id = %s and (m.module_name ~ '^Group A only' or not m.is_visible)"""
        ((learners, are_members),) = reader(query, str(CVS201))
        assert are_members
        members = """
            select count(*) from fct_enrolments
            where 'Tutorial group A' = any(group_names) and role = 'student' and course_id = %s"""
        assert [(learners,)] == reader(members, str(CVS201))

    def test_a_question_is_told_with_what_it_asks_and_how_sure_that_is(self, reader: Ask) -> None:
        query = """
            select question_text, learners, facility_pct, facility_low_pct, facility_high_pct from fct_item_facility
            where course_id = %s order by facility_pct limit 1"""
        assert reader(query, str(CVS201)) == [
            (
                "Explain in two or three sentences why a rise in heart rate to 180 beats per minute may reduce "
                "stroke volume.",
                30,
                Decimal("50.67"),
                Decimal("33.75"),
                Decimal("67.44"),
            )
        ]


class TestWhoSeesWhat:
    """Row-level security of the marts, asked as the API."""

    LEARNER_MARTS = (
        "fct_enrolments",
        "fct_activity_daily",
        "fct_quiz_attempts",
        "fct_question_responses",
        "fct_grades",
        "fct_completions",
        "fct_learner_modules",
        "learner_progress",
        "dim_learners",
    )

    @pytest.mark.parametrize("mart", LEARNER_MARTS)
    def test_a_student_sees_their_own_rows(self, api: Ask, mart: str) -> None:
        assert api("student", f"select distinct learner_id from marts.{mart}") == [(f"{SITE}:{STUDENT}",)]

    @pytest.mark.parametrize("mart", LEARNER_MARTS)
    def test_teachers_and_admins_see_everybody(self, api: Ask, reader: Ask, mart: str) -> None:
        course = "cardinality(course_ids) > 0" if mart == "dim_learners" else "true"
        (everybody,) = reader(f"select count(*) from {mart} where {course}")
        for name in ("teacher", "admin"):
            assert api(name, f"select count(*) from marts.{mart} where {course}") == [everybody]

    @pytest.mark.parametrize(
        "mart", [*LEARNER_MARTS, "course_engagement_weekly", "fct_item_facility", "fct_log_imports"]
    )
    def test_somebody_tied_to_nobody_sees_nothing(self, api: Ask, mart: str) -> None:
        assert api("outsider", f"select count(*) from marts.{mart}") == [(0,)]

    @pytest.mark.parametrize("mart", ["course_engagement_weekly", "fct_item_facility", "fct_log_imports"])
    def test_cohort_tables_are_for_instructors(self, api: Ask, mart: str) -> None:
        assert api("student", f"select count(*) from marts.{mart}") == [(0,)]
        assert api("teacher", f"select count(*) > 0 from marts.{mart}") == [(True,)]

    def test_nobody_bound_sees_nothing(self, installation: Settings) -> None:
        with connect(installation, Role.API) as connection:
            assert connection.execute("select count(*) from marts.learner_progress").fetchone() == (0,)

    @pytest.mark.parametrize("role", [Role.API, Role.READER])
    @pytest.mark.parametrize("relation", ["staging.stg_moodle__users", "intermediate.int_learners__enrolled"])
    def test_the_layers_below_are_closed(self, installation: Settings, role: Role, relation: str) -> None:
        with connect(installation, role) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"select * from {relation}")

    @pytest.mark.parametrize(
        "relation", ["table marts.leak as", "view marts.leak as", "materialized view marts.leak as"]
    )
    def test_a_mart_without_a_guard_fails_its_test(self, installation: Settings, relation: str) -> None:
        """The dbt test as dbt compiled it, which a build runs last."""
        compiled = (
            warehouse.target(installation) / "compiled/studium/tests/singular/assert_learner_rows_are_guarded.sql"
        )
        with connect(installation, Role.PIPELINE) as connection:
            connection.execute("set role studium_warehouse")
            assert connection.execute(compiled.read_text()).fetchall() == []
            connection.execute(f"create {relation} select learner_id from marts.learner_progress")
            assert connection.execute(compiled.read_text()).fetchall() == [("leak",)]
            connection.rollback()


class TestEvidence:
    """What Moodle's quizzes tell of what somebody knows: their own alone."""

    # the rule, once more, over raw: graded, of finished attempts, of quizzes that are not to close, nothing hidden
    TOLD = """
    select 'response:' || r.site_id || ':' || r.question_attempt_id
    from raw.question_attempts as r
    join raw.quiz_attempts as a using (site_id, attempt_id)
    join raw.quizzes as q on q.site_id = a.site_id and q.quiz_id = a.quiz_id
    where a.state = 'finished' and not a.is_preview and r.fraction is not null and a.user_id = %s
      and (q.closes_at is null or q.closes_at <= '2026-11-22 01:00+00')
      and not exists (
          select from raw.grades as g join raw.grade_items as i using (site_id, grade_item_id)
          where g.site_id = a.site_id and g.user_id = a.user_id and i.cmid = q.cmid and (g.is_hidden or i.is_hidden)
      )
    """

    def test_a_student_sees_what_their_quizzes_tell(self, api: Ask, pipeline: Connection) -> None:
        told = {row[0] for row in pipeline.execute(self.TOLD, [STUDENT]).fetchall()}
        assert told
        assert {row[0] for row in api("student", "select evidence_id from marts.fct_mastery_evidence")} == told
        found = api("student", "select sum(quiz_responses) from marts.mastery_by_topic")
        assert found == [(len(told),)]

    @pytest.mark.parametrize("mart", ["fct_mastery_evidence", "mastery_by_topic"])
    def test_who_teaches_sees_nobodys(self, api: Ask, mart: str) -> None:
        for name in ("teacher", "outsider"):
            assert api(name, f"select count(*) from marts.{mart}") == [(0,)]


class TestLeaderboard:
    """A live view over what landed and what was done since."""

    QUERY = "select pseudonym, points, moodle_points from marts.leaderboard where course_id = %s"

    def test_joining_and_leaving_show_at_once(self, api: Ask, installation: Settings) -> None:
        where = str(CVS201)
        assert api("other", self.QUERY, where) == []
        with connect(installation, Role.ADMIN, autocommit=True) as connection:
            connection.execute(
                "insert into app.leaderboard_members (course_id, learner_id, pseudonym) values (%s, %s, 'Heron')",
                [str(CVS201), f"{SITE}:{STUDENT}"],
            )
            ((name, points, moodle_points),) = api("other", self.QUERY, where)
            assert name == "Heron"
            assert points == moodle_points == self._points(connection)
            assert api("outsider", self.QUERY, where) == []
            connection.execute("delete from app.leaderboard_members")
        assert api("other", self.QUERY, where) == []

    def _points(self, connection: Connection) -> int:
        """The rule, once more: ten for each module completed, twenty for each quiz finished for the first time."""
        row = connection.execute(
            """
            with firsts as (
                select cmid, min(finished_at) as at from raw.quiz_attempts
                where site_id = %(site)s and course_id = 2 and user_id = %(user)s and state = 'finished' group by cmid
            ), deeds as (
                select 10 as points, completed_at as at from raw.completions
                where site_id = %(site)s and course_id = 2 and user_id = %(user)s and state <> 0
                union all select 20, at from firsts
            )
            select sum(points) from deeds""",
            {"site": SITE, "user": STUDENT},
        ).fetchone()
        assert row is not None
        assert row[0] > 0
        return int(row[0])


class TestAudit:
    """The comparison with `raw` agrees, and notices when it should not."""

    def test_marts_equal_raw(self, pipeline: Connection) -> None:
        for mart in audit.COUNTS:
            counts = audit.count_by_course(pipeline, mart)
            assert [(count.course_id, count.in_mart) for count in counts] == [
                (count.course_id, count.in_raw) for count in counts
            ]
            assert len(counts) == 2
            assert all(count.in_mart for count in counts)

    def test_a_lost_row_is_noticed(self, pipeline: Connection) -> None:
        pipeline.execute("delete from raw.grades where grade_id = (select min(grade_id) from raw.grades)")
        pipeline.execute("delete from raw.quiz_attempts where course_id = 4")
        counts = audit.count_by_course(pipeline, "fct_quiz_attempts")
        assert [(count.in_mart, count.in_raw) for count in counts] == [(143, 143), (70, 0)]
        pipeline.rollback()

    def test_learners_replay(self, pipeline: Connection) -> None:
        replays = audit.replay_learners(pipeline, 100)
        assert len(replays) == 74
        assert [replay for replay in replays if not replay.agrees] == []

    def test_a_learner_who_does_not_replay_is_noticed(self, pipeline: Connection) -> None:
        pipeline.execute("delete from raw.completions where user_id = %s and course_id = 2", [STUDENT])
        wrong = [replay.learner_id for replay in audit.replay_learners(pipeline, 100) if not replay.agrees]
        assert wrong == [f"{SITE}:{STUDENT}"]
        pipeline.rollback()

    def test_marts_reach_as_far_as_the_data(self, pipeline: Connection) -> None:
        assert [reach.is_behind for reach in audit.reach_by_course(pipeline)] == [False, False]
        pipeline.execute("update raw.courses set backup_at = '2026-12-01 00:00+00' where course_id = 4")
        assert [reach.is_behind for reach in audit.reach_by_course(pipeline)] == [False, True]
        pipeline.rollback()


def test_rules_hold_on_rows_of_their_own(installation: Settings) -> None:
    assert "Completed successfully" in warehouse.test_rules(installation)


def test_the_docs_are_one_page_written_when_the_sources_changed(installation: Settings) -> None:
    assert warehouse.refresh_docs(installation)
    store = open_store(installation)
    page = get(store, warehouse.DOCS).decode()
    assert "learner_progress" in page
    assert 'src="http' not in page
    put(store, warehouse.DOCS, b"kept")
    assert not warehouse.refresh_docs(installation)
    assert get(store, warehouse.DOCS) == b"kept"


class TestSecondBuild:
    """Stands last in the module: it changes the courses."""

    @pytest.fixture(scope="class", autouse=True)
    @staticmethod
    def changed(installation: Settings) -> dg.ExecuteInProcessResult:
        """A late event, a day that vanished, a learner made teacher by a newer backup; then a build by Dagster."""
        with connect(installation, Role.PIPELINE) as connection:
            connection.execute("create schema if not exists checks")
            connection.execute("create view checks.above as select learner_id from marts.leaderboard")
            late = "where course_id = 2 and user_id = %s and day = '2026-10-07' and origin = 'web' and cmid = 0"
            for table in ("activity_daily", "activity_events_daily"):
                connection.execute(
                    f"update raw.{table} set events = events + 7, loaded_at = '2020-01-01' {late}"
                    + (" and event_name like '%%course_viewed'" if table != "activity_daily" else ""),
                    [STUDENT],
                )
                connection.execute(f"delete from raw.{table} where course_id = 4 and day = '2026-09-10'")
            connection.execute(
                "update raw.role_assignments set role = 'teacher', archetype = 'teacher' "
                "where course_id = 4 and user_id = %s",
                [OTHER],
            )
            connection.execute("update raw.courses set backup_at = '2026-11-22 02:00+00' where course_id = 4")
        definitions = dg.Definitions(
            assets=assets.ASSETS,
            asset_checks=checks.CHECKS,
            jobs=[dg.define_asset_job("build", dg.AssetSelection.groups("warehouse"))],
            resources={"studium": Here(home=str(installation.home))},
            executor=dg.in_process_executor,
        )
        return definitions.resolve_job_def("build").execute_in_process(raise_on_error=False)

    def test_dagster_builds_all_of_it(self, changed: dg.ExecuteInProcessResult) -> None:
        assert changed.success
        built = {event.asset_key for event in changed.get_asset_materialization_events()}
        assert built == set(assets.warehouse.keys)

    def test_dagster_has_every_check_answered(self, changed: dg.ExecuteInProcessResult) -> None:
        evaluations = changed.get_asset_check_evaluations()
        assert [one.check_name for one in evaluations if not one.passed] == []
        assert {"equals_raw", "replays_from_raw", "shows_what_landed"} < {one.check_name for one in evaluations}

    def test_rows_are_counted_in_the_metadata(self, changed: dg.ExecuteInProcessResult) -> None:
        (grades,) = (
            event.materialization.metadata
            for event in changed.get_asset_materialization_events()
            if event.asset_key == dg.AssetKey(["marts", "fct_grades"])
        )
        assert grades["dagster/row_count"].value == 261

    def test_the_docs_are_linked(self) -> None:
        links = {key: metadata["dbt docs"].value for key, metadata in assets.warehouse.metadata_by_key.items()}
        address = links[dg.AssetKey(["marts", "fct_grades"])]
        assert address.endswith("/warehouse-docs#!/model/model.studium.fct_grades")

    def test_a_late_event_is_counted(self, reader: Ask) -> None:
        assert reader(
            "select sum(events + noise_events) from fct_activity_daily where course_id = %s", str(CVS201)
        ) == [(13299,)]

    def test_a_day_that_vanished_is_gone(self, reader: Ask) -> None:
        query = "select count(*) from fct_activity_daily where course_id = %s and activity_date = '2026-09-10'"
        assert reader(query, str(PHA203)) == [(0,)]

    def test_what_a_teacher_did_no_longer_counts_as_a_learners(self, reader: Ask) -> None:
        query = "select distinct role from fct_activity_daily where course_id = %s and learner_id = %s"
        assert reader(query, str(PHA203), f"{SITE}:{OTHER}") == [("teacher",)]
        assert reader(query, str(CVS201), f"{SITE}:{OTHER}") == [("student",)]

    def test_the_leaderboard_was_never_taken_away(self, pipeline: Connection) -> None:
        assert pipeline.execute("select count(*) from checks.above").fetchone() == (0,)

    def test_the_audit_still_agrees(self, pipeline: Connection) -> None:
        assert [replay for replay in audit.replay_learners(pipeline, 100) if not replay.agrees] == []

    def test_a_failing_test_keeps_the_last_good_rows(self, installation: Settings, reader: Ask) -> None:
        before = reader("select count(*) from fct_completions")
        with connect(installation, Role.PIPELINE) as connection:
            connection.execute("update raw.completions set state = 9 where course_id = 4")
        with pytest.raises(warehouse.WarehouseError, match="completion_state"):
            warehouse.build(installation, "--select", "stg_moodle__completions+")
        assert reader("select count(*) from fct_completions") == before

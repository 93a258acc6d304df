"""The close of day by the pipeline: days that are over, their check, and when it runs."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import dagster as dg
import pytest

from assets import motivation
from pipelines.checks import motivation as checks
from pipelines.resources import Studium
from pipelines.schedules import midnights
from studium.database.pool import Role, acting_as, connect
from studium.events import Kind, Verb
from studium.motivation.acts import record_act
from studium.motivation.closing import due
from studium.settings import Settings


class Installation(Studium):
    """The session's database."""

    home: str

    @property
    def settings(self) -> Settings:
        return Settings(home=self.home, _env_file=None)


@pytest.fixture
def learner(settings: Settings) -> UUID:
    """Somebody who studied on the day before yesterday."""
    account_id = uuid4()
    with connect(settings, Role.ADMIN) as connection:
        connection.execute(
            "insert into app.accounts (account_id, email, display_name) values (%s, %s, 'x')",
            [account_id, f"{account_id}@example.test"],
        )
    with connect(settings, Role.API) as connection, acting_as(connection, account_id):
        record_act(
            connection, account_id, Verb.ANSWERED, Kind.FLASHCARD, "1",
            course_id=None, result={"was_due": True}, moment=datetime.now(UTC) - timedelta(days=2),
        )  # fmt: skip
    return account_id


def test_a_day_that_is_over_is_closed_and_replays(settings: Settings, learner: UUID) -> None:
    studium = Installation(home=str(settings.home))
    assert isinstance(midnights(studium=studium), dg.RunRequest)
    job = dg.define_asset_job("day_close", dg.AssetSelection.groups("motivation"))
    definitions = dg.Definitions(
        assets=motivation.ASSETS, asset_checks=checks.CHECKS, jobs=[job], resources={"studium": studium}
    )
    done = definitions.resolve_job_def("day_close").execute_in_process()
    (check,) = done.get_asset_check_evaluations()
    assert check.passed, check.metadata
    with connect(settings, Role.ADMIN) as connection:
        query = "select outcome, streak, freezes from app.day_closings where account_id = %s order by day"
        assert connection.execute(query, [learner]).fetchall() == [("counted", 1, 1), ("frozen", 1, 0)]
        connection.execute("update app.standings set xp = 99 where account_id = %s", [learner])
        connection.commit()
        (check,) = definitions.resolve_job_def("day_close").execute_in_process().get_asset_check_evaluations()
        assert not check.passed
        assert "xp is 99, the events say 2" in str(check.metadata["first"].value)
        assert learner not in due(connection, datetime.now(UTC))
        connection.execute("delete from app.accounts where account_id = %s", [learner])

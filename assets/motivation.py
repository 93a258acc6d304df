"""The close of day: what becomes of streaks at each learner's own midnight."""

from datetime import UTC, datetime

import dagster as dg

from pipelines.resources import Studium

DAY_CLOSINGS = dg.AssetKey(["app", "day_closings"])


@dg.asset(
    key=DAY_CLOSINGS,
    group_name="motivation",
    owners=["team:data"],
    kinds={"python", "postgres"},
    description="Days that are over, with what became of the streak; one row a learner and day with something in it.",
)
def day_closings(studium: Studium) -> dg.MaterializeResult[None]:
    """Close every day that is over where its learner is."""
    from studium.motivation.closing import close_day, due

    moment = datetime.now(UTC)
    days = 0
    with studium.connect() as connection:
        accounts = due(connection, moment)
        connection.commit()
        for account_id in accounts:
            with connection.transaction():  # of its own: who acts meanwhile waits for one, not for all
                days += close_day(connection, account_id, moment)
    return dg.MaterializeResult(metadata={"learners": len(accounts), "days": days})


ASSETS = [day_closings]

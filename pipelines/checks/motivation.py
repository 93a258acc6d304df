"""Whether points, streaks and badges are what the events lead to."""

import dagster as dg

from assets.motivation import DAY_CLOSINGS
from pipelines.resources import Studium

SAMPLE = 50
NEWEST = "select account_id from app.standings where settled_at is not null order by settled_at desc limit %s"


@dg.asset_check(
    asset=DAY_CLOSINGS, description="The ledger, streaks, badges and days of those who acted last replay from events."
)
def replays(studium: Studium) -> dg.AssetCheckResult:
    """Make what is kept of some learners anew; `studium replay --check` does it for all."""
    from studium.motivation import ledger, replay

    wrong: list[str] = []
    with studium.connect() as connection:
        accounts = [account_id for (account_id,) in connection.execute(NEWEST, [SAMPLE]).fetchall()]
        connection.commit()
        for account_id in accounts:
            with connection.transaction(force_rollback=True):
                ledger.hold(connection, account_id)
                found = replay.kept(connection, account_id)
                until = found.standing.open_day if found.standing else None
                wrong += replay.differences(replay.made_of_events(connection, account_id, until), found)
    return dg.AssetCheckResult(
        passed=not wrong,
        metadata={"learners": len(accounts), "differences": len(wrong), "first": "\n".join(wrong[:10])},
    )


CHECKS = [replays]

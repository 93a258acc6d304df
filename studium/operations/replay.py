"""`studium replay`: points, streaks, badges and days made anew of the events, and what differs from what is kept."""

from datetime import datetime

from rich.console import Console

from studium import work
from studium.database.pool import Role, connect
from studium.motivation import ledger, replay
from studium.settings import Settings

SHOWN = 20


def run(settings: Settings, console: Console, *, check: bool, moment: datetime) -> bool:
    """Replay every account; say what differs, and unless this is only a check, put it right. Whether all was well."""
    different = lines = entries = 0
    with connect(settings, Role.PIPELINE) as connection:
        accounts = replay.accounts(connection)
        connection.commit()
        for account_id in accounts:
            with connection.transaction(force_rollback=check):
                held = ledger.lock(connection, account_id, moment)
                found = replay.kept(connection, account_id)
                until = held.standing.open_day if held.standing else None
                made = replay.made_of_events(connection, account_id, until)
                changed = replay.differences(made, found)
                if changed and not check:
                    replay.rewrite(connection, account_id, made, found)
            entries += len(made.entries)
            different += bool(changed)
            for line in changed[: max(0, SHOWN - lines)]:
                console.print(f"account {account_id}, {line}", highlight=False, markup=False, soft_wrap=True)
            lines += len(changed)
        if lines and not check:
            work.submit(connection, "warehouse", {})
    said = f"{len(accounts)} accounts, {entries} ledger entries: "
    console.print(said + _outcome(different, lines, check=check), highlight=False)
    return not lines


def _outcome(different: int, lines: int, *, check: bool) -> str:
    if not lines:
        return "the events lead to exactly what is kept."
    put_right = "" if check else " They were put right, and the marts are asked for."
    return f"{lines} differences in {different} accounts.{put_right}"

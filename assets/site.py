"""A Moodle site as a whole: which of its courses are worth a sync. What a sync does is `moodle`'s."""

from typing import NamedTuple

import dagster as dg
from psycopg import Connection

from pipelines.resources import Studium
from studium import live, work
from studium.database.pool import Role, connect
from studium.moodle.clients import open_client, owner_of, sites_to_look_at
from studium.moodle.keys import is_own
from studium.moodle.scan import Scanned, scan
from studium.moodle.webservice.errors import WebServiceError
from studium.moodle.webservice.reader.reading import SURPRISES

SCAN = dg.AssetKey(["lake", "site_scan"])


@dg.asset(
    key=SCAN,
    group_name="site",
    owners=["team:data"],
    kinds={"python"},
    retry_policy=dg.RetryPolicy(max_retries=2, delay=30, backoff=dg.Backoff.EXPONENTIAL),
    description="One cheap look at a site, which asks for a sync of every course that changed; one row per course.",
)
def site_scan(studium: Studium) -> dg.MaterializeResult[None]:
    """Look at the courses that follow their Moodle, and ask for those that changed; a sync that is open is joined."""
    with connect(studium.settings, Role.PIPELINE, autocommit=True) as connection:
        looks = [_look(studium, connection, one) for one in sites_to_look_at(studium.settings, connection)]
        found = [course for look in looks for course in look.found]
        changed = [one for one in found if one.changed]
        for one in changed:
            # who links anew joins what is open for them, and so must see it, though the course may not be theirs yet
            work.submit(connection, "sync", {"course_id": str(one.course)}, owner_of(connection, one.course.site_id))
        live.prune(connection)
    lines = [f"| {one.course} | {one.why or ''} |" for one in changed]
    return dg.MaterializeResult(
        metadata={
            "courses": len(found),
            "changed": len(changed),
            "calls": sum(look.calls for look in looks),
            "bytes": sum(look.bytes for look in looks),
            "why": dg.MetadataValue.md("\n".join(["| course | why |", "|---|---|", *lines])),
        }
    )


class Look(NamedTuple):
    """One look at a site, and what it cost."""

    found: list[Scanned]
    calls: int = 0
    bytes: int = 0


def _look(studium: Studium, connection: Connection, site_id: str) -> Look:
    """Look at a site; one learner's link that fails keeps nobody else's from being looked at."""
    try:
        with open_client(studium.settings, connection, site_id) as client:
            return Look(scan(connection, client), client.calls, client.bytes)
    except (WebServiceError, *SURPRISES) as error:
        if not is_own(site_id):
            raise
        dg.get_dagster_logger().warning("%s could not be looked at: %s", site_id, error)
        return Look([])


ASSETS = [site_scan]

"""A Moodle site as a whole: which of its courses are worth a sync. What a sync does is `moodle`'s."""

import dagster as dg

from pipelines.resources import Studium
from studium import live, work
from studium.database.pool import Role, connect
from studium.moodle.scan import scan
from studium.moodle.webservice.client import MoodleClient

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
        with MoodleClient.of_site(studium.settings) as client:
            found = scan(connection, client)
        changed = [one for one in found if one.changed]
        for one in changed:
            work.submit(connection, "sync", {"course_id": str(one.course)})
        live.prune(connection)
    lines = [f"| {one.course} | {one.why or ''} |" for one in changed]
    return dg.MaterializeResult(
        metadata={
            "courses": len(found),
            "changed": len(changed),
            "calls": client.calls,
            "bytes": client.bytes,
            "why": dg.MetadataValue.md("\n".join(["| course | why |", "|---|---|", *lines])),
        }
    )


ASSETS = [site_scan]

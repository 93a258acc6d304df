"""Who a report's names are, and which module its contexts: the ids that only some of its rows tell.

A name is a person when every row that tells an id, and the course's own list of people, agree on one. Otherwise the
description decides, and where it is silent the row is marked.
"""

from collections.abc import Sequence

from duckdb import DuckDBPyConnection

from studium.moodle.logs.engine import table
from studium.moodle.logs.event_names import MODULES, SPEAKS_OF_ANOTHER
from studium.moodle.logs.report import DOUBT_MODULE, DOUBT_RELATED, DOUBT_USER

_NAMES = """
create or replace temp table names as
select name, any_value(user_id) as user_id
from (
    select who as name, actor_id as user_id
    from report_rows
    where
        actor_id > 0 and who <> '-' and not contains(who, ' as ')
        and event_name in (select event_name from known_events)
        and event_name not in (select event_name from speaks_of_another)
    union
    select name, user_id from people
)
group by name having count(distinct user_id) = 1"""

_CONTEXTS = """
create or replace temp table contexts as
select context, any_value(cmid) as cmid
from (
    select context, described_cmid as cmid from report_rows where described_cmid is not null
    union
    select context, cmid from modules
)
group by context having count(distinct cmid) = 1"""

# A person signed in as another is displayed as "Real Name as Other Name" (lang string eventloggedas).
_ACTORS = """
create or replace temp table actors as
select
    who,
    names.user_id as named,
    if(names.user_id is null, as_user.user_id, null) as as_user_id,
    if(names.user_id is null and as_user.user_id is not null, real_user.user_id, null) as real_user_id
from (
    select
        who,
        if(contains(who, ' as '), split_part(who, ' as ', 1), null) as real_name,
        if(contains(who, ' as '), substr(who, strpos(who, ' as ') + 4), null) as as_name
    from (select distinct who from report_rows)
)
left join names on names.name = who
left join names as as_user on as_user.name = as_name
left join names as real_user on real_user.name = real_name"""

_TOLD = """
create or replace temp table told_rows as
select
    file_no, position, moment, event_name,
    coalesce(acting, 0) as user_id,
    coalesce(affected, 0) as related_user_id,
    coalesce(real_user_id, 0) as real_user_id,
    coalesce(module, 0) as cmid,
    object_id, origin, ip,
    doubts
        + if(acting is null, $user, 0)
        + if(affected is null, $related, 0)
        + if(module is null, $module, 0) as doubts
from (
    select
        report_rows.*, actors.real_user_id, speaks_of_another.event_name is not null as of_another,
        coalesce(
            actors.named, actors.as_user_id, if(of_another, null, actor_id), if(report_rows.who = '-', 0, null)
        ) as acting,
        case
            when whom = '-' then 0
            else coalesce(whoms.user_id, other_id, if(whom = report_rows.who, acting, null))
        end as affected,
        if(
            regexp_matches(report_rows.context, '^(Course|System|User|Category|Block|Front page|Site home)(: |$)'),
            0, coalesce(described_cmid, contexts.cmid)
        ) as module
    from report_rows
    left join actors on actors.who = report_rows.who
    left join names as whoms on whoms.name = report_rows.whom
    left join speaks_of_another on speaks_of_another.event_name = report_rows.event_name
    left join contexts on contexts.context = report_rows.context
)"""


def settle(
    engine: DuckDBPyConnection, people: Sequence[tuple[str, int]], modules: Sequence[tuple[str, str, int]]
) -> None:
    """Make `told_rows` of `report_rows`: ids in place of names.

    Args:
        engine: with all reports of a course read.
        people: full name and id of everybody known on the site.
        modules: kind, name and id of the course's modules.
    """
    contexts = [
        (f"{display}: {shown}", cmid)
        for kind, name, cmid in modules
        for display in MODULES.get(kind, kind).split("/")
        for shown in {name, name.replace("&", "&amp;")}  # a page's name is escaped, and some releases download it so
    ]
    table(engine, "people", {"name": [name for name, _ in people], "user_id": [user for _, user in people]})
    table(engine, "modules", {"context": [name for name, _ in contexts], "cmid": [cmid for _, cmid in contexts]})
    table(engine, "speaks_of_another", {"event_name": sorted(SPEAKS_OF_ANOTHER)})
    for statement in (_NAMES, _CONTEXTS, _ACTORS):
        engine.execute(statement)
    engine.execute(_TOLD, {"user": DOUBT_USER, "related": DOUBT_RELATED, "module": DOUBT_MODULE})

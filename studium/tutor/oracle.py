"""Who may see which document, told a second time and without the rule that search and policies share.

It knows less than that rule (of Moodle's conditions on activities only dates that must all hold), and is never more
lenient where it knows something: what it forbids is forbidden. For evaluations and tests; nothing is served by it.
"""

from collections.abc import Sequence
from uuid import UUID

from psycopg import Connection

FORBIDDEN = """
with person as (
    select a.account_id, a.is_admin, l.site_id, l.moodle_user_id as user_id
    from app.accounts as a left join app.moodle_links as l using (account_id)
    where a.account_id = %(account)s
),

wanted as (
    select d.document_id, d.source, d.owner_id, d.group_id, d.course_id,
        m.is_visible, m.availability, m.cmid is null as is_module_gone, d.module_id, m.group_mode,
        s.is_visible as is_section_visible, s.availability as section_availability
    from content.documents as d
    left join raw.modules as m on d.module_id = m.site_id || ':' || m.cmid
    left join raw.sections as s
        on s.site_id || ':' || s.section_id = coalesce(d.section_id, m.site_id || ':' || m.section_id)
    where d.document_id = any(%(documents)s)
),

powers as (
    select w.document_id,
        coalesce(bool_or(r.archetype in ('manager', 'editingteacher', 'teacher')), false) as teaches,
        coalesce(bool_or(r.archetype in ('manager', 'editingteacher')), false) as edits,
        coalesce(bool_or(r.archetype = 'manager'), false) as manages
    from wanted as w
    left join person as p on true
    left join raw.role_assignments as r
        on r.site_id = p.site_id and r.user_id = p.user_id and r.site_id || ':' || r.course_id = w.course_id
    group by w.document_id
)

select w.document_id
from wanted as w
inner join powers as o using (document_id)
where case
    when w.source = 'upload' then w.owner_id is distinct from %(account)s
    when (select bool_or(p.is_admin) from person as p) then false
    else not o.manages and not exists (
        select from raw.enrolments as e inner join person as p on e.site_id = p.site_id and e.user_id = p.user_id
        where e.site_id || ':' || e.course_id = w.course_id and e.status = 0 and e.method_status = 0
            and coalesce(e.starts_at <= %(as_of)s, true) and coalesce(e.ends_at > %(as_of)s, true)
    )
    or w.module_id is not null and w.is_module_gone
    or not o.teaches and w.is_visible is false
    or not o.edits and w.is_section_visible is false
    or not o.teaches and exists (
        select from (values (w.availability), (w.section_availability)) as t (tree)
        cross join lateral jsonb_array_elements(case when t.tree ->> 'op' = '&' then t.tree -> 'c' end) as c (condition)
        where c.condition ->> 'type' = 'date' and c.condition ->> 'd' = '>='
            and (c.condition ->> 't')::numeric > extract(epoch from %(as_of)s::timestamptz)
    )
    or not o.edits and w.group_id is not null and w.group_mode = 1 and not exists (
        select from raw.group_members as g inner join person as p on g.site_id = p.site_id and g.user_id = p.user_id
        where g.group_id = w.group_id
    )
end
"""


def forbidden(connection: Connection, account: UUID, as_of: object, documents: Sequence[UUID]) -> set[UUID]:
    """Those of `documents` that the account may not see at `as_of`; the connection must see everything."""
    values = {"account": account, "as_of": as_of, "documents": list(documents)}
    return {row[0] for row in connection.execute(FORBIDDEN, values)}

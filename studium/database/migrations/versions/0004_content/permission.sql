-- Who sees what, as Moodle 4.5 with its default roles shows it to the account of the transaction at its as_of.
-- Everything that asks for permission (policies, search) asks content.permitted_scopes().

-- The courses the account may enter, as each of its Moodle users, with the powers of the roles there
-- (lib/db/access.php: a non-editing teacher sees hidden activities, yet neither hidden sections nor all groups).
create function content.visits() returns table (
    site_id text,
    course_id bigint,
    user_id bigint,
    sees_hidden_activities boolean,
    sees_hidden_sections boolean,
    ignores_availability boolean,
    accesses_all_groups boolean
)
language sql stable as $$
    with people as (
        select u.site_id, u.user_id
        from app.accounts as a
        inner join app.moodle_links as l on a.account_id = l.account_id
        inner join raw.users as u on l.site_id = u.site_id and l.moodle_user_id = u.user_id
        where a.account_id = app.current_account() and a.disabled_at is null and not u.is_deleted
    ),

    entries as (
        select p.site_id, e.course_id, p.user_id
        from people as p
        inner join raw.enrolments as e on p.site_id = e.site_id and p.user_id = e.user_id
        where e.status = 0 and e.method_status = 0
            and (e.starts_at is null or e.starts_at <= app.current_as_of())
            and (e.ends_at is null or e.ends_at > app.current_as_of())
        union
        -- a manager needs no enrolment
        select p.site_id, r.course_id, p.user_id
        from people as p
        inner join raw.role_assignments as r on p.site_id = r.site_id and p.user_id = r.user_id
        where r.archetype = 'manager'
    )

    select e.site_id, e.course_id, e.user_id, r.teaches, r.edits, r.teaches, r.edits
    from entries as e
    inner join raw.courses as c on e.site_id = c.site_id and e.course_id = c.course_id
    cross join lateral (
        select
            coalesce(bool_or(r.archetype in ('manager', 'editingteacher', 'teacher')), false) as teaches,
            coalesce(bool_or(r.archetype in ('manager', 'editingteacher')), false) as edits
        from raw.role_assignments as r
        where r.site_id = e.site_id and r.course_id = e.course_id and r.user_id = e.user_id
    ) as r
    where c.is_visible or r.teaches
$$;

-- One row for each section and each module (cmid null: the section itself) that is open to a visit.
-- A module needs its section, the section of a subsection the module it hangs from, and that module its section:
-- stricter than Moodle in one place, a module left visible in a hidden section, which Moodle opens to those who know
-- its address and shows to nobody.
create function content.permitted_places() returns table (
    site_id text,
    course_id bigint,
    section_id bigint,
    cmid bigint,
    user_id bigint,
    sees_group text
)
language sql stable as $$
    with visits as materialized (
        select v.* from content.visits() as v
    ),

    sections as materialized (
        select s.site_id, s.course_id, s.section_id, v.user_id, s.parent_module, s.component is not null as is_below
        from visits as v
        inner join raw.sections as s on v.site_id = s.site_id and v.course_id = s.course_id
        where (s.is_visible or v.sees_hidden_sections)
            and (
                s.availability is null or v.ignores_availability
                or content.availability_holds(
                    s.availability, false,
                    row(v.site_id, v.course_id, v.user_id, v.accesses_all_groups, null)::content.visit
                )
            )
    ),

    modules as materialized (
        select
            m.site_id, m.course_id, m.section_id, m.cmid, v.user_id, s.parent_module, s.is_below,
            case
                when v.accesses_all_groups then 'every'
                when case when c.group_mode_forced then c.group_mode else m.group_mode end = 1 then 'own'
                else 'every'
            end as sees_group
        from visits as v
        inner join raw.courses as c on v.site_id = c.site_id and v.course_id = c.course_id
        inner join raw.modules as m on v.site_id = m.site_id and v.course_id = m.course_id
        inner join sections as s
            on m.site_id = s.site_id and m.section_id = s.section_id and v.user_id = s.user_id
        where (m.is_visible or v.sees_hidden_activities)
            and (
                m.availability is null or v.ignores_availability
                or content.availability_holds(
                    m.availability, false,
                    row(v.site_id, v.course_id, v.user_id, v.accesses_all_groups, m.cmid)::content.visit
                )
            )
    ),

    hanging as (
        select p.site_id, p.cmid, p.user_id from modules as p where not p.is_below
    )

    select m.site_id, m.course_id, m.section_id, m.cmid, m.user_id, m.sees_group
    from modules as m
    where not m.is_below or (m.site_id, m.parent_module, m.user_id) in (select h.* from hanging as h)
    union all
    select s.site_id, s.course_id, s.section_id, null, s.user_id, null
    from sections as s
    where not s.is_below or (s.site_id, s.parent_module, s.user_id) in (select h.* from hanging as h)
$$;

create function content.permitted_modules() returns setof text
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select distinct p.site_id || ':' || p.cmid from content.permitted_places() as p where p.cmid is not null
$$;
comment on function content.permitted_modules() is 'The module_ids Moodle would show to the account; an administrator''s are not listed, they see all.';

create function content.permitted_scopes() returns integer []
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    with account as materialized (
        select a.account_id, a.is_admin
        from app.accounts as a
        where a.account_id = app.current_account() and a.disabled_at is null
    ),

    places as materialized (
        select p.* from content.permitted_places() as p where not exists (select from account as a where a.is_admin)
    ),

    permitted as (
        select s.scope_id
        from account as a
        inner join content.scopes as s on s.kind = 'upload' and a.account_id = s.owner_id
        union all
        select s.scope_id
        from account as a
        inner join content.scopes as s on s.kind <> 'upload'
        where a.is_admin
        union all
        select s.scope_id
        from content.visits() as v
        inner join content.scopes as s on s.course_id = v.site_id || ':' || v.course_id and s.kind in ('course', 'file')
        union all
        select s.scope_id
        from (
            select distinct p.site_id || ':' || p.section_id as section_id from places as p where p.cmid is null
        ) as p
        inner join content.scopes as s on p.section_id = s.section_id and s.kind = 'section'
        union
        select s.scope_id
        from places as p
        inner join content.scopes as s on s.kind = 'module' and s.module_id = p.site_id || ':' || p.cmid
        where s.group_id is null or p.sees_group = 'every'
            or exists (
                select from raw.group_members as g
                where g.site_id = p.site_id and g.group_id = s.group_id and g.user_id = p.user_id
            )
    )

    select coalesce(array_agg(p.scope_id order by p.scope_id), '{}') from permitted as p
$$;

-- A course its site knows no longer: its rows stay, and nobody, of whatever role, finds anything in it.
create function content.is_gone(course text) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select exists (select from raw.gone_courses as g where g.site_id || ':' || g.course_id = course)
$$;
alter function content.is_gone(text) owner to studium_owner;
revoke execute on function content.is_gone(text) from public;
grant execute on function content.is_gone(text) to studium_api;

-- As in 0004, without the courses that are gone.
create or replace function content.visits() returns table (
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
    where (c.is_visible or r.teaches)
        and not exists (
            select from raw.gone_courses as g where g.site_id = e.site_id and g.course_id = e.course_id
        )
$$;

-- As in 0004, an administrator too finds nothing in a course that is gone.
create or replace function content.permitted(course text) returns table (scope_id integer, passages integer)
language plpgsql stable as $$
declare
    account app.accounts;
begin
    select a.* into account from app.accounts as a
    where a.account_id = app.current_account() and a.disabled_at is null;
    return query
    select s.scope_id, s.passages
    from content.scopes as s
    where s.kind = 'upload' and s.owner_id = account.account_id
        and (course is null or coalesce(s.course_id, course) = course);
    if account.is_admin then
        return query
        select s.scope_id, s.passages
        from content.scopes as s
        where s.kind <> 'upload' and (course is null or s.course_id = course) and not content.is_gone(s.course_id);
        return;
    end if;
    return query
    with places as materialized (
        select p.* from content.permitted_places(course) as p
    )

    select s.scope_id, s.passages
    from (select distinct p.site_id || ':' || p.course_id as course_id from places as p) as p
    inner join content.scopes as s on p.course_id = s.course_id
    where s.kind in ('course', 'file')
    union all
    select s.scope_id, s.passages
    from (select distinct p.site_id || ':' || p.section_id as section_id from places as p where p.cmid is null) as p
    inner join content.scopes as s on p.section_id = s.section_id
    union all
    select distinct s.scope_id, s.passages
    from places as p
    inner join content.scopes as s on s.module_id = p.site_id || ':' || p.cmid
    where s.group_id is null or p.sees_all_groups
        or exists (
            select from raw.group_members as g
            where g.site_id = p.site_id and g.group_id = s.group_id and g.user_id = p.user_id
        );
end
$$;

alter policy api on content.documents
using (
    scope_id = any((select content.permitted_scopes())::integer [])
    or owner_id = (
        select a.account_id from app.accounts as a
        where a.account_id = app.current_account() and a.disabled_at is null
    )
    or (
        source = 'file' and not content.is_gone(course_id)
        and (course_id in (select app.instructed_course_ids()) or (select app.is_admin()))
    )
);

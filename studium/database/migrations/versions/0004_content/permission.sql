-- Who sees what, as Moodle 4.5 with its default roles shows it to the account of the transaction at its as_of.
-- Everything that asks for permission (policies, search) asks content.permitted_scopes().

create function content.permitted_modules() returns setof text
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select distinct p.site_id || ':' || p.cmid from content.permitted_places(null) as p where p.cmid is not null
$$;
comment on function content.permitted_modules() is 'The module_ids Moodle would show to the account; an administrator''s are not listed, they see all.';

-- The scopes the account sees; of one course and of its own uploads that belong to none, or (null) of all.
create function content.permitted(course text) returns table (scope_id integer, passages integer)
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
        where s.kind <> 'upload' and (course is null or s.course_id = course);
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

create function content.permitted_scopes() returns integer []
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select coalesce(array_agg(p.scope_id order by p.scope_id), '{}') from content.permitted(null) as p
$$;

-- How long what a learner saw in Moodle stays open unconfirmed. A look confirms it every half hour: a day spans a night
-- of maintenance, and is the longest that somebody who may no longer see a course goes on reading it here.
create function content.longest_unconfirmed() returns interval
language sql immutable as $$ select interval '24 hours' $$;
alter function content.longest_unconfirmed() owner to studium_owner;

-- Whether a course in a learner's own view is known to be shown to them still, through a link that is alive.
create function content.is_confirmed(own_site text, course bigint) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select exists (
        select from app.moodle_tokens as t
        inner join app.course_sync as s on s.course_id = own_site || ':' || course
        where t.own_site_id = own_site and t.reads_courses and t.refused_because is null
            and greatest(s.last_scanned_at, s.last_synced_at) > now() - content.longest_unconfirmed()
    )
$$;
alter function content.is_confirmed(text, bigint) owner to studium_owner;
revoke execute on function content.is_confirmed(text, bigint) from public;

-- As in 0011, without what one saw through a link that tells no more.
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
        and (strpos(e.site_id, '--') = 0 or content.is_confirmed(e.site_id, e.course_id))
$$;

-- The parts of courses that are open to the account of the transaction at its as_of, as Moodle 4.5 with its default roles
-- would have them.

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
create function content.permitted_places(course text) returns table (
    site_id text,
    course_id bigint,
    section_id bigint,
    cmid bigint,
    user_id bigint,
    sees_all_groups boolean
)
language sql stable as $$
    with sections as materialized (
        select
            v.*, s.section_id, s.parent_module, s.component is not null as is_below,
            case when c.group_mode_forced then c.group_mode end as forced_mode
        from content.visits() as v
        inner join raw.courses as c on v.site_id = c.site_id and v.course_id = c.course_id
        inner join raw.sections as s on v.site_id = s.site_id and v.course_id = s.course_id
        where (course is null or v.site_id || ':' || v.course_id = course)
            and (s.is_visible or v.sees_hidden_sections)
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
            m.site_id, m.course_id, m.section_id, m.cmid, s.user_id, s.parent_module, s.is_below,
            s.accesses_all_groups or coalesce(s.forced_mode, m.group_mode) <> 1 as sees_all_groups
        from sections as s
        inner join raw.modules as m on s.site_id = m.site_id and s.section_id = m.section_id
        where (m.is_visible or s.sees_hidden_activities)
            and (
                m.availability is null or s.ignores_availability
                or content.availability_holds(
                    m.availability, false,
                    row(s.site_id, s.course_id, s.user_id, s.accesses_all_groups, m.cmid)::content.visit
                )
            )
    ),

    hanging as (
        select m.site_id, m.cmid, m.user_id from modules as m where not m.is_below
    )

    select m.site_id, m.course_id, m.section_id, m.cmid, m.user_id, m.sees_all_groups
    from modules as m
    where not m.is_below or (m.site_id, m.parent_module, m.user_id) in (select h.* from hanging as h)
    union all
    select s.site_id, s.course_id, s.section_id, null, s.user_id, null
    from sections as s
    where not s.is_below or (s.site_id, s.parent_module, s.user_id) in (select h.* from hanging as h)
$$;

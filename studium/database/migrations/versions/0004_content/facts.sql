-- What Moodle's availability conditions ask of one person in one course. Null: not understood, or not known here.
create type content.visit as (
    site_id text,
    course_id bigint,
    user_id bigint,
    accesses_all_groups boolean,
    cmid bigint
);

create function content.number_in(value jsonb) returns numeric
language sql immutable parallel safe as $$
    select case when value #>> '{}' ~ '^-?[0-9]{1,18}(\.[0-9]{1,10})?$' then (value #>> '{}')::numeric end
$$;

create function content.date_holds(condition jsonb) returns boolean
language sql stable as $$
    select case condition ->> 'd'
        when '>=' then extract(epoch from app.current_as_of()) >= content.number_in(condition -> 't')
        when '<' then extract(epoch from app.current_as_of()) < content.number_in(condition -> 't')
    end
$$;

-- Without an id (or with 0): any group of the course.
create function content.group_holds(condition jsonb, visit content.visit) returns boolean
language sql stable as $$
    select case when not condition ? 'id' or content.number_in(condition -> 'id') is not null then exists (
        select from raw.group_members as g
        where g.site_id = visit.site_id and g.course_id = visit.course_id and g.user_id = visit.user_id
            and coalesce(content.number_in(condition -> 'id'), 0) in (0, g.group_id)
    ) end
$$;

-- Of the grouping that is named, or of the activity's own.
create function content.grouping_holds(condition jsonb, visit content.visit) returns boolean
language sql stable as $$
    select case when w.grouping_id is not null then exists (
        select from raw.group_members as g
        inner join raw.grouping_groups as i on g.site_id = i.site_id and g.group_id = i.group_id
        where g.site_id = visit.site_id and g.user_id = visit.user_id and i.grouping_id = w.grouping_id
    ) end
    from (
        select coalesce(content.number_in(condition -> 'id'), (
            select m.grouping_id from raw.modules as m
            where condition -> 'activity' = 'true' and m.site_id = visit.site_id and m.cmid = visit.cmid
        )) as grouping_id
    ) as w
$$;

-- The completion state of an activity; -1 is the one before this that tracks completion. Null: it is gone.
create function content.completion_of(visit content.visit, wanted bigint) returns smallint
language sql stable as $$
    select coalesce(c.state, 0)
    from raw.modules as m
    left join raw.completions as c
        on m.site_id = c.site_id and m.cmid = c.cmid and c.user_id = visit.user_id
    where m.site_id = visit.site_id and m.course_id = visit.course_id
        and m.cmid = case when wanted > 0 then wanted else (
            select here.previous from (
                select p.cmid, lag(p.cmid) over (order by s.number, p.position, p.cmid) as previous
                from raw.modules as p
                inner join raw.sections as s on p.site_id = s.site_id and p.section_id = s.section_id
                where p.site_id = visit.site_id and p.course_id = visit.course_id and p.completion_mode <> 0
            ) as here
            where here.cmid = visit.cmid
        ) end
$$;

-- Percent of the item's range: at least min, below max. No grade yet holds for neither.
create function content.grade_holds(condition jsonb, visit content.visit) returns boolean
language sql stable as $$
    select case
        when content.number_in(condition -> 'id') is not null
            and (not condition ? 'min' or content.number_in(condition -> 'min') is not null)
            and (not condition ? 'max' or content.number_in(condition -> 'max') is not null)
            then coalesce((
                select
                    g.percent >= coalesce(content.number_in(condition -> 'min'), '-infinity')
                    and g.percent < coalesce(content.number_in(condition -> 'max'), 'infinity')
                from (
                    select
                        100 * (g.final_grade - coalesce(i.grade_min, 0))
                        / nullif(i.grade_max - coalesce(i.grade_min, 0), 0) as percent
                    from raw.grade_items as i
                    inner join raw.grades as g on i.site_id = g.site_id and i.grade_item_id = g.grade_item_id
                    where i.site_id = visit.site_id and g.user_id = visit.user_id
                        and i.grade_item_id = content.number_in(condition -> 'id')
                ) as g
            ), false)
    end
$$;

create function content.profile_holds(condition jsonb, visit content.visit) returns boolean
language sql stable as $$
    select case condition ->> 'op'
        when 'isequalto' then f.mine = condition ->> 'v'
        when 'contains' then strpos(f.mine, condition ->> 'v') > 0
        when 'doesnotcontain' then condition ->> 'v' in ('', '0') or strpos(f.mine, condition ->> 'v') = 0
        when 'startswith' then starts_with(f.mine, condition ->> 'v')
        when 'endswith' then right(f.mine, length(condition ->> 'v')) = condition ->> 'v'
        when 'isempty' then f.mine in ('', '0')
        when 'isnotempty' then f.mine not in ('', '0')
    end
    from raw.users as u
    cross join lateral (
        select coalesce(to_jsonb(u) ->> n.name, '') as mine, n.name from (
            select case condition ->> 'sf'
                when 'firstname' then 'first_name'
                when 'lastname' then 'last_name'
                when 'email' then 'email'
                when 'idnumber' then 'idnumber'
                when 'institution' then 'institution'
                when 'department' then 'department'
                when 'country' then 'country'
            end as name
        ) as n
    ) as f
    where u.site_id = visit.site_id and u.user_id = visit.user_id and f.name is not null
$$;

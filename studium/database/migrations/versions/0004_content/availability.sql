-- Moodle's availability trees (availability/classes/tree.php and its conditions, Moodle 4.5) in three-valued logic:
-- what is not understood is null, stays null under negation, and null never shows.
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

-- Null: a field this database does not hold.
create function content.profile_field(visit content.visit, field text) returns text
language sql stable as $$
    select case field
        when 'firstname' then coalesce(u.first_name, '')
        when 'lastname' then coalesce(u.last_name, '')
        when 'email' then coalesce(u.email, '')
        when 'idnumber' then coalesce(u.idnumber, '')
        when 'institution' then coalesce(u.institution, '')
        when 'department' then coalesce(u.department, '')
        when 'country' then coalesce(u.country, '')
    end
    from raw.users as u
    where u.site_id = visit.site_id and u.user_id = visit.user_id
$$;

-- Percent of the item's range; null: no grade yet.
create function content.grade_of(visit content.visit, grade_item bigint) returns numeric
language sql stable as $$
    select 100 * (g.final_grade - coalesce(i.grade_min, 0)) / nullif(i.grade_max - coalesce(i.grade_min, 0), 0)
    from raw.grade_items as i
    inner join raw.grades as g on i.site_id = g.site_id and i.grade_item_id = g.grade_item_id
    where i.site_id = visit.site_id and i.grade_item_id = grade_item and g.user_id = visit.user_id
$$;

-- -1 is the activity before this one that tracks completion; null: there is none, or it left the course.
create function content.completion_of(visit content.visit, wanted bigint) returns smallint
language sql stable as $$
    select coalesce(c.state, 0)
    from raw.modules as m
    left join raw.completions as c
        on m.site_id = c.site_id and m.cmid = c.cmid and c.user_id = visit.user_id
    where m.site_id = visit.site_id and m.course_id = visit.course_id
        and m.cmid = case when wanted > 0 then wanted else (
            select before.cmid from (
                select p.cmid, lag(p.cmid) over (order by s.number, p.position, p.cmid) as previous
                from raw.modules as p
                inner join raw.sections as s on p.site_id = s.site_id and p.section_id = s.section_id
                where p.site_id = visit.site_id and p.course_id = visit.course_id and p.completion_mode <> 0
            ) as here
            cross join lateral (select here.previous as cmid) as before
            where here.cmid = visit.cmid
        ) end
$$;

create function content.condition_holds(condition jsonb, negated boolean, visit content.visit) returns boolean
language plpgsql stable as $$
declare
    wanted numeric := content.number_in(condition -> 'id');
    mine text;
    given text := condition ->> 'v';
    state smallint;
    holds boolean;
begin
    case condition ->> 'type'
        when 'date' then
            holds := case condition ->> 'd'
                when '>=' then extract(epoch from app.current_as_of()) >= content.number_in(condition -> 't')
                when '<' then extract(epoch from app.current_as_of()) < content.number_in(condition -> 't')
            end;
        when 'group' then
            if condition ? 'id' and wanted is null then
                return null;
            elsif visit.accesses_all_groups then
                return true;  -- as in Moodle: also under negation
            end if;
            holds := exists (
                select from raw.group_members as g
                where g.site_id = visit.site_id and g.course_id = visit.course_id and g.user_id = visit.user_id
                    and (g.group_id = wanted or not condition ? 'id' or wanted = 0)
            );
        when 'grouping' then
            if wanted is null and condition -> 'activity' = 'true' then
                select m.grouping_id into wanted from raw.modules as m
                where m.site_id = visit.site_id and m.cmid = visit.cmid;
            end if;
            if wanted is null then
                return null;
            elsif visit.accesses_all_groups then
                return true;
            end if;
            holds := exists (
                select from raw.group_members as g
                inner join raw.grouping_groups as i on g.site_id = i.site_id and g.group_id = i.group_id
                where g.site_id = visit.site_id and g.user_id = visit.user_id and i.grouping_id = wanted
            );
        when 'completion' then
            state := content.completion_of(visit, content.number_in(condition -> 'cm')::bigint);
            if state is null then
                return false;  -- as in Moodle: an activity that is gone never lets anybody in
            end if;
            holds := case content.number_in(condition -> 'e')
                when 1 then state in (1, 2, 3)
                when 0 then state = 0
                when 2 then state = 2
                when 3 then state = 3
            end;
        when 'grade' then
            if wanted is null or condition ? 'min' and content.number_in(condition -> 'min') is null
                or condition ? 'max' and content.number_in(condition -> 'max') is null then
                return null;
            end if;
            holds := coalesce(
                content.grade_of(visit, wanted::bigint) >= coalesce(content.number_in(condition -> 'min'), '-infinity')
                and content.grade_of(visit, wanted::bigint) < coalesce(content.number_in(condition -> 'max'), 'infinity'),
                false
            );
        when 'profile' then
            mine := content.profile_field(visit, condition ->> 'sf');
            holds := case condition ->> 'op'
                when 'isequalto' then mine = given
                when 'contains' then strpos(mine, given) > 0
                when 'doesnotcontain' then given in ('', '0') or strpos(mine, given) = 0
                when 'startswith' then starts_with(mine, given)
                when 'endswith' then right(mine, length(given)) = given
                when 'isempty' then mine in ('', '0')
                when 'isnotempty' then mine not in ('', '0')
            end;
            if mine is null then
                return null;
            end if;
        else
            return null;
    end case;
    return holds <> negated;
end
$$;

create function content.availability_holds(tree jsonb, negated boolean, visit content.visit) returns boolean
language plpgsql stable as $$
declare
    operator text := tree ->> 'op';
    is_inverse boolean := operator in ('!&', '!|');
    needs_all boolean := (operator in ('&', '!|')) <> negated;
    child jsonb;
    holds boolean;
    result boolean := needs_all;
begin
    if operator is null or operator not in ('&', '|', '!&', '!|') or jsonb_typeof(tree -> 'c') is distinct from 'array' then
        return null;
    elsif jsonb_array_length(tree -> 'c') = 0 then
        return true;  -- as in Moodle: an empty set restricts nothing, negated or not
    end if;
    for child in select c.value from jsonb_array_elements(tree -> 'c') as c loop
        holds := case
            when child ? 'type' then content.condition_holds(child, is_inverse <> negated, visit)
            else content.availability_holds(child, is_inverse <> negated, visit)
        end;
        result := case when needs_all then result and holds else result or holds end;
    end loop;
    return result;
end
$$;

-- Moodle's availability trees (availability/classes/tree.php, Moodle 4.5) in three-valued logic: what is not understood
-- is null, stays null under negation, and null never shows.
create function content.condition_holds(condition jsonb, negated boolean, visit content.visit) returns boolean
language plpgsql stable as $$
declare
    state smallint;
begin
    case condition ->> 'type'
        when 'date' then
            return content.date_holds(condition) <> negated;
        when 'group' then
            -- as in Moodle, who accesses all groups passes under negation too
            return visit.accesses_all_groups or content.group_holds(condition, visit) <> negated;
        when 'grouping' then
            return visit.accesses_all_groups or content.grouping_holds(condition, visit) <> negated;
        when 'completion' then
            state := content.completion_of(visit, content.number_in(condition -> 'cm')::bigint);
            -- as in Moodle, an activity that is gone never lets anybody in
            return state is not null and case content.number_in(condition -> 'e')
                when 0 then state = 0
                when 1 then state in (1, 2, 3)
                when 2 then state = 2
                when 3 then state = 3
            end <> negated;
        when 'grade' then
            return content.grade_holds(condition, visit) <> negated;
        when 'profile' then
            return content.profile_holds(condition, visit) <> negated;
        else
            return null;
    end case;
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
    if operator is null or operator not in ('&', '|', '!&', '!|')
        or jsonb_typeof(tree -> 'c') is distinct from 'array' then
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

-- An answer as teachers may see it: what rests on material of the course that is everybody's in it. What cites the
-- learner's own files, or what one group alone may see, is left out; and then also what cites nothing, since a model
-- may have written it from those.
create function app.answer_to_show(answer jsonb, course text, out shown jsonb, out is_withheld boolean)
language sql stable as $$
    with cited as (
        select c.value as citation, d.document_id is not null as is_open
        from jsonb_array_elements(answer -> 'citations') as c
        left join content.documents as d
            on (c.value ->> 'document_id')::uuid = d.document_id
            and d.course_id = course and d.source <> 'upload' and d.group_id is null
    ),

    parts as (
        select p.value as part, p.ordinality as place,
            (
                select bool_and(coalesce(c.is_open, false))
                from jsonb_array_elements(p.value -> 'citations') as n
                left join cited as c on n.value = c.citation -> 'number'
            ) as is_open
        from jsonb_array_elements(answer -> 'parts') with ordinality as p
    ),

    whole as (
        select not exists (select from cited as c where not c.is_open) as is_open
    )

    select
        jsonb_build_object(
            'statement', case when w.is_open then answer ->> 'statement' else '' end,
            'shape', answer -> 'shape',
            'model', answer -> 'model',
            'parts', coalesce(
                (select jsonb_agg(p.part order by p.place) from parts as p where coalesce(p.is_open, w.is_open)), '[]'
            ),
            'citations', coalesce((select jsonb_agg(c.citation) from cited as c where c.is_open), '[]')
        ),
        not w.is_open
    from whole as w
$$;

-- What was found for a question: of the course's own material alone, as above.
create function app.retrieved_to_show(retrieved jsonb, course text) returns jsonb
language sql stable as $$
    select coalesce(jsonb_agg(r.value order by r.ordinality), '[]')
    from jsonb_array_elements(coalesce(retrieved, '[]')) with ordinality as r
    inner join content.documents as d on (r.value ->> 'document_id')::uuid = d.document_id
    where d.course_id = course and d.source <> 'upload' and d.group_id is null
$$;

-- Keeps the teachers' queue as the learner wants it: shared, the copy is there; not shared, or gone, it is not.
create function app.follow_feedback() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    report uuid;
begin
    if old.report_id is not null and (tg_op = 'DELETE' or not new.is_shared) then
        delete from app.reported_answers as r where r.report_id = old.report_id;
    elsif tg_op <> 'DELETE' and new.is_shared and new.report_id is not null then
        update app.reported_answers as r set reason = new.reason, words = new.words where r.report_id = new.report_id;
    elsif tg_op <> 'DELETE' and new.is_shared and old.is_shared is not true then
        insert into app.reported_answers as r
        (course_id, question, answer, retrieved, is_withheld, reason, words, asked_on)
        select
            s.course_id, t.content, a.shown, app.retrieved_to_show(t.retrieved, s.course_id), a.is_withheld,
            new.reason, new.words, t.created_at::date
        from app.chat_turns as t
        inner join app.chat_sessions as s on t.session_id = s.session_id
        cross join lateral app.answer_to_show(t.answer, s.course_id) as a
        where t.turn_id = new.turn_id and t.status = 'done'
        returning r.report_id into report;
        update app.chat_feedback as f set report_id = report where f.turn_id = new.turn_id;
    end if;
    return null;
end
$$;
-- after it, not before: an insert that becomes an update would leave a copy that nobody can take back
create trigger follow_feedback after insert or update or delete on app.chat_feedback
for each row execute function app.follow_feedback();

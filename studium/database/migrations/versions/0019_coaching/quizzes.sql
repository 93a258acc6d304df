-- The quizzes of which the bound account has an attempt that Moodle has not ended: in progress, or overdue and not yet
-- handed in. A teacher's preview is none. Each with what it may ask, as far as that is known: the questions of its slots
-- in all versions, those that a random slot draws from, and those that came up in anybody's attempt at it.
create function app.open_quizzes() returns table (course_id text, module_id text, name text, questions jsonb)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    with quizzes as (
        select distinct q.site_id, q.course_id, q.cmid, q.quiz_id, q.name
        from app.moodle_links as l
        inner join raw.quiz_attempts as a on l.site_id = a.site_id and l.moodle_user_id = a.user_id
        inner join raw.quizzes as q on a.site_id = q.site_id and a.quiz_id = q.quiz_id
        where l.account_id = app.current_account() and a.state in ('inprogress', 'overdue') and not a.is_preview
    ),

    asked as (
        select z.site_id, z.quiz_id, z.course_id, b.question_id
        from quizzes as z
        inner join raw.quiz_slots as s on z.site_id = s.site_id and z.quiz_id = s.quiz_id
        inner join raw.questions as b on z.site_id = b.site_id and z.course_id = b.course_id
        where b.question_id = s.question_id or b.entry_id = s.entry_id or s.is_random and (
            -- Moodle writes identities and switches now as words, now as such
            b.category_id::text in (
                select v.value #>> '{}' from jsonb_path_query(s.filter, '$.filter.category.values[*]') as v (value)
            )
            -- drawn from below a category too, or by rules not known here: any of the course's
            or coalesce(s.filter #>> '{filter,category,filteroptions,includesubcategories}', 'true')
            not in ('false', '0', '')
        )
        union
        select z.site_id, z.quiz_id, z.course_id, r.question_id
        from quizzes as z
        inner join raw.quiz_attempts as a on z.site_id = a.site_id and z.quiz_id = a.quiz_id
        inner join raw.question_attempts as r on a.site_id = r.site_id and a.attempt_id = r.attempt_id
    ),

    worded as (
        select k.site_id, k.quiz_id, jsonb_build_object(
            'text', b.text,
            'answers', (
                select coalesce(jsonb_agg(concat_ws(' ', w.prompt, w.text) order by w.position), '[]')
                from raw.question_answers as w
                where w.site_id = b.site_id and w.course_id = b.course_id and w.question_id = b.question_id
            )
        ) as question
        from asked as k
        inner join raw.questions as b
            on k.site_id = b.site_id and k.course_id = b.course_id and k.question_id = b.question_id
        where b.text is not null
    )

    select
        z.site_id || ':' || z.course_id, z.site_id || ':' || z.cmid, z.name,
        coalesce((
            select jsonb_agg(w.question) from worded as w where w.site_id = z.site_id and w.quiz_id = z.quiz_id
        ), '[]')
    from quizzes as z
$$;
comment on function app.open_quizzes() is
    'Quizzes the account is sitting. `questions` holds nothing that is told: it is what is not answered meanwhile.';
alter function app.open_quizzes() owner to studium_owner;
revoke execute on function app.open_quizzes() from public;
grant execute on function app.open_quizzes() to studium_api;

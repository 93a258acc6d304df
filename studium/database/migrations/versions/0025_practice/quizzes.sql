-- What quizzes ask, or may ask: the questions of their slots in all versions, what a random slot draws from, and what
-- came up in anybody's attempt. As app.open_quizzes() has it, of all quizzes, by number.
create function app.quiz_questions() returns table (site_id text, quiz_id bigint, question_id bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select s.site_id, s.quiz_id, s.question_id from raw.quiz_slots as s where s.question_id is not null
    union
    select s.site_id, s.quiz_id, b.question_id
    from raw.quiz_slots as s
    inner join raw.questions as b on s.site_id = b.site_id and s.entry_id = b.entry_id
    union
    select s.site_id, s.quiz_id, b.question_id
    from raw.quiz_slots as s
    inner join raw.questions as b on s.site_id = b.site_id and s.course_id = b.course_id
    where s.is_random and (
        b.category_id::text in (
            select v.value #>> '{}' from jsonb_path_query(s.filter, '$.filter.category.values[*]') as v (value)
        )
        -- drawn from below a category too, or by rules not known here: any of the course's
        or coalesce(s.filter #>> '{filter,category,filteroptions,includesubcategories}', 'true')
        not in ('false', '0', '')
    )
    union
    select a.site_id, a.quiz_id, r.question_id
    from raw.quiz_attempts as a
    inner join raw.question_attempts as r on a.site_id = r.site_id and a.attempt_id = r.attempt_id
$$;

-- Whether the bound account's quizzes keep a question back: while an attempt is open, while the quiz can still be sat
-- for a mark that counts (a quiz without limit is for practice itself), and while it is hidden or not yet open.
-- A teacher's preview is no attempt.
create function app.quiz_standing() returns table (
    site_id text, quiz_id bigint, course_id text, name text, is_shown boolean, is_sitting boolean, is_to_come boolean
)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    with mine as (
        select a.site_id, a.quiz_id, bool_or(a.state in ('inprogress', 'overdue')) as is_sitting, count(*) as attempts
        from app.moodle_links as l
        inner join raw.quiz_attempts as a on l.site_id = a.site_id and l.moodle_user_id = a.user_id
        where l.account_id = app.current_account() and not a.is_preview
        group by a.site_id, a.quiz_id
    )

    select
        q.site_id, q.quiz_id, q.site_id || ':' || q.course_id, q.name,
        q.site_id || ':' || q.cmid in (select p.* from content.permitted_modules() as p)
        and coalesce(q.opens_at <= app.current_as_of(), true),
        coalesce(m.is_sitting, false),
        q.attempts_allowed > 0 and coalesce(q.closes_at > app.current_as_of(), true)
        and coalesce(m.attempts, 0) < q.attempts_allowed
    from raw.quizzes as q
    left join mine as m on q.site_id = m.site_id and q.quiz_id = m.quiz_id
    where q.site_id || ':' || q.course_id in (select c.* from app.enrolled_course_ids() as c)
$$;
comment on function app.quiz_standing() is 'Of all quizzes in the courses the account is enrolled in.';

-- What the bound account may practise, of what is everybody's. A bank's question that no quiz asks may be meant for an
-- exam to come: it waits until a quiz has asked it, or a teacher lets it go.
create function app.practicable_questions() returns setof uuid
language sql stable security definer set search_path = pg_catalog, pg_temp rows 200 as $$
    with standing as materialized (
        select s.* from app.quiz_standing() as s
    ),

    asked as materialized (
        select
            a.site_id || ':' || a.question_id as external_key,
            bool_or(s.is_sitting or s.is_to_come) as is_kept_back,
            bool_and(s.is_shown) as is_shown
        from app.quiz_questions() as a
        inner join standing as s on a.site_id = s.site_id and a.quiz_id = s.quiz_id
        group by a.site_id, a.question_id
    ),

    places as materialized (
        select distinct p.site_id || ':' || p.section_id as section_id
        from content.permitted_places(null) as p where p.cmid is null
    ),

    scopes as materialized (
        select content.permitted_scopes() as permitted
    )

    select q.question_id
    from app.practice_questions as q
    left join asked as a on q.origin = 'moodle' and q.external_key = a.external_key
    where q.owner_id is null and q.retired_at is null
        and q.course_id in (select c.* from app.enrolled_course_ids() as c)
        and case when q.origin = 'moodle'
            then not coalesce(a.is_kept_back, false) and (coalesce(a.is_shown, false) or q.released_at is not null)
            else (q.topic_id is null or q.topic_id in (select p.section_id from places as p))
                and (q.document_id is null or exists (
                    select from content.documents as d
                    where d.document_id = q.document_id
                        and d.scope_id = any((select s.permitted from scopes as s)::integer [])
                ))
        end
$$;

-- What the bound account answered in Moodle, at the first finished attempt at each quiz: where its ability begins.
create function app.my_moodle_answers(course text) returns table (
    external_key text, fraction double precision, answered_at timestamptz
)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    with firsts as (
        select distinct on (a.site_id, a.quiz_id) a.site_id, a.attempt_id, a.finished_at
        from app.moodle_links as l
        inner join raw.quiz_attempts as a on l.site_id = a.site_id and l.moodle_user_id = a.user_id
        where l.account_id = app.current_account() and a.site_id || ':' || a.course_id = course
            and a.state = 'finished' and not a.is_preview and a.finished_at is not null
        order by a.site_id, a.quiz_id, a.attempt_number
    )

    select r.site_id || ':' || r.question_id, least(greatest(r.fraction, 0), 1)::double precision, f.finished_at
    from firsts as f
    inner join raw.question_attempts as r on f.site_id = r.site_id and f.attempt_id = r.attempt_id
    where r.fraction is not null
    order by f.finished_at, r.question_attempt_id
$$;

-- What is asked in a course: made by the pipeline of everybody's questions, read by its teachers, who read no question.
create table app.question_digests (
    course_id text primary key,
    made_at timestamptz not null default clock_timestamp(),
    digest jsonb not null,
    run_id text
);
comment on table app.question_digests is 'What is asked in a course, as far as enough people ask it.';
comment on column app.question_digests.digest is 'studium.wire.questions.Digest.';

-- A course's questions as they are counted: of its learners alone, none that goes on with another (a hint to it, a reply
-- in a dialogue), and none that was held back because its asker sits a quiz.
create function app.questions_asked(course text, since timestamptz) returns table (
    asker uuid, question text, answer jsonb, verdict text
)
language sql stable security definer set search_path = pg_catalog, pg_temp rows 1000 as $$
    select s.account_id, coalesce(t.standalone, t.content), t.answer, f.verdict
    from app.chat_turns as t
    inner join app.chat_sessions as s on t.session_id = s.session_id
    inner join app.accounts as a on s.account_id = a.account_id
    left join app.chat_feedback as f on t.turn_id = f.turn_id
    where s.course_id = course and t.created_at >= since and t.status = 'done'
        and t.mode <> 'quiz' and t.follows is null and t.answer ->> 'shape' <> 'held' and not a.is_admin
        and not exists (
            select from app.moodle_links as l
            inner join raw.role_assignments as r on l.site_id = r.site_id and l.moodle_user_id = r.user_id
            where l.account_id = s.account_id and r.site_id || ':' || r.course_id = course
                and r.archetype in ('manager', 'editingteacher', 'teacher')
        )
    order by t.created_at desc
    limit 5000
$$;
comment on function app.questions_asked(text, timestamptz) is 'The newest 5,000; for the pipeline alone.';

-- Courses to look at: where three people asked since, for what fewer ask would be told by the difference to the last
-- digest (one that tells nothing yet has none); and after a day, since what was deleted or is too old must go.
create function app.digests_due() returns setof text
language sql stable security definer set search_path = pg_catalog, pg_temp rows 10 as $$
    select s.course_id
    from app.chat_sessions as s
    inner join app.chat_turns as t on s.session_id = t.session_id
    left join app.question_digests as d on s.course_id = d.course_id
    where d.made_at is null or t.created_at > d.made_at
    group by s.course_id
    having coalesce(bool_and((d.digest ->> 'is_withheld')::boolean), true) or count(distinct s.account_id) >= 3
    union
    select d.course_id from app.question_digests as d where d.made_at < now() - interval '23 hours'
$$;

-- One open request a course, which whoever asks again joins; its teachers see how it goes.
alter table app.work_requests drop constraint work_requests_kind_check;
alter table app.work_requests add constraint work_requests_kind_check
check (kind in ('upload', 'import_backup', 'import_logs', 'import_file', 'warehouse', 'sync', 'questions'));
create unique index one_open_questions on app.work_requests ((payload ->> 'course_id'))
where kind = 'questions' and status in ('queued', 'running');
create policy api_read_questions on app.work_requests for select to studium_api
using (kind = 'questions' and payload ->> 'course_id' in (select app.instructed_course_ids()));

-- Learners have their own answers and sessions; who teaches a course keeps its questions and sees nobody's answers.
do $$
declare
    name text;
begin
    foreach name in array array['practice_questions', 'practice_difficulties', 'practice_attempts', 'study_sessions'] loop
        execute format('alter table app.%I owner to studium_owner', name);
        execute format('alter table app.%I enable row level security', name);
        execute format('alter table app.%I force row level security', name);
        execute format('create policy owner_all on app.%I to studium_owner using (true) with check (true)', name);
        execute format('create policy warehouse_read on app.%I for select to studium_warehouse using (true)', name);
        execute format('grant select on app.%I to studium_api, studium_warehouse', name);
    end loop;
    foreach name in array array['practice_attempts', 'study_sessions'] loop
        execute format(
            'create policy api_own on app.%I to studium_api '
            'using (account_id = app.current_account()) with check (account_id = app.current_account())', name
        );
    end loop;
    foreach name in array array['practice_questions', 'practice_difficulties'] loop
        execute format('create policy pipeline_all on app.%I to studium_pipeline using (true) with check (true)', name);
        execute format('grant select, insert, update, delete on app.%I to studium_pipeline', name);
    end loop;
    foreach name in array array['quiz_questions()', 'quiz_standing()', 'practicable_questions()',
                                'my_moodle_answers(text)'] loop
        execute format('alter function app.%s owner to studium_owner', name);
        execute format('revoke execute on function app.%s from public', name);
    end loop;
end
$$;
grant insert on app.practice_attempts to studium_api;
grant insert, update on app.study_sessions, app.practice_questions, app.practice_difficulties to studium_api;
grant execute on function app.quiz_standing(), app.practicable_questions(), app.my_moodle_answers(text) to studium_api;

create policy api_practise on app.practice_questions for select to studium_api
using (question_id in (select p.* from app.practicable_questions() as p));
create policy api_own on app.practice_questions to studium_api
using (owner_id = app.current_account() and course_id in (select c.* from app.enrolled_course_ids() as c))
with check (owner_id = app.current_account() and course_id in (select c.* from app.enrolled_course_ids() as c));
create policy api_teaching on app.practice_questions to studium_api
using (
    owner_id is null
    and (course_id in (select c.* from app.instructed_course_ids() as c) or (select app.is_admin()))
)
with check (
    owner_id is null
    and (course_id in (select c.* from app.instructed_course_ids() as c) or (select app.is_admin()))
);
-- a number about a question, of nobody
create policy api_course on app.practice_difficulties to studium_api
using (
    course_id in (select c.* from app.enrolled_course_ids() as c)
    or course_id in (select c.* from app.instructed_course_ids() as c) or (select app.is_admin())
)
with check (
    course_id in (select c.* from app.enrolled_course_ids() as c)
    or course_id in (select c.* from app.instructed_course_ids() as c) or (select app.is_admin())
);

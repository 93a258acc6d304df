-- Learners have what they said, teachers what was shown to them in the courses they teach; nobody has the other's.
do $$
declare
    name text;
begin
    foreach name in array array['chat_feedback', 'reported_answers', 'corrections', 'golden_questions',
                                'question_digests'] loop
        execute format('alter table app.%I owner to studium_owner', name);
        execute format('alter table app.%I enable row level security', name);
        execute format('alter table app.%I force row level security', name);
        execute format('create policy owner_all on app.%I to studium_owner using (true) with check (true)', name);
    end loop;
    foreach name in array array['reported_answers', 'corrections', 'golden_questions', 'question_digests'] loop
        execute format(
            'create policy api_teaching on app.%I to studium_api '
            'using (course_id in (select app.instructed_course_ids()) or (select app.is_admin())) '
            'with check (course_id in (select app.instructed_course_ids()) or (select app.is_admin()))', name
        );
    end loop;
    foreach name in array array['answer_to_show(jsonb, text)', 'retrieved_to_show(jsonb, text)', 'follow_feedback()',
                                'questions_asked(text, timestamptz)', 'digests_due()'] loop
        execute format('alter function app.%s owner to studium_owner', name);
        execute format('revoke execute on function app.%s from public', name);
    end loop;
end
$$;

-- whose turn it is, the policy of chat_turns says
create policy api_own on app.chat_feedback to studium_api
using (turn_id in (select t.turn_id from app.chat_turns as t))
with check (turn_id in (select t.turn_id from app.chat_turns as t where t.status = 'done'));
grant select, delete on app.chat_feedback to studium_api;
grant insert (turn_id, verdict, reason, words, is_shared) on app.chat_feedback to studium_api;
grant update (verdict, reason, words, is_shared, updated_at) on app.chat_feedback to studium_api;

-- who reported an answer sees what became of it
create policy api_reporter on app.reported_answers for select to studium_api
using (report_id in (select f.report_id from app.chat_feedback as f));

grant select, update (status, handled_on) on app.reported_answers to studium_api;
grant select, insert, update (document_id, withdrawn_at) on app.corrections to studium_api;
grant select, insert, delete on app.golden_questions to studium_api;
grant select on app.question_digests to studium_api;

create policy pipeline_all on app.question_digests to studium_pipeline using (true) with check (true);
create policy pipeline_read on app.golden_questions for select to studium_pipeline using (true);
grant select, insert, update, delete on app.question_digests to studium_pipeline;
grant select on app.golden_questions to studium_pipeline;
grant execute on function app.questions_asked(text, timestamptz), app.digests_due() to studium_pipeline;

-- A correction is a file of the course; unlike others, its teachers take it back.
create policy api_corrections on content.documents for delete to studium_api
using (
    source = 'file' and starts_with(material_key, 'correction:')
    and (course_id in (select app.instructed_course_ids()) or (select app.is_admin()))
);

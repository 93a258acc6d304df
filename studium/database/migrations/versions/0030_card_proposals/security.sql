-- A proposal is seen with the passage or the question it rests on; what learners made of it is theirs alone.
do $$
declare
    name text;
begin
    foreach name in array array['card_proposals', 'card_decisions', 'card_makings'] loop
        execute format('alter table app.%I owner to studium_owner', name);
        execute format('alter table app.%I enable row level security', name);
        execute format('alter table app.%I force row level security', name);
        execute format('create policy owner_all on app.%I to studium_owner using (true) with check (true)', name);
    end loop;
    foreach name in array array['card_proposals', 'card_makings'] loop
        execute format('create policy pipeline_all on app.%I to studium_pipeline using (true) with check (true)', name);
        execute format('grant select, insert, update, delete on app.%I to studium_pipeline', name);
    end loop;
end
$$;
create policy api_seen on app.card_proposals for select to studium_api
using (
    (account_id is null or account_id = app.current_account())
    and (document_id is null or document_id in (select d.document_id from content.documents as d))
    and (question_id is null or question_id in (select q.question_id from app.practice_questions as q))
);
create policy api_add on app.card_proposals for insert to studium_api
with check (
    account_id = app.current_account()
    and (document_id is null or document_id in (select d.document_id from content.documents as d))
    and question_id is null
);
create policy api_own on app.card_decisions to studium_api
using (account_id = app.current_account()) with check (account_id = app.current_account());
create policy api_course on app.card_makings for select to studium_api
using (
    course_id in (select c.* from app.enrolled_course_ids() as c)
    or course_id in (select c.* from app.instructed_course_ids() as c) or (select app.is_admin())
);
grant select, insert on app.card_proposals to studium_api;
grant select, insert, update, delete on app.card_decisions to studium_api;
grant select on app.card_makings to studium_api;

-- Who may touch what. The rule itself is content.permitted_scopes(); here it is only applied.
do $$
declare
    name text;
begin
    foreach name in array array['scopes', 'documents', 'chunks', 'passages', 'spaces', 'vectors',
                                'lexemes', 'terms', 'lexicon'] loop
        execute format('alter table content.%I owner to studium_owner', name);
        execute format('alter table content.%I enable row level security', name);
        execute format('alter table content.%I force row level security', name);
        execute format('create policy owner on content.%I to studium_owner using (true) with check (true)', name);
        execute format('create policy pipeline on content.%I to studium_pipeline using (true) with check (true)', name);
        execute format('create policy warehouse on content.%I for select to studium_warehouse using (true)', name);
        execute format('grant select, insert, update, delete on content.%I to studium_pipeline', name);
        execute format('grant select on content.%I to studium_warehouse', name);
    end loop;
    for name in
        select p.oid::regprocedure from pg_proc as p where p.pronamespace = 'content'::regnamespace
    loop
        execute format('alter function %s owner to studium_owner', name);
        execute format('revoke execute on function %s from public', name);
    end loop;
end
$$;

grant select, insert, update, delete on content.documents to studium_api;
grant select on content.chunks, content.passages, content.vectors, content.spaces to studium_api;

-- A row being inserted is checked before its scope can be permitted: whose it is is named here too.
create policy api on content.documents for select to studium_api
using (
    scope_id = any((select content.permitted_scopes())::integer [])
    or owner_id = (
        select a.account_id from app.accounts as a
        where a.account_id = app.current_account() and a.disabled_at is null
    )
    or (source = 'file' and (course_id in (select app.instructed_course_ids()) or (select app.is_admin())))
);
-- Reading is not changing: one's own uploads alone are one's own to change or remove.
create policy api_add on content.documents for insert to studium_api
with check (source = 'upload' and owner_id = app.current_account());
create policy api_change on content.documents for update to studium_api
using (source = 'upload' and owner_id = app.current_account())
with check (source = 'upload' and owner_id = app.current_account());
create policy api_remove on content.documents for delete to studium_api
using (source = 'upload' and owner_id = app.current_account());
create policy api_files on content.documents for insert to studium_api
with check (source = 'file' and (course_id in (select app.instructed_course_ids()) or (select app.is_admin())));
create policy api_files_again on content.documents for update to studium_api
using (source = 'file' and (course_id in (select app.instructed_course_ids()) or (select app.is_admin())))
with check (source = 'file' and (course_id in (select app.instructed_course_ids()) or (select app.is_admin())));
create policy api on content.passages for select to studium_api
using (scope_id = any((select content.permitted_scopes())::integer []));
create policy api on content.vectors for select to studium_api
using (scope_id = any((select content.permitted_scopes())::integer []));
create policy api on content.chunks for select to studium_api
using (exists (select from content.documents as d where d.document_id = chunks.document_id));
create policy api on content.spaces for select to studium_api using (true);
alter type content.hit owner to studium_owner;
alter type content.visit owner to studium_owner;
grant execute on function content.search(public.halfvec, smallint, text, text, integer, integer, integer, integer) to studium_api;
grant execute on function content.permitted_scopes(), content.permitted_modules()
to studium_api, studium_pipeline, studium_warehouse;
grant execute on function content.index_document(uuid), content.refresh_terms(), content.create_space(text, integer, text),
content.activate_space(smallint), content.drop_space(smallint) to studium_pipeline;

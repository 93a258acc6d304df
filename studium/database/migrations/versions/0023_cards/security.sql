-- Who teaches a course sees nobody's cards, reviews or settings.
do $$
declare
    name text;
begin
    foreach name in array array['decks', 'cards', 'card_reviews', 'memory_parameters', 'study_settings'] loop
        execute format('alter table app.%I owner to studium_owner', name);
        execute format('alter table app.%I enable row level security', name);
        execute format('alter table app.%I force row level security', name);
        execute format('create policy owner_all on app.%I to studium_owner using (true) with check (true)', name);
        execute format(
            'create policy api_own on app.%I to studium_api '
            'using (account_id = app.current_account()) with check (account_id = app.current_account())', name
        );
        execute format('create policy pipeline_all on app.%I to studium_pipeline using (true) with check (true)', name);
        execute format('create policy warehouse_read on app.%I for select to studium_warehouse using (true)', name);
        execute format('grant select on app.%I to studium_api, studium_pipeline, studium_warehouse', name);
    end loop;
end
$$;
grant insert, update, delete on app.decks, app.study_settings to studium_api;
grant insert, update on app.cards to studium_api;
grant insert, update (undone_at) on app.card_reviews to studium_api;
grant insert, update, delete on app.memory_parameters to studium_pipeline;

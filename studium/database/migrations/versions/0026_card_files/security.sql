do $$
declare
    name text;
begin
    foreach name in array array['anki_notetypes', 'anki_notes', 'anki_media', 'calendar_feeds'] loop
        execute format('alter table app.%I owner to studium_owner', name);
        execute format('alter table app.%I enable row level security', name);
        execute format('alter table app.%I force row level security', name);
        execute format('create policy owner_all on app.%I to studium_owner using (true) with check (true)', name);
        execute format(
            'create policy api_own on app.%I to studium_api '
            'using (account_id = app.current_account()) with check (account_id = app.current_account())', name
        );
        execute format('grant select, insert on app.%I to studium_api', name);
    end loop;
end
$$;
grant update on app.anki_notetypes, app.anki_notes, app.anki_media to studium_api;
grant delete on app.calendar_feeds to studium_api;
alter function app.open_calendar(bytea) owner to studium_owner;
revoke execute on function app.open_calendar(bytea) from public;
grant execute on function app.open_calendar(bytea) to studium_api;

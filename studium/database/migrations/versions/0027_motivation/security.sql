-- What somebody earned is theirs alone; leaderboards are shown by marts.leaderboard, under pseudonyms, by choice.
do $$
declare
    name text;
begin
    foreach name in array array['standings', 'xp_ledger', 'badges_awarded', 'day_closings', 'leaderboard_stirs'] loop
        execute format('alter table app.%I owner to studium_owner', name);
        execute format('alter table app.%I enable row level security', name);
        execute format('alter table app.%I force row level security', name);
        execute format('create policy owner_all on app.%I to studium_owner using (true) with check (true)', name);
        execute format('create policy pipeline_all on app.%I to studium_pipeline using (true) with check (true)', name);
        execute format('grant select, insert, update, delete on app.%I to studium_pipeline', name);
    end loop;
    foreach name in array array['standings', 'xp_ledger', 'badges_awarded', 'day_closings'] loop
        execute format('create policy api_own on app.%I to studium_api using (account_id = app.current_account()) '
                       'with check (account_id = app.current_account())', name);
        execute format('grant select, insert on app.%I to studium_api', name);
    end loop;
end
$$;

grant update on app.standings to studium_api;
create policy api_add on app.leaderboard_stirs for insert to studium_api
with check (
    course_id in (select m.course_id from app.leaderboard_members as m)
    or course_id in (select app.enrolled_course_ids())
);
grant insert on app.leaderboard_stirs to studium_api;
create policy warehouse_read on app.xp_ledger for select to studium_warehouse using (true);
grant select on app.xp_ledger to studium_warehouse;

alter function app.tell_leaderboards() owner to studium_owner;
revoke execute on function app.tell_leaderboards() from public;
grant execute on function app.tell_leaderboards() to studium_api, studium_pipeline;

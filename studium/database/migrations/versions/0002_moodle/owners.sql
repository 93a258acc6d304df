-- The owner runs nothing; the pipeline writes, the warehouse reads, serving sees nothing of raw.
do $$
declare
    name text;
begin
    for name in select tablename from pg_tables where schemaname = 'raw' loop
        execute format('alter table raw.%I owner to studium_owner', name);
        execute format('grant select, insert, update, delete on raw.%I to studium_pipeline', name);
        execute format('grant select on raw.%I to studium_warehouse', name);
        if name not in ('sites', 'users', 'courses', 'course_backups', 'course_users', 'course_completions',
                        'materials', 'questions', 'question_answers') then
            execute format('create index on raw.%I (site_id, course_id)', name);
        end if;
    end loop;
end
$$;
create index on raw.course_users (site_id, user_id);
create index on raw.enrolments (site_id, user_id);
create index on raw.role_assignments (site_id, user_id);
create index on raw.group_members (site_id, user_id);
create index on raw.materials (site_id, cmid);

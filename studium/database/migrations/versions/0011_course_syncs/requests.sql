-- A request to sync a course: one open one a course, which whoever asks again joins, and everyone of the course sees.
alter table app.work_requests drop constraint work_requests_kind_check;
alter table app.work_requests add constraint work_requests_kind_check
check (kind in ('upload', 'import_backup', 'import_logs', 'import_file', 'warehouse', 'sync'));
create unique index one_open_sync on app.work_requests ((payload ->> 'course_id'))
where kind = 'sync' and status in ('queued', 'running');
create policy api_read_syncs on app.work_requests for select to studium_api
using (
    kind = 'sync' and (
        payload ->> 'course_id' in (select app.enrolled_course_ids())
        or payload ->> 'course_id' in (select app.instructed_course_ids())
    )
);

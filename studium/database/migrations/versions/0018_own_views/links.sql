-- Whether a link is one that courses are read through: not before the first answer, and not where a service account reads.
alter table app.moodle_tokens add column reads_courses boolean not null default false;
comment on column app.moodle_tokens.reads_courses is 'Courses are read through this link, and none by a service account.';
grant update (reads_courses) on app.moodle_tokens to studium_pipeline;
-- Links that ended used to switch their courses off; nobody else's "off" outlived half an hour.
update app.course_sync set sync_enabled = true
where strpos(course_id, '--') > 0 and not sync_enabled;

with courses as (
    select * from {{ ref('stg_moodle__courses') }}
),

sites as (
    select * from {{ ref('stg_moodle__sites') }}
),

zones as (
    select name from pg_timezone_names
),

activity as (
    select
        course_id,
        max(last_at) as log_until_at
    from {{ ref('stg_logs__daily_activity') }}
    group by course_id
),

placed as (
    select
        courses.course_id,
        courses.site_id,
        courses.shortname,
        courses.fullname,
        courses.summary,
        courses.start_at,
        courses.end_at,
        courses.backup_at,
        activity.log_until_at,
        -- Moodle lets a site keep "the server's zone", and a name PostgreSQL lacks must not stop the warehouse
        coalesce(zones.name, '{{ env_var("STUDIUM_DBT_SITE_TIMEZONE", "UTC") }}') as timezone,
        greatest(courses.backup_at, activity.log_until_at) as as_of_at
    from courses
    left join sites on courses.site_id = sites.site_id
    left join zones on sites.timezone = zones.name
    left join activity on courses.course_id = activity.course_id
)

select
    course_id,
    site_id,
    shortname,
    fullname,
    summary,
    start_at,
    end_at,
    backup_at,
    log_until_at,
    timezone,
    as_of_at,
    (as_of_at at time zone timezone)::date as as_of_date
from placed

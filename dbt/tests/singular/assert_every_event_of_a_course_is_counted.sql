-- A row is a course whose events in fct_activity_daily are not those of the log, own acts and noise together:
-- what an incremental build would lose or count twice.
with logged as (
    select
        course_id,
        sum(events) as events
    from {{ ref('stg_logs__daily_activity') }}
    group by course_id
),

courses as (
    select course_id from {{ ref('dim_courses') }}
),

counted as (
    select
        course_id,
        sum(events + noise_events) as events
    from {{ ref('fct_activity_daily') }}
    group by course_id
)

select
    courses.course_id,
    logged.events as logged_events,
    counted.events as counted_events
from courses
left join logged on courses.course_id = logged.course_id
left join counted on courses.course_id = counted.course_id
where logged.events is distinct from counted.events

with seen as (
    select
        course_id,
        min(activity_date) as first_date
    from {{ ref('fct_activity_daily') }}
    where role = 'student' and events > 0
    group by course_id
    union all
    select
        course_id,
        min(completed_date) as first_date
    from {{ ref('fct_completions') }}
    where is_complete
    group by course_id
),

spans as (
    select
        courses.course_id,
        min(seen.first_date) as first_date,
        courses.as_of_date
    from {{ ref('dim_courses') }} as courses
    inner join seen on courses.course_id = seen.course_id
    group by courses.course_id, courses.as_of_date
)

select
    spans.course_id,
    week_start::date as week_start
from spans
cross join lateral generate_series(
    date_trunc('week', spans.first_date::timestamp), spans.as_of_date::timestamp, interval '7 days'
) as week_start

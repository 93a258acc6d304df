{#-
    A view, so that it is exact at once: what the last build landed, and the acts since, whose transactions were not over
    then. It runs as the warehouse and says itself who sees which course.
-#}
{{ config(materialized='view', post_hook="alter view {{ this }} set (security_barrier = true)") }}

{#- Asked twice each, and for one course at a time: not materialized, so that the course finds its index. -#}
with landed as not materialized (
    select * from {{ ref('int_points__awarded') }}
),

acts as not materialized (
    select * from {{ ref('stg_app__xp_ledger') }}
),

courses as not materialized (
    select
        dim_courses.course_id,
        dim_courses.timezone,
        greatest(dim_courses.as_of_at, latest.happened_at) as as_of_at,
        coalesce(watermark.landed_until, '0'::xid8) as landed_until
    from {{ ref('dim_courses') }} as dim_courses
    left join lateral (
        select max(acts.happened_at) as happened_at
        from acts
        where acts.course_id = dim_courses.course_id
    ) as latest on true
    left join lateral (
        select landed.landed_until
        from landed
        where landed.course_id = dim_courses.course_id
        order by landed.week_start
        limit 1
    ) as watermark on true
),

dated as not materialized (
    select
        *,
        date_trunc('week', as_of_at at time zone timezone)::date as week_start,
        -- points weigh less from midnight to midnight, whether anybody acts or not
        (greatest(as_of_at, app.current_as_of()) at time zone timezone)::date as today
    from courses
),

since as (
    select
        dated.course_id,
        acts.learner_id,
        (acts.happened_at at time zone dated.timezone)::date as act_date,
        sum(acts.points) as points
    from dated
    cross join
        lateral (
            select
                ledger.learner_id,
                ledger.points,
                ledger.happened_at
            from acts as ledger
            where ledger.course_id = dated.course_id and ledger.written_in >= dated.landed_until
        ) as acts
    group by dated.course_id, acts.learner_id, (acts.happened_at at time zone dated.timezone)::date
),

points as (
    select
        course_id,
        learner_id,
        week_start,
        week_start + 6 as weighed_on,
        points,
        moodle_points,
        weight
    from landed
    union all
    select
        course_id,
        learner_id,
        date_trunc('week', act_date::timestamp)::date as week_start,
        act_date as weighed_on,
        points,
        0 as moodle_points,
        points::double precision as weight
    from since
),

members as (
    select
        members.course_id,
        members.learner_id,
        members.pseudonym
    from {{ ref('stg_app__leaderboard_members') }} as members
    inner join {{ ref('fct_enrolments') }} as enrolments
        on members.course_id = enrolments.course_id and members.learner_id = enrolments.learner_id
    where
        enrolments.role = 'student' and enrolments.is_active
        and (
            current_user in ('studium_warehouse', 'studium_pipeline', 'studium_reader')
            or members.course_id in (select app.enrolled_course_ids())
            or members.course_id in (select app.instructed_course_ids())
            or (select app.is_admin())
        )
)

select
    members.course_id,
    members.learner_id,
    members.pseudonym,
    dated.as_of_at,
    dated.week_start,
    {{ var('league_half_life_days') }} as half_life_days,
    coalesce(sum(points.points) filter (where points.week_start = dated.week_start), 0)::integer as week_points,
    round(coalesce(sum(points.weight * {{ decay('dated.today - points.weighed_on') }}), 0)::numeric, 2)
        as league_points,
    coalesce(sum(points.points), 0)::integer as points,
    coalesce(sum(points.moodle_points), 0)::integer as moodle_points
from members
inner join dated on members.course_id = dated.course_id
left join points on members.course_id = points.course_id and members.learner_id = points.learner_id
group by
    members.course_id, members.learner_id, members.pseudonym, dated.as_of_at, dated.week_start

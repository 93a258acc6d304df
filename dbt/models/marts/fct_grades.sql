with grades as (
    select * from {{ ref('stg_moodle__grades') }}
    where grade is not null
),

items as (
    select * from {{ ref('stg_moodle__grade_items') }}
)

select
    grades.grade_id,
    grades.learner_id,
    items.course_id,
    items.module_id,
    items.item_type,
    items.item_name,
    grades.grade,
    coalesce(grades.grade_max, items.grade_max) as grade_max,
    round(100 * grades.grade / nullif(coalesce(grades.grade_max, items.grade_max), 0), 2) as grade_pct,
    items.is_hidden or grades.is_hidden as is_hidden,
    grades.graded_at
from grades
inner join items on grades.grade_item_id = items.grade_item_id

with sections as (
    select * from {{ ref('stg_moodle__sections') }}
),

modules as (
    select * from {{ ref('stg_moodle__modules') }}
),

-- a subsection is a section at the end of the course, shown where its module stands
hosts as (
    select
        modules.module_id,
        modules.position,
        modules.is_visible and sections.is_visible as is_visible,
        modules.is_gated or sections.is_gated as is_gated,
        modules.group_conditions,
        sections.group_conditions as section_group_conditions,
        sections.section_number
    from modules
    inner join sections on modules.section_id = sections.section_id
),

placed as (
    select
        modules.module_id,
        modules.course_id,
        modules.section_id,
        sections.section_name,
        sections.section_number,
        modules.module_name,
        modules.modname,
        modules.module_url,
        modules.opens_at,
        modules.closes_at,
        modules.due_at,
        modules.is_completion_tracked,
        modules.is_visible and sections.is_visible and coalesce(hosts.is_visible, true) as is_visible,
        modules.is_gated or sections.is_gated or coalesce(hosts.is_gated, false) as is_gated,
        {{ every_of(
            'jsonb_build_array(modules.group_conditions, sections.group_conditions,'
            ~ ' hosts.group_conditions, hosts.section_group_conditions)'
        ) }} as group_conditions,
        row_number() over (
            partition by modules.course_id
            order by
                coalesce(hosts.section_number, sections.section_number),
                coalesce(hosts.position, modules.position),
                hosts.module_id is not null,
                modules.position,
                modules.module_id
        )::integer as position
    from modules
    inner join sections on modules.section_id = sections.section_id
    left join hosts on sections.parent_module_id = hosts.module_id
)

select
    *,
    is_completion_tracked and is_visible as counts_for_completion
from placed

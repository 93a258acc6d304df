{# Takes from fct_activity_daily the days its source no longer has, before changed days are replaced. #}
{% macro forget_days_without_source() %}
    delete from {{ this }} as built
    where not exists (
        select from {{ ref('int_activity__attributed') }} as activity
        where activity.course_id = built.course_id and activity.activity_date = built.activity_date
    )
{% endmacro %}

{# Takes from fct_activity_daily the days its source no longer has, before changed days are replaced. #}
{% macro forget_days_without_source() %}
    {%- set activity = ref('stg_logs__daily_activity') -%}
    {%- if is_incremental() -%}
        delete from {{ this }} as built
        where not exists (
            select from {{ activity }} as activity
            where activity.course_id = built.course_id and activity.activity_date = built.activity_date
        )
    {%- endif -%}
{% endmacro %}

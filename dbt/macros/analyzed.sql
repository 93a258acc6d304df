{#- What is asked of a table right after its build is planned by what is in it: autovacuum looks minutes later. -#}
{% macro analyzed() %}
    {%- if model.config.materialized != 'view' -%} analyze {{ this }} {%- endif -%}
{% endmacro %}

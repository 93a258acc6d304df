{#
  Views are replaced where they stand when their columns stay the same. dbt's own way (build, rename, drop cascade)
  would take every view above them away until its turn comes: a page that reads one would fail during each build.
#}
{% materialization view, adapter='postgres' -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='view') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- set columns_before = columns_of(existing) if existing is not none and existing.is_view else none -%}
    {%- set columns_after = columns_in(sql) -%}
    {%- if existing is not none and columns_before != columns_after -%}
        {% do adapter.drop_relation(existing) %}
    {%- endif -%}
    {% call statement('main') -%}
        {{ get_replace_view_sql(target_relation, sql) }}
    {%- endcall %}
    {% do apply_grants(target_relation, config.get('grants'), should_revoke=should_revoke(existing, full_refresh_mode=True)) %}
    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}

{# Names and types of a relation's columns, in order. #}
{% macro columns_of(relation) %}
    {%- set result = [] -%}
    {%- for column in get_column_schema_from_query('select * from ' ~ relation) -%}
        {%- do result.append([column.name, column.dtype]) -%}
    {%- endfor -%}
    {{ return(result) }}
{% endmacro %}

{# The same of a query. #}
{% macro columns_in(query) %}
    {%- set result = [] -%}
    {%- for column in get_column_schema_from_query(query) -%}
        {%- do result.append([column.name, column.dtype]) -%}
    {%- endfor -%}
    {{ return(result) }}
{% endmacro %}

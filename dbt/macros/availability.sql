{#
  The warehouse reads one kind of Moodle condition, "in this group", to leave out of a learner's total what that learner
  will never be shown. Every other condition only marks the module as gated; who may see what today is content's rule.
#}

{# Moodle ids of the groups a learner must be in, as a JSON array; empty when there is no such condition. #}
{% macro required_groups(column) -%}
    coalesce(
        jsonb_path_query_array({{ column }}, '$ ? (@.op == "&").c[*] ? (@.type == "group").id'), '[]'::jsonb
    )
{%- endmacro %}

{# Whether something besides groups must hold. #}
{% macro asks_more_than_groups(column) -%}
    {{ column }} is not null and (
        {{ column }} ->> 'op' is distinct from '&'
        or jsonb_path_exists({{ column }}, '$.c[*] ? (!(@.type == "group" && exists(@.id)))')
    )
{%- endmacro %}

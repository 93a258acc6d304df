{# The name of a Moodle thing across Studium: `<site_id>:<Moodle id>`; null when the id is. #}
{% macro moodle_key(column) -%}
    site_id || ':' || {{ column }}
{%- endmacro %}

{# Place of a role among Moodle's archetypes, the most powerful first; roles made from none come last. #}
{% macro rank_of_role(column) -%}
    coalesce(array_position(
        array['manager', 'coursecreator', 'editingteacher', 'teacher', 'student', 'guest'], {{ column }}
    ), 99)
{%- endmacro %}

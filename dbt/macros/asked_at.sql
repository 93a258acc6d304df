{# The moment that is asked for: the transaction's own, or the one an admin looks back from. #}
{% macro asked_at() -%}
    app.current_as_of()
{%- endmacro %}

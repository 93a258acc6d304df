{# What is left of a point after so many days: half of it every league_half_life_days. #}
{% macro decay(days) -%}
    power(2.0::double precision, -({{ days }})::double precision / {{ var('league_half_life_days') }})
{%- endmacro %}

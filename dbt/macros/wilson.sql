{#
  An end of the 95 % score interval (Wilson, 1927) of a mean of `n` values between 0 and 1; `side` is + or -. It never
  leaves 0 to 1 and holds for few values; for values that are not all 0 or 1 it is wider than need be.
#}
{% macro wilson(mean, n, side) -%}
    {%- set z = 1.96 -%}
    ({{ mean }} + {{ z * z / 2 }} / {{ n }} {{ side }} {{ z }} * sqrt({{ mean }} * (1 - {{ mean }}) / {{ n }} + {{ z * z / 4 }} / ({{ n }}::numeric * {{ n }})))
    / (1 + {{ z * z }} / {{ n }})
{%- endmacro %}

{# Text without its HTML, on one line; null when nothing is left. #}
{% macro plain_text(column) -%}
    {%- set ns = namespace(sql="regexp_replace(" ~ column ~ ", '<[^>]*>', ' ', 'g')") -%}
    {%- for entity, sign in [('&nbsp;', ' '), ('&lt;', '<'), ('&gt;', '>'), ('&quot;', '"'), ('&amp;', '&')] -%}
        {%- set ns.sql = "replace(" ~ ns.sql ~ ", '" ~ entity ~ "', '" ~ sign ~ "')" -%}
    {%- endfor -%}
    nullif(trim(regexp_replace({{ ns.sql }}, '\s+', ' ', 'g')), '')
{%- endmacro %}

{# Lets those who read the marts into the schema; tables carry their own grants. #}
{% macro open_marts() %}
    {% if execute and flags.WHICH in ('build', 'run', 'seed') %}
        create schema if not exists marts;
        grant usage on schema marts to studium_api, studium_reader;
    {% endif %}
{% endmacro %}

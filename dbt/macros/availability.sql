{#
  The warehouse asks of Moodle's conditions only what is said about groups, to leave out of a learner's total what that
  learner will never be shown; content.availability_holds answers, the one rule for all who ask. Any other condition
  only marks the module as gated: who may see what today is content's to say, for the one who looks.
#}

{# The part of a condition that is about groups alone and must hold, as a tree of Moodle's; null when there is none. #}
{% macro group_demands(column) -%}
    case
        when {{ column }} ? 'op' and not jsonb_path_exists({{ column }}, '$.**.type ? (@ != "group" && @ != "grouping")')
            then {{ column }}
        when {{ column }} ->> 'op' = '&'
            then {{ every_of(
                "jsonb_path_query_array(" ~ column ~ ", '$.c[*] ? (!exists(@.**.type ? (@ != \"group\" && @ != \"grouping\")))')"
            ) }}
    end
{%- endmacro %}

{# Whether something besides groups must hold. #}
{% macro asks_more_than_groups(column) -%}
    ({{ column }} is not null and ({{ group_demands(column) }}) is distinct from {{ column }})
{%- endmacro %}

{# One tree that asks for every tree of a JSON array; null when there is none. #}
{% macro every_of(trees) -%}
    nullif(
        jsonb_build_object('op', '&', 'c', jsonb_path_query_array({{ trees }}, '$[*] ? (@ != null)')),
        '{"op": "&", "c": []}'
    )
{%- endmacro %}

{# Whether a tree of group_demands lets a learner in; none lets in everybody, one that is not understood nobody. #}
{% macro lets_in(tree, learner_id, course_id, module_id) -%}
    case when {{ tree }} is null then true else coalesce(content.availability_holds({{ tree }}, false, row(
        split_part({{ course_id }}, ':', 1),
        split_part({{ course_id }}, ':', 2)::bigint,
        split_part({{ learner_id }}, ':', 2)::bigint,
        false,
        split_part({{ module_id }}, ':', 2)::bigint
    )::content.visit), false) end
{%- endmacro %}

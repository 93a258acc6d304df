{#
  Puts row-level security on a mart, in the transaction that swaps it in: there is no moment without.
  Who may see a row through studium_api is said by `config.meta.rows_for`:
    learner     the learner it is about, the instructors of its course, an admin; the default of a table with learner_id
    instructor  the instructors of its course, an admin
    oneself     the learner it is about, an admin
    person      as learner, for a table of people, whose courses stand in course_ids
    module      whom Moodle would show the module to as raw says now, which a mart follows by minutes; an admin
    anyone      no rule: nothing in the table is about a person; the default of every other table
  `config.meta.own_when` narrows what learners see of their own rows.
  A view has no policies: it must say itself who sees what (leaderboard), and a test looks that it does.
#}
{% macro row_security() %}
    {%- set meta = model.config.get('meta', {}) -%}
    {%- set rows_for = meta.get('rows_for', 'learner' if 'learner_id' in model.columns else 'anyone') -%}
    {%- if rows_for not in ('learner', 'instructor', 'oneself', 'person', 'module', 'anyone') -%}
        {{ exceptions.raise_compiler_error("meta.rows_for of " ~ model.name ~ " is none of learner, instructor, oneself, person, module, anyone: " ~ rows_for) }}
    {%- endif -%}
    {%- if rows_for != 'anyone' and model.config.materialized != 'view' -%}
        {%- set instructed -%}
            {%- if rows_for in ('module', 'oneself') -%} false
            {%- elif rows_for == 'person' -%} course_ids && array(select app.instructed_course_ids())
            {%- else -%} course_id in (select app.instructed_course_ids()) {%- endif -%}
        {%- endset -%}
        {%- set own -%}
            {%- if rows_for == 'instructor' -%} false
            {%- elif rows_for == 'module' -%} module_id in (select content.permitted_modules())
            {%- else -%} learner_id in (select app.current_learner_ids()) and {{ meta.get('own_when', 'true') }} {%- endif -%}
        {%- endset -%}
        alter table {{ this }} enable row level security;
        alter table {{ this }} force row level security;
        drop policy if exists warehouse on {{ this }};
        drop policy if exists reader on {{ this }};
        drop policy if exists api on {{ this }};
        create policy warehouse on {{ this }} to studium_warehouse using (true) with check (true);
        create policy reader on {{ this }} for select to studium_reader using (true);
        create policy api on {{ this }} for select to studium_api
            using (({{ own }}) or {{ instructed }} or (select app.is_admin()));
    {%- endif -%}
{% endmacro %}

-- A row is a relation in marts about single people that anyone reading it through the API would see whole:
-- a table without forced row-level security or without a policy for studium_api, or a view without a barrier of its own.
-- depends_on: {{ ref('course_engagement_weekly') }} {{ ref('learner_progress') }} {{ ref('leaderboard') }}
-- depends_on: {{ ref('dim_learners') }} {{ ref('fct_enrolments') }} {{ ref('fct_item_facility') }} {{ ref('fct_grades') }}
-- depends_on: {{ ref('fct_chat_spending_daily') }} {{ ref('fct_mastery_evidence') }} {{ ref('mastery_by_topic') }}
with relations as (
    select
        pg_class.oid,
        pg_class.relname as relation_name,
        pg_class.relkind,
        pg_class.relrowsecurity and pg_class.relforcerowsecurity as is_forced,
        'security_barrier=true' = any(pg_class.reloptions) as has_barrier
    from pg_class
    inner join pg_namespace on pg_class.relnamespace = pg_namespace.oid
    inner join pg_attribute on pg_class.oid = pg_attribute.attrelid
    where
        pg_namespace.nspname = 'marts'
        and pg_class.relkind in ('r', 'p', 'v', 'm')
        and pg_attribute.attname = 'learner_id'
        and not pg_attribute.attisdropped
),

policies as (
    select distinct polrelid as oid
    from pg_policy
    where 'studium_api'::regrole = any(polroles)
)

select relations.relation_name
from relations
left join policies on relations.oid = policies.oid
where
    case
        when relations.relkind = 'v' then not coalesce(relations.has_barrier, false)
        else policies.oid is null or not relations.is_forced
    end

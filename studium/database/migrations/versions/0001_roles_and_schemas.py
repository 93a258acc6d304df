"""Roles that own nothing they read, the schemas Alembic owns, and the identity a transaction carries."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROLES = """
do $$
declare
    role_name text;
begin
    -- a cluster may hold several databases: roles are shared by them
    foreach role_name in array array['studium_owner', 'studium_warehouse'] loop
        if not exists (select from pg_roles where rolname = role_name) then
            execute format('create role %I nologin', role_name);
        end if;
        execute format('grant %I to current_user', role_name);
    end loop;
    foreach role_name in array array['studium_api', 'studium_pipeline', 'studium_reader'] loop
        if not exists (select from pg_roles where rolname = role_name) then
            execute format('create role %I login', role_name);
        end if;
        execute format('grant %I to current_user', role_name);
    end loop;
    -- dbt logs in as the pipeline and works as the warehouse, which owns what dbt builds
    grant studium_warehouse to studium_pipeline;
    execute format('grant create on database %I to studium_warehouse', current_database());
    execute format('grant create on database %I to studium_pipeline', current_database());
end
$$;
"""

SCHEMAS = """
create extension if not exists vector;
create schema if not exists raw authorization studium_owner;
create schema if not exists content authorization studium_owner;
alter schema app owner to studium_owner;
grant usage on schema app, content to studium_api;
grant usage on schema app, content, raw to studium_pipeline;
grant usage on schema app, raw, content to studium_warehouse;

create function app.current_account() returns uuid
language sql stable parallel safe
return nullif(current_setting('studium.account_id', true), '')::uuid;

create function app.current_as_of() returns timestamptz
language sql stable parallel safe
return coalesce(nullif(current_setting('studium.as_of', true), '')::timestamptz, now());

alter function app.current_account() owner to studium_owner;
alter function app.current_as_of() owner to studium_owner;
"""


def upgrade() -> None:
    op.execute(ROLES)
    op.execute(SCHEMAS)

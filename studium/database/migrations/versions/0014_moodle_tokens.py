"""A learner's own link with Moodle: the token, sealed, that the site gave the person this account has proved to be.

`app.moodle_links` says who an account is; a row here says that the site itself said so, and with what it may be asked.
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLE = """
create table app.moodle_tokens (
    account_id uuid primary key references app.accounts on delete cascade,
    site_id text not null,
    moodle_user_id bigint not null,
    username text not null,
    full_name text not null,
    token_sealed bytea not null,
    linked_at timestamptz not null default now(),
    last_used_at timestamptz not null default now(),
    refused_because text,
    own_site_id text not null unique
        generated always as (site_id || '--' || left(replace(account_id::text, '-', ''), 12)) stored,
    unique (site_id, moodle_user_id),
    foreign key (site_id, moodle_user_id) references app.moodle_links on delete cascade
);
comment on table app.moodle_tokens is 'Tokens of people, by which their Moodle is asked as they see it.';
comment on column app.moodle_tokens.token_sealed is 'Encrypted (studium.accounts.sealing); read by the pipeline alone.';
comment on column app.moodle_tokens.refused_because is 'Why the site no longer takes the token; null while it does.';
comment on column app.moodle_tokens.own_site_id is
    'The site as this person alone sees it. No address of a site becomes a name with two dashes in a row.';
"""

# The site proved who the person is; what remains to be seen is whether that is free here.
LINK = """
create function app.link_moodle(
    p_site_id text, p_moodle_user_id bigint, p_username text, p_full_name text, p_token_sealed bytea
) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    me uuid;
begin
    select a.account_id into me from app.accounts a
    where a.account_id = app.current_account() and a.disabled_at is null
    for update;
    if me is null then
        return 'nobody';
    end if;
    if exists (
        select from app.moodle_links l
        where l.account_id = me and l.site_id = p_site_id and l.moodle_user_id <> p_moodle_user_id
    ) then
        return 'somebody_else';
    end if;
    insert into app.moodle_links (site_id, moodle_user_id, account_id)
    values (p_site_id, p_moodle_user_id, me) on conflict do nothing;
    if not exists (
        select from app.moodle_links l
        where l.account_id = me and l.site_id = p_site_id and l.moodle_user_id = p_moodle_user_id
    ) then
        return 'taken';
    end if;
    insert into app.moodle_tokens as known (account_id, site_id, moodle_user_id, username, full_name, token_sealed)
    values (me, p_site_id, p_moodle_user_id, p_username, p_full_name, p_token_sealed)
    on conflict (account_id) do update set
        site_id = excluded.site_id, moodle_user_id = excluded.moodle_user_id, username = excluded.username,
        full_name = excluded.full_name, token_sealed = excluded.token_sealed, linked_at = now(), last_used_at = now(),
        refused_because = null;
    return 'linked';
end
$$;
"""

RIGHTS = """
alter table app.moodle_tokens owner to studium_owner;
alter table app.moodle_tokens enable row level security;
alter table app.moodle_tokens force row level security;
create policy owner_all on app.moodle_tokens to studium_owner using (true) with check (true);
create policy pipeline_all on app.moodle_tokens to studium_pipeline using (true) with check (true);
create policy api_own on app.moodle_tokens for select to studium_api using (account_id = app.current_account());
create policy api_own_end on app.moodle_tokens for delete to studium_api using (account_id = app.current_account());
grant select (account_id, site_id, moodle_user_id, username, full_name, linked_at, last_used_at, refused_because,
              own_site_id), delete on app.moodle_tokens to studium_api;
grant select, delete, update (token_sealed, last_used_at, refused_because) on app.moodle_tokens to studium_pipeline;
alter function app.link_moodle(text, bigint, text, text, bytea) owner to studium_owner;
revoke execute on function app.link_moodle(text, bigint, text, text, bytea) from public;
grant execute on function app.link_moodle(text, bigint, text, text, bytea) to studium_api;
"""


def upgrade() -> None:
    for statements in (TABLE, LINK, RIGHTS):
        op.execute(statements)

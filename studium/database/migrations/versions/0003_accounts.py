"""Accounts, what proves them (sessions, tokens, invitations), what they did (audit, events), and who sees a course."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ACCOUNTS = """
create table app.accounts (
    account_id uuid primary key default gen_random_uuid(),
    email text not null unique check (email = lower(email) and length(email) between 3 and 254),
    display_name text not null check (length(display_name) between 1 and 200),
    password_hash text,
    is_admin boolean not null default false,
    timezone text not null default 'UTC',
    preferences jsonb not null default '{}',
    created_at timestamptz not null default now(),
    last_login_at timestamptz,
    disabled_at timestamptz
);
comment on column app.accounts.password_hash is 'argon2id; null: nobody can sign in with a password yet.';

create table app.moodle_links (
    site_id text not null,
    moodle_user_id bigint not null,
    account_id uuid not null references app.accounts on delete cascade,
    learner_id text not null unique generated always as (site_id || ':' || moodle_user_id) stored,
    linked_at timestamptz not null default now(),
    primary key (site_id, moodle_user_id)
);
create index on app.moodle_links (account_id);

create table app.sessions (
    token_hash bytea primary key,
    account_id uuid not null references app.accounts on delete cascade,
    user_agent text,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
);
comment on table app.sessions is
    'Browser sessions. The cookie holds 256 random bits, this table their SHA-256; a row removed signs out.';
create index on app.sessions (account_id);

create table app.token_families (
    family_id uuid primary key default gen_random_uuid(),
    account_id uuid not null references app.accounts on delete cascade,
    created_at timestamptz not null default now(),
    ended_at timestamptz,
    ended_because text check (ended_because in ('signed_out', 'reused')),
    check ((ended_at is null) = (ended_because is null))
);
comment on table app.token_families is 'One sign-in of a program: every token that descends from it ends with it.';
create index on app.token_families (account_id);

create table app.refresh_tokens (
    token_hash bytea primary key,
    family_id uuid not null references app.token_families on delete cascade,
    account_id uuid not null references app.accounts on delete cascade,
    issued_at timestamptz not null default now(),
    expires_at timestamptz not null,
    spent_at timestamptz
);
comment on column app.refresh_tokens.spent_at is 'A token is used once; using it again long after ends its family.';
create index on app.refresh_tokens (family_id);
create index on app.refresh_tokens (account_id);

create table app.invitations (
    invitation_id uuid primary key default gen_random_uuid(),
    token_hash bytea not null unique,
    course_id text not null,
    site_id text not null,
    moodle_user_id bigint not null,
    email text not null,
    display_name text not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    accepted_at timestamptz,
    accepted_by uuid references app.accounts on delete set null
);
create unique index invitations_open on app.invitations (course_id, site_id, moodle_user_id) where accepted_at is null;
"""

HISTORY = """
create table app.audit_log (
    audit_id bigint generated always as identity primary key,
    happened_at timestamptz not null default now(),
    actor_id uuid,
    action text not null,
    subject_learner_id text,
    subject_account_id uuid,
    course_id text,
    detail jsonb not null default '{}'
);
comment on table app.audit_log is 'Who looked at, exported or changed what belongs to whom. Rows are only added.';
comment on column app.audit_log.actor_id is 'Null: the command line of the installation.';
create index on app.audit_log (subject_learner_id, happened_at);
create index on app.audit_log (actor_id, happened_at);

create table app.events (
    event_id uuid primary key default uuidv7(),
    account_id uuid not null,
    learner_id text,
    verb text not null,
    object_type text not null,
    object_id text not null,
    course_id text,
    result jsonb not null default '{}',
    context jsonb not null default '{}',
    happened_at timestamptz not null default now(),
    stored_at timestamptz not null default now()
);
comment on table app.events is
    'What people did here, in xAPI words (studium.events). Rows are only added; sums are derived from them.';
comment on column app.events.learner_id is 'The Moodle learner the account acts as in course_id; null when it is none.';
create index on app.events (account_id, stored_at);
create index on app.events (course_id, stored_at);

create table app.leaderboard_members (
    course_id text not null,
    learner_id text not null references app.moodle_links (learner_id) on delete cascade,
    pseudonym text not null,
    opted_in_at timestamptz not null default now(),
    primary key (course_id, learner_id),
    unique (course_id, pseudonym)
);
comment on table app.leaderboard_members is 'Who chose to be on a course''s leaderboard, and the name they have there.';

create function app.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end
$$;
create trigger append_only before update or delete or truncate on app.audit_log
    for each statement execute function app.refuse_change();
create trigger append_only before update or delete or truncate on app.events
    for each statement execute function app.refuse_change();
"""

# A change of power leaves its trace wherever it is made, the command line included.
ROLE_CHANGES = """
create function app.note_role_change() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if tg_table_name = 'accounts' then
        if tg_op = 'INSERT' and new.is_admin or tg_op = 'UPDATE' and new.is_admin is distinct from old.is_admin then
            insert into app.audit_log (actor_id, action, subject_account_id, detail)
            values (app.current_account(), case when new.is_admin then 'admin_granted' else 'admin_withdrawn' end,
                    new.account_id, '{}');
        end if;
        if tg_op = 'UPDATE' and (new.disabled_at is null) <> (old.disabled_at is null) then
            insert into app.audit_log (actor_id, action, subject_account_id)
            values (app.current_account(),
                    case when new.disabled_at is null then 'account_enabled' else 'account_disabled' end,
                    new.account_id);
        end if;
    else
        insert into app.audit_log (actor_id, action, subject_account_id, subject_learner_id)
        values (app.current_account(), 'moodle_user_linked', new.account_id, new.learner_id);
    end if;
    return null;
end
$$;
create trigger note_role_change after insert or update of is_admin, disabled_at on app.accounts
    for each row execute function app.note_role_change();
create trigger note_role_change after insert or update on app.moodle_links
    for each row execute function app.note_role_change();
"""

WHO = """
create function app.is_admin() returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select exists (
        select from app.accounts
        where account_id = app.current_account() and is_admin and disabled_at is null
    )
$$;

create function app.current_learner_ids() returns setof text
language sql stable security definer set search_path = pg_catalog, pg_temp rows 1 as $$
    select learner_id from app.moodle_links where account_id = app.current_account()
$$;

-- Moodle's rule (lib/enrollib.php): the enrolment, its method and its window must all be open.
create function app.enrolled_course_ids() returns setof text
language sql stable security definer set search_path = pg_catalog, pg_temp rows 10 as $$
    select distinct e.site_id || ':' || e.course_id
    from app.moodle_links l
    join raw.users u on u.site_id = l.site_id and u.user_id = l.moodle_user_id and not u.is_deleted
    join raw.enrolments e on e.site_id = l.site_id and e.user_id = l.moodle_user_id
    where l.account_id = app.current_account()
      and e.status = 0 and e.method_status = 0
      and (e.starts_at is null or e.starts_at <= app.current_as_of())
      and (e.ends_at is null or e.ends_at > app.current_as_of())
$$;

-- A teacher whose enrolment is suspended has lost the course; a manager needs none.
create function app.instructed_course_ids() returns setof text
language sql stable security definer set search_path = pg_catalog, pg_temp rows 10 as $$
    select distinct r.site_id || ':' || r.course_id
    from app.moodle_links l
    join raw.users u on u.site_id = l.site_id and u.user_id = l.moodle_user_id and not u.is_deleted
    join raw.role_assignments r on r.site_id = l.site_id and r.user_id = l.moodle_user_id
    where l.account_id = app.current_account()
      and (r.archetype = 'manager'
           or (r.archetype in ('editingteacher', 'teacher')
               and r.site_id || ':' || r.course_id in (select app.enrolled_course_ids())))
$$;
"""

# What must be looked up before anybody is known. Each answers for one secret and lists nothing.
PROOF = """
create function app.find_credentials(p_email text) returns table (account_id uuid, password_hash text)
language sql stable security definer set search_path = pg_catalog, pg_temp rows 1 as $$
    select a.account_id, a.password_hash from app.accounts a
    where a.email = lower(p_email) and a.disabled_at is null
$$;

create function app.session_account(p_token_hash bytea) returns uuid
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select s.account_id from app.sessions s join app.accounts a using (account_id)
    where s.token_hash = p_token_hash and s.expires_at > now() and a.disabled_at is null
$$;

create function app.family_account(p_family_id uuid) returns uuid
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select f.account_id from app.token_families f join app.accounts a using (account_id)
    where f.family_id = p_family_id and f.ended_at is null and a.disabled_at is null
$$;

create function app.refresh_token_account(p_token_hash bytea) returns uuid
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select t.account_id from app.refresh_tokens t join app.accounts a using (account_id)
    where t.token_hash = p_token_hash and a.disabled_at is null
$$;

create function app.find_invitation(p_token_hash bytea)
returns table (email text, display_name text, course_id text, course_name text, has_account boolean)
language sql stable security definer set search_path = pg_catalog, pg_temp rows 1 as $$
    select i.email, i.display_name, i.course_id, c.fullname,
           exists (select from app.accounts a where a.email = i.email)
    from app.invitations i
    left join raw.courses c on c.site_id || ':' || c.course_id = i.course_id
    where i.token_hash = p_token_hash and i.accepted_at is null and i.expires_at > now()
$$;

create function app.accept_invitation(p_token_hash bytea, p_display_name text, p_password_hash text) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    invitation app.invitations;
    the_account app.accounts;
begin
    select * into invitation from app.invitations i
    where i.token_hash = p_token_hash and i.accepted_at is null and i.expires_at > now()
    for update;
    if not found then
        return null;
    end if;
    select * into the_account from app.accounts a where a.email = invitation.email;
    if found then
        -- an invitation never opens an account that exists: its owner must have proved to be it
        if the_account.account_id is distinct from app.current_account() or the_account.disabled_at is not null then
            return null;
        end if;
    else
        insert into app.accounts (email, display_name, password_hash)
        values (invitation.email, p_display_name, p_password_hash) returning * into the_account;
    end if;
    insert into app.moodle_links (site_id, moodle_user_id, account_id)
    values (invitation.site_id, invitation.moodle_user_id, the_account.account_id)
    on conflict do nothing;
    update app.invitations set accepted_at = now(), accepted_by = the_account.account_id
    where invitation_id = invitation.invitation_id;
    return the_account.account_id;
end
$$;
"""

SECURITY = """
do $$
declare
    name text;
begin
    foreach name in array array['accounts', 'moodle_links', 'sessions', 'token_families', 'refresh_tokens',
                                'invitations', 'audit_log', 'events', 'leaderboard_members'] loop
        execute format('alter table app.%I owner to studium_owner', name);
        execute format('alter table app.%I enable row level security', name);
        execute format('alter table app.%I force row level security', name);
        execute format('create policy owner_all on app.%I to studium_owner using (true) with check (true)', name);
    end loop;
    foreach name in array array['accounts', 'moodle_links', 'events', 'leaderboard_members', 'audit_log',
                                'invitations'] loop
        execute format('create policy pipeline_all on app.%I to studium_pipeline using (true) with check (true)', name);
        execute format('create policy warehouse_read on app.%I for select to studium_warehouse using (true)', name);
    end loop;
    foreach name in array array['sessions', 'token_families', 'refresh_tokens'] loop
        execute format('create policy api_own on app.%I to studium_api using (account_id = app.current_account()) '
                       'with check (account_id = app.current_account())', name);
        execute format('grant select, insert, update, delete on app.%I to studium_api', name);
    end loop;
    foreach name in array array['is_admin()', 'current_learner_ids()', 'enrolled_course_ids()',
                                'instructed_course_ids()', 'find_credentials(text)', 'session_account(bytea)',
                                'family_account(uuid)', 'refresh_token_account(bytea)', 'find_invitation(bytea)',
                                'accept_invitation(bytea, text, text)', 'refuse_change()', 'note_role_change()'] loop
        execute format('alter function app.%s owner to studium_owner', name);
        execute format('revoke execute on function app.%s from public', name);
    end loop;
end
$$;

create policy api_own on app.accounts for select to studium_api
    using (account_id = app.current_account() or (select app.is_admin()));
create policy api_own_change on app.accounts for update to studium_api
    using (account_id = app.current_account()) with check (account_id = app.current_account());
create policy api_own on app.moodle_links for select to studium_api
    using (account_id = app.current_account() or (select app.is_admin()));
create policy api_admin on app.invitations for select to studium_api using ((select app.is_admin()));
create policy api_admin on app.audit_log for select to studium_api using ((select app.is_admin()));
create policy api_add on app.audit_log for insert to studium_api with check (actor_id = app.current_account());
create policy api_own on app.events for select to studium_api using (account_id = app.current_account());
create policy api_add on app.events for insert to studium_api with check (
    account_id = app.current_account()
    and (learner_id is null or learner_id in (select app.current_learner_ids()))
);
create policy api_own on app.leaderboard_members to studium_api
    using (learner_id in (select app.current_learner_ids()))
    with check (
        learner_id in (select app.current_learner_ids()) and course_id in (select app.enrolled_course_ids())
    );

grant select (account_id, email, display_name, is_admin, timezone, preferences, created_at, last_login_at, disabled_at)
    on app.accounts to studium_api, studium_pipeline;
grant update (display_name, timezone, preferences, last_login_at, password_hash) on app.accounts to studium_api;
grant select (account_id, created_at, last_login_at, disabled_at, is_admin) on app.accounts to studium_warehouse;
-- the command line adds people as the pipeline's role, and cannot read a password's hash back
grant insert, update, delete on app.accounts to studium_pipeline;
grant select, insert, delete on app.moodle_links to studium_pipeline;
grant select, insert, delete on app.invitations to studium_pipeline;
grant select on app.moodle_links to studium_api, studium_warehouse;
grant select (invitation_id, course_id, email, display_name, created_at, expires_at, accepted_at, accepted_by)
    on app.invitations to studium_api;
grant select, insert on app.audit_log to studium_api, studium_pipeline;
grant select, insert on app.events to studium_api, studium_pipeline;
grant select, insert, delete on app.leaderboard_members to studium_api;
grant select, insert on app.leaderboard_members to studium_pipeline;
grant select on app.events, app.leaderboard_members, app.audit_log to studium_warehouse;
grant select on app.alembic_version to studium_api, studium_pipeline;

grant execute on function app.is_admin(), app.current_learner_ids(), app.enrolled_course_ids(),
    app.instructed_course_ids() to studium_api, studium_pipeline, studium_warehouse;
grant execute on function app.find_credentials(text), app.session_account(bytea), app.family_account(uuid),
    app.refresh_token_account(bytea), app.find_invitation(bytea), app.accept_invitation(bytea, text, text)
    to studium_api;
"""


def upgrade() -> None:
    for statements in (ACCOUNTS, HISTORY, ROLE_CHANGES, WHO, PROOF, SECURITY):
        op.execute(statements)

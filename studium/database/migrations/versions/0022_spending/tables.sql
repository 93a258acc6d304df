create table app.chat_spending (
    turn_id uuid primary key,
    account_id uuid references app.accounts on delete set null,
    course_id text not null,
    day date not null default (now() at time zone 'UTC')::date,
    reserved numeric not null default 0 check (reserved >= 0),
    cost numeric not null default 0 check (cost >= 0),
    tokens_in bigint not null default 0,
    tokens_out bigint not null default 0,
    currency text not null,
    settled_at timestamptz
);
comment on table app.chat_spending is
'What models cost, one row per turn they took part in. It outlives the turn: who deletes a conversation has spent it all the same.';
comment on column app.chat_spending.day is 'In UTC, when the turn was begun.';
comment on column app.chat_spending.reserved is
'Promised and not settled. What a process that was killed may have spent stays promised, and counts.';
create index on app.chat_spending (day, course_id);
create index on app.chat_spending (account_id, day);

-- what was spent before there were budgets
insert into app.chat_spending (turn_id, account_id, course_id, day, cost, tokens_in, tokens_out, currency, settled_at)
select t.turn_id, s.account_id, s.course_id, (t.created_at at time zone 'UTC')::date, t.cost, t.tokens_in, t.tokens_out,
    t.currency, t.finished_at
from app.chat_turns as t inner join app.chat_sessions as s using (session_id)
where t.currency is not null;

-- Who asks holds the lock until their transaction ends: what they reserve meanwhile, the next one counts.
create function app.chat_spent(course text, money text) returns table (learner numeric, of_course numeric, site numeric)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
    today date := (now() at time zone 'UTC')::date;
begin
    perform pg_advisory_xact_lock(hashtextextended('app.chat_spending', 0));
    return query
    select
        coalesce(sum(s.cost + s.reserved) filter (where s.day = today and s.account_id = app.current_account()), 0),
        coalesce(sum(s.cost + s.reserved) filter (where s.course_id = chat_spent.course), 0),
        coalesce(sum(s.cost + s.reserved), 0)
    from app.chat_spending as s
    where s.day >= date_trunc('month', today)::date and s.currency = chat_spent.money;
end
$$;
comment on function app.chat_spent(text, text) is
'What is spent or promised: by the bound account today, in a course and in all this month.';

create table app.tutor_preferences (
    account_id uuid not null references app.accounts on delete cascade,
    course_id text not null,
    level text check (level in ('beginner', 'intermediate', 'advanced')),
    length text check (length in ('short', 'long')),
    language text check (language ~ '^[a-z]{2}$'),
    primary key (account_id, course_id)
);
comment on table app.tutor_preferences is 'How somebody wants a course explained, by a model; null: no wish.';
comment on column app.tutor_preferences.language is 'ISO 639-1.';

do $$
declare
    name text;
begin
    foreach name in array array['chat_spending', 'tutor_preferences'] loop
        execute format('alter table app.%I owner to studium_owner', name);
        execute format('alter table app.%I enable row level security', name);
        execute format('alter table app.%I force row level security', name);
        execute format('create policy owner_all on app.%I to studium_owner using (true) with check (true)', name);
        execute format(
            'create policy api_own on app.%I to studium_api '
            'using (account_id = app.current_account()) with check (account_id = app.current_account())', name
        );
    end loop;
end
$$;
grant select, insert, update on app.chat_spending to studium_api;
grant select, insert, update, delete on app.tutor_preferences to studium_api;
create policy warehouse on app.chat_spending for select to studium_warehouse using (true);
grant select on app.chat_spending to studium_warehouse;
alter function app.chat_spent(text, text) owner to studium_owner;
revoke execute on function app.chat_spent(text, text) from public;
grant execute on function app.chat_spent(text, text) to studium_api;

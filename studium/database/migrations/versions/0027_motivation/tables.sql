create table app.standings (
    account_id uuid primary key references app.accounts on delete cascade,
    zone text not null,
    open_day date not null,
    xp integer not null default 0,
    reviews integer not null default 0,
    right_answers integer not null default 0,
    streak integer not null default 0 check (streak >= 0),
    best_streak integer not null default 0 check (best_streak >= streak),
    freezes integer not null default 1 check (freezes >= 0),
    goal_days integer not null default 0,
    daily_goal integer check (daily_goal between 1 and 200),
    weekly_goal integer check (weekly_goal between 1 and 7),
    today_xp integer not null default 0,
    today_acts integer not null default 0,
    today_new integer not null default 0,
    today_margin integer not null default 0,
    last_act_at timestamptz,
    settled_at timestamptz
);
comment on table app.standings is
'Where somebody stands after their last act or the last close of day. Made of app.events alone: `studium replay`.';
comment on column app.standings.zone is 'The time zone of the last act, in which the open day ends.';
comment on column app.standings.streak is 'Days in a row up to the last that is closed; the open one joins when it closes.';
comment on column app.standings.settled_at is
'The last act or close of day: what comes next comes after it. Null: opened in this moment, for the first act.';

create table app.xp_ledger (
    event_id uuid primary key,
    account_id uuid not null references app.accounts on delete cascade,
    object_type text not null,
    object_id text not null,
    course_id text,
    learner_id text,
    day date not null,
    xp integer not null,
    reason text not null check (reason in (
        'new_card', 'review', 'question', 'wrong', 'guessed', 'again', 'early', 'hasty', 'enough_new', 'day_full',
        'undone'
    )),
    happened_at timestamptz not null,
    voids uuid unique,
    written_in xid8 not null default pg_current_xact_id(),
    check ((reason = 'undone') = (voids is not null))
);
comment on table app.xp_ledger is
'What each act earned, and why no more: written with its event, by studium.motivation.rules. Made of app.events alone.';
comment on column app.xp_ledger.day is 'The learner''s own day it counts for.';
comment on column app.xp_ledger.voids is 'The entry this one takes back, with its points.';
comment on column app.xp_ledger.written_in is
'The transaction that wrote it: a mart holds all those before the oldest that was under way when it was built.';
create index on app.xp_ledger (account_id, object_type, object_id, happened_at);
create index on app.xp_ledger (account_id, happened_at);
create index on app.xp_ledger (course_id, happened_at) where course_id is not null;
create index on app.xp_ledger (course_id, written_in) include (learner_id, xp, happened_at) where xp <> 0;

create table app.badges_awarded (
    account_id uuid not null references app.accounts on delete cascade,
    badge text not null,
    event_id uuid not null,
    day date not null,
    awarded_at timestamptz not null,
    primary key (account_id, badge)
);
comment on table app.badges_awarded is 'Marks on the way (studium.motivation.badges), with the act that reached them.';

create table app.day_closings (
    account_id uuid not null references app.accounts on delete cascade,
    day date not null,
    xp integer not null,
    acts integer not null,
    outcome text not null check (outcome in ('counted', 'frozen', 'missed', 'ended')),
    streak integer not null,
    best_streak integer not null,
    freezes integer not null,
    daily_goal integer,
    goal_met boolean not null,
    primary key (account_id, day)
);
comment on table app.day_closings is
'Days that are over, by their learner''s own midnight; none for days on which there was nothing to lose and nothing done.';
comment on column app.day_closings.outcome is
'counted: points were earned; frozen: a freeze kept the streak; ended: it broke; missed: there was none.';

create table app.leaderboard_stirs (
    stir_id bigint generated always as identity primary key,
    course_id text not null
);
comment on table app.leaderboard_stirs is
'Leaderboards on which points moved, until it is told: app.tell_leaderboards. A row an act, so that none waits for another.';

alter table app.live_events drop constraint live_events_kind_check;
alter table app.live_events add constraint live_events_kind_check
check (kind in ('sync:start', 'sync:progress', 'sync:complete', 'leaderboard:update'));

-- Told in a transaction of its own, for who publishes waits for others who do (0012); two tellers share the work.
create function app.tell_leaderboards() returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    stirred text[];
begin
    with gone as (
        delete from app.leaderboard_stirs as s where s.stir_id in (
            select w.stir_id from app.leaderboard_stirs as w limit 10000 for update skip locked
        ) returning s.course_id
    )
    select array_agg(distinct gone.course_id) into stirred from gone;
    if stirred is not null then
        -- the newest says all there is to say: what is told every second must not fill the outbox
        delete from app.live_events as e where e.kind = 'leaderboard:update' and e.course_id = any(stirred);
        insert into app.live_events (course_id, kind) select unnest(stirred), 'leaderboard:update';
    end if;
    return coalesce(cardinality(stirred), 0);
end
$$;
comment on function app.tell_leaderboards() is 'Tells of each leaderboard once, however much moved on it.';

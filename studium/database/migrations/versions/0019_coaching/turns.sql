alter table app.chat_turns
    add column follows uuid references app.chat_turns on delete set null,
    add column expects jsonb,
    add constraint chat_turns_rung_check check (rung between 1 and 4);
create index on app.chat_turns (follows) where follows is not null;
comment on column app.chat_turns.follows is
    'The turn it goes on with: whose question the next hint is to, or what it replies to.';
comment on column app.chat_turns.rung is 'Which hint it is, or which try at an answer, from 1.';
comment on column app.chat_turns.expects is
    'What a turn asked back, and the words of the course that answer it. Never told before there was a reply.';

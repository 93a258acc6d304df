-- BM25 with nothing but pgvector: a passage is a sparse vector of saturated term frequencies, a question one of
-- inverse document frequencies, and the score is their inner product.
-- A term's number is a hash of its lexeme, so that no two writers ever wait for each other to name a word
-- (2^29 numbers: two words of a vocabulary of 100,000 share one with probability 1e-4 each).
create table content.lexemes (
    passage_id bigint primary key references content.passages on delete cascade,
    document_id uuid not null references content.documents on delete cascade,
    scope_id integer not null,
    length integer not null,
    terms integer [] not null,
    weights sparsevec not null
);
comment on column content.lexemes.weights is 'tf (k1 + 1) / (tf + k1 (1 - b + b length / average_length)), k1 1.2, b 0.75.';
create index on content.lexemes using gin (terms) with (fastupdate = off);
create index on content.lexemes (scope_id);
create index on content.lexemes (document_id);

create table content.terms (
    term_id integer primary key,
    passages integer not null
);
comment on table content.terms is 'In how many passages a term stands, as of the last content.refresh_terms().';

create table content.lexicon (
    is_only boolean primary key default true check (is_only),
    passages integer not null default 0,
    average_length real not null default 60,
    last_passage_id bigint not null default 0
);
comment on table content.lexicon is 'One row: what the last content.refresh_terms() counted. average_length is the one inside all weights.';
insert into content.lexicon default values;

create function content.terms_of(content_text text) returns table (term_id integer, frequency integer)
language sql immutable parallel safe as $$
    select (hashtext(w.lexeme) & 536870911) + 1, sum(cardinality(w.positions))::integer
    from unnest(to_tsvector('pg_catalog.english', normalize(content_text, NFKC))) as w
    group by 1
$$;

create function content.weights_of(
    content_text text, average_length real, out length integer, out terms integer [], out weights public.sparsevec
)
language sql immutable parallel safe as $$
    select
        coalesce(max(w.length), 0),
        coalesce(array_agg(w.term_id order by w.term_id), '{}'),
        ('{' || coalesce(string_agg(
            w.term_id || ':' || round((
                2.2 * w.frequency / (w.frequency + 1.2 * (0.25 + 0.75 * w.length / average_length))
            )::numeric, 4),
            ','
        ), '') || '}/536870912')::public.sparsevec
    from (
        select t.term_id, t.frequency, sum(t.frequency) over ()::integer as length
        from content.terms_of(content_text) as t
    ) as w
$$;

-- A passage is found by the heading it stands under, which only the first of a section repeats in its text.
create function content.indexed_text(heading text, passage text) returns text
language sql immutable parallel safe as $$
    select case when heading is null or strpos(passage, heading) > 0 then passage else heading || E'\n' || passage end
$$;

create function content.index_document(document uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    delete from content.lexemes as x where x.document_id = document;
    insert into content.lexemes (passage_id, document_id, scope_id, length, terms, weights)
    select p.passage_id, p.document_id, p.scope_id, w.length, w.terms, w.weights
    from content.passages as p
    inner join content.chunks as c on p.chunk_id = c.chunk_id
    cross join content.lexicon as l
    cross join lateral content.weights_of(content.indexed_text(c.heading, p.text), l.average_length) as w
    where p.document_id = document;
    if content.terms_drifted() then
        perform content.refresh_terms();
    end if;
end
$$;
comment on function content.index_document(uuid) is 'Call after a document''s passages are written, in the same transaction.';

-- A twentieth of the passages new, or gone, since the last count: then idf is wrong by at most ln(1.05) or so.
create function content.terms_drifted() returns boolean
language sql stable as $$
    select
        20 * (select count(*) from content.lexemes as x where x.passage_id > l.last_passage_id) > l.passages
        or 20 * abs((select coalesce(sum(s.passages), 0) from content.scopes as s) - l.passages) > l.passages
    from content.lexicon as l
$$;

-- Counts terms anew; when the average length moved by a tenth, weighs all passages anew with it. Corpora grow by
-- twentieths between two calls from index_document, so the whole work is some twenty times that of the last count.
-- If another transaction is at it, it returns at once and leaves the work there.
create function content.refresh_terms() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    counted record;
begin
    if not pg_try_advisory_xact_lock(hashtext('content.refresh_terms')) then
        return;
    end if;
    select count(*) as passages, coalesce(max(x.passage_id), 0) as last_passage_id,
        greatest(coalesce(avg(x.length), 60), 1)::real as average_length
    into counted from content.lexemes as x;
    if abs(counted.average_length - (select l.average_length from content.lexicon as l)) > 0.1 * counted.average_length then
        update content.lexemes as x set length = w.length, terms = w.terms, weights = w.weights
        from content.passages as p
        inner join content.chunks as c on p.chunk_id = c.chunk_id
        cross join lateral content.weights_of(content.indexed_text(c.heading, p.text), counted.average_length) as w
        where x.passage_id = p.passage_id;
        update content.lexicon as l set average_length = counted.average_length;
    end if;
    with now_counted as (
        select t.term_id, count(*)::integer as passages
        from content.lexemes as x
        cross join lateral unnest(x.terms) as t (term_id)
        group by t.term_id
    ),

    gone as (
        delete from content.terms as t
        where not exists (select from now_counted as n where n.term_id = t.term_id)
    )

    insert into content.terms as t (term_id, passages)
    select n.term_id, n.passages from now_counted as n
    on conflict (term_id) do update set passages = excluded.passages where t.passages <> excluded.passages;
    update content.lexicon as l set passages = counted.passages, last_passage_id = counted.last_passage_id;
end
$$;

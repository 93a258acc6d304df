-- A question for BM25. `weights`: how rare each of its terms is, times how often the question has it. `sought`: the
-- terms of which a passage must hold one, the rarest, as many as stand in no more than `postings` passages altogether,
-- and one at least; a course has fewer passages, so there nothing is left out. `terms`: how many different ones it has.
drop function content.question_of(text, integer);
create function content.question_of(
    query text, postings integer, out sought integer [], out weights public.sparsevec, out terms bigint
)
language sql stable as $$
    with asked as (
        select q.term_id, q.frequency from content.terms_of(query) as q
    ),

    terms as (
        select
            t.term_id, a.frequency * ln(1 + (l.passages - t.passages + 0.5) / (t.passages + 0.5)) as weight,
            sum(t.passages) over rarest <= postings or row_number() over rarest = 1 as is_sought
        from asked as a
        inner join content.terms as t on a.term_id = t.term_id
        cross join content.lexicon as l
        window rarest as (order by t.passages, t.term_id)
    )

    select
        array_agg(t.term_id) filter (where t.is_sought),
        ('{' || string_agg(t.term_id || ':' || round(t.weight::numeric, 4), ',') || '}/536870912')::public.sparsevec,
        (select count(*) from asked)
    from terms as t
$$;
alter function content.question_of(text, integer) owner to studium_owner;
revoke execute on function content.question_of(text, integer) from public;

-- The one way from a question to passages. Neither distance nor overlap is leakproof, so under a policy their indexes
-- lie idle: search runs as the owner, takes the identity from the transaction, and applies the same
-- content.permitted_scopes() as the policies. What is not permitted is never a candidate: it is neither returned nor
-- counted, and shifts no rank.
--
-- `space`: the one query_vector lies in; null, as without a vector: words alone are sought.
-- `exactly`: up to so many permitted passages are compared one by one; among more, vectors are sought through the
-- graph, which goes on (iterative scan) until enough of what it finds is permitted; if it gives up before, they are
-- compared after all. Comparing n of N costs as n, the graph as N / n: they meet at the square root of some 600 N
-- (17,000 of 500,000; bench/retrieval.py, which also says why ef_search is what it is: 120 finds 0.93 of the true ten).
-- `postings`: see content.question_of.
create function content.search(
    query_vector public.halfvec,
    space smallint,
    query text,
    course text default null,
    wanted integer default 8,
    exactly integer default null,
    postings integer default 10000,
    depth integer default 50
) returns setof content.hit
language plpgsql stable security definer rows 10
set search_path = pg_catalog, pg_temp
set jit = off
set max_parallel_workers_per_gather = 0
set hnsw.iterative_scan = relaxed_order
set hnsw.ef_search = 800
set hnsw.max_scan_tuples = 60000
as $$
declare
    scopes integer [];
    permitted_passages bigint;
    most_exactly double precision;
    dimension integer := coalesce(public.vector_dims(query_vector), 1);
begin
    select array_agg(p.scope_id), sum(p.passages) into scopes, permitted_passages
    from content.permitted(course) as p
    where p.passages > 0;
    if permitted_passages is null then
        return;
    end if;
    select coalesce(exactly, greatest(2000, sqrt(600.0 * l.passages))) into most_exactly from content.lexicon as l;
    return query execute format($statement$
with permitted as materialized (
    select p.scope_id from unnest($1) as p (scope_id)
),

through_graph as materialized (
    select v.passage_id, v.embedding::public.halfvec(%2$s) operator(public.<#>) $2::public.halfvec(%2$s) as distance
    from content.vectors as v
    where not $3 and $2 is not null and v.space_id = %1$s
        and (v.scope_id in (select p.scope_id from permitted as p)) is true
    order by distance
    -- more than are wanted: of what the graph comes by first the best are not all there yet
    limit 2 * $6
),

near as (
    select g.passage_id, g.distance from through_graph as g
    union
    (
        select v.passage_id, v.embedding operator(public.<#>) $2 as distance
        from permitted as p
        inner join content.vectors as v on v.space_id = %1$s and p.scope_id = v.scope_id
        where $2 is not null and ($3 or (select count(*) from through_graph) < $6)
        order by distance
        limit $6
    )
    order by distance
    limit $6
),

question as materialized (
    select q.sought, q.weights from content.question_of($4, $5) as q
),

matching as (
    (
        select x.passage_id, x.weights operator(public.<#>) q.weights as distance
        from question as q
        cross join permitted as p
        inner join content.lexemes as x on p.scope_id = x.scope_id
        where $3 and x.weights operator(public.<#>) q.weights < 0
        order by distance
        limit $6
    )
    union all
    (
        select x.passage_id, x.weights operator(public.<#>) q.weights as distance
        from question as q
        inner join content.lexemes as x on x.terms && q.sought
        where not $3 and (x.scope_id in (select p.scope_id from permitted as p)) is true
        order by distance
        limit $6
    )
),

ranked as (
    select n.passage_id, row_number() over (order by n.distance, n.passage_id) as place from near as n
    union all
    select m.passage_id, row_number() over (order by m.distance, m.passage_id) as place from matching as m
),

fused as (
    select r.passage_id, sum(1.0 / (60 + r.place))::double precision as score
    from ranked as r
    group by r.passage_id
    order by score desc, r.passage_id
    limit $7
)

select
    f.passage_id, c.chunk_id, c.document_id, f.score,
    -(v.embedding operator(public.<#>) $2),
    coalesce(-(x.weights operator(public.<#>) q.weights), 0),
    c.passage_text, c.start_offset, c.end_offset, c.chunk_text, c.page, c.page_kind, c.chapter, c.heading,
    c.title, c.filename, c.media_type, c.source, c.source_url,
    c.course_id, c.module_id, c.module_name, c.section_id, c.section_name
from fused as f
cross join question as q
inner join content.citations as c on f.passage_id = c.passage_id
left join content.vectors as v on v.space_id = %1$s and f.passage_id = v.passage_id
left join content.lexemes as x on f.passage_id = x.passage_id
order by f.score desc, f.passage_id
$statement$, coalesce(space, 0), dimension)
    using scopes, public.l2_normalize(query_vector), permitted_passages <= most_exactly, query, postings, depth, wanted;
end
$$;

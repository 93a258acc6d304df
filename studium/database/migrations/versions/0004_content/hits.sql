-- What a search returns: a passage, the chunk around it, and where both stand.
create type content.hit as (
    passage_id bigint,
    chunk_id uuid,
    document_id uuid,
    score double precision,
    similarity double precision,
    lexical_score double precision,
    passage_text text,
    start_offset integer,
    end_offset integer,
    chunk_text text,
    page integer,
    page_kind text,
    chapter text,
    heading text,
    title text,
    filename text,
    media_type text,
    source text,
    source_url text,
    course_id text,
    module_id text,
    module_name text,
    section_id text,
    section_name text
);
comment on column content.hit.similarity is 'Cosine of question and passage; null without vectors.';
comment on column content.hit.lexical_score is 'BM25; 0 when no word is shared.';

-- A passage with what a citation of it tells. Not for serving: whoever reads it has chosen what may be read.
create view content.citations as
select
    p.passage_id, p.chunk_id, p.document_id, p.text as passage_text, p.start_offset, p.end_offset,
    c.text as chunk_text, c.page, c.page_kind, c.chapter, c.heading,
    d.title, d.filename, d.media_type, d.source, d.source_url, d.course_id, d.module_id, m.name as module_name,
    coalesce(d.section_id, s.site_id || ':' || s.section_id) as section_id, s.name as section_name
from content.passages as p
inner join content.chunks as c on p.chunk_id = c.chunk_id
inner join content.documents as d on p.document_id = d.document_id
left join raw.modules as m
    on m.site_id = split_part(d.module_id, ':', 1) and m.cmid = split_part(d.module_id, ':', 2)::bigint
left join raw.sections as s
    on s.site_id = split_part(d.course_id, ':', 1)
    and s.section_id = coalesce(m.section_id, split_part(d.section_id, ':', 2)::bigint);
alter view content.citations owner to studium_owner;

-- A question for BM25. `weights`: how rare each of its terms is. `sought`: the terms of which a passage must hold one,
-- the rarest, as many as stand in no more than `postings` passages altogether, and one at least. A course has fewer
-- passages, so there nothing is left out.
create function content.question_of(query text, postings integer, out sought integer [], out weights public.sparsevec)
language sql stable as $$
    with terms as (
        select
            t.term_id, ln(1 + (l.passages - t.passages + 0.5) / (t.passages + 0.5)) as idf,
            sum(t.passages) over rarest <= postings or row_number() over rarest = 1 as is_sought
        from content.terms_of(query) as q
        inner join content.terms as t on q.term_id = t.term_id
        cross join content.lexicon as l
        window rarest as (order by t.passages, t.term_id)
    )

    select
        array_agg(t.term_id) filter (where t.is_sought),
        ('{' || string_agg(t.term_id || ':' || round(t.idf::numeric, 4), ',') || '}/536870912')::public.sparsevec
    from terms as t
$$;

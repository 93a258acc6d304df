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

-- Keeps scope_id true on documents and on everything below them, whoever writes.
create function content.set_document_scope() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    wanted content.scopes;
begin
    wanted.kind := case
        when new.source <> 'moodle' then new.source
        when new.module_id is not null then 'module'
        when new.section_id is not null then 'section'
        else 'course'
    end;
    wanted.course_id := new.course_id;
    wanted.section_id := case when wanted.kind = 'section' then new.section_id end;
    wanted.module_id := case when wanted.kind = 'module' then new.module_id end;
    wanted.group_id := case when wanted.kind = 'module' then new.group_id end;
    wanted.owner_id := case when wanted.kind = 'upload' then new.owner_id end;
    insert into content.scopes (kind, course_id, section_id, module_id, group_id, owner_id)
    values (wanted.kind, wanted.course_id, wanted.section_id, wanted.module_id, wanted.group_id, wanted.owner_id)
    on conflict do nothing;
    select s.scope_id into strict new.scope_id
    from content.scopes as s
    where s.kind = wanted.kind
        and s.course_id is not distinct from wanted.course_id
        and s.section_id is not distinct from wanted.section_id
        and s.module_id is not distinct from wanted.module_id
        and s.group_id is not distinct from wanted.group_id
        and s.owner_id is not distinct from wanted.owner_id;
    return new;
end
$$;
create trigger set_scope before insert or update of source, course_id, module_id, section_id, group_id, owner_id
on content.documents for each row execute function content.set_document_scope();

create function content.spread_document_scope() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    update content.passages set scope_id = new.scope_id where document_id = new.document_id;
    update content.vectors set scope_id = new.scope_id where document_id = new.document_id;
    update content.lexemes set scope_id = new.scope_id where document_id = new.document_id;
    return null;
end
$$;
create trigger spread_scope after update on content.documents
for each row when (old.scope_id <> new.scope_id) execute function content.spread_document_scope();

create function content.set_passage_scope() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    select d.scope_id into strict new.scope_id from content.documents as d where d.document_id = new.document_id;
    return new;
end
$$;
create trigger set_scope before insert on content.passages
for each row execute function content.set_passage_scope();

create function content.set_vector_scope() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    select d.scope_id into strict new.scope_id from content.documents as d where d.document_id = new.document_id;
    new.embedding := public.l2_normalize(new.embedding);
    return new;
end
$$;
create trigger set_scope before insert on content.vectors
for each row execute function content.set_vector_scope();

create function content.count_passages() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if tg_op in ('DELETE', 'UPDATE') then
        update content.scopes as s set passages = s.passages - gone.passages
        from (select o.scope_id, count(*) as passages from old_rows as o group by o.scope_id order by o.scope_id) as gone
        where s.scope_id = gone.scope_id;
    end if;
    if tg_op in ('INSERT', 'UPDATE') then
        update content.scopes as s set passages = s.passages + come.passages
        from (select n.scope_id, count(*) as passages from new_rows as n group by n.scope_id order by n.scope_id) as come
        where s.scope_id = come.scope_id;
    end if;
    return null;
end
$$;
create trigger count_inserted after insert on content.passages referencing new table as new_rows
for each statement execute function content.count_passages();
create trigger count_deleted after delete on content.passages referencing old table as old_rows
for each statement execute function content.count_passages();
create trigger count_updated after update on content.passages
referencing old table as old_rows new table as new_rows
for each statement execute function content.count_passages();

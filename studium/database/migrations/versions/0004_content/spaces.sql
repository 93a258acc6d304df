-- A space is one embedding model at one version; its vectors have a graph of their own.
create function content.create_space(model text, dimension integer, version text) returns smallint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    made smallint;
begin
    insert into content.spaces (model, dimension, version)
    values (create_space.model, create_space.dimension, create_space.version)
    on conflict do nothing;
    select s.space_id into strict made
    from content.spaces as s
    where s.model = create_space.model
        and s.dimension = create_space.dimension
        and s.version = create_space.version;
    execute format(
        'create index if not exists vectors_graph_%1$s on content.vectors '
        'using hnsw ((embedding::public.halfvec(%2$s)) public.halfvec_ip_ops) '
        'with (m = 16, ef_construction = 128) where space_id = %1$s',
        made, create_space.dimension
    );
    return made;
end
$$;
comment on function content.create_space(text, integer, text) is 'The space of a model, made with its graph if it is new.';

create function content.activate_space(chosen smallint) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    -- two who activate wait for each other; passages that come meanwhile are the writer's to embed in both spaces
    perform from content.spaces as s order by s.space_id for update;
    if exists (
        select from content.passages as p
        where not exists (
            select from content.vectors as v where v.space_id = chosen and v.passage_id = p.passage_id
        )
    ) then
        return false;
    end if;
    update content.spaces as s set status = 'retired' where s.status = 'active' and s.space_id <> chosen;
    update content.spaces as s set status = 'active', activated_at = now()
    where s.space_id = chosen and s.status <> 'active';
    return true;
end
$$;
comment on function content.activate_space(smallint) is 'Lets a space answer, if every passage has its vector there; says whether it does.';

create function content.drop_space(chosen smallint) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if exists (select from content.spaces as s where s.space_id = chosen and s.status = 'active') then
        raise exception 'space % answers questions: activate another one first', chosen
            using errcode = 'object_in_use';
    end if;
    execute format('drop index if exists content.vectors_graph_%s', chosen);
    delete from content.spaces as s where s.space_id = chosen;
end
$$;

create function content.permitted_scopes() returns integer []
language sql stable security definer set search_path = pg_catalog, pg_temp
return (
    select coalesce(array_agg(s.scope_id), '{}')
    from content.scopes as s
    where s.kind = 'upload' and s.owner_id = app.current_account()
);

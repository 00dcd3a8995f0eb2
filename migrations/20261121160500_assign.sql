-- Roles that were stored before they told who may assign records: who could change all records of a module could give them
-- to others, and nobody else. Where any role of a workspace speaks of it, a verb that is not named is not granted.
set local citus.multi_shard_modify_mode = 'sequential';

update roles r set definition = jsonb_set(r.definition, '{modules}', (
    select coalesce(jsonb_object_agg(m.key, case when m.value ? 'update'
      then m.value || jsonb_build_object('assign', case m.value ->> 'update' when 'all' then 'all' else 'none' end)
      else m.value end), '{}')
    from jsonb_each(r.definition -> 'modules') m))
where not exists (
  select from roles o where o.tenant_id = r.tenant_id and jsonb_path_exists(o.definition, '$.modules.*.assign'));

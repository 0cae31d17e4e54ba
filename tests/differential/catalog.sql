-- The catalog of a live database in the shape of `qgate sql show --format json`, as one JSON value. Schemas of the platform and of
-- PostgreSQL are left out, and what belongs to an extension.
begin;
set local search_path = '';
create temporary view own_schemas as
  select oid as schema, nspname from pg_catalog.pg_namespace
  where nspname !~ '^pg_' and nspname <> all (array['information_schema', 'auth', 'storage', 'realtime', 'extensions', 'graphql',
    'graphql_public', 'vault', 'pgsodium', 'pgbouncer', 'supabase_functions', 'supabase_migrations', 'pgmq', 'cron', 'net', 'pgtle']);
create temporary view of_extensions as
  select classid, objid from pg_catalog.pg_depend where deptype = 'e';
create temporary view rights as
  with every as (
    select 'r' as kind, c.oid, a.grantee, a.privilege_type
      from pg_catalog.pg_class c, lateral pg_catalog.aclexplode(coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner))) a
      where a.grantee <> c.relowner
    union all
    select 'f', p.oid, a.grantee, a.privilege_type
      from pg_catalog.pg_proc p, lateral pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) a
      where a.grantee <> p.proowner)
  select kind, oid, jsonb_agg(jsonb_build_object('role', role, 'privileges', privileges) order by role collate "C") as grants from (
    select kind, oid, case grantee when 0 then 'public' else pg_get_userbyid(grantee)::text end as role,
      jsonb_agg(privilege_type order by privilege_type collate "C") as privileges
    from (select distinct * from every where privilege_type <> 'MAINTAIN') one group by 1, 2, 3) each
  group by 1, 2;
create temporary view policies as
  select polrelid as oid, jsonb_agg(jsonb_build_object(
    'name', polname,
    'command', case polcmd when 'r' then 'SELECT' when 'a' then 'INSERT' when 'w' then 'UPDATE' when 'd' then 'DELETE' else 'ALL' end,
    'permissive', polpermissive,
    'roles', (select jsonb_agg(case r when 0 then 'public' else pg_get_userbyid(r)::text end
      order by case r when 0 then 'public' else pg_get_userbyid(r)::text end collate "C") from unnest(polroles) r),
    'using', polqual is not null, 'check', polwithcheck is not null) order by polname collate "C") as policies
  from pg_catalog.pg_policy group by 1;
create temporary view columns as
  select attrelid as oid, jsonb_agg(jsonb_build_object('name', attname, 'type', format_type(atttypid, atttypmod),
    'not_null', attnotnull) order by attnum) as columns
  from pg_catalog.pg_attribute where attnum > 0 and not attisdropped group by 1;
create temporary view indexes as
  select i.indrelid as oid, jsonb_agg(jsonb_build_object('name', c.relname, 'unique', indisunique, 'primary', indisprimary,
    'columns', (select jsonb_agg(coalesce(a.attname::text, '(expr)') order by k.n)
      from unnest(i.indkey::smallint[]) with ordinality k (attnum, n)
      left join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum and k.attnum > 0
      where k.n <= i.indnkeyatts)) order by c.relname collate "C") as indexes
  from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid group by 1;
create temporary view constraints as
  select conrelid as oid, jsonb_agg(jsonb_build_object('name', conname, 'kind', contype::text,
    'columns', coalesce((select jsonb_agg(a.attname order by k.n) from unnest(conkey) with ordinality k (attnum, n)
      join pg_catalog.pg_attribute a on a.attrelid = conrelid and a.attnum = k.attnum), '[]'),
    'references', case when contype = 'f' then (select n.nspname || '.' || c.relname from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.oid = confrelid) end) order by conname collate "C") as constraints
  from pg_catalog.pg_constraint where contype in ('p', 'u', 'f', 'c', 'x') and conrelid <> 0 group by 1;
select jsonb_build_object(
  'tables', (select coalesce(jsonb_agg(jsonb_build_object('schema', s.nspname, 'name', c.relname,
      'kind', case c.relkind when 'r' then 'table' when 'p' then 'partitioned' when 'v' then 'view' when 'm' then 'matview' else 'foreign' end,
      'owner', pg_get_userbyid(c.relowner), 'rls', c.relrowsecurity, 'force_rls', c.relforcerowsecurity,
      'columns', coalesce(columns, '[]'), 'grants', coalesce(grants, '[]'), 'policies', coalesce(policies, '[]'),
      'indexes', coalesce(indexes, '[]'), 'constraints', coalesce(constraints, '[]'))
      order by s.nspname collate "C", c.relname collate "C"), '[]')
    from pg_catalog.pg_class c join own_schemas s on s.schema = c.relnamespace
    left join columns using (oid) left join policies using (oid) left join indexes using (oid) left join constraints using (oid)
    left join rights on rights.oid = c.oid and rights.kind = 'r'
    where c.relkind in ('r', 'p', 'v', 'm', 'f')
      and not exists (select from of_extensions e where e.classid = 'pg_catalog.pg_class'::regclass and e.objid = c.oid)),
  'functions', (select coalesce(jsonb_agg(jsonb_build_object('schema', s.nspname, 'name', p.proname,
      'args', pg_get_function_identity_arguments(p.oid), 'security_definer', p.prosecdef,
      'search_path_set', exists (select from unnest(p.proconfig) c where c like 'search_path=%'), 'grants', coalesce(grants, '[]'))
      order by s.nspname collate "C", p.proname collate "C", pg_get_function_identity_arguments(p.oid) collate "C"), '[]')
    from pg_catalog.pg_proc p join own_schemas s on s.schema = p.pronamespace
    left join rights on rights.oid = p.oid and rights.kind = 'f'
    where not exists (select from of_extensions e where e.classid = 'pg_catalog.pg_proc'::regclass and e.objid = p.oid)));
rollback;

-- Roles, and what a token says of the caller: nothing, or a subject.
create role app; create role reader; create role owner_of_all; create role free bypassrls;
create schema auth;
create function auth.uid() returns uuid language sql stable as $$select nullif(current_setting('request.sub', true), '')::uuid$$;
grant usage on schema auth to public;
-- By which code a statement ends; empty where it works.
create schema probe;
grant usage on schema probe to public;
create function probe.code(what text) returns text language plpgsql as $$
begin execute what; return ''; exception when others then return sqlstate; end $$;

-- truth: rls-inverted-auth: a test that null meets opens the rows to a caller who has not signed in
create table notes (id int, owner uuid);
insert into notes values (1, gen_random_uuid());
alter table notes enable row level security;
create policy p on notes using (auth.uid() is null or owner = auth.uid());
grant select on notes to reader;
set role reader;
select count(*) = 1 from notes;

-- truth: rls-check-true-using-strict: a row of one's own can be made somebody else's
create table notes (id int, owner uuid);
insert into notes values (1, '8f14e45f-0000-4000-8000-000000000000');
alter table notes enable row level security;
create policy seen on notes for select using (true);
create policy p on notes for update using (owner = auth.uid()) with check (true);
grant select, update on notes to reader;
set request.sub = '8f14e45f-0000-4000-8000-000000000000';
set role reader;
select probe.code($$update notes set owner = '9f14e45f-0000-4000-8000-000000000000'$$);
select owner::text like '9%' from notes;

-- truth: rls-check-missing is no rule: without WITH CHECK the condition of USING holds for the new row
create table notes (id int, owner uuid);
insert into notes values (1, '8f14e45f-0000-4000-8000-000000000000');
alter table notes enable row level security;
create policy seen on notes for select using (true);
create policy p on notes for update using (owner = auth.uid());
grant select, update on notes to reader;
set request.sub = '8f14e45f-0000-4000-8000-000000000000';
set role reader;
select probe.code($$update notes set owner = '9f14e45f-0000-4000-8000-000000000000'$$) = '42501';

-- truth: rls-tautology: inside of a query a bare name is the inner table's
create table members (team int, person text);
create table notes (id int, team int);
insert into members values (1, 'reader');
insert into notes values (1, 2);
alter table notes enable row level security;
create policy p on notes using (exists (select 1 from members m where m.person = current_user and m.team = team));
grant select on members, notes to reader;
set role reader;
select count(*) = 1 from notes;

-- truth: rls-tautology: WITH CHECK does not see the old row
create table notes (id int, text text);
insert into notes values (1, 'old');
alter table notes enable row level security;
create policy seen on notes for select using (true);
create policy p on notes for update using (true) with check (text = text);
grant select, update on notes to reader;
set role reader;
select probe.code($$update notes set text = 'new'$$);
select text = 'new' from notes;

-- truth: rls-policy-unreadable: the rest of the condition does not help
create table people (id int);
create table notes (id int);
insert into notes values (1);
alter table notes enable row level security;
create policy p on notes using (id = 1 or exists (select 1 from people));
grant select on notes to reader;
set role reader;
select probe.code('select * from notes') = '42501';

-- truth: rls-force-without-enable: the word has no effect
create table notes (id int);
insert into notes values (1);
alter table notes force row level security;
create policy p on notes using (false);
grant select on notes to reader;
set role reader;
select count(*) = 1 from notes;

-- truth: rls-not-forced: an owner is not asked
create table notes (id int);
insert into notes values (1);
alter table notes enable row level security;
create policy p on notes using (false);
alter table notes owner to app;
set role app;
select count(*) = 1 from notes;

-- truth: rls-only-restrictive: nothing is allowed
create table notes (id int);
insert into notes values (1);
alter table notes enable row level security;
create policy p on notes as restrictive using (true);
grant select on notes to reader;
set role reader;
select count(*) = 0 from notes;

-- truth: rls-command-gap: without a policy for SELECT no row is found to change
create table notes (id int);
insert into notes values (1);
alter table notes enable row level security;
create policy p on notes for update using (true);
grant select, update on notes to reader;
set role reader;
with changed as (update notes set id = 2 where id = 1 returning 1) select count(*) = 0 from changed;

-- truth: rls-partition-child: named itself, a partition asks no policy of its parent
create table events (id int) partition by list (id);
create table events_1 partition of events for values in (1);
insert into events values (1);
alter table events enable row level security;
grant select on events, events_1 to reader;
set role reader;
select (select count(*) from events) = 0 and (select count(*) from events_1) = 1;

-- truth: rls-immutable-reads-session: a plan keeps one caller's answer
create table notes (id int, owner uuid);
insert into notes values (1, '8f14e45f-0000-4000-8000-000000000000');
alter table notes enable row level security;
create function me() returns uuid language plpgsql immutable as 'begin return auth.uid(); end';
create policy p on notes using (owner = me());
grant select on notes to reader;
set role reader;
set plan_cache_mode = force_generic_plan;
set request.sub = '8f14e45f-0000-4000-8000-000000000000';
prepare asked as select count(*) = 1 from notes;
execute asked;
set request.sub = '9f14e45f-0000-4000-8000-000000000000';
execute asked;

-- truth: view-over-rls-no-invoker: a view of a role that is not bound shows all rows
create table notes (id int);
insert into notes values (1);
alter table notes enable row level security;
create view titles as select id from notes;
grant select on notes, titles to reader;
set role reader;
select (select count(*) from notes) = 0 and (select count(*) from titles) = 1;

-- truth: secdef-pg-temp: a temporary table takes the place of the one that is meant
create table notes (id int);
create function notes_count() returns bigint language plpgsql security definer set search_path = public as 'begin return (select count(*) from notes); end';
set role reader;
create temporary table notes (id int);
insert into pg_temp.notes values (1), (2);
select notes_count() = 2;

-- truth: cs-unqualified-name: such a setting can be neither read nor set
set role reader;
select probe.code($$select current_setting('tenant')$$) = '42704' and probe.code($$set tenant = 'a'$$) = '42704';

-- truth: cs-missing-ok: a setting that was never set ends the query
set role reader;
select probe.code($$select current_setting('app.tenant')$$) = '42704' and current_setting('app.tenant', true) is null;

-- truth: rls-bypass-membership: a member becomes the role and is not bound
create table notes (id int);
insert into notes values (1);
alter table notes enable row level security;
grant select on notes to free;
grant free to app;
set session authorization app;
set role free;
select count(*) = 1 from notes;

-- truth: unindexed-foreign-keys: the server finds the rows of a key by a hash
create table people (id int primary key);
create table notes (id int, owner int references people);
create index on notes using hash (owner);
set enable_seqscan = off;
create function way(q text) returns text language plpgsql as $$declare l text; a text := ''; begin for l in execute 'explain ' || q loop a := a || l; end loop; return a; end $$;
prepare served(int) as select 1 from only notes x where $1 = owner for key share of x;
set plan_cache_mode = force_generic_plan;
select way('execute served(1)') like '%notes_owner_idx%';

-- truth: unindexed-foreign-keys: and by an index over the rows that have a value
create table people (id int primary key);
create table notes (id int, owner int references people);
create index on notes (owner) where owner is not null;
set enable_seqscan = off;
create function way(q text) returns text language plpgsql as $$declare l text; a text := ''; begin for l in execute 'explain ' || q loop a := a || l; end loop; return a; end $$;
prepare served(int) as select 1 from only notes x where $1 = owner for key share of x;
set plan_cache_mode = force_generic_plan;
select way('execute served(1)') like '%notes_owner_idx%';

-- truth: unindexed-foreign-keys: and by the columns in another order
create table places (a int, b int, primary key (a, b));
create table notes (a int, b int, foreign key (a, b) references places);
create index on notes (b, a);
set enable_seqscan = off;
create function way(q text) returns text language plpgsql as $$declare l text; a text := ''; begin for l in execute 'explain ' || q loop a := a || l; end loop; return a; end $$;
prepare served(int, int) as select 1 from only notes x where $1 = a and $2 = b for key share of x;
set plan_cache_mode = force_generic_plan;
select way('execute served(1, 1)') like '%Index Cond%notes_b_a_idx%' or way('execute served(1, 1)') like '%notes_b_a_idx%((b = $2) AND (a = $1))%';

-- truth: unindexed-foreign-keys: and not by an index over some of the rows
create table people (id int primary key);
create table notes (id int, owner int references people);
create index on notes (owner) where id > 0;
set enable_seqscan = off;
create function way(q text) returns text language plpgsql as $$declare l text; a text := ''; begin for l in execute 'explain ' || q loop a := a || l; end loop; return a; end $$;
prepare served(int) as select 1 from only notes x where $1 = owner for key share of x;
set plan_cache_mode = force_generic_plan;
select way('execute served(1)') not like '%notes_owner_idx%';

-- truth: sql-refused: types without an operator
create table notes (id int, owner uuid, org text);
select probe.code($$create policy p on notes using (owner = '{}'::jsonb)$$) = '42883'
    and probe.code($$create policy p on notes using (org = auth.uid())$$) = '42883'
    and probe.code($$create policy p on notes using (id = auth.uid())$$) = '42883'
    and probe.code($$create policy p on notes using (owner = '8f14e45f-0000-4000-8000-000000000000')$$) = '';

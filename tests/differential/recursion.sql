-- Before each shape: three tables with one row each, row-level security on, every right for everybody.
create table a (id int default 1, team int default 1, person text default 'x');
create table b (id int default 1, team int default 1, person text default 'x');
create table c (id int default 1, team int default 1, person text default 'x');
insert into a default values;
insert into b default values;
insert into c default values;
alter table a enable row level security;
alter table b enable row level security;
alter table c enable row level security;
grant all on a, b, c to public;

-- shape: a policy that reads its own table
create policy p on a using (team in (select m.team from a m));

-- shape: a policy for SELECT that reads its own table by EXISTS
create policy p on a for select using (exists (select 1 from a m where m.team = a.team));

-- shape: two tables that read each other
create policy p on a using (exists (select 1 from b where b.id = a.id));
create policy q on b using (exists (select 1 from a where a.id = b.id));

-- shape: a ring of three
create policy p on a using (exists (select 1 from b where b.id = a.id));
create policy q on b using (exists (select 1 from c where c.id = b.id));
create policy r on c using (exists (select 1 from a where a.id = c.id));

-- shape: a way that ends at a table whose policy holds no query
create policy p on a using (exists (select 1 from b where b.id = a.id));
create policy q on b using (person = 'x');

-- shape: a way that ends at a table without row-level security
alter table b disable row level security;
create policy p on a using (exists (select 1 from b where b.id = a.id));
create policy q on b using (exists (select 1 from a where a.id = b.id));

-- shape: a view with its reader's rights
create view v with (security_invoker = on) as select * from a;
grant select on v to public;
create policy p on a using (exists (select 1 from v where v.id = a.id));

-- shape: a view in a view, both with their reader's rights
create view v with (security_invoker = true) as select * from a;
create view w with (security_invoker = true) as select * from v;
grant select on v, w to public;
create policy p on a using (exists (select 1 from w where w.id = a.id));

-- shape: a view of a superuser
create view v as select * from a;
grant select on v to public;
create policy p on a using (exists (select 1 from v where v.id = a.id));

-- shape: a view of a superuser over a view with its reader's rights
create view v with (security_invoker = on) as select * from a;
create view w as select * from v;
grant select on v, w to public;
create policy p on a using (exists (select 1 from w where w.id = a.id));

-- shape: a view of a role that is bound
create view v as select * from a;
alter view v owner to keeper;
grant select on v to public;
create policy p on a using (exists (select 1 from v where v.id = a.id));

-- shape: a view of the table's owner
alter table a owner to keeper;
create view v as select * from a;
alter view v owner to keeper;
grant select on v to public;
create policy p on a using (exists (select 1 from v where v.id = a.id));

-- shape: a view of the owner of a table that forces row-level security
alter table a owner to keeper;
alter table a force row level security;
create view v as select * from a;
alter view v owner to keeper;
grant select on v to public;
create policy p on a using (exists (select 1 from v where v.id = a.id));

-- shape: a function with the rights of a superuser
create function f() returns setof int language sql stable security definer as 'select team from a';
create policy p on a using (team in (select f()));

-- shape: a function with the rights of a role that bypasses
create function f() returns setof int language sql stable security definer as 'select team from a';
alter function f() owner to free;
create policy p on a using (team in (select f()));

-- shape: a function with the rights of a role that is bound
create function f() returns setof int language sql stable security definer as 'select team from a';
alter function f() owner to keeper;
create policy p on a using (team in (select f()));

-- shape: a function with the rights of the table's owner
alter table a owner to keeper;
create function f() returns setof int language sql stable security definer as 'select team from a';
alter function f() owner to keeper;
create policy p on a using (team in (select f()));

-- shape: a function with the rights of the owner of a table that forces row-level security
alter table a owner to keeper;
alter table a force row level security;
create function f() returns setof int language sql stable security definer as 'select team from a';
alter function f() owner to keeper;
create policy p on a using (team in (select f()));

-- shape: a function in SQL with its caller's rights
create function f(x int) returns boolean language sql stable as 'select exists (select 1 from a where a.team = x)';
create policy p on a using (f(team));

-- shape: a function in PL/pgSQL with its caller's rights
create function f(x int) returns boolean language plpgsql stable as $$
declare found_one boolean;
begin
    if exists (select 1 from a where a.team = x) then
        return true;
    end if;
    return false;
end $$;
create policy p on a using (f(team));

-- shape: a function that calls a function
create function f(x int) returns boolean language sql stable as 'select exists (select 1 from a where a.team = x)';
create function g(x int) returns boolean language plpgsql stable as $$begin return f(x); end$$;
create policy p on a using (g(team));

-- shape: a function of its caller's rights within one of a superuser's
create function f(x int) returns boolean language sql stable as 'select exists (select 1 from a where a.team = x)';
create function g(x int) returns boolean language plpgsql stable security definer as $$begin return f(x); end$$;
create policy p on a using (g(team));

-- shape: a function that gives rows, with its caller's rights
create function f() returns setof int language sql stable as 'select team from a';
create policy p on a using (team in (select f()));

-- shape: a function in the way between two tables
create function f(x int) returns boolean language plpgsql stable as $$begin return exists (select 1 from a where a.team = x); end$$;
create policy p on a using (exists (select 1 from b where b.id = a.id));
create policy q on b using (f(team));

-- shape: a restrictive policy beside a permissive one
create policy p on a using (person = 'x');
create policy q on a as restrictive using (team in (select m.team from a m));

-- shape: a restrictive policy alone
create policy q on a as restrictive using (team in (select m.team from a m));

-- shape: a restrictive policy beside a permissive one for another command
create policy p on a for insert with check (person = 'x');
create policy q on a as restrictive using (team in (select m.team from a m));

-- shape: a restrictive policy beside a permissive one without a condition
create policy p on a for select;
create policy q on a as restrictive for select using (team in (select m.team from a m));

-- shape: each half of a ring for another role
create policy p on a to reader using (exists (select 1 from b where b.id = a.id));
create policy q on b to other using (exists (select 1 from a where a.id = b.id));

-- shape: a ring for one role, nothing for another
create policy p on a to reader using (exists (select 1 from b where b.id = a.id));
create policy q on b to reader using (exists (select 1 from a where a.id = b.id));
create policy s on a to other using (true);

-- shape: a ring for a group
create policy p on a to crew using (exists (select 1 from b where b.id = a.id));
create policy q on b to crew using (exists (select 1 from a where a.id = b.id));

-- shape: an INSERT that reads its own table, whose other policies hold no query
create policy p on a for insert with check (not exists (select 1 from a m where m.id = a.id + 1));
create policy q on a for select using (person = 'x');

-- shape: an INSERT that reads its own table, whose policy for SELECT asks who it is
create policy p on a for insert with check (not exists (select 1 from a m where m.id = a.id + 1));
create policy q on a for select using (person = 'x' or person = (select current_user::text));

-- shape: a policy for all commands that reads its own table in the check alone
create policy p on a using (person = 'x') with check (exists (select 1 from a m where m.team = a.team));

-- shape: an UPDATE that reads its own table, whose policy for SELECT holds no query
create policy p on a for update using (exists (select 1 from a m where m.team = a.team));
create policy q on a for select using (person = 'x');

-- shape: an UPDATE that reads its own table, whose policy for SELECT reads another
create policy p on a for update using (exists (select 1 from a m where m.team = a.team));
create policy q on a for select using (exists (select 1 from b where b.id = a.id));
create policy r on b using (person = 'x');

-- shape: a DELETE that reads its own table, whose policy for SELECT asks who it is
create policy p on a for delete using (exists (select 1 from a m where m.team = a.team));
create policy q on a for select using (person = (select current_user::text) or person = 'x');

-- shape: an UPDATE that reads a table whose policy for SELECT leads back
create policy p on a for update using (exists (select 1 from b where b.id = a.id)) with check (true);
create policy q on a for select using (person = 'x');
create policy r on b for select using (exists (select 1 from a where a.id = b.id));

-- shape: an INSERT policy is not asked by those who read
create policy p on a using (exists (select 1 from b where b.id = a.id));
create policy q on b for select using (person = 'x');
create policy r on b for insert with check (exists (select 1 from a where a.id = b.id));

-- shape: the owner of a table
alter table a owner to keeper;
create policy p on a using (team in (select m.team from a m));

-- shape: the owner of a table that forces row-level security
alter table a owner to keeper;
alter table a force row level security;
create policy p on a using (team in (select m.team from a m));

-- shape: a query in a WITH
create policy p on a using (exists (with t as (select m.team from a m) select 1 from t where t.team = a.team));

-- shape: a name of a WITH that is also a table's
create policy p on a using (exists (with b as (select 1 as id) select 1 from b where b.id = a.id));
create policy q on b using (exists (select 1 from a where a.id = b.id));

-- shape: a query in a CASE, behind a condition that is never true
create policy p on a using (case when person = 'never' then exists (select 1 from a m where m.id = a.id) else true end);

-- shape: a query in a query's target
create policy p on a using (team = (select (select max(m.team) from a m) from b limit 1));
create policy q on b using (true);

-- shape: policies that were changed
create policy p on a using (team in (select m.team from a m));
alter policy p on a using (person = 'x');
create policy q on b using (person = 'x');
alter policy q on b using (exists (select 1 from b m where m.id = b.id));

-- shape: a table that was given another name
create policy p on a using (exists (select 1 from b where b.id = a.id));
create policy q on b using (exists (select 1 from a where a.id = b.id));
alter table b rename to d;

-- shape: the parent of a partition
create table p (id int default 1, at int default 1) partition by list (at);
create table p1 partition of p for values in (1);
insert into p default values;
alter table p enable row level security;
grant all on p, p1 to public;
create policy s on p using (exists (select 1 from p m where m.id = p.id));

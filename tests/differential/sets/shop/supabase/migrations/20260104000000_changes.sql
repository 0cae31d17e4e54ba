-- Changes of what was there: renames, drops, owners, grants, and a transaction that is rolled back.
alter table order_notes rename to remarks;
alter table public.remarks rename column note to body;
alter policy "notes of all" on remarks rename to "remarks of all";
alter policy "remarks of all" on remarks to authenticated;
alter table orders add column shipped_by uuid references public.profiles on delete set null, drop constraint orders_seller_fk;
create index concurrently if not exists orders_shipped on orders (shipped_by) where shipped_by is not null;
alter table customers drop column ssn, alter column email set not null;

begin;
create table never (id int primary key);
insert into nowhere values (1);
create table never_too (id int primary key);
commit;

create schema private;
create table private.audit (id bigint primary key, at timestamptz default now());
grant usage on schema private to authenticated;
grant select (id), insert on private.audit to authenticated;
create role shop_reader nologin;
grant select on all tables in schema private to shop_reader;
alter default privileges in schema public revoke all on tables from anon;
alter default privileges in schema public revoke execute on functions from anon, public;
create table late (id uuid primary key default uuid_generate_v4(), parent uuid references late);
create function late_one() returns int language sql security definer set search_path = public as 'select 1';
set search_path = private, public;
create table in_private (id int primary key, shop_state order_state);
alter table in_private owner to shop_reader;
reset search_path;
drop view internal_view;
drop table if exists not_there;
create table like_orders (like orders including all);
create table wide (a int, b int, unique (a, b), unique (a, b), primary key (b));
alter table wide add constraint wide_pair exclude using btree (a with =);

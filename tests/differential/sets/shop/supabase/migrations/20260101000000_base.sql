-- People, orders and what belongs to them: keys, indexes and row-level security of the plain kind.
create extension if not exists citext;
create extension if not exists pg_trgm with schema extensions;
create type public.order_state as enum ('open', 'paid', 'sent');
create domain public.short_text as text check (length(value) < 40);

create table public.profiles (
  id uuid primary key references auth.users on delete cascade,
  handle citext unique,
  display_name public.short_text not null default '',
  created_at timestamptz not null default now()
);
alter table public.profiles enable row level security;
create policy "Own profile" on public.profiles for select using (auth.uid() = id);
create policy "Own profile, wrapped" on public.profiles for update to authenticated
  using ((select auth.uid()) = id) with check ((select auth.uid()) = id);
create policy profiles_staff on profiles for select to authenticated using (((auth.jwt() -> 'user_metadata') ->> 'staff') = 'true');

create table orders (
  id bigint generated always as identity primary key,
  buyer uuid not null references public.profiles (id),
  seller uuid,
  state order_state not null default 'open',
  amount numeric(12, 2) check (amount >= 0),
  constraint orders_seller_fk foreign key (seller) references profiles
);
create index orders_buyer on orders (buyer);
create index orders_buyer_again on public.orders using btree (buyer);
alter table orders enable row level security, force row level security;

create table order_items (
  order_id bigint,
  line smallint,
  product text not null,
  primary key (order_id, line),
  foreign key (order_id) references orders on delete cascade
);
create table order_notes (
  id serial primary key,
  order_id bigint,
  line smallint,
  note varchar(200),
  foreign key (order_id, line) references order_items (order_id, line)
);
create index on order_notes (line, order_id);
create index on order_notes (lower(note));
create policy "notes of all" on order_notes for all to anon, authenticated using (true) with check (true);

create table events (at timestamptz, what jsonb) partition by range (at);
create table events_2026 partition of events for values from ('2026-01-01') to ('2027-01-01');
create table customers (id uuid primary key default gen_random_uuid(), email text, ssn text, password text);

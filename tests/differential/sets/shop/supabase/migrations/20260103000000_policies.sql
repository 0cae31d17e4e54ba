-- Policies that pile up, are always true, or stand on a table that does not enforce them.
alter table order_notes enable row level security;
create policy "notes: insert" on order_notes for insert to authenticated with check (true);
create policy "notes: insert again" on order_notes for insert to authenticated with check ((select auth.role()) = 'authenticated');
create policy restrictive_one on order_notes as restrictive for select to authenticated using (order_id is not null);
create policy items_readable on order_items for select to public using (current_setting('app.tenant', true) = product);

create table blank (id int primary key);
alter table blank enable row level security;
insert into storage.buckets (id, name, public) values ('avatars', 'avatars', true);
create policy "Avatars can be listed" on storage.objects for select using (bucket_id = 'avatars');
create table phones (phone text references auth.users (phone), kind regclass, proc regproc);
select pgmq_missing();

do $$
begin
  if not exists (select 1 from pg_policies where policyname = 'phones_read') then
    create policy phones_read on public.phones for select using (true);
  end if;
  execute 'alter table public.phones enable row level security';
end
$$;

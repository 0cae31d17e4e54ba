-- Functions and views with and without what makes them safe.
create function public.new_profile() returns trigger language plpgsql security definer as $$
begin
  insert into public.profiles (id) values (new.id);
  return new;
end;
$$;
create trigger on_user after insert on auth.users for each row execute function public.new_profile();

create or replace function total(_buyer uuid, at_most integer default 10) returns numeric
  language sql stable security definer set search_path = '' as $$ select sum(amount) from public.orders where buyer = _buyer $$;
create function total(text) returns numeric language sql as 'select 0::numeric';
create function hidden(in a int, out b int, variadic c text[]) language sql security definer as 'select 1';
revoke execute on function hidden(int, text[]) from public, anon, authenticated;
create procedure close_orders() language sql as $$ update public.orders set state = 'sent' where state = 'paid' $$;
create aggregate public.last_text (text) (sfunc = textcat, stype = text);
alter function total(text) set search_path to public, pg_temp;
alter function public.new_profile() rename to make_profile;

create view order_totals as select buyer, sum(amount) as total from orders group by buyer;
create view order_totals_safe with (security_invoker = on) as select buyer, sum(amount) as total from orders group by buyer;
create view people as select u.id, u.email from auth.users u;
create materialized view daily as select date_trunc('day', created_at) as day, count(*) as n from profiles group by 1;
create unique index daily_day on daily (day);
create view internal_view as select 1 as one;
revoke all on internal_view from anon, authenticated;

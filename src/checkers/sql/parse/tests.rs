//! Owns the tests of the parser: what is read, and what is refused.

use super::script::{Script, What};
use super::split;
use crate::model::place::{Point, Span};

fn read(sql: &str) -> Script {
    let point = |at: usize| Point {
        line: u32::try_from(sql[..at].matches('\n').count() + 1).expect("a short text"),
        column: 1,
    };
    split::script(sql, |range| Span {
        start: point(range.start),
        end: point(range.end),
    })
}

/// Every statement is understood.
fn check(sql: &str) {
    for piece in read(sql).pieces {
        assert!(
            matches!(piece.what, What::Statement(_) | What::Meta(_)),
            "{:?}\n{sql}",
            piece.what
        );
    }
}

#[test]
fn statements_are_read() {
    for sql in [
        "create table a (id bigint generated always as identity primary key, b text not null default 'x'::text references c(d) on delete cascade, unique (b), constraint q check (b <> ''), exclude using gist (b with =))",
        "create policy \"x y\" on public.a as restrictive for update to authenticated, anon using ((select auth.uid()) = user_id) with check (true)",
        "select ((select 1) + 1), ((select 2)), (select 3)::int from a left join (b cross join c) on true join lateral f(1) with ordinality as g(x, n) on (x = 1)",
        "create function f(a int, out b text, variadic c text[] default '{}') returns setof text language plpgsql security definer set search_path = '' as $$ begin if a > 1 then perform g(); else return next b; end if; for r in select * from t loop execute format('x %s', r.a) using 1; end loop; exception when others then raise notice 'x'; end $$",
        "create function f() returns int begin atomic; select case when true then 1 end; end; select 1",
        "do $$ declare x text := 'a'; begin create table if not exists t (id int); end $$",
        "grant select (a, b), insert on table public.t to anon with grant option; revoke all on all functions in schema public from public; grant a to b",
        "alter default privileges for role postgres in schema public grant all on tables to anon",
        "create unique index concurrently if not exists i on public.t using btree (lower(a) desc nulls last, (b || 'x'), c text_pattern_ops) include (d) where a is not null",
        "alter table only public.t add column if not exists a int, alter column b type text using b::text, drop constraint if exists c cascade, enable row level security",
        "insert into storage.buckets (id, name, public) values ('a', 'a', true) on conflict (id) do update set public = excluded.public",
        "select a between 1 and 2 and b not in (1, 2) or not c is null, d at time zone 'utc', e[1:2], (f).g, h #>> '{a}', -1 ^ 2, extract(epoch from now()), position('a' in b), interval '1 day', timestamp with time zone '2020-01-01', x is not distinct from y, array[[1],[2]], count(*) filter (where a) over (partition by b order by c rows between unbounded preceding and current row)",
        "copy a (b) from stdin;\n1\tx;y\n\\.\nselect 1",
        "\\connect x\nbegin; savepoint a; rollback to a; commit",
        "create view v with (security_invoker = on) as with x as (select 1 as a union all select 2) select * from x order by a desc limit 1",
        "alter publication supabase_realtime add table public.a, b; create trigger t after insert or update of a on x for each row when (new.a is not null) execute function f('a')",
        "create table p (a int) partition by range (a); create table p1 partition of p for values from (1) to (2); create table q (like p including all)",
        "set local role anon; set search_path to public, extensions; reset all; alter function f(int, text[]) set search_path = public",
    ] {
        check(sql);
    }
}

#[test]
fn what_is_deep_or_open_is_refused_and_the_rest_goes_on() {
    for sql in [
        format!(
            "select {}1{};select 1",
            "(".repeat(100_000),
            ")".repeat(100_000)
        ),
        format!("select {}1;select 1", "(".repeat(100_000)),
        format!("select {}1;select 1", "not ".repeat(100_000)),
        format!("select 1{};select 1", "+1".repeat(100_000)),
        format!(
            "select {}1{};select 1",
            "case when true then ".repeat(10_000),
            " end".repeat(10_000)
        ),
        format!("select {}1;select 1", "- ".repeat(100_000)),
        format!("do $$ begin {} end $$;select 1", "begin ".repeat(10_000)),
        format!("select 1 from {}a;select 1", "(".repeat(100_000)),
        format!(
            "select 1 from a {};select 1",
            "join b on true ".repeat(10_000)
        ),
        format!(
            "select {}1{};select 1",
            "(select ".repeat(1_000),
            ")".repeat(1_000)
        ),
        format!(
            "select {}1{};select 1",
            "((select ".repeat(90),
            ") + 1)".repeat(90)
        ),
        format!("select a{};select 1", "::int".repeat(10_000)),
        format!("select a{};select 1", "[1]".repeat(10_000)),
    ] {
        let script = read(&sql);
        assert!(!script.pieces.is_empty());
    }
    let open = read("select 'a;\nselect 1");
    assert!(matches!(open.pieces[0].what, What::Unread(_)));
    let wrong = read("selec 1; select 1");
    assert!(matches!(wrong.pieces[0].what, What::Unread(_)));
    assert!(matches!(wrong.pieces[1].what, What::Statement(_)));
    let chain = read(&format!("select true{}", " or a = 1".repeat(10_000)));
    assert!(matches!(chain.pieces[0].what, What::Statement(_)));
}

/// Statements that the server takes, and such as it does not: `tests/differential` asks a server about the same.
#[test]
fn statements_are_taken_and_refused_as_by_the_server() {
    let taken = include_str!("../../../../tests/differential/grammar/taken.sql");
    let refused = include_str!("../../../../tests/differential/grammar/refused.sql");
    let mut wrong = Vec::new();
    for (text, wanted) in [(taken, true), (refused, false)] {
        for piece in read(text).pieces {
            let statement = &text[piece.bytes.0 as usize..piece.bytes.1 as usize];
            let is = matches!(piece.what, What::Statement(_));
            if is != wanted {
                wrong.push(format!("{statement}: {:?}", piece.what));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

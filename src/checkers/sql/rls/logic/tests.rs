//! Conditions and what they come to.

use super::super::super::catalog::Origin;
use super::super::super::catalog::relation::{Column, RelKind};
use super::super::super::parse::script::What;
use super::super::super::parse::split;
use super::super::super::parse::statement::Statement;
use super::*;
use crate::model::place::Span;

/// What a condition comes to for a caller: at most, and for sure.
fn check(condition: &str, caller: Caller, at_most: &str, for_sure: &str) {
    let span = Span::at(1, 1);
    let script = split::script(&format!("create policy p on t using ({condition})"), |_| {
        span
    });
    let What::Statement(statement) = &script.pieces[0].what else {
        panic!("{condition} is read");
    };
    let Statement::CreatePolicy(policy) = &**statement else {
        panic!("it is a policy");
    };
    let origin = Origin { file: None, span };
    let mut relation = Relation::new(1, "public", "t", RelKind::Table, origin);
    for (name, not_null) in [("id", true), ("owner", false), ("flag", true)] {
        relation.columns.push(Column {
            name: name.to_owned(),
            not_null,
            ..Column::default()
        });
    }
    let mut logic = Logic {
        catalog: &Catalog::default(),
        relation: &relation,
        path: &["public".to_owned()],
        caller,
        roles: true,
        reading: Reading::AtMost,
        inside: false,
    };
    let using = policy.using.as_ref().expect("it has a condition");
    let shown = |outcomes: Outcomes| {
        let each = outcomes.each().map(|one| match one {
            TRUE => 't',
            FALSE => 'f',
            _ => 'n',
        });
        each.collect::<String>()
    };
    assert_eq!(shown(logic.outcomes(using)), at_most, "{condition}");
    logic.reading = Reading::ForSure;
    assert_eq!(shown(logic.outcomes(using)), for_sure, "{condition}");
}

#[test]
fn constants() {
    for always in [
        "true",
        "true or owner = 'x'",
        "'a' = 'a'",
        "not false",
        "(select true)",
        "'t'::boolean",
        "id = id",
        "1 in (1, 2)",
        "coalesce(null, true)",
        "case when true then true else flag end",
        "id is not null",
    ] {
        check(always, Caller::Anyone, "t", "t");
    }
    check("owner = owner", Caller::Anyone, "tfn", "tfn");
    check("false and flag", Caller::Anyone, "f", "f");
    check("flag", Caller::Anyone, "tf", "tf");
    check("null", Caller::Anyone, "n", "n");
    check("my_function()", Caller::Anyone, "tfn", "");
    check("my_function() or true", Caller::Anyone, "t", "t");
    check("not my_function()", Caller::Anyone, "tfn", "");
}

#[test]
fn callers() {
    let nobody = |condition, at_most, for_sure| check(condition, Caller::Nobody, at_most, for_sure);
    nobody("auth.uid() = owner", "n", "n");
    nobody("auth.uid() is null", "t", "t");
    nobody("auth.uid() is null or owner = auth.uid()", "t", "t");
    nobody("(select auth.uid()) is not null and flag", "f", "f");
    nobody("auth.uid() is distinct from id", "t", "t");
    nobody("auth.uid() is distinct from owner", "tf", "tf");
    nobody("coalesce(auth.uid()::text, '') = ''", "t", "t");
    nobody(
        "nullif(current_setting('app.user', true), '')::uuid = id",
        "n",
        "n",
    );
    nobody("auth.role() = 'anon'", "t", "t");
    nobody("auth.role() in ('authenticated', 'service_role')", "f", "f");
    nobody("auth.jwt() ->> 'role' = 'anon'", "t", "t");
    nobody(
        "(auth.jwt() -> 'app_metadata' ->> 'admin')::boolean",
        "n",
        "n",
    );
    nobody("flag or auth.uid() = owner", "tn", "tn");
    nobody("owner is null", "tf", "tf");
    nobody(
        "exists (select 1 from m where m.person = auth.uid())",
        "f",
        "f",
    );
    nobody(
        "owner in (select m.id from m where m.person = auth.uid())",
        "f",
        "f",
    );
    nobody("owner in (select my_teams())", "tfn", "");
    nobody("exists (select 1 from m where m.open)", "tf", "");
    nobody(
        "exists (select count(*) from m where m.person = auth.uid())",
        "t",
        "t",
    );
    nobody(
        "(select count(*) from m where m.person = auth.uid()) = 0",
        "tfn",
        "",
    );
    nobody(
        "id = any ((select array_agg(m.id) from m where m.person = auth.uid())::uuid[])",
        "tfn",
        "",
    );
    nobody(
        "id = any (select m.id from m where m.person = auth.uid())",
        "f",
        "f",
    );
    let somebody = |condition, at_most| check(condition, Caller::Somebody, at_most, at_most);
    somebody("auth.role() = 'authenticated'", "t");
    somebody("auth.uid() is not null", "t");
    somebody("auth.uid() = id", "tf");
    somebody("auth.uid() is null", "f");
}

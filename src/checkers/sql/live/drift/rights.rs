//! Owns the comparison of policies and of rights.

use std::collections::BTreeSet;

use super::super::super::catalog::Origin;
use super::super::super::catalog::acl::{self, Acl};
use super::super::super::catalog::relation::Policy;
use super::super::super::fold::Doubt;
use super::super::normal;
use super::words::{command, rights, roles};
use super::{Comparison, Named, Side};

impl Comparison<'_> {
    pub(super) fn policies(&mut self, name: &str, sides: (&Named<'_, Policy>, &Named<'_, Policy>)) {
        let shown = |policy: &str| format!("the policy `{policy}` of {name}");
        let both = self.pair(name, sides, &shown, Doubt::Policies, &|policy: &Policy| {
            Some(policy.origin)
        });
        for (made, live) in both {
            let mut detail = Vec::new();
            if made.command != live.command {
                detail.push(format!(
                    "it is for {} in the database, and for {} by the migrations",
                    command(live.command),
                    command(made.command)
                ));
            }
            if made.permissive != live.permissive {
                let kind = |yes: bool| if yes { "permissive" } else { "restrictive" };
                detail.push(format!(
                    "it is {} in the database, and {} by the migrations",
                    kind(live.permissive),
                    kind(made.permissive)
                ));
            }
            let (is, should) = (roles(&live.roles), roles(&made.roles));
            if is != should {
                detail.push(format!(
                    "it is for the roles {is} in the database, and for {should} by the migrations"
                ));
            }
            for (word, is, should) in [
                ("USING", &live.using, &made.using),
                ("WITH CHECK", &live.check, &made.check),
            ] {
                if normal::differ(should.as_ref(), is.as_ref()) {
                    detail.push(format!("{word} says something else in the database"));
                }
            }
            if !detail.is_empty() {
                let what = shown(&made.name);
                let origin = Some(made.origin);
                self.differs(
                    name,
                    what,
                    Side::Both,
                    detail.join("; "),
                    Doubt::Policies,
                    origin,
                );
            }
        }
    }

    pub(super) fn rights(
        &mut self,
        object: &str,
        on: &str,
        acls: (&Acl, &Acl),
        owners: [&str; 2],
        doubt: Doubt,
        origin: Option<Origin>,
    ) {
        let (made, live) = acls;
        let roles: BTreeSet<&str> = made
            .entries()
            .chain(live.entries())
            .map(|(role, _)| role)
            .collect();
        // Who is not there may do nothing: roles belong to the server, and migrations seldom make them.
        let there = |role: &&str| *role == acl::PUBLIC || self.live.roles.contains_key(*role);
        let roles: Vec<&str> = roles.into_iter().filter(there).collect();
        for role in roles.into_iter().filter(|role| !owners.contains(role)) {
            let (is, should) = (live.of(role), made.of(role));
            if is == should {
                continue;
            }
            let who = if role == acl::PUBLIC { "public" } else { role };
            let what = format!("what {who} may do with {on}");
            let detail = format!(
                "it is {} in the database, and {} by the migrations",
                rights(is),
                rights(should)
            );
            self.differs(object, what, Side::Both, detail, doubt, origin);
        }
    }
}

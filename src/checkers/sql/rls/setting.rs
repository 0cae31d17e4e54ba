//! Owns the rules on settings that policies read.

use super::super::catalog::relation::{Policy, Relation};
use super::super::parse::expr::Expr;
use super::names::Names;
use super::{Rls, conditions};

/// Settings of the server that a policy may want.
const OF_SERVER: [&str; 12] = [
    "application_name",
    "default_transaction_read_only",
    "is_superuser",
    "role",
    "row_security",
    "search_path",
    "server_version",
    "server_version_num",
    "session_authorization",
    "timezone",
    "transaction_isolation",
    "transaction_read_only",
];

impl Rls<'_> {
    /// What is to be said of `current_setting` in a policy.
    pub(super) fn settings(&mut self, relation: &Relation, policy: &Policy) {
        let (mut strict, mut bare) = (None, None);
        for expr in conditions(policy) {
            let mut names = Names::of(self.catalog, &policy.path, relation);
            names.walk(expr, &mut |expr, _| {
                let Expr::Call(call) = expr else { return };
                let is = call
                    .name
                    .last()
                    .is_some_and(|name| name == "current_setting");
                let Some(Expr::Text(name)) = call.args.first().filter(|_| is) else {
                    return;
                };
                let of_server = OF_SERVER.contains(&name.to_lowercase().as_str());
                if !name.contains('.') && !of_server {
                    bare = Some(name.clone());
                } else if call.args.len() == 1 && !of_server {
                    strict = Some(name.clone());
                }
            });
        }
        if let Some(name) = bare {
            let says = format!(
                "reads the setting `{name}`, and no setting of one's own can be called so: it needs a dot"
            );
            self.on_policy("cs_unqualified_name", relation, policy, &says);
        } else if let Some(name) = strict {
            let says = format!("fails where the setting `{name}` was never set");
            self.on_policy("cs_missing_ok", relation, policy, &says);
        }
    }
}

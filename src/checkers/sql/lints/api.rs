//! Owns the lints on what the API shows.

use super::super::catalog::relation::{RelKind, Relation, Use};
use super::View;

/// Names of columns that should not be shown to everybody.
pub const SENSITIVE: &str = "password passwd pwd passphrase secret secret_key private_key api_key apikey auth_key token jwt \
access_token refresh_token oauth_token session_token bearer_token auth_code session_id session_key session_secret \
recovery_code backup_code verification_code otp two_factor 2fa_secret 2fa_code ssn social_security \
social_security_number driver_license drivers_license license_number passport_number passport_id national_id tax_id \
credit_card card_number cvv cvc cvn bank_account account_number routing_number iban swift_code bic health_record \
medical_record patient_id insurance_number health_insurance medical_insurance treatment mac_address macaddr imei \
device_uuid pgp_key gpg_key ssh_key certificate license_key activation_key facial_recognition";

/// The columns of a relation that should not be shown to everybody.
#[must_use]
pub fn sensitive(relation: &Relation) -> Vec<&str> {
    let all = relation.columns.iter().map(|column| column.name.as_str());
    all.filter(|name| {
        let name = name.to_lowercase().replace('-', "_");
        SENSITIVE.split(' ').any(|word| word == name)
    })
    .collect()
}

impl View<'_> {
    /// Tables and views that the API shows.
    #[expect(clippy::too_many_lines, reason = "one paragraph for each lint")]
    pub(super) fn api(&mut self) {
        let path = ["auth".to_owned()];
        let users = self.catalog.find_relation(&vec!["users".to_owned()], &path);
        let users_rls = users
            .and_then(|oid| self.catalog.relation(oid))
            .is_some_and(|relation| relation.rls);
        let graphql = self.catalog.extensions.contains_key("pg_graphql");
        for relation in self.catalog.sorted() {
            let (schema, table) = (&relation.schema, &relation.name);
            let key = |lint: &str| format!("{lint}_{schema}_{table}");
            let own = relation.extension.is_none();
            let shown = self.is_exposed(schema) && self.is_readable(relation);
            if shown && relation.kind == RelKind::Table && !relation.rls {
                let headline =
                    format!("{schema}.{table} is open to the API, and row-level security is off");
                self.hit(
                    "rls_disabled_in_public",
                    key("rls_disabled_in_public"),
                    relation.shown(),
                    headline,
                    relation.origin,
                );
                let sensitive = sensitive(relation);
                if !sensitive.is_empty() {
                    let headline = format!(
                        "{schema}.{table} is open to the API with {}",
                        sensitive.join(", ")
                    );
                    self.hit(
                        "sensitive_columns_exposed",
                        key("sensitive_columns_exposed"),
                        relation.shown(),
                        headline,
                        relation.origin,
                    );
                }
            }
            if shown && own && relation.kind == RelKind::View && !relation.is_invoker() {
                let headline =
                    format!("the view {schema}.{table} runs with the rights of its owner");
                self.hit(
                    "security_definer_view",
                    key("security_definer_view"),
                    relation.shown(),
                    headline,
                    relation.origin,
                );
            }
            if shown && own && relation.kind == RelKind::MaterializedView {
                let headline = format!("the materialized view {schema}.{table} is open to the API");
                self.hit(
                    "materialized_view_in_api",
                    key("materialized_view_in_api"),
                    relation.shown(),
                    headline,
                    relation.origin,
                );
            }
            if shown && own && relation.kind == RelKind::Foreign {
                let headline = format!("the foreign table {schema}.{table} is open to the API");
                self.hit(
                    "foreign_table_in_api",
                    key("foreign_table_in_api"),
                    relation.shown(),
                    headline,
                    relation.origin,
                );
            }
            let on_users = users.is_some_and(|users| {
                relation.uses.iter().any(|used| match used {
                    Use::Relation(oid) | Use::Column(oid, _) => *oid == users,
                    Use::Function(_) => false,
                })
            });
            let exposed =
                self.exposed.iter().any(|exposed| exposed == schema) && self.is_readable(relation);
            let insecure = relation.kind == RelKind::MaterializedView
                || relation.kind == RelKind::View && (!relation.is_invoker() || !users_rls);
            if on_users && exposed && insecure {
                let headline = format!("{schema}.{table} shows auth.users to the API");
                self.hit(
                    "auth_users_exposed",
                    key("auth_users_exposed"),
                    relation.shown(),
                    headline,
                    relation.origin,
                );
            }
            let selectable = matches!(
                relation.kind,
                RelKind::Table | RelKind::View | RelKind::MaterializedView | RelKind::Foreign
            );
            if graphql && selectable && !Self::is_platform(schema) {
                for (role, lint) in [
                    ("anon", "pg_graphql_anon_table_exposed"),
                    ("authenticated", "pg_graphql_authenticated_table_exposed"),
                ] {
                    let reads = self.catalog.selects_any(role, relation)
                        || relation.external && self.catalog.selects(role, relation);
                    if self.has(role) && reads {
                        let headline = format!("GraphQL shows {schema}.{table} to {role}");
                        self.hit(lint, key(lint), relation.shown(), headline, relation.origin);
                    }
                }
            }
            let queue = schema == "pgmq" && table.starts_with('q') && table.len() >= 2;
            let served = self.exposed.iter().any(|exposed| exposed == "pgmq_public");
            if queue
                && served
                && relation.kind == RelKind::Table
                && !relation.rls
                && self.is_readable(relation)
            {
                let headline =
                    format!("the queue {table} is open to the API, and row-level security is off");
                self.hit(
                    "insecure_queue_exposed_in_api",
                    key("rls_disabled_in_public"),
                    relation.shown(),
                    headline,
                    relation.origin,
                );
            }
        }
    }
}

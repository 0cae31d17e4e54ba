//! Owns the table of rules: the id, the severity and the help of each lint, and which doubts bear on it.

use super::fold::Doubt;
use crate::model::rule::Rule;
use crate::rule;

macro_rules! rules {
    ($($name:ident $lint:literal $id:literal $severity:ident $([$($doubt:ident)*])? $help:literal)*) => {
        $(static $name: Rule = rule!($id, $severity, "2026-11");)*

        /// Every rule.
        pub const ALL: &[&Rule] = &[$(&$name),*];

        /// The rule of a lint, and what mends it.
        pub fn of(lint: &str) -> Option<(&'static Rule, &'static str)> {
            match lint {
                $($lint => Some((&$name, $help)),)*
                _ => None,
            }
        }

        /// The doubts that bear on a lint, besides [`Doubt::Everything`]; `None`: all of them do.
        fn own_doubts(lint: &str) -> Option<&'static [Doubt]> {
            match lint {
                $($($lint => Some(&[$(Doubt::$doubt),*]),)?)*
                _ => None,
            }
        }

        /// The rules on which one of these doubts bears.
        pub fn open(doubts: &[Doubt]) -> Vec<&'static str> {
            let all = [$(($lint, $id)),*];
            all.iter().filter(|(lint, _)| is_touched(lint, doubts)).map(|(_, id)| *id).collect()
        }
    };
}

/// Does one of these doubts bear on the lint?
pub fn is_touched<'a>(lint: &str, doubts: impl IntoIterator<Item = &'a Doubt>) -> bool {
    let own = own_doubts(lint);
    let bears =
        |doubt: &Doubt| *doubt == Doubt::Everything || own.is_none_or(|own| own.contains(doubt));
    doubts.into_iter().any(bears)
}

rules! {
    AUTH_USERS_EXPOSED "auth_users_exposed" "auth-users-exposed" High [TableRights]
        "copy the columns that may be seen into a table of your own, or take SELECT from anon and authenticated"
    AUTH_RLS_INITPLAN "auth_rls_initplan" "auth-rls-initplan" Medium [Policies RowSecurity]
        "write (select auth.uid()) instead of auth.uid(), so that it is asked once for each query"
    NO_PRIMARY_KEY "no_primary_key" "no-primary-key" Low [Tables Indexes]
        "add a primary key"
    UNINDEXED_FOREIGN_KEYS "unindexed_foreign_keys" "unindexed-foreign-keys" Low [Tables Indexes]
        "create an index whose first columns are those of the key, in its order"
    MULTIPLE_PERMISSIVE_POLICIES "multiple_permissive_policies" "multiple-permissive-policies" Low [Policies Roles]
        "join the policies with OR in one, or make one of them restrictive"
    POLICY_EXISTS_RLS_DISABLED "policy_exists_rls_disabled" "policy-exists-rls-disabled" High [Policies RowSecurity]
        "alter table ... enable row level security"
    RLS_ENABLED_NO_POLICY "rls_enabled_no_policy" "rls-enabled-no-policy" Low [Policies RowSecurity]
        "create a policy for each command that somebody needs, or waive the finding where nobody but the owner may read"
    DUPLICATE_INDEX "duplicate_index" "duplicate-index" Medium [Indexes]
        "drop all but one"
    SECURITY_DEFINER_VIEW "security_definer_view" "security-definer-view" High [TableRights]
        "alter view ... set (security_invoker = on)"
    FUNCTION_SEARCH_PATH_MUTABLE "function_search_path_mutable" "function-search-path-mutable" Medium [Functions]
        "alter function ... set search_path = '', and qualify the names in its body"
    RLS_DISABLED_IN_PUBLIC "rls_disabled_in_public" "rls-disabled-in-public" High [Tables TableRights RowSecurity]
        "alter table ... enable row level security, and create policies"
    EXTENSION_IN_PUBLIC "extension_in_public" "extension-in-public" Low [Extensions]
        "create extension ... with schema extensions"
    RLS_REFERENCES_USER_METADATA "rls_references_user_metadata" "rls-references-user-metadata" High [Policies]
        "use app_metadata, which users cannot change"
    MATERIALIZED_VIEW_IN_API "materialized_view_in_api" "materialized-view-in-api" Medium [TableRights]
        "revoke select on it from anon and authenticated"
    FOREIGN_TABLE_IN_API "foreign_table_in_api" "foreign-table-in-api" Medium [TableRights]
        "revoke select on it from anon and authenticated, or move it into a schema that the API does not serve"
    UNSUPPORTED_REG_TYPES "unsupported_reg_types" "unsupported-reg-types" Medium [Tables]
        "use text or oid instead: an upgrade of the server fails on this type"
    INSECURE_QUEUE_EXPOSED_IN_API "insecure_queue_exposed_in_api" "insecure-queue-exposed-in-api" High [Tables TableRights RowSecurity]
        "alter table ... enable row level security on the queue"
    FKEY_TO_AUTH_UNIQUE "fkey_to_auth_unique" "fkey-to-auth-unique" High [Tables Indexes]
        "refer to the primary key of the table in auth"
    SENSITIVE_COLUMNS_EXPOSED "sensitive_columns_exposed" "sensitive-columns-exposed" High [Tables TableRights RowSecurity]
        "alter table ... enable row level security, or move the columns away"
    RLS_POLICY_ALWAYS_TRUE "rls_policy_always_true" "rls-policy-always-true" Medium [Policies RowSecurity]
        "write a condition on the caller, or give the policy to service_role alone"
    PUBLIC_BUCKET_ALLOWS_LISTING "public_bucket_allows_listing" "public-bucket-allows-listing" Medium [Policies Rows]
        "drop the policy: a public bucket serves its objects without it"
    PG_GRAPHQL_ANON "pg_graphql_anon_table_exposed" "pg-graphql-anon-table-exposed" Info [TableRights Extensions]
        "revoke select on it from anon, or drop the extension pg_graphql"
    PG_GRAPHQL_AUTHENTICATED "pg_graphql_authenticated_table_exposed" "pg-graphql-authenticated-table-exposed" Info [TableRights Extensions]
        "revoke select on it from authenticated, or drop the extension pg_graphql"
    ANON_DEFINER "anon_security_definer_function_executable" "anon-security-definer-function-executable" Medium [Functions FunctionRights]
        "revoke execute on it from anon and public, or make it security invoker"
    AUTHENTICATED_DEFINER "authenticated_security_definer_function_executable"
        "authenticated-security-definer-function-executable" Low [Functions FunctionRights]
        "revoke execute on it from authenticated and public, or make it security invoker"
    RLS_RECURSION "rls_recursion" "rls-recursion" High [Policies RowSecurity Functions]
        "move the inner query into a security definer function whose owner bypasses row-level security"
    SQL_SYNTAX "sql_syntax" "sql-syntax" Medium []
        "write it as PostgreSQL reads it"
    SQL_UNDECIDED "sql_undecided" "sql-undecided" Info []
        "make the object in a migration, or write the statement without EXECUTE"
}

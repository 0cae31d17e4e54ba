//! Owns the table of rules: the id, the severity and the help of each lint.

use crate::model::rule::Rule;
use crate::rule;

macro_rules! rules {
    ($($name:ident $lint:literal $id:literal $severity:ident $help:literal)*) => {
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
    };
}

rules! {
    AUTH_USERS_EXPOSED "auth_users_exposed" "auth-users-exposed" High
        "copy the columns that may be seen into a table of your own, or take SELECT from anon and authenticated"
    AUTH_RLS_INITPLAN "auth_rls_initplan" "auth-rls-initplan" Medium
        "write (select auth.uid()) instead of auth.uid(), so that it is asked once for each query"
    NO_PRIMARY_KEY "no_primary_key" "no-primary-key" Low
        "add a primary key"
    UNINDEXED_FOREIGN_KEYS "unindexed_foreign_keys" "unindexed-foreign-keys" Low
        "create an index whose first columns are those of the key, in its order"
    MULTIPLE_PERMISSIVE_POLICIES "multiple_permissive_policies" "multiple-permissive-policies" Low
        "join the policies with OR in one, or make one of them restrictive"
    POLICY_EXISTS_RLS_DISABLED "policy_exists_rls_disabled" "policy-exists-rls-disabled" High
        "alter table ... enable row level security"
    RLS_ENABLED_NO_POLICY "rls_enabled_no_policy" "rls-enabled-no-policy" Low
        "create a policy for each command that somebody needs, or waive the finding where nobody but the owner may read"
    DUPLICATE_INDEX "duplicate_index" "duplicate-index" Medium
        "drop all but one"
    SECURITY_DEFINER_VIEW "security_definer_view" "security-definer-view" High
        "alter view ... set (security_invoker = on)"
    FUNCTION_SEARCH_PATH_MUTABLE "function_search_path_mutable" "function-search-path-mutable" Medium
        "alter function ... set search_path = '', and qualify the names in its body"
    RLS_DISABLED_IN_PUBLIC "rls_disabled_in_public" "rls-disabled-in-public" High
        "alter table ... enable row level security, and create policies"
    EXTENSION_IN_PUBLIC "extension_in_public" "extension-in-public" Low
        "create extension ... with schema extensions"
    RLS_REFERENCES_USER_METADATA "rls_references_user_metadata" "rls-references-user-metadata" High
        "use app_metadata, which users cannot change"
    MATERIALIZED_VIEW_IN_API "materialized_view_in_api" "materialized-view-in-api" Medium
        "revoke select on it from anon and authenticated"
    FOREIGN_TABLE_IN_API "foreign_table_in_api" "foreign-table-in-api" Medium
        "revoke select on it from anon and authenticated, or move it into a schema that the API does not serve"
    UNSUPPORTED_REG_TYPES "unsupported_reg_types" "unsupported-reg-types" Medium
        "use text or oid instead: an upgrade of the server fails on this type"
    INSECURE_QUEUE_EXPOSED_IN_API "insecure_queue_exposed_in_api" "insecure-queue-exposed-in-api" High
        "alter table ... enable row level security on the queue"
    FKEY_TO_AUTH_UNIQUE "fkey_to_auth_unique" "fkey-to-auth-unique" High
        "refer to the primary key of the table in auth"
    SENSITIVE_COLUMNS_EXPOSED "sensitive_columns_exposed" "sensitive-columns-exposed" High
        "alter table ... enable row level security, or move the columns away"
    RLS_POLICY_ALWAYS_TRUE "rls_policy_always_true" "rls-policy-always-true" Medium
        "write a condition on the caller, or give the policy to service_role alone"
    PUBLIC_BUCKET_ALLOWS_LISTING "public_bucket_allows_listing" "public-bucket-allows-listing" Medium
        "drop the policy: a public bucket serves its objects without it"
    PG_GRAPHQL_ANON "pg_graphql_anon_table_exposed" "pg-graphql-anon-table-exposed" Info
        "revoke select on it from anon, or drop the extension pg_graphql"
    PG_GRAPHQL_AUTHENTICATED "pg_graphql_authenticated_table_exposed" "pg-graphql-authenticated-table-exposed" Info
        "revoke select on it from authenticated, or drop the extension pg_graphql"
    ANON_DEFINER "anon_security_definer_function_executable" "anon-security-definer-function-executable" Medium
        "revoke execute on it from anon and public, or make it security invoker"
    AUTHENTICATED_DEFINER "authenticated_security_definer_function_executable"
        "authenticated-security-definer-function-executable" Low
        "revoke execute on it from authenticated and public, or make it security invoker"
    RLS_RECURSION "rls_recursion" "rls-recursion" High
        "move the inner query into a security definer function whose owner bypasses row-level security"
    SQL_SYNTAX "sql_syntax" "sql-syntax" Medium
        "write it as PostgreSQL reads it"
    SQL_UNDECIDED "sql_undecided" "sql-undecided" Info
        "make the object in a migration, or write the statement without EXECUTE"
}

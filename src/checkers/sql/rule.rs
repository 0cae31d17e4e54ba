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
    RLS_NOT_FORCED "rls_not_forced" "rls-not-forced" Medium
        "alter table ... force row level security, or connect as a role that owns nothing"
    RLS_FORCE_WITHOUT_ENABLE "rls_force_without_enable" "rls-force-without-enable" High
        "alter table ... enable row level security"
    RLS_COMMAND_GAP "rls_command_gap" "rls-command-gap" Info
        "create the policy, or revoke the right"
    RLS_ONLY_RESTRICTIVE "rls_only_restrictive" "rls-only-restrictive" Medium
        "write a permissive policy beside it, or drop `as restrictive`"
    RLS_ANON_WRITE "rls_anon_write" "rls-anon-write" High
        "give the policy `to authenticated`, and ask for the caller in its condition"
    RLS_INSERT_EXPOSED_NO_RLS "rls_insert_exposed_no_rls" "rls-insert-exposed-no-rls" High
        "alter table ... enable row level security, and create a policy for what is meant"
    RLS_CHECK_TRUE_USING_STRICT "rls_check_true_using_strict" "rls-check-true-using-strict" Medium
        "leave `with check` out, or write the condition there too"
    RLS_TAUTOLOGY "rls_tautology" "rls-tautology" Medium
        "qualify the outer column with its table, or write what is meant"
    RLS_INVERTED_AUTH "rls_inverted_auth" "rls-inverted-auth" High
        "write `auth.uid() is not null and ...`, and give the policy `to authenticated`"
    RLS_AUTHENTICATED_ONLY_CHECK "rls_authenticated_only_check" "rls-authenticated-only-check" Info
        "ask for the caller's own rows, or write `to authenticated using (true)`"
    RLS_ROLE_TYPO "rls_role_typo" "rls-role-typo" Medium
        "ask auth.jwt() -> 'app_metadata', or a table of members"
    RLS_NO_OWN_COLUMN "rls_no_own_column" "rls-no-own-column" Medium
        "compare a column of the table with the caller"
    RLS_UNCORRELATED_EXISTS "rls_uncorrelated_exists" "rls-uncorrelated-exists" High
        "tie the query to the row or to the caller"
    RLS_USER_METADATA_ANY "rls_user_metadata_any" "rls-user-metadata-any" High
        "use raw_app_meta_data, or a table of your own"
    RLS_CROSS_TABLE_UNPROTECTED "rls_cross_table_unprotected" "rls-cross-table-unprotected" Medium
        "enable row-level security on that table, or take the right to write it from the callers"
    RLS_POLICY_UNREADABLE "rls_policy_unreadable" "rls-policy-unreadable" High
        "grant select on what the policy reads, or ask through a security definer function"
    RLS_POLICY_COLUMN_UNINDEXED "rls_policy_column_unindexed" "rls-policy-column-unindexed" Info
        "create an index that starts with the column"
    RLS_POLICY_FUNCTION_VOLATILE "rls_policy_function_volatile" "rls-policy-function-volatile" Medium
        "declare the function stable, and call it as `(select f())`"
    RLS_IMMUTABLE_READS_SESSION "rls_immutable_reads_session" "rls-immutable-reads-session" High
        "declare the function stable"
    RLS_HELPER_PER_ROW "rls_helper_per_row" "rls-helper-per-row" Info
        "write `(select f())`, so that it is asked once for each query"
    RLS_PARTITION_CHILD "rls_partition_child" "rls-partition-child" High
        "alter table ... enable row level security on the partition, or revoke all rights on it"
    RLS_OWNER_MEMBERSHIP "rls_owner_membership" "rls-owner-membership" Medium
        "revoke the membership, or alter table ... force row level security"
    RLS_BYPASS_MEMBERSHIP "rls_bypass_membership" "rls-bypass-membership" Medium
        "revoke the membership"
    RLS_BYPASS_ROLE_POLICY "rls_bypass_role_policy" "rls-bypass-role-policy" Info
        "drop the policy"
    SECDEF_PG_TEMP "secdef_pg_temp" "secdef-pg-temp" Info
        "qualify the names in its body, or end the search path with pg_temp"
    VIEW_OVER_RLS_NO_INVOKER "view_over_rls_no_invoker" "view-over-rls-no-invoker" High
        "alter view ... set (security_invoker = on)"
    MATVIEW_OVER_RLS "matview_over_rls" "matview-over-rls" Medium
        "revoke select on it, and show it through a function that asks for the caller"
    TENANT_UNIQUE_SCOPE "tenant_unique_scope" "tenant-unique-scope" Info
        "put the tenant's column into the key"
    TENANT_NULLABLE "tenant_nullable" "tenant-nullable" Info
        "alter table ... alter column ... set not null"
    TENANT_LITERAL "tenant_literal" "tenant-literal" Info
        "compare with what the session says"
    CS_MISSING_OK "cs_missing_ok" "cs-missing-ok" Info
        "write current_setting(name, true), and say what null shall mean"
    CS_UNQUALIFIED_NAME "cs_unqualified_name" "cs-unqualified-name" Info
        "give the setting's name a prefix with a dot"
    REALTIME_PUBLISHED_NO_RLS "realtime_published_no_rls" "realtime-published-no-rls" Medium
        "alter table ... enable row level security, or take it out of the publication"
    STORAGE_POLICY_NO_BUCKET "storage_policy_no_bucket" "storage-policy-no-bucket" Medium
        "add `bucket_id = '...'` to the condition"
    DEFAULT_PRIV_PUBLIC "default_priv_public" "default-priv-public" Medium
        "grant on each object what is meant"
    COL_GRANT_SENSITIVE "col_grant_sensitive" "col-grant-sensitive" Medium
        "revoke the right on the column"
    DUPLICATE_POLICY "duplicate_policy" "duplicate-policy" Info
        "drop one of them"
    SQL_REFUSED "sql_refused" "sql-refused" Medium
        "cast one side, so that both are of one type"
    SQL_SYNTAX "sql_syntax" "sql-syntax" Medium
        "write it as PostgreSQL reads it"
    SQL_UNDECIDED "sql_undecided" "sql-undecided" Info
        "make the object in a migration, or write the statement without EXECUTE"
}

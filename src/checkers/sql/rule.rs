//! Owns the table of rules: the id, the severity and the help of each lint, and which doubts bear on it.

use super::fold::Doubt;
use crate::model::rule::{Rule, Severity};
use crate::rule;

macro_rules! bearing {
    () => { None };
    ([$($doubt:ident)*]) => { Some(&[$(Doubt::$doubt),*]) };
}

macro_rules! rules {
    ($($name:ident $lint:literal $id:literal $severity:ident $([$($doubt:ident)*])? $help:literal)*) => {
        $(static $name: Rule = rule!($id, $severity, "2026-11");)*

        /// Every rule.
        pub const ALL: &[&Rule] = &[$(&$name),*];

        /// Every rule with what bears on it.
        const BEARING: &[(&Rule, Option<&[Doubt]>)] = &[$((&$name, bearing!($([$($doubt)*])?))),*];

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

        /// Does the rule judge what statements do while they run, and not what they leave behind?
        pub fn is_of_statements(id: &str) -> bool {
            let all = [$(($lint, $id)),*];
            let lint = all.iter().find(|(_, other)| *other == id).map_or("", |(lint, _)| *lint);
            own_doubts(lint) == Some(&[Doubt::Statements])
        }
    };
}

/// Is the rule about what a database holds, and not about a statement?
const fn is_of_catalog(doubts: Option<&[Doubt]>) -> bool {
    match doubts {
        None => true,
        Some([first, ..]) => !matches!(first, Doubt::Statements),
        Some([]) => false,
    }
}

const fn of_catalog() -> usize {
    let (mut at, mut count) = (0, 0);
    while at < BEARING.len() {
        if is_of_catalog(BEARING[at].1) {
            count += 1;
        }
        at += 1;
    }
    count
}

/// Every rule that a live database can break, what its migrations do not explain, and what they leave open.
pub const LIVE: &[&Rule] = &{
    let mut all: [&Rule; of_catalog() + 2] = [&super::live::SQL_DRIFT; of_catalog() + 2];
    all[1] = &SQL_UNDECIDED;
    let (mut at, mut next) = (0, 2);
    while at < BEARING.len() {
        if is_of_catalog(BEARING[at].1) {
            all[next] = BEARING[at].0;
            next += 1;
        }
        at += 1;
    }
    all
};

/// Is it a rule on what a statement does to a database in use, and no matter of taste?
const fn is_hazard(at: usize) -> bool {
    let grave = matches!(
        BEARING[at].0.severity,
        Severity::Medium | Severity::High | Severity::Critical
    );
    grave && matches!(BEARING[at].1, Some([Doubt::Statements]))
}

const fn hazards() -> usize {
    let (mut at, mut count) = (0, 0);
    while at < BEARING.len() {
        count += is_hazard(at) as usize;
        at += 1;
    }
    count
}

/// The ids of the rules on statements that lock, rewrite or break what a database in use holds.
pub const HAZARDS: &[&str] = &{
    let mut all = [""; hazards()];
    let (mut at, mut next) = (0, 0);
    while at < BEARING.len() {
        if is_hazard(at) {
            all[next] = BEARING[at].0.id;
            next += 1;
        }
        at += 1;
    }
    all
};

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
    RLS_NOT_FORCED "rls_not_forced" "rls-not-forced" Medium [Tables RowSecurity Roles]
        "alter table ... force row level security, or connect as a role that owns nothing"
    RLS_FORCE_WITHOUT_ENABLE "rls_force_without_enable" "rls-force-without-enable" High [Tables RowSecurity]
        "alter table ... enable row level security"
    RLS_COMMAND_GAP "rls_command_gap" "rls-command-gap" Info [Policies RowSecurity TableRights]
        "create the policy, or revoke the right"
    RLS_ONLY_RESTRICTIVE "rls_only_restrictive" "rls-only-restrictive" Medium [Policies RowSecurity]
        "write a permissive policy beside it, or drop `as restrictive`"
    RLS_ANON_WRITE "rls_anon_write" "rls-anon-write" High [Policies RowSecurity TableRights]
        "give the policy `to authenticated`, and ask for the caller in its condition"
    RLS_INSERT_EXPOSED_NO_RLS "rls_insert_exposed_no_rls" "rls-insert-exposed-no-rls" High [Tables TableRights RowSecurity]
        "alter table ... enable row level security, and create a policy for what is meant"
    RLS_CHECK_TRUE_USING_STRICT "rls_check_true_using_strict" "rls-check-true-using-strict" Medium [Policies RowSecurity]
        "leave `with check` out, or write the condition there too"
    RLS_TAUTOLOGY "rls_tautology" "rls-tautology" Medium [Policies RowSecurity]
        "qualify the outer column with its table, or write what is meant"
    RLS_INVERTED_AUTH "rls_inverted_auth" "rls-inverted-auth" High [Policies RowSecurity]
        "write `auth.uid() is not null and ...`, and give the policy `to authenticated`"
    RLS_AUTHENTICATED_ONLY_CHECK "rls_authenticated_only_check" "rls-authenticated-only-check" Info [Policies RowSecurity]
        "ask for the caller's own rows, or write `to authenticated using (true)`"
    RLS_ROLE_TYPO "rls_role_typo" "rls-role-typo" Medium [Policies RowSecurity Roles]
        "ask auth.jwt() -> 'app_metadata', or a table of members"
    RLS_NO_OWN_COLUMN "rls_no_own_column" "rls-no-own-column" Medium [Policies RowSecurity]
        "compare a column of the table with the caller"
    RLS_UNCORRELATED_EXISTS "rls_uncorrelated_exists" "rls-uncorrelated-exists" High [Policies RowSecurity]
        "tie the query to the row or to the caller"
    RLS_USER_METADATA_ANY "rls_user_metadata_any" "rls-user-metadata-any" High [Policies RowSecurity Functions]
        "use raw_app_meta_data, or a table of your own"
    RLS_CROSS_TABLE_UNPROTECTED "rls_cross_table_unprotected" "rls-cross-table-unprotected" Medium [Policies RowSecurity TableRights]
        "enable row-level security on that table, or take the right to write it from the callers"
    RLS_POLICY_UNREADABLE "rls_policy_unreadable" "rls-policy-unreadable" High [Policies RowSecurity TableRights]
        "grant select on what the policy reads, or ask through a security definer function"
    RLS_POLICY_COLUMN_UNINDEXED "rls_policy_column_unindexed" "rls-policy-column-unindexed" Info [Policies RowSecurity Indexes]
        "create an index that starts with the column"
    RLS_POLICY_FUNCTION_VOLATILE "rls_policy_function_volatile" "rls-policy-function-volatile" Medium [Policies RowSecurity Functions]
        "declare the function stable, and call it as `(select f())`"
    RLS_IMMUTABLE_READS_SESSION "rls_immutable_reads_session" "rls-immutable-reads-session" High [Policies RowSecurity Functions]
        "declare the function stable"
    RLS_HELPER_PER_ROW "rls_helper_per_row" "rls-helper-per-row" Info [Policies RowSecurity]
        "write `(select f())`, so that it is asked once for each query"
    RLS_PARTITION_CHILD "rls_partition_child" "rls-partition-child" High [Tables RowSecurity TableRights]
        "alter table ... enable row level security on the partition, or revoke all rights on it"
    RLS_OWNER_MEMBERSHIP "rls_owner_membership" "rls-owner-membership" Medium [Roles Tables RowSecurity]
        "revoke the membership, or alter table ... force row level security"
    RLS_BYPASS_MEMBERSHIP "rls_bypass_membership" "rls-bypass-membership" Medium [Roles]
        "revoke the membership"
    RLS_BYPASS_ROLE_POLICY "rls_bypass_role_policy" "rls-bypass-role-policy" Info [Policies RowSecurity Roles]
        "drop the policy"
    SECDEF_PG_TEMP "secdef_pg_temp" "secdef-pg-temp" Info [Functions]
        "qualify the names in its body, or end the search path with pg_temp"
    VIEW_OVER_RLS_NO_INVOKER "view_over_rls_no_invoker" "view-over-rls-no-invoker" High [TableRights RowSecurity]
        "alter view ... set (security_invoker = on)"
    MATVIEW_OVER_RLS "matview_over_rls" "matview-over-rls" Medium [TableRights RowSecurity]
        "revoke select on it, and show it through a function that asks for the caller"
    TENANT_UNIQUE_SCOPE "tenant_unique_scope" "tenant-unique-scope" Info [Tables Indexes]
        "put the tenant's column into the key"
    TENANT_NULLABLE "tenant_nullable" "tenant-nullable" Info [Tables]
        "alter table ... alter column ... set not null"
    TENANT_LITERAL "tenant_literal" "tenant-literal" Info [Policies RowSecurity]
        "compare with what the session says"
    CS_MISSING_OK "cs_missing_ok" "cs-missing-ok" Info [Policies RowSecurity]
        "write current_setting(name, true), and say what null shall mean"
    CS_UNQUALIFIED_NAME "cs_unqualified_name" "cs-unqualified-name" Info [Policies RowSecurity]
        "give the setting's name a prefix with a dot"
    REALTIME_PUBLISHED_NO_RLS "realtime_published_no_rls" "realtime-published-no-rls" Medium [Tables RowSecurity TableRights]
        "alter table ... enable row level security, or take it out of the publication"
    STORAGE_POLICY_NO_BUCKET "storage_policy_no_bucket" "storage-policy-no-bucket" Medium [Policies]
        "add `bucket_id = '...'` to the condition"
    DEFAULT_PRIV_PUBLIC "default_priv_public" "default-priv-public" Medium [TableRights FunctionRights]
        "grant on each object what is meant"
    COL_GRANT_SENSITIVE "col_grant_sensitive" "col-grant-sensitive" Medium [Tables TableRights]
        "revoke the right on the column"
    DUPLICATE_POLICY "duplicate_policy" "duplicate-policy" Info [Policies]
        "drop one of them"
    SQL_REFUSED "sql_refused" "sql-refused" Medium []
        "cast one side, so that both are of one type"
    SQL_SYNTAX "sql_syntax" "sql-syntax" Medium []
        "write it as PostgreSQL reads it"
    SQL_UNDECIDED "sql_undecided" "sql-undecided" Info []
        "make the object in a migration, or write the statement without EXECUTE"
    CONCURRENT_INDEX "require_concurrent_index_creation" "require-concurrent-index-creation" Medium [Statements]
        "create index concurrently, in a migration of its own that runs outside a transaction"
    CONCURRENT_DROP "require_concurrent_index_deletion" "require-concurrent-index-deletion" Low [Statements]
        "drop index concurrently, in a migration of its own that runs outside a transaction"
    CONCURRENT_IN_TRANSACTION "ban_concurrent_index_creation_in_transaction" "ban-concurrent-index-creation-in-transaction" High [Statements]
        "give it a migration of its own, and tell the tool to run that outside a transaction"
    CONCURRENT_REINDEX "require_concurrent_reindex" "require-concurrent-reindex" Medium [Statements]
        "reindex ... concurrently"
    CONCURRENT_DETACH "require_concurrent_partition_detach" "require-concurrent-partition-detach" Low [Statements]
        "detach partition ... concurrently, outside a transaction"
    FOREIGN_KEY_SCAN "adding_foreign_key_constraint" "adding-foreign-key-constraint" Medium [Statements]
        "add it NOT VALID, and validate it in a later migration"
    CHECK_SCAN "constraint_missing_not_valid" "constraint-missing-not-valid" Medium [Statements]
        "add it NOT VALID, and validate it in a later migration"
    VALIDATE_TOGETHER "require_separate_constraint_validation" "require-separate-constraint-validation" Medium [Statements]
        "validate it in a migration of its own"
    UNIQUE_SCAN "disallowed_unique_constraint" "disallowed-unique-constraint" Medium [Statements]
        "create unique index concurrently, then add constraint ... unique using index"
    EXCLUSION_SCAN "adding_exclusion_constraint" "adding-exclusion-constraint" Medium [Statements]
        "add it while the table is small, or to a new table that the rows are moved to"
    PRIMARY_KEY_SCAN "adding_serial_primary_key_field" "adding-serial-primary-key-field" Medium [Statements]
        "make the unique index concurrently first, then add constraint ... primary key using index"
    COLUMN_TYPE "changing_column_type" "changing-column-type" Medium [Statements]
        "add a column of the new type, fill it in steps, move readers and writers, drop the old one"
    NOT_NULL_SCAN "adding_not_nullable_field" "adding-not-nullable-field" Medium [Statements]
        "add check (... is not null) not valid, validate it in a later migration, then set not null and drop the check"
    REQUIRED_FIELD "adding_required_field" "adding-required-field" Medium [Statements]
        "give it a default, or add it nullable, fill it, and then set not null"
    VOLATILE_DEFAULT "adding_field_with_volatile_default" "adding-field-with-volatile-default" Medium [Statements]
        "add it without a default, set the default, and fill the old rows in steps"
    STORED_COLUMN "adding_stored_generated_column" "adding-stored-generated-column" Medium [Statements]
        "add a plain column, fill it by a trigger and in steps, or generate it where it is read"
    TABLE_REWRITE "rewriting_table" "rewriting-table" Medium [Statements]
        "do it while nobody needs the table, or move the rows to a new one in steps"
    REPACK "prefer_repack" "prefer-repack" Medium [Statements]
        "use pg_repack, or reindex concurrently where the indexes are the matter"
    ATTACH_SCAN "attach_partition_without_check" "attach-partition-without-check" Low [Statements]
        "add a check that says the same as the bounds, validate it, then attach"
    WORK_UNDER_LOCK "running_statement_while_holding_access_exclusive" "running-statement-while-holding-access-exclusive" Medium [Statements]
        "give the change of the table and the work on rows a migration each"
    WIDE_WINDOW "wide_lock_window" "wide-lock-window" Info [Statements]
        "give each table a migration of its own"
    LOCK_TIMEOUT "require_lock_timeout" "require-lock-timeout" Info [Statements]
        "set lock_timeout = '5s' first, in the migration or for the role that runs it, and try again when it fails"
    DROP_COLUMN "ban_drop_column" "ban-drop-column" Medium [Statements]
        "release code that does not ask for it first, and drop it in a later release"
    DROP_TABLE "ban_drop_table" "ban-drop-table" Medium [Statements]
        "release code that does not ask for it first, keep a copy of the rows, and drop it in a later release"
    DROP_NOT_NULL "ban_drop_not_null" "ban-drop-not-null" Low [Statements]
        "release code that takes null there first"
    RENAME_COLUMN "renaming_column" "renaming-column" Medium [Statements]
        "add a column, write both, move the readers, drop the old one"
    RENAME_TABLE "renaming_table" "renaming-table" Medium [Statements]
        "create a view of the old name in the same migration, and drop it in a later release"
    TRUNCATE_CASCADE "ban_truncate_cascade" "ban-truncate-cascade" High [Statements]
        "name each table that is to be emptied"
    DELETE_ALL "delete_without_where" "delete-without-where" Medium [Statements]
        "say which rows, or waive the finding where all are meant"
    UPDATE_ALL "update_without_where" "update-without-where" Low [Statements]
        "change the rows in steps of some thousands, outside the transaction that changes the table"
    ENUM_VALUE "enum_value_in_same_transaction" "enum-value-in-same-transaction" High [Statements]
        "add the label in a migration of its own, before the one that uses it"
    NESTED_TRANSACTION "transaction_nesting" "transaction-nesting" Low [Statements]
        "take BEGIN and COMMIT out, or tell the tool to run the migration outside a transaction"
    NULL_ON_DELETE "set_null_on_not_null_column" "set-null-on-not-null-column" High [Statements]
        "drop the NOT NULL, or say on delete cascade or restrict"
    LONG_NAME "identifier_too_long" "identifier-too-long" Medium [Statements]
        "give it a shorter name that differs within the first 63 bytes"
    IRREVERSIBLE "irreversible_migration" "irreversible-migration" Info [Statements]
        "write what takes it back, or waive the finding and say why nothing can"
    CHAR_FIELD "ban_char_field" "ban-char-field" Info [Statements]
        "use text, with a check on the length where it matters"
    TIME_ZONE "prefer_timestamp_tz" "prefer-timestamp-tz" Info [Statements]
        "use timestamptz"
    BIG_KEY "prefer_bigint_over_int" "prefer-bigint-over-int" Info [Statements]
        "use bigint generated always as identity"
    IDENTITY "prefer_identity" "prefer-identity" Info [Statements]
        "use generated always as identity"
}

//! Owns the list of the checker's rules.

use crate::model::rule::Rule;
use crate::rule;

macro_rules! list {
    ($($name:ident $id:literal $severity:ident $standards:tt)*) => {
        $(pub static $name: Rule = rule!($id, $severity, "2026-11", $standards);)*
        /// All rules, the grave ones first.
        pub static RULES: &[&Rule] = &[$(&$name),*];
    };
}

list! {
    DANGEROUS_CHECKOUT "dangerous-checkout" Critical ["CWE-829", "CICD-SEC-4", "zizmor/dangerous-triggers"]
    TEMPLATE_INJECTION "template-injection" High ["CWE-94", "CICD-SEC-4", "zizmor/template-injection"]
    ENVIRONMENT_INJECTION "environment-injection" High ["CWE-77", "CICD-SEC-4", "zizmor/github-env"]
    KNOWN_BAD_ACTION "known-bad-action" High ["CWE-1357", "CICD-SEC-3", "zizmor/archived-uses", "zizmor/forbidden-uses", "zizmor/impostor-commit", "zizmor/known-vulnerable-actions", "zizmor/typosquat-uses"]
    UNPINNED_ACTION "unpinned-action" Medium ["CWE-829", "CICD-SEC-3", "zizmor/unpinned-uses", "zizmor/stale-action-refs"]
    EXCESSIVE_PERMISSIONS "excessive-permissions" Medium ["CWE-250", "CICD-SEC-5", "zizmor/excessive-permissions"]
    SECRETS_EXPOSED "secrets-exposed" Medium ["CWE-200", "CICD-SEC-6", "zizmor/secrets-inherit", "zizmor/overprovisioned-secrets"]
    SECRET_IN_LOG "secret-in-log" Medium ["CWE-532", "CICD-SEC-6", "zizmor/unredacted-secrets"]
    PERSISTED_CREDENTIALS "persisted-credentials" Low ["CWE-522", "CICD-SEC-6", "zizmor/artipacked"]
    CACHE_POISONING "cache-poisoning" Medium ["CWE-345", "CICD-SEC-9", "zizmor/cache-poisoning"]
    SELF_HOSTED_RUNNER "self-hosted-runner" Medium ["CWE-829", "CICD-SEC-7", "zizmor/self-hosted-runner"]
    SPOOFABLE_CONDITION "spoofable-condition" High ["CWE-290", "CICD-SEC-1", "zizmor/bot-conditions"]
    UNSOUND_CONDITION "unsound-condition" High ["CWE-571", "CICD-SEC-1", "zizmor/unsound-condition", "zizmor/unsound-contains", "zizmor/unsound-ternary"]
    HARDCODED_CONTAINER_CREDENTIALS "hardcoded-container-credentials" High ["CWE-798", "CICD-SEC-6", "zizmor/hardcoded-container-credentials"]
    UNPINNED_IMAGE "unpinned-image" Medium ["CWE-829", "CICD-SEC-3", "zizmor/unpinned-images"]
    UNPINNED_INCLUDE "unpinned-include" Medium ["CWE-829", "CICD-SEC-3"]
    PIPED_DOWNLOAD "piped-download" Medium ["CWE-494", "CICD-SEC-3"]
    UNPINNED_INSTALL "unpinned-install" Low ["CWE-1357", "CICD-SEC-3", "zizmor/adhoc-packages", "zizmor/unpinned-tools"]
    INSECURE_COMMANDS "insecure-commands" High ["CWE-78", "CICD-SEC-6", "zizmor/insecure-commands"]
    TOKEN_HIERARCHY "token-hierarchy" Medium ["CWE-250", "CICD-SEC-5"]
    WORKFLOW_SHAPE "workflow-shape" Medium []
    EXPRESSION_ERROR "expression-error" Medium []
    UNKNOWN_REFERENCE "unknown-reference" Medium []
    NEEDS_CYCLE "needs-cycle" High []
    DUPLICATE_ID "duplicate-id" Medium []
    BAD_TRIGGER "bad-trigger" Medium []
    UNKNOWN_SHELL "unknown-shell" Medium []
    DEPRECATED_COMMAND "deprecated-command" Low []
    RETIRED_ACTION "retired-action" Medium []
    MISSING_LOCAL_FILE "missing-local-file" Medium []
    SCRIPT_ERROR "script-error" Medium []
}

#[cfg(test)]
mod tests {
    #[test]
    fn each_once() {
        let mut ids: Vec<&str> = super::RULES.iter().map(|rule| rule.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), super::RULES.len());
    }
}

//! Owns the classes of weakness: each is a rule with its ids in the standards, a metric, and what to do about it. Knows no file.

use serde::{Deserialize, Serialize};

use crate::model::metric::Metric;
use crate::model::rule::{Rule, Severity};
use crate::rule;

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// It may be on purpose, or out of reach.
    Low,
    /// It is so unless somebody checks it elsewhere.
    Medium,
    /// The code says it.
    High,
}

macro_rules! classes {
    ($($variant:ident $rule:ident $id:literal $severity:ident [$($standard:literal),*] $metric:literal $what:literal $help:literal)*) => {
        /// A class of weakness.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[expect(missing_docs, reason = "each variant is the rule of its name")]
        pub enum Class { $($variant),* }

        $(static $rule: Rule = rule!($id, $severity, "2026-11", [$($standard),*]);)*

        /// The rules of all classes.
        pub const RULES: &[&Rule] = &[$(&$rule),*];

        /// What is counted.
        pub const METRICS: &[Metric] = &[
            Metric::graded("critical_vulnerabilities", Severity::Critical, "findings of severity critical"),
            Metric::graded("high_vulnerabilities", Severity::High, "findings of severity high"),
            Metric::graded("medium_vulnerabilities", Severity::Medium, "findings of severity medium"),
            Metric::graded("low_vulnerabilities", Severity::Low, "findings of severity low"),
            // Every rule carries an OWASP id; a test holds that.
            Metric::counts("owasp_findings", &[], "findings of rules that OWASP's top ten names"),
            $(Metric::counts($metric, &[$id], $what)),*
        ];

        impl Class {
            /// Its rule.
            #[must_use]
            pub const fn rule(self) -> &'static Rule {
                match self { $(Self::$variant => &$rule),* }
            }

            /// What to do about it.
            #[must_use]
            pub const fn help(self) -> &'static str {
                match self { $(Self::$variant => $help),* }
            }
        }
    };
}

classes! {
    Sql SQL "sql-injection" High ["CWE-89", "A05:2025"] "sql_injections"
        "SQL that is put together of foreign text"
        "pass the value as a parameter of the query; take names from a fixed list"
    Command COMMAND "command-injection" High ["CWE-78", "A05:2025"] "command_injections"
        "shell commands that are put together of foreign text"
        "call the program with a list of arguments and without a shell, or quote each part"
    Code CODE "code-injection" High ["CWE-95", "A05:2025"] "code_injections"
        "foreign text that is run as code"
        "read data with a parser (`json`, `ast.literal_eval`), choose functions from a fixed table"
    Xss XSS "cross-site-scripting" High ["CWE-79", "A05:2025"] "cross_site_scripting"
        "foreign text that becomes part of a page unescaped"
        "set text instead of markup (`textContent`), or escape it where it is put in"
    Ldap LDAP "ldap-injection" High ["CWE-90", "A05:2025"] "ldap_injections"
        "LDAP filters that are put together of foreign text"
        "escape the value for filters (`escape_filter_chars`) before it is put in"
    Xpath XPATH "xpath-injection" High ["CWE-643", "A05:2025"] "xpath_injections"
        "XPath expressions that are put together of foreign text"
        "pass the value as a variable of the expression"
    Deserialize DESERIALIZE "unsafe-deserialization" High ["CWE-502", "A08:2025"] "unsafe_deserializations"
        "data formats that can run code, read from elsewhere"
        "use a format of plain data (JSON), or the safe loader, for what comes from elsewhere"
    Path PATH "path-traversal" High ["CWE-22", "A01:2025"] "path_traversals"
        "file names that a request chooses"
        "take the base name, or resolve the path and check that it stays below its root"
    Archive ARCHIVE "archive-extraction" Medium ["CWE-22", "A01:2025"] "archive_extractions"
        "archives unpacked to wherever their entries say"
        "check that each entry stays below the target, or pass `filter=\"data\"`"
    Ssrf SSRF "server-side-request-forgery" High ["CWE-918", "A01:2025"] "request_forgeries"
        "requests to a URL that a request chooses"
        "choose the host from a fixed list; check it after redirects too"
    Redirect REDIRECT "open-redirect" Medium ["CWE-601", "A01:2025"] "open_redirects"
        "redirects to where a request says"
        "redirect to a path of your own, or check the host against a fixed list"
    Tls TLS "tls-verification-off" High ["CWE-295", "A04:2025"] "tls_verifications_off"
        "TLS connections whose certificate nobody checks"
        "leave verification on; give the library the certificate authority to trust"
    TlsVersion TLS_VERSION "tls-version" Medium ["CWE-326", "A04:2025"] "old_tls_versions"
        "versions of TLS that are broken"
        "require TLS 1.2 or later"
    Hash HASH "weak-hash" Medium ["CWE-327", "CWE-328", "A04:2025"] "weak_hashes"
        "MD5 and SHA-1"
        "use SHA-256 or better; for passwords argon2, scrypt or bcrypt; where it guards nothing, say so (`usedforsecurity=False`)"
    Cipher CIPHER "weak-cipher" High ["CWE-327", "A04:2025"] "weak_ciphers"
        "broken ciphers and modes"
        "use AES-GCM or ChaCha20-Poly1305"
    Key KEY "hardcoded-key-material" Medium ["CWE-321", "CWE-329", "A04:2025"] "hardcoded_keys"
        "keys, salts and initialisation vectors that stand in the source"
        "read the key from a secret store; make salts and vectors fresh from the system's random source"
    KeySize KEY_SIZE "weak-key-size" Medium ["CWE-326", "A04:2025"] "weak_keys"
        "keys that are too short"
        "make RSA keys of 3072 bits or more (2048 at least)"
    Random RANDOM "insecure-random" Medium ["CWE-330", "CWE-338", "A04:2025"] "insecure_randoms"
        "secrets from a random generator that can be foretold"
        "use the system's random source (`secrets`, `crypto.randomBytes`, `SecureRandom`, `crypto/rand`)"
    Jwt JWT "jwt-unverified" High ["CWE-347", "A07:2025"] "unverified_tokens"
        "signed tokens whose signature nobody checks"
        "verify the token with its key and a fixed list of algorithms"
    Compare COMPARE "timing-unsafe-comparison" Low ["CWE-208", "A07:2025"] "timing_unsafe_comparisons"
        "secrets compared byte by byte until the first difference"
        "compare in constant time (`hmac.compare_digest`, `crypto.timingSafeEqual`, `subtle.ConstantTimeCompare`)"
    Cookie COOKIE "insecure-cookie" Medium ["CWE-614", "CWE-1004", "A02:2025"] "insecure_cookies"
        "cookies that scripts or plain HTTP may read"
        "set Secure, HttpOnly and SameSite"
    Csrf CSRF "csrf-disabled" Medium ["CWE-352", "A01:2025"] "csrf_disabled"
        "protection against forged requests switched off"
        "leave it on; exempt only what authenticates without cookies, and say so"
    Cors CORS "cors-any-origin" Medium ["CWE-942", "A02:2025"] "cors_any_origin"
        "answers that any site may read with its visitor's rights"
        "list the origins that may read it"
    Debug DEBUG "debug-enabled" Medium ["CWE-489", "CWE-209", "A02:2025"] "debug_enabled"
        "debug modes that are on in the source"
        "read it from the environment, off by default"
    Bind BIND "bind-all-interfaces" Low ["CWE-1327", "A02:2025"] "bound_to_all_interfaces"
        "servers that listen on every interface"
        "listen on 127.0.0.1 unless others must reach it; make the address an option"
    Xml XML "xml-external-entities" Medium ["CWE-611", "A02:2025"] "xml_external_entities"
        "XML parsers that follow external entities"
        "switch entities off (`resolve_entities=False`, `disallow-doctype-decl`), or use `defusedxml`"
    Temp TEMP "insecure-temporary-file" Medium ["CWE-377", "A01:2025"] "insecure_temporary_files"
        "temporary files whose name others can foretell"
        "let the system make name and file in one step (`mkstemp`, `mktemp`, `os.CreateTemp`)"
    Writable WRITABLE "world-writable" Medium ["CWE-732", "A01:2025"] "world_writable"
        "files that every user may change"
        "give rights to the owner and, at most, a group"
    Unsafe UNSAFE "unsafe-block-unexplained" Low ["CWE-119", "CWE-242", "A10:2025"] "unexplained_unsafe"
        "unsafe code of which nobody says why it is sound"
        "say in a `// SAFETY:` comment above it why it is sound, or do without it"
    Swallow SWALLOW "swallowed-security-error" Medium ["CWE-636", "CWE-703", "A10:2025"] "swallowed_security_errors"
        "checks whose failure is ignored"
        "refuse when the check fails; catch the narrow error and return or raise"
    Prototype PROTOTYPE "prototype-pollution" Medium ["CWE-1321", "A05:2025"] "prototype_pollutions"
        "objects whose prototype a request can change"
        "copy named fields only, refuse `__proto__`, `constructor` and `prototype`, or use a Map"
    Regex REGEX "regex-from-input" Medium ["CWE-1333", "CWE-730", "A05:2025"] "regexes_from_input"
        "regular expressions that a request writes"
        "escape the text, or compare it without a regular expression"
    Trust TRUST "trust-boundary" Low ["CWE-501", "A01:2025"] "trust_boundaries"
        "session entries that a request names"
        "store checked values under fixed names"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_metric_of_owasp_may_count_all() {
        let without: Vec<_> = RULES.iter().filter(|rule| rule.owasp().is_none()).collect();
        assert!(without.is_empty(), "{without:?}");
    }
}

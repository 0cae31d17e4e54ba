//! Owns the classes of secrets: each is a rule. Knows no file.

use serde::{Deserialize, Serialize};

use crate::model::rule::Rule;
use crate::rule;

macro_rules! classes {
    ($($(#[$doc:meta])* $variant:ident $rule:ident $id:literal $severity:ident)*) => {
        /// A class of secrets.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Class { $($(#[$doc])* $variant),* }

        $(static $rule: Rule = rule!(
            $id,
            $severity,
            "2026-11",
            [
                "CWE-798", "A07:2025", "gitleaks/*", "betterleaks/*", "kingfisher/*", "trufflehog/*", "noseyparker/*",
                "detect-secrets/*", "ripsecrets/*"
            ]
        );)*

        /// The rules of all classes.
        pub const RULES: &[&Rule] = &[$(&$rule),*];

        impl Class {
            /// Its rule.
            #[must_use]
            pub const fn rule(self) -> &'static Rule {
                match self { $(Self::$variant => &$rule),* }
            }
        }
    };
}

impl Class {
    /// Do only the words around it tell that it is a secret, whatever it looks like?
    #[must_use]
    pub const fn is_guess(self) -> bool {
        matches!(
            self,
            Self::Url
                | Self::Connection
                | Self::Header
                | Self::Manifest
                | Self::Password
                | Self::Generic
                | Self::Hash
        )
    }
}

classes! {
    /// Cloud platforms, hosting, infrastructure.
    Cloud CLOUD "cloud-key" High
    /// Code hosts and build services.
    CodeHost CODE_HOST "code-host-token" High
    /// Package registries.
    Registry REGISTRY "registry-token" Critical
    /// Model providers.
    Ai AI "ai-key" High
    /// Chat and mail.
    Chat CHAT "chat-token" High
    /// Payment and shops.
    Payment PAYMENT "payment-key" High
    /// Everything else that one vendor gives out.
    Service SERVICE "service-token" High
    /// A private key with its body.
    PrivateKey PRIVATE_KEY "private-key" Critical
    /// A vendor's key that only the words around it tell.
    Contextual CONTEXTUAL "contextual-key" High
    /// The key that a framework signs with.
    Framework FRAMEWORK "framework-key" Medium
    /// A JSON web token.
    Jwt JWT "jwt" Medium
    /// User and password in a URL.
    Url URL "url-credential" High
    /// A password in a connection string.
    Connection CONNECTION "connection-string" High
    /// Basic and bearer authorization.
    Header HEADER "auth-header" Medium
    /// A file that programs read credentials from.
    File FILE "credential-file" High
    /// A Kubernetes Secret with its data.
    Manifest MANIFEST "kubernetes-secret" Medium
    /// A password in an assignment.
    Password PASSWORD "password-assignment" Medium
    /// A random text in an assignment.
    Generic GENERIC "generic-secret" Medium
    /// A hash that can be guessed against.
    Hash HASH "password-hash" Low
    /// The form of a token, a wrong checksum.
    Malformed MALFORMED "malformed-token" Low
    /// What the options describe.
    Custom CUSTOM "custom-secret" High
}

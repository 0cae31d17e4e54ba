//! Owns what is known of single actions, as of 2026-11: which were taken over, archived or retired. A table of data.

/// An action that once did harm.
pub struct Bad {
    pub action: &'static str,
    /// The first good version.
    pub fixed: &'static str,
    /// Commits that do harm.
    pub commits: &'static [&'static str],
    pub what: &'static str,
}

/// Actions that were taken over, or that had a hole which their users must close.
pub const BAD: &[Bad] = &[
    Bad {
        action: "tj-actions/changed-files",
        fixed: "46.0.1",
        commits: &["0e58ed8671d6b60d0890c21b07f8835ace038e67"],
        what: "its tags pointed to code that prints secrets (CVE-2025-30066, March 2025)",
    },
    Bad {
        action: "reviewdog/action-setup",
        fixed: "0",
        commits: &["f0d342d24037bb11d26b9bd8496e0808ba32e9ec"],
        what: "its tag v1 pointed to code that prints secrets (CVE-2025-30154, March 2025)",
    },
    Bad {
        action: "aquasecurity/trivy-action",
        fixed: "0.35.0",
        commits: &[],
        what: "nearly all its tags pointed to code that steals secrets (March 2026)",
    },
    Bad {
        action: "aquasecurity/setup-trivy",
        fixed: "0.2.6",
        commits: &[],
        what: "its tags pointed to code that steals secrets (March 2026)",
    },
    Bad {
        action: "tj-actions/branch-names",
        fixed: "9.0.0",
        commits: &[],
        what: "names of branches were run as commands (CVE-2025-54416)",
    },
];

/// Archived actions, and what to use instead.
pub const ARCHIVED: &[(&str, &str)] = &[
    (
        "actions-rs/toolchain",
        "rustup in a script, or dtolnay/rust-toolchain",
    ),
    ("actions-rs/cargo", "cargo in a script"),
    ("actions-rs/clippy-check", "cargo clippy in a script"),
    ("actions-rs/audit-check", "rustsec/audit-check"),
    ("actions-rs/install", "cargo install --locked in a script"),
    ("actions-rs/tarpaulin", "cargo tarpaulin in a script"),
    ("actions-rs/grcov", "grcov in a script"),
    ("actions/create-release", "gh release create in a script"),
    (
        "actions/upload-release-asset",
        "gh release upload in a script",
    ),
    ("actions/setup-ruby", "ruby/setup-ruby"),
    ("actions/setup-elixir", "erlef/setup-beam"),
    ("actions/setup-haskell", "haskell-actions/setup"),
    ("gradle/gradle-build-action", "gradle/actions/setup-gradle"),
    ("tibdex/github-app-token", "actions/create-github-app-token"),
    ("8398a7/action-slack", "slackapi/slack-github-action"),
    ("repo-sync/pull-request", "gh pr create in a script"),
    (
        "marvinpinto/action-automatic-releases",
        "gh release create in a script",
    ),
    ("marvinpinto/actions", "gh release create in a script"),
    ("semgrep/semgrep-action", "semgrep ci in a script"),
    (
        "sonarsource/sonarcloud-github-action",
        "sonarsource/sonarqube-scan-action",
    ),
    (
        "crazy-max/ghaction-docker-buildx",
        "docker/setup-buildx-action",
    ),
    (
        "technote-space/auto-cancel-redundant-workflow",
        "`concurrency:` with `cancel-in-progress: true`",
    ),
    (
        "contributor-assistant/github-action",
        "an action that is maintained",
    ),
    (
        "paambaati/codeclimate-action",
        "an action that is maintained",
    ),
    ("hashicorp/terraform-cdk-action", "cdktf in a script"),
    ("aquasecurity/cfsec", "trivy in a script"),
];

/// Actions whose old versions the service refuses: the last that does not work.
pub const RETIRED: &[(&str, u64, &str)] = &[
    (
        "actions/upload-artifact",
        3,
        "the service stopped taking it on 2025-01-30",
    ),
    (
        "actions/download-artifact",
        3,
        "the service stopped taking it on 2025-01-30",
    ),
    (
        "actions/cache",
        2,
        "the service stopped taking it on 2025-03-01",
    ),
    (
        "actions/upload-pages-artifact",
        2,
        "it needs version 3 of upload-artifact",
    ),
    (
        "actions/deploy-pages",
        3,
        "it needs version 3 of the artifact service",
    ),
];

/// Actions whose branches are named for what they install.
pub const CHANNELS: &[&str] = &["dtolnay/rust-toolchain", "taiki-e/install-action"];

/// Well-known actions, whose names are worth misspelling.
pub const NEAR: &[&str] = &[
    "actions/checkout",
    "actions/cache",
    "actions/setup-node",
    "actions/setup-python",
    "actions/setup-go",
    "actions/setup-java",
    "actions/upload-artifact",
    "actions/download-artifact",
    "actions/github-script",
    "aws-actions/configure-aws-credentials",
    "azure/login",
    "codecov/codecov-action",
    "docker/build-push-action",
    "docker/login-action",
    "docker/setup-buildx-action",
    "github/codeql-action",
    "google-github-actions/auth",
    "pypa/gh-action-pypi-publish",
    "softprops/action-gh-release",
];

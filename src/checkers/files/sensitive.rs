//! Owns the rule on credential files: the generic search by name and content, and the full list of the sensitive-file
//! policy.

use crate::base::path::RepoPath;
use crate::check::Cx;
use crate::model::evidence::Evidence;
use crate::model::rule::Severity;
use crate::source::tree::{FileMeta, Tracking};

use super::content::Content;
use super::options::{Level, Options};
use super::{SENSITIVE_FILE, Seen, at, content};

pub fn check(options: &Options, files: &Seen<'_>, cx: &Cx<'_>, evidence: &mut Evidence) {
    for meta in cx.tree.files() {
        if options.allow.iter().any(|glob| glob.matches(&meta.path)) {
            continue;
        }
        let policy = if options.potato {
            listed(&meta.path).map(|class| (class.severity(options.potato_level), class.what()))
        } else {
            None
        };
        let found = policy.or_else(|| {
            if options.sensitive {
                generic(meta, content(files, meta))
            } else {
                None
            }
        });
        let Some((severity, what)) = found else {
            continue;
        };
        let (severity, help) = if meta.tracking == Tracking::Untracked {
            (
                severity.min(Severity::Medium),
                "list it in .gitignore before it is added",
            )
        } else {
            (
                severity,
                "change the credentials, remove the file from git and its history, and list it in .gitignore",
            )
        };
        evidence.findings.push(
            at(
                &SENSITIVE_FILE,
                meta,
                format!("a sensitive file: {what}"),
                help,
            )
            .graded(severity),
        );
    }
}

/// Does the content have to be seen for the generic search?
pub fn is_telling(path: &RepoPath) -> bool {
    kind(path).is_some_and(|kind| kind != Kind::Name)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// May be a private key.
    Key,
    /// Assigns environment variables; `true` for the plain name `.env`.
    Env(bool),
    /// A file of secrets.
    Secrets,
    /// The name tells enough.
    Name,
}

fn kind(path: &RepoPath) -> Option<Kind> {
    let name = path.name().to_ascii_lowercase();
    let ends = |tail: &[u8]| name.ends_with(tail);
    let data = || {
        matches!(
            path.extension(),
            Some(b"yml" | b"yaml" | b"json" | b"toml" | b"ini" | b"env")
        )
    };
    let in_config = || {
        let folder = path.parts().rev().nth(1);
        folder == Some(b"config") && name.starts_with(b"secrets.")
    };
    if ends(b".p12") || ends(b".pfx") || ends(b".tunnel.json") || name == b"tunnel-credentials.json"
    {
        Some(Kind::Name)
    } else if ends(b".pem") || ends(b".key") || (is_ssh_name(&name) && !ends(b".pub")) {
        Some(Kind::Key)
    } else if name == b".env" {
        Some(Kind::Env(true))
    } else if name.starts_with(b".env.") || ends(b".env") {
        Some(Kind::Env(false))
    } else if matches!(&name[..], b"secrets.yaml" | b"secrets.yml")
        || (in_config() && data())
        || name == b"webhook-config.json"
    {
        Some(Kind::Secrets)
    } else {
        None
    }
}

fn is_ssh_name(name: &[u8]) -> bool {
    [&b"id_rsa"[..], b"id_dsa", b"id_ecdsa", b"id_ed25519"]
        .iter()
        .any(|start| name.starts_with(start))
}

/// What anybody would call a leak: tests, examples, public parts and protected content are none.
fn generic(meta: &FileMeta, content: Option<&Content>) -> Option<(Severity, &'static str)> {
    if !meta.is_file() || meta.class.test || is_example(meta.path.name()) {
        return None;
    }
    let kind = kind(&meta.path)?;
    if kind == Kind::Name {
        return Some((Severity::High, "its name is that of a credential"));
    }
    let content = content?;
    match kind {
        Kind::Key if content.private_key => Some((Severity::Critical, "a private key")),
        Kind::Env(_) | Kind::Secrets if content.protected => None,
        Kind::Env(_) | Kind::Secrets if content.secret_values => {
            Some((Severity::High, "it gives values to names of secrets"))
        }
        Kind::Env(true) if !content.blank => Some((
            Severity::Low,
            "an environment file, though no secret was seen in it",
        )),
        _ => None,
    }
}

fn is_example(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    let words: [&[u8]; 9] = [
        b"example",
        b"sample",
        b"template",
        b"tmpl",
        b"dist",
        b"default",
        b"schema",
        b"test",
        b"dummy",
    ];
    words
        .iter()
        .any(|word| name.windows(word.len()).any(|window| window == *word))
}

/// The classes of the policy's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Critical,
    Sensitive,
    Project,
}

impl Class {
    const fn severity(self, level: Level) -> Severity {
        match (level, self) {
            (Level::Strict, Self::Critical) => Severity::Critical,
            (Level::Strict, _) | (Level::Moderate, Self::Critical) => Severity::High,
            (Level::Moderate, _) => Severity::Medium,
            (Level::Advisory, _) => Severity::Info,
        }
    }

    const fn what(self) -> &'static str {
        match self {
            Self::Critical => "the policy lists its name as critical",
            Self::Sensitive => "the policy lists its name as sensitive",
            Self::Project => "the policy lists its name as private to the project",
        }
    }
}

/// The policy's full list, by name alone; the case of the letters does not matter.
fn listed(path: &RepoPath) -> Option<Class> {
    let whole = path.as_bytes().to_ascii_lowercase();
    let name = path.name().to_ascii_lowercase();
    let starts = |head: &[u8]| name.starts_with(head);
    let ends = |tail: &[u8]| name.ends_with(tail);
    let below = |folder: &[u8]| {
        let has_folder =
            |at: usize| whole[at..].starts_with(folder) && whole.len() > at + folder.len();
        (0..whole.len()).any(|at| (at == 0 || whole[at - 1] == b'/') && has_folder(at))
    };
    if name == b"potato.md" || ends(b".pem") || ends(b".key") || ends(b".p12") || starts(b"id_rsa")
    {
        return Some(Class::Critical);
    }
    if ends(b".env")
        || starts(b".env.")
        || starts(b".tokens")
        || matches!(
            &name[..],
            b"secrets.yaml" | b"secrets.yml" | b"webhook-config.json" | b"tunnel-credentials.json"
        )
        || ends(b".tunnel.json")
        || below(b"config/secrets.")
        || below(b"cloudflared/")
    {
        return Some(Class::Sensitive);
    }
    let project: [&[u8]; 5] = [
        b"discord-tokens.",
        b"github-tokens.",
        b"ci-secrets.",
        b"deployment-keys.",
        b"backup-configs.",
    ];
    let is_project = project.iter().any(|head| starts(head))
        || name == b"auth.db"
        || below(b".codex/private/")
        || below(b".codex/cache/");
    is_project.then_some(Class::Project)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expected: Option<Class>) {
        let path = RepoPath::new(path).expect("a path inside the root");
        assert_eq!(listed(&path), expected, "{path}");
    }

    #[test]
    fn the_full_list() {
        for path in [
            "Potato.md",
            "docs/potato.md",
            "a.pem",
            "x/id_rsa.pub",
            "k.P12",
            "tls.key",
        ] {
            check(path, Some(Class::Critical));
        }
        for path in [
            ".env",
            "api/prod.env",
            ".env.local",
            "config/secrets.py",
            "app/config/secrets.yml",
            "cloudflared/config.yml",
            "x.tunnel.json",
            ".tokens.prod",
        ] {
            check(path, Some(Class::Sensitive));
        }
        for path in [
            "auth.db",
            ".codex/cache/a/b",
            "github-tokens.json",
            "ci-secrets.env.txt",
        ] {
            check(path, Some(Class::Project));
        }
        for path in [
            "docs/about-potato.md",
            "src/environment.py",
            "mycloudflared/x",
            "cloudflared",
            "key.py",
        ] {
            check(path, None);
        }
    }
}

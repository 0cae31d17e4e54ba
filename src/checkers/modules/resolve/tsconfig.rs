//! Owns the paths of TypeScript's configurations: what a name that is neither relative nor a package stands for.

use std::collections::BTreeMap;

use crate::source::json::{Document, Id};

use super::paths::{folder, join};

/// The configurations of one folder; each has names of its own.
pub type Configs = BTreeMap<String, Vec<Config>>;

/// A configuration, with what it takes over from others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// From where names count.
    base: Option<String>,
    /// Patterns of names, and what each stands for, as paths from the root.
    paths: Vec<(String, Vec<String>)>,
}

/// What one file says itself.
pub struct Said {
    extends: Vec<String>,
    config: Config,
}

/// At most so many configurations build on each other.
const DEEPEST: usize = 8;

impl Said {
    /// Reads a configuration at a path; `None` when it is no JSON.
    pub fn read(path: &str, text: &str) -> Option<Self> {
        let document = Document::parse(text).ok()?;
        let root = document.root();
        let own = folder(path);
        let extends = document.get(root, "extends").map_or_else(Vec::new, |node| {
            let one = document.text(node).into_iter();
            let many = document
                .items(node)
                .iter()
                .filter_map(|item| document.text(*item));
            one.chain(many).map(str::to_owned).collect()
        });
        let mut config = Config::default();
        if let Some(options) = document.get(root, "compilerOptions") {
            let base = document.text_at(options, "baseUrl");
            config.base = base.and_then(|base| join(own, base));
            let from = config.base.clone().unwrap_or_else(|| own.to_owned());
            if let Some(paths) = document.get(options, "paths") {
                config.paths = read_paths(&document, paths, &from);
            }
        }
        Some(Self { extends, config })
    }
}

fn read_paths(document: &Document<'_>, paths: Id, from: &str) -> Vec<(String, Vec<String>)> {
    let entries = document.entries(paths).iter();
    let read = entries.filter_map(|&(name, targets)| {
        let targets = document.items(targets).iter();
        let targets = targets.filter_map(|target| join(from, document.text(*target)?));
        Some((document.text(name)?.to_owned(), targets.collect()))
    });
    read.collect()
}

/// Puts together what configurations say and what they take over, by folder; `tsconfig.json` first in each.
pub fn configs(said: &BTreeMap<String, Said>) -> Configs {
    let mut configs = Configs::new();
    let mut paths: Vec<&String> = said.keys().collect();
    paths.sort_by_key(|path| {
        (
            !path.ends_with("/tsconfig.json") && *path != "tsconfig.json",
            *path,
        )
    });
    for path in paths {
        let config = whole(path, said, 0);
        if config != Config::default() {
            configs
                .entry(folder(path).to_owned())
                .or_default()
                .push(config);
        }
    }
    configs
}

fn whole(path: &str, said: &BTreeMap<String, Said>, depth: usize) -> Config {
    let Some(own) = said.get(path).filter(|_| depth < DEEPEST) else {
        return Config::default();
    };
    let mut config = Config::default();
    for name in &own.extends {
        let Some(at) = join(folder(path), name).filter(|_| name.starts_with('.')) else {
            continue;
        };
        let names = [
            at.clone(),
            format!("{at}.json"),
            format!("{at}/tsconfig.json"),
        ];
        if let Some(above) = names.iter().find(|name| said.contains_key(*name)) {
            let above = whole(above, said, depth + 1);
            config.base = above.base.or(config.base);
            if !above.paths.is_empty() {
                config.paths = above.paths;
            }
        }
    }
    config.base = own.config.base.clone().or(config.base);
    if !own.config.paths.is_empty() {
        config.paths.clone_from(&own.config.paths);
    }
    config
}

impl Config {
    /// The paths that a name may stand for, the likeliest first.
    pub fn targets(&self, name: &str) -> Vec<String> {
        let mut best: Option<(usize, &str, &Vec<String>)> = None;
        for (pattern, targets) in &self.paths {
            let Some((rest, length)) = matched(pattern, name) else {
                continue;
            };
            if best.is_none_or(|(most, ..)| length > most) {
                best = Some((length, rest, targets));
            }
        }
        let mut found: Vec<String> = Vec::new();
        if let Some((_, rest, targets)) = best {
            found.extend(targets.iter().map(|target| target.replacen('*', rest, 1)));
        }
        found.extend(self.base.as_ref().and_then(|base| join(base, name)));
        found
    }
}

/// What a pattern's star stands for in a name, and how much of the name the pattern tells itself.
fn matched<'n>(pattern: &str, name: &'n str) -> Option<(&'n str, usize)> {
    match pattern.split_once('*') {
        None => (pattern == name).then_some(("", usize::MAX)),
        Some((start, end)) => {
            let rest = name.strip_prefix(start)?.strip_suffix(end)?;
            Some((rest, start.len()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[(&str, &str)], folder: &str, name: &str, expected: &[&str]) {
        let said = files.iter().map(|(path, text)| {
            let said = Said::read(path, text).expect("it is JSON");
            ((*path).to_owned(), said)
        });
        let configs = configs(&said.collect());
        let found = configs[folder][0].targets(name);
        assert_eq!(found, expected, "{name}");
    }

    #[test]
    fn names_stand_for_paths() {
        let base = (
            "tsconfig.base.json",
            r#"{"compilerOptions": {"baseUrl": ".", "paths": {"@app/*": ["libs/app/src/*"], "@app/core": ["core/index.ts"]}}}"#,
        );
        let web = (
            "web/tsconfig.json",
            r#"{"extends": "../tsconfig.base.json"} // comment"#,
        );
        check(
            &[base, web],
            "web",
            "@app/a/b",
            &["libs/app/src/a/b", "@app/a/b"],
        );
        check(
            &[base, web],
            "web",
            "@app/core",
            &["core/index.ts", "@app/core"],
        );
        let own = (
            "a/jsconfig.json",
            r#"{"compilerOptions": {"paths": {"~/*": ["./src/*", "./*"]}}}"#,
        );
        check(&[own], "a", "~/x", &["a/src/x", "a/x"]);
    }
}

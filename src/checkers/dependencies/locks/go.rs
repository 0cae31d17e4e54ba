//! Owns `go.mod`, with what `go.sum` and `vendor/modules.txt` beside it add.

use std::collections::{BTreeMap, BTreeSet};

use crate::checkers::dependencies::inventory::{
    Ecosystem, Hash, Inventory, Package, RemarkKind, Source, SourceKind,
};
use crate::model::place::Span;

use super::text::Text;
use super::{Beside, Unread, lost, remark};

/// A directive: its words, without the comment behind them.
struct Line<'t> {
    verb: &'t str,
    words: Vec<&'t str>,
    comment: &'t str,
    at: Span,
}

/// What a module is replaced by.
struct Replaced<'t> {
    path: &'t str,
    version: Option<&'t str>,
    at: Span,
}

pub(super) fn read(text: &Text, beside: &dyn Beside) -> Result<Inventory, Unread> {
    let mut inventory = Inventory::default();
    let lines = lines(text, &mut inventory)?;
    let first = |verb: &str| lines.iter().find(|line| line.verb == verb);
    // An empty file keeps a folder out of the module around it.
    inventory.declared_empty = lines.is_empty() || first("module").is_some();
    let language = first("go").and_then(|line| line.words.first().copied());
    language
        .unwrap_or("1.16")
        .clone_into(&mut inventory.version);
    // A replacement is for one version, or for all of them.
    let replaced: BTreeMap<(&str, Option<&str>), Replaced<'_>> = lines
        .iter()
        .filter(|line| line.verb == "replace")
        .filter_map(replacement)
        .collect();
    for line in lines.iter().filter(|line| line.verb == "require") {
        let [path, version] = line.words[..] else {
            lost(&mut inventory, line.at, "a requirement without a version");
            continue;
        };
        let by = replaced
            .get(&(path, Some(version)))
            .or_else(|| replaced.get(&(path, None)));
        let mut package = module(path, version, line.at);
        package.direct = Some(!line.comment.starts_with("indirect"));
        if let Some(by) = by {
            replace(&mut package, by);
        }
        inventory.packages.push(package);
    }
    // The standard library comes with the toolchain, which is at least that of the language's version.
    if let Some(line) = first("toolchain").or(first("go")) {
        let version = line.words.first().copied().unwrap_or_default();
        let version = version.strip_prefix("go").unwrap_or(version);
        let version = version.split('-').next().unwrap_or(version).to_owned();
        let mut package = Package::new(Ecosystem::Go, "stdlib", Some(version), line.at);
        package.source = Source::of(SourceKind::Platform);
        inventory.packages.push(package);
    }
    sums(&mut inventory, beside);
    if is_before_pruning(language) {
        unlisted(&mut inventory, beside);
    }
    Ok(inventory)
}

fn module(path: &str, version: &str, at: Span) -> Package {
    let version = version.strip_prefix('v').unwrap_or(version).to_owned();
    Package::new(Ecosystem::Go, path, Some(version), at)
}

fn replacement<'t>(line: &Line<'t>) -> Option<((&'t str, Option<&'t str>), Replaced<'t>)> {
    let arrow = line.words.iter().position(|word| *word == "=>")?;
    let (old, new) = (&line.words[..arrow], &line.words[arrow + 1..]);
    let key = (*old.first()?, old.get(1).copied());
    let replaced = Replaced {
        path: new.first()?,
        version: new.get(1).copied(),
        at: line.at,
    };
    Some((key, replaced))
}

fn replace(package: &mut Package, by: &Replaced<'_>) {
    let old = std::mem::replace(&mut package.name, by.path.to_owned());
    package.alias = (old != by.path).then_some(old);
    package.span = by.at;
    if let Some(version) = by.version {
        package.version = Some(version.strip_prefix('v').unwrap_or(version).to_owned());
    } else {
        // A folder.
        package.name = package.alias.take().unwrap_or_default();
        package.source = Source::at(SourceKind::Path, by.path);
    }
}

/// Go 1.17 and later list all that is built; before, only what is asked for directly must be listed.
fn is_before_pruning(language: Option<&str>) -> bool {
    let mut parts = language.unwrap_or("1.16").split('.').map(str::parse::<u32>);
    match (parts.next(), parts.next()) {
        (Some(Ok(1)), Some(Ok(minor))) => minor < 17,
        _ => false,
    }
}

fn lines<'t>(text: &'t Text, inventory: &mut Inventory) -> Result<Vec<Line<'t>>, Unread> {
    let mut lines = Vec::new();
    let mut block: Option<&str> = None;
    for (start, line) in text.lines() {
        let (content, comment) = line.split_once("//").unwrap_or((line, ""));
        let mut words = words(content);
        let at = text.span(
            start + (line.len() - line.trim_start().len())..start + content.trim_end().len().max(1),
        );
        let Some(&first) = words.first() else {
            continue;
        };
        if let Some(verb) = block {
            if first == ")" {
                block = None;
                continue;
            }
            lines.push(Line {
                verb,
                words,
                comment: comment.trim(),
                at,
            });
            continue;
        }
        if words.last() == Some(&"(") {
            block = Some(first);
            continue;
        }
        let known = [
            "module",
            "go",
            "toolchain",
            "require",
            "replace",
            "exclude",
            "retract",
            "godebug",
            "tool",
            "ignore",
        ];
        if !known.contains(&first) {
            lost(inventory, at, format!("an unknown directive: {first}"));
            continue;
        }
        words.remove(0);
        lines.push(Line {
            verb: first,
            words,
            comment: comment.trim(),
            at,
        });
    }
    if block.is_some() {
        return Err(Unread::new("a block does not end"));
    }
    Ok(lines)
}

/// The words of a line; one may stand in quotes.
fn words(content: &str) -> Vec<&str> {
    let unquoted = |word: &'_ str| -> usize { usize::from(word.starts_with(['"', '`'])) };
    let words = content.split_whitespace().flat_map(|word| {
        // A bracket may stick to the verb: `require(`.
        match word.strip_suffix('(').filter(|before| !before.is_empty()) {
            Some(before) => vec![before, "("],
            None => vec![word],
        }
    });
    words
        .map(|word| {
            word.get(unquoted(word)..word.len() - unquoted(word))
                .unwrap_or(word)
        })
        .collect()
}

/// The digests of `go.sum`.
fn sums(inventory: &mut Inventory, beside: &dyn Beside) {
    let Some(sums) = go_sum(beside) else { return };
    for package in inventory
        .packages
        .iter_mut()
        .filter(|package| package.is_published())
    {
        let version = package.version.clone().unwrap_or_default();
        if let Some(hash) = sums.get(&(package.name.clone(), version)) {
            package.hashes = vec![Hash::read(hash, "h1")];
        }
    }
}

/// The modules of `go.sum` by name and version, each with the digest of its content.
fn go_sum(beside: &dyn Beside) -> Option<BTreeMap<(String, String), String>> {
    let bytes = beside.read("go.sum").ok()??;
    let text = Text::new(&bytes)?;
    let entry = |(_, line): (usize, &str)| {
        let [path, version, hash] = line.split_whitespace().collect::<Vec<_>>()[..] else {
            return None;
        };
        let version = version.strip_prefix('v').unwrap_or(version);
        (!version.ends_with("/go.mod"))
            .then(|| ((path.to_owned(), version.to_owned()), hash.to_owned()))
    };
    Some(text.lines().filter_map(entry).collect())
}

/// Before Go 1.17 what is needed indirectly is listed by `vendor/modules.txt`, or else unknown: `go.sum` has more than
/// what is used.
fn unlisted(inventory: &mut Inventory, beside: &dyn Beside) {
    let known: BTreeSet<&str> = inventory
        .packages
        .iter()
        .map(|package| package.alias.as_ref().unwrap_or(&package.name).as_str())
        .collect();
    if let Ok(Some(bytes)) = beside.read("vendor/modules.txt")
        && let Some(text) = Text::new(&bytes)
    {
        let listed = vendored(&text, &known);
        inventory.files.push("vendor/modules.txt".to_owned());
        let file = inventory.files.len();
        inventory
            .packages
            .extend(listed.into_iter().map(|mut package| {
                package.file = file;
                package
            }));
        return;
    }
    let Some(sums) = go_sum(beside) else {
        let what =
            "before Go 1.17 it lists only what is asked for directly, and there is no go.sum";
        remark(inventory, RemarkKind::Unlisted, Span::at(1, 1), what);
        return;
    };
    let more: BTreeSet<&str> = sums
        .keys()
        .map(|(path, _)| path.as_str())
        .filter(|path| !known.contains(path))
        .collect();
    if !more.is_empty() {
        let what = format!(
            "before Go 1.17 it lists only what is asked for directly; go.sum names {} further modules, some of which may be used",
            more.len()
        );
        remark(inventory, RemarkKind::Unlisted, Span::at(1, 1), what);
    }
}

/// `# PATH VERSION`, or `# PATH VERSION => PATH VERSION`.
fn vendored(text: &Text, known: &BTreeSet<&str>) -> Vec<Package> {
    let mut packages = Vec::new();
    for (start, line) in text.lines() {
        let Some(content) = line.strip_prefix("# ") else {
            continue;
        };
        let words: Vec<&str> = content.split_whitespace().collect();
        let at = text.span(start..start + line.len());
        let mut package = match words[..] {
            [path, version] => module(path, version, at),
            [path, _, "=>", by, version] | [path, "=>", by, version] => {
                let mut package = module(by, version, at);
                package.alias = (path != by).then(|| path.to_owned());
                package
            }
            _ => continue,
        };
        let called = package.alias.as_ref().unwrap_or(&package.name);
        if !known.contains(called.as_str()) {
            package.direct = Some(false);
            packages.push(package);
        }
    }
    packages
}

#[cfg(test)]
mod tests {
    use crate::checkers::dependencies::locks::tests::{check, check_beside, fails};

    const MODULE: &str = r#"module example.com/own // comment

go 1.21
toolchain go1.22.3

require example.com/a v1.0.0
require (
	example.com/b/v2 v2.1.0+incompatible // indirect
	"example.com/c" v0.0.0-20200101000000-0123456789ab
	example.com/d v1.0.0
	example.com/e v1.0.0 // indirect; comment
)

exclude example.com/a v0.9.0
replace(
	example.com/c => ../c
	example.com/d v1.0.0 => example.com/fork/d v1.1.0
	example.com/e v0.1.0 => example.com/never v1.0.0
)
"#;

    #[test]
    fn replaced_and_excluded() {
        check_beside(
            "go.mod",
            MODULE,
            &[(
                "go.sum",
                "example.com/a v1.0.0 h1:x=\nexample.com/a v1.0.0/go.mod h1:y=\nbroken\n",
            )],
            "1.21
6 example.com/a 1.0.0 h1:x= direct
8 example.com/b/v2 2.1.0+incompatible
16 example.com/c 0.0.0-20200101000000-0123456789ab path ../c direct
17 example.com/fork/d 1.1.0 as example.com/d direct
11 example.com/e 1.0.0
4 stdlib 1.22.3 platform",
        );
    }

    #[test]
    fn before_1_17_much_is_not_listed() {
        let module = "module m\ngo 1.16\nrequire a v1.0.0\n";
        check_beside(
            "go.mod",
            module,
            &[("go.sum", "a v1.0.0 h1:x=\nb v1.0.0 h1:y=\nb v2.0.0 h1:y=\nc v1.0.0/go.mod h1:z=\n")],
            "1.16
3 a 1.0.0 h1:x= direct
2 stdlib 1.16 platform
1 unlisted: before Go 1.17 it lists only what is asked for directly; go.sum names 1 further modules, some of which may be used",
        );
        check_beside(
            "go.mod",
            "module m\nrequire a v1.0.0\n",
            &[(
                "vendor/modules.txt",
                "# a v1.0.0\n## explicit\na\n# b v1.2.0\nb/x\n# c => d v1.0.0\n",
            )],
            "1.16
2 a 1.0.0 direct
vendor/modules.txt:4 b 1.2.0
vendor/modules.txt:6 d 1.0.0 as c",
        );
        check(
            "go.mod",
            "module m\n",
            "1.16\n1 unlisted: before Go 1.17 it lists only what is asked for directly, and there is no go.sum",
        );
    }

    #[test]
    fn what_is_not_understood_is_said() {
        fails("go.mod", "module m\nrequire (\n", "does not end");
        check(
            "go.mod",
            "module m\ngo 1.20\nfoo bar\nrequire a\n",
            "1.20
2 stdlib 1.20 platform
3 lost: an unknown directive: foo
4 lost: a requirement without a version",
        );
    }
}

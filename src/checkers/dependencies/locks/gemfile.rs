//! Owns `Gemfile.lock` and `gems.locked`.

use std::collections::BTreeMap;

use crate::checkers::dependencies::inventory::{
    Ecosystem, Hash, Id, Inventory, Package, Source, SourceKind,
};

use super::text::Text;
use super::{Beside, Unread, dedup, lost};

/// What is read so far.
#[derive(Default)]
struct Reading<'t> {
    inventory: Inventory,
    /// The source of the section, as it builds up.
    source: Source,
    /// A gem stands there once for each platform.
    ids: BTreeMap<(&'t str, &'t str), Id>,
    names: BTreeMap<&'t str, Id>,
    wants: Vec<(Id, &'t str)>,
    last: Option<Id>,
    sections: usize,
}

pub(super) fn read(text: &Text, _: &dyn Beside) -> Result<Inventory, Unread> {
    let mut reading = Reading::default();
    let mut section = "";
    for (start, line) in text.lines() {
        let content = line.trim_start_matches(' ');
        let depth = line.len() - content.len();
        let content = content.trim_end();
        if content.is_empty() {
            continue;
        }
        if depth == 0 {
            section = content;
            reading.section(section);
            continue;
        }
        let at = text.span(start + depth..start + depth + content.len());
        match (section, depth) {
            ("GEM" | "GIT" | "PATH" | "PLUGIN SOURCE", 2) => reading.field(content),
            ("GEM" | "GIT" | "PATH" | "PLUGIN SOURCE", 4) => match gem(content) {
                Some((name, version)) => reading.add(name, version, at),
                None => lost(
                    &mut reading.inventory,
                    at,
                    format!("a gem without a version: {content}"),
                ),
            },
            ("GEM" | "GIT" | "PATH" | "PLUGIN SOURCE", 6) => {
                let name = content.split(' ').next().unwrap_or(content);
                reading.wants.extend(reading.last.map(|id| (id, name)));
            }
            ("DEPENDENCIES", 2) => {
                let name = content.split(' ').next().unwrap_or(content);
                if let Some(&id) = reading.names.get(name.trim_end_matches('!')) {
                    reading.inventory.packages[id].direct = Some(true);
                }
            }
            ("CHECKSUMS", 2) => reading.sum(content),
            ("BUNDLED WITH", _) => content.clone_into(&mut reading.inventory.version),
            _ => {}
        }
    }
    if reading.sections == 0 {
        return Err(Unread::new("it has none of bundler's sections"));
    }
    reading.inventory.declared_empty = true;
    for (id, name) in reading.wants {
        if let Some(&need) = reading.names.get(name) {
            reading.inventory.packages[id].needs.push(need);
        }
    }
    for package in &mut reading.inventory.packages {
        dedup(&mut package.needs);
    }
    Ok(reading.inventory)
}

impl<'t> Reading<'t> {
    fn section(&mut self, name: &str) {
        let kind = match name {
            "GIT" => SourceKind::Git,
            "PATH" => SourceKind::Path,
            _ => SourceKind::Registry,
        };
        self.source = Source::of(kind);
        self.last = None;
        self.sections += usize::from(matches!(name, "GEM" | "GIT" | "PATH" | "DEPENDENCIES"));
        if name == "DEPENDENCIES" {
            for package in &mut self.inventory.packages {
                package.direct = Some(false);
            }
        }
    }

    fn field(&mut self, content: &str) {
        match content.split_once(": ") {
            Some(("remote", url)) => {
                self.source.url.get_or_insert_with(|| url.to_owned());
            }
            Some(("revision", commit)) => self.source.commit = Some(commit.to_owned()),
            _ => {}
        }
    }

    fn add(&mut self, name: &'t str, version: &'t str, at: crate::model::place::Span) {
        let id = self.inventory.packages.len();
        let known = *self.ids.entry((name, version)).or_insert(id);
        self.last = Some(known);
        if known < id {
            return;
        }
        self.names.insert(name, id);
        let mut package = Package::new(Ecosystem::RubyGems, name, Some(version.to_owned()), at);
        package.source = self.source.clone();
        self.inventory.packages.push(package);
    }

    /// `NAME (VERSION) sha256=HEX,...`
    fn sum(&mut self, content: &str) {
        let Some((spec, sums)) = content.rsplit_once(") ") else {
            return;
        };
        let Some((name, version)) = spec.split_once(" (") else {
            return;
        };
        let version = version.split('-').next().unwrap_or(version);
        let Some(&id) = self.ids.get(&(name, version)) else {
            return;
        };
        let hashes = sums.split(',').filter_map(|sum| sum.split_once('='));
        let hashes = hashes.map(|(algorithm, value)| Hash {
            algorithm: algorithm.to_owned(),
            value: value.to_owned(),
        });
        self.inventory.packages[id].hashes.extend(hashes);
    }
}

/// `NAME (VERSION)`, or `NAME (VERSION-PLATFORM)`.
fn gem(content: &str) -> Option<(&str, &str)> {
    let (name, rest) = content.split_once(" (")?;
    let version = rest.strip_suffix(')')?;
    let version = version.split('-').next().unwrap_or(version);
    (!name.is_empty() && !version.is_empty()).then_some((name, version))
}

#[cfg(test)]
mod tests {
    use crate::checkers::dependencies::locks::tests::{check, fails};

    #[test]
    fn sections_and_platforms() {
        check(
            "Gemfile.lock",
            "GIT
  remote: https://github.com/x/g.git
  revision: 0123456789abcdef
  branch: main
  specs:
    g (0.1.0)
      a (>= 1)

PATH
  remote: engines/p
  specs:
    p (0.2.0)

GEM
  remote: https://rubygems.org/
  remote: https://gems.example.com/
  specs:
    a (1.0.0)
    n (1.2-x86_64-linux)
      a
    n (1.2)
    n (1.2-java)
    broken

PLATFORMS
  ruby

DEPENDENCIES
  g!
  n (~> 1.2)

CHECKSUMS
  a (1.0.0) sha256=0a
  n (1.2-java) sha256=0b
  n (1.2)

BUNDLED WITH
   2.6.1
",
            "2.6.1
6 g 0.1.0 git https://github.com/x/g.git @0123456789abcdef direct > a
12 p 0.2.0 path engines/p
18 a 1.0.0 https://rubygems.org/ sha256:0a
19 n 1.2 https://rubygems.org/ sha256:0b direct > a
23 lost: a gem without a version: broken",
        );
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        check("Gemfile.lock", "GEM\n  specs:\n\nDEPENDENCIES\n", "");
        fails("Gemfile.lock", "", "none of bundler's sections");
        fails("gems.locked", "x: 1\n", "none of bundler's sections");
    }
}

//! Owns manifests: which kinds there are, which lockfiles hold for each, and what one asks for.

use toml::Spanned;

use crate::model::place::Span;
use crate::source::xml;

use super::locks::text::Text;
use super::locks::toml::{self as tables, Table, Value, table_at};
use super::locks::{self, Format, Unread, python};

/// A kind of manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each variant is the manifest of its name")]
pub enum Manifest {
    Cargo,
    Composer,
    Gemfile,
    Gradle,
    Mix,
    MsBuild,
    Npm,
    Pipfile,
    Pubspec,
    PyProject,
}

/// What a manifest asks for once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The name that the project calls it by.
    pub name: String,
    /// The version or range, as written; `None` when it is told elsewhere.
    pub range: Option<String>,
    /// Is it asked for by developers only?
    pub dev: bool,
    /// Where the name stands.
    pub span: Span,
}

impl Manifest {
    /// The manifest that a file's name tells.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Some(match name {
            "Cargo.toml" => Self::Cargo,
            "composer.json" => Self::Composer,
            "Gemfile" | "gems.rb" => Self::Gemfile,
            "build.gradle" | "build.gradle.kts" => Self::Gradle,
            "mix.exs" => Self::Mix,
            "package.json" => Self::Npm,
            "Pipfile" => Self::Pipfile,
            "pubspec.yaml" => Self::Pubspec,
            "pyproject.toml" => Self::PyProject,
            _ => match name.rsplit_once('.') {
                Some((_, "csproj" | "fsproj" | "vbproj")) => Self::MsBuild,
                _ => return None,
            },
        })
    }

    /// Does a lockfile of this format hold for it?
    #[must_use]
    pub const fn is_locked_by(self, format: Format) -> bool {
        match self {
            Self::Cargo => matches!(format, Format::CargoLock),
            Self::Composer => matches!(format, Format::ComposerLock),
            Self::Gemfile => matches!(format, Format::GemfileLock),
            Self::Gradle => matches!(format, Format::GradleLock),
            Self::Mix => matches!(format, Format::MixLock),
            Self::MsBuild => matches!(format, Format::NuGetLock | Format::PackagesConfig),
            Self::Npm => matches!(
                format,
                Format::NpmLock
                    | Format::PnpmLock
                    | Format::YarnLock
                    | Format::BunLock
                    | Format::BunBinary
            ),
            Self::Pipfile => matches!(format, Format::PipfileLock),
            Self::Pubspec => matches!(format, Format::PubspecLock),
            Self::PyProject => matches!(
                format,
                Format::PoetryLock
                    | Format::UvLock
                    | Format::PdmLock
                    | Format::PyLock
                    | Format::PipfileLock
                    | Format::Requirements
            ),
        }
    }

    /// How the missing lockfile comes about: an action.
    #[must_use]
    pub const fn cure(self) -> &'static str {
        match self {
            Self::Cargo => "run `cargo generate-lockfile` and commit Cargo.lock",
            Self::Composer => "run `composer update` and commit composer.lock",
            Self::Gemfile => "run `bundle lock` and commit Gemfile.lock",
            Self::Gradle => {
                "turn dependency locking on, run `gradle dependencies --write-locks`, and commit gradle.lockfile"
            }
            Self::Mix => "run `mix deps.get` and commit mix.lock",
            Self::MsBuild => {
                "set RestorePackagesWithLockFile, run `dotnet restore`, and commit packages.lock.json"
            }
            Self::Npm => "run `npm install --package-lock-only` and commit package-lock.json",
            Self::Pipfile => "run `pipenv lock` and commit Pipfile.lock",
            Self::Pubspec => "run `dart pub get` and commit pubspec.lock",
            Self::PyProject => "run `uv lock` or `poetry lock` and commit the lockfile",
        }
    }

    /// What it asks for from elsewhere. Where only a program knows (a Gemfile, a build script), the lines that look like it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn asked(self, text: &Text) -> Result<Vec<Asked>, Unread> {
        match self {
            Self::Cargo => cargo(text),
            Self::Composer => composer(text),
            Self::Npm => npm(text),
            Self::Pipfile => pipfile(text),
            Self::Pubspec => pubspec(text),
            Self::PyProject => pyproject(text),
            Self::MsBuild => ms_build(text),
            Self::Gemfile => Ok(lines(text, |line| line.strip_prefix("gem "))),
            Self::Mix => Ok(lines(text, |line| {
                line.strip_prefix("{:").filter(|rest| rest.contains('"'))
            })),
            Self::Gradle => Ok(lines(text, |line| {
                let (head, rest) = line.split_once([' ', '('])?;
                let head = head.to_ascii_lowercase();
                let configuration = ["implementation", "api", "compile", "runtimeonly"];
                let quoted = rest.trim_start_matches('(').starts_with(['"', '\'']);
                (configuration.iter().any(|end| head.ends_with(end)) && quoted).then_some(rest)
            })),
        }
    }
}

/// The lines of a program that look as if they asked for something; the first quoted word, or the first word, is its name.
fn lines(text: &Text, asks: impl Fn(&str) -> Option<&str>) -> Vec<Asked> {
    let asked = |(start, line): (usize, &str)| {
        let content = line.trim_start();
        let rest = asks(content)?;
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':');
        let name = rest.split(|c| !is_name(c)).find(|word| !word.is_empty())?;
        let start = start + line.len() - content.len();
        Some(Asked {
            name: name.to_owned(),
            range: None,
            dev: false,
            span: text.span(start..start + content.len()),
        })
    };
    text.lines().filter_map(asked).collect()
}

fn npm(text: &Text) -> Result<Vec<Asked>, Unread> {
    json_maps(
        text,
        &[
            ("dependencies", false),
            ("optionalDependencies", false),
            ("devDependencies", true),
        ],
    )
}

fn composer(text: &Text) -> Result<Vec<Asked>, Unread> {
    let mut asked = json_maps(text, &[("require", false), ("require-dev", true)])?;
    // The platform's own parts have no vendor.
    asked.retain(|one| one.name.contains('/'));
    Ok(asked)
}

fn json_maps(text: &Text, maps: &[(&str, bool)]) -> Result<Vec<Asked>, Unread> {
    let document = locks::json(text)?;
    let mut asked = Vec::new();
    for &(map, dev) in maps {
        let map = document.get(document.root(), map);
        for &(key, value) in map.map_or(&[][..], |map| document.entries(map)) {
            asked.extend(document.text(key).map(|name| Asked {
                name: name.to_owned(),
                range: document.text(value).map(str::to_owned),
                dev,
                span: text.span(document.range(key)),
            }));
        }
    }
    Ok(asked)
}

/// What a table asks for, each under its name.
fn table(text: &Text, entries: &Table<'_>, dev: bool) -> Vec<Asked> {
    let asked = |(key, value): (&Spanned<_>, &Value<'_>)| {
        let name: &std::borrow::Cow<'_, str> = key.get_ref();
        let value = value.get_ref();
        let told = value
            .as_table()
            .and_then(|table| tables::text_at(table, "version"));
        Asked {
            name: name.to_string(),
            range: value.as_str().or(told).map(str::to_owned),
            dev,
            span: text.span(key.span()),
        }
    };
    entries.iter().map(asked).collect()
}

fn cargo(text: &Text) -> Result<Vec<Asked>, Unread> {
    let root = tables::parse(text)?;
    let root = root.get_ref();
    let mut asked = Vec::new();
    let targets = table_at(root, "target").into_iter().flatten();
    let targets = targets.filter_map(|(_, target)| target.get_ref().as_table());
    for part in std::iter::once(root).chain(targets) {
        for (key, dev) in [
            ("dependencies", false),
            ("build-dependencies", false),
            ("dev-dependencies", true),
        ] {
            let Some(entries) = table_at(part, key) else {
                continue;
            };
            for mut one in table(text, entries, dev) {
                let real = table_at(entries, &one.name)
                    .and_then(|entry| tables::text_at(entry, "package"));
                if let Some(real) = real {
                    real.clone_into(&mut one.name);
                }
                asked.push(one);
            }
        }
    }
    Ok(asked)
}

fn pipfile(text: &Text) -> Result<Vec<Asked>, Unread> {
    let root = tables::parse(text)?;
    let mut asked = Vec::new();
    for (key, value) in root.get_ref() {
        let section: &str = key.get_ref();
        let other = matches!(section, "requires" | "scripts" | "pipenv" | "source");
        if let Some(entries) = value.get_ref().as_table().filter(|_| !other) {
            asked.extend(table(text, entries, section == "dev-packages"));
        }
    }
    Ok(asked)
}

fn pyproject(text: &Text) -> Result<Vec<Asked>, Unread> {
    let root = tables::parse(text)?;
    let root = root.get_ref();
    let mut asked = Vec::new();
    if let Some(project) = table_at(root, "project") {
        asked.extend(requirements(
            text,
            tables::items(project, "dependencies"),
            false,
        ));
        asked.extend(groups(text, project, "optional-dependencies", false));
    }
    asked.extend(groups(text, root, "dependency-groups", true));
    let tool = table_at(root, "tool");
    if let Some(pdm) = tool.and_then(|tool| table_at(tool, "pdm")) {
        asked.extend(groups(text, pdm, "dev-dependencies", true));
    }
    if let Some(poetry) = tool.and_then(|tool| table_at(tool, "poetry")) {
        let groups = table_at(poetry, "group").into_iter().flatten();
        let groups =
            groups.filter_map(|(_, group)| table_at(group.get_ref().as_table()?, "dependencies"));
        let own = [("dependencies", false), ("dev-dependencies", true)];
        let own = own
            .iter()
            .filter_map(|&(key, dev)| Some((table_at(poetry, key)?, dev)));
        for (entries, dev) in own.chain(groups.map(|group| (group, true))) {
            asked.extend(table(text, entries, dev));
        }
        asked.retain(|one| one.name != "python");
    }
    Ok(asked)
}

fn requirements(text: &Text, items: &[Value<'_>], dev: bool) -> Vec<Asked> {
    let asked = |item: &Value<'_>| {
        let found = python::requirement(item.get_ref().as_str()?)?;
        Some(Asked {
            name: found.name.to_owned(),
            range: Some(found.asked.to_owned()),
            dev,
            span: text.span(item.span()),
        })
    };
    items.iter().filter_map(asked).collect()
}

/// Lists of requirements, each under the name of its group.
fn groups(text: &Text, parent: &Table<'_>, key: &str, dev: bool) -> Vec<Asked> {
    let groups = table_at(parent, key).into_iter().flatten();
    let lists = groups.filter_map(|(_, list)| list.get_ref().as_array());
    lists
        .flat_map(|list| requirements(text, list, dev))
        .collect()
}

fn pubspec(text: &Text) -> Result<Vec<Asked>, Unread> {
    let document = locks::yaml(text)?;
    let Some(root) = document.root() else {
        return Ok(Vec::new());
    };
    let mut asked = Vec::new();
    for (map, dev) in [("dependencies", false), ("dev_dependencies", true)] {
        let map = document.get(root, map);
        for &(key, value) in map.map_or(&[][..], |map| document.entries(map)) {
            asked.extend(document.text(key).map(|name| Asked {
                name: name.to_owned(),
                range: document.text(value).map(str::to_owned),
                dev,
                span: locks::yaml_span(text, &document, key),
            }));
        }
    }
    Ok(asked)
}

fn ms_build(text: &Text) -> Result<Vec<Asked>, Unread> {
    let document = xml::Document::parse(text.as_str())
        .map_err(|why| Unread::new(format!("it is no XML: {why}")))?;
    let groups = document.all(document.root(), "ItemGroup");
    let references = groups.flat_map(|group| document.all(group, "PackageReference"));
    let asked = references.filter_map(|element| {
        Some(Asked {
            name: document.attribute(element, "Include")?.to_owned(),
            range: document.attribute(element, "Version").map(str::to_owned),
            dev: false,
            span: text.span(document.range(element)),
        })
    });
    Ok(asked.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, content: &str, expected: &str) {
        let manifest = Manifest::of_name(name).expect("its name tells it");
        let text = Text::new(content.as_bytes()).expect("it is UTF-8");
        let asked = manifest.asked(&text).expect("it can be read");
        let told = asked.iter().map(|one| {
            let range = one.range.as_deref().unwrap_or("-");
            let dev = if one.dev { " dev" } else { "" };
            format!("{} {} {range}{dev}", one.span.start.line, one.name)
        });
        assert_eq!(told.collect::<Vec<_>>().join("\n"), expected, "{content}");
    }

    #[test]
    fn what_manifests_ask_for() {
        check(
            "package.json",
            "{\"dependencies\": {\"a\": \"^1\"},\n\"devDependencies\": {\"b\": \"2\"}, \"peerDependencies\": {\"c\": \"3\"}}",
            "1 a ^1\n2 b 2 dev",
        );
        check(
            "Cargo.toml",
            "[dependencies]\na = \"1\"\nb = { package = \"real\", version = \"2\" }\nc.workspace = true\n[target.'cfg(unix)'.dev-dependencies]\nd = \"3\"\n",
            "2 a 1\n3 real 2\n4 c -\n6 d 3 dev",
        );
        check(
            "pyproject.toml",
            "[project]\ndependencies = [\"a>=1\",\n\"b\"]\n[dependency-groups]\nx = [\"c==1\", {include-group = \"y\"}]\n[tool.poetry.dependencies]\npython = \"*\"\nd = \"^1\"\n[tool.poetry.group.t.dependencies]\ne = {version = \"1\"}\n",
            "2 a >=1\n3 b \n5 c ==1 dev\n8 d ^1\n10 e 1 dev",
        );
        check(
            "Pipfile",
            "[packages]\na = \"*\"\n[dev-packages]\nb = \"*\"\n[requires]\nc = \"3\"\n",
            "4 b * dev\n2 a *",
        );
        check(
            "composer.json",
            "{\"require\": {\"php\": \"^8\", \"x/a\": \"^1\"}}",
            "1 x/a ^1",
        );
        check(
            "Gemfile",
            "source 'x'\n  gem \"a\", '~> 1'\ngem 'b'\n",
            "2 a -\n3 b -",
        );
        check(
            "mix.exs",
            "  [\n    {:a, \"~> 1.0\"},\n    {:b, path: 1},\n",
            "2 a -",
        );
        check(
            "build.gradle.kts",
            "implementation(\"g:a:1\")\ntestImplementation(project(\":x\"))\n",
            "1 g:a:1 -",
        );
        check("build.gradle", "  compile 'g:a:1'\n", "1 g:a:1 -");
        check(
            "pubspec.yaml",
            "dependencies:\n  a: ^1\n  f:\n    sdk: flutter\n",
            "2 a ^1\n3 f -",
        );
        check(
            "a.csproj",
            "<Project><ItemGroup>\n<PackageReference Include=\"A\" Version=\"1\"/></ItemGroup></Project>",
            "2 A 1",
        );
    }
}

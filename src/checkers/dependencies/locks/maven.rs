//! Owns `pom.xml`: no lockfile, but it pins what it asks for itself. Versions come from the file, its properties, its
//! managed dependencies, and those of its parents as far as these are in the repository.

use std::collections::{BTreeMap, BTreeSet};

use crate::checkers::dependencies::inventory::{
    Ecosystem, Id, Inventory, Package, Source, SourceKind,
};
use crate::model::place::Span;
use crate::source::xml::{Document, Id as Element};

use super::text::Text;
use super::{Beside, Unread, joined, lost};

/// The most parents that are followed.
const MOST_PARENTS: usize = 16;

/// How far properties lead to other ones.
const DEEPEST: usize = 16;

/// The longest text that properties may build.
const LONGEST: usize = 1_024;

/// What a file and its parents say; the file itself comes first.
#[derive(Default)]
struct Model {
    properties: BTreeMap<String, String>,
    /// Version and scope by group and artifact.
    managed: BTreeMap<(String, String), (Option<String>, Option<String>)>,
}

pub(super) fn read(text: &Text, beside: &dyn Beside) -> Result<Inventory, Unread> {
    let document = parse(text.as_str()).map_err(Unread::new)?;
    let root = document.root();
    let model = model(&document, beside);
    let mut inventory = Inventory {
        declared_empty: true,
        ..Inventory::default()
    };
    let named = |element: Element, path: &[&str]| {
        document
            .text(element, path)
            .map(|text| model.resolved(text))
    };
    let group = named(root, &["groupId"]).or_else(|| named(root, &["parent", "groupId"]));
    let artifact = named(root, &["artifactId"]).unwrap_or_default();
    let own = format!("{}:{artifact}", group.unwrap_or_default());
    let version = named(root, &["version"]).or_else(|| named(root, &["parent", "version"]));
    let mut project = Package::new(
        Ecosystem::Maven,
        own,
        version,
        text.span(document.range(root)),
    );
    project.source = Source::of(SourceKind::Workspace);
    if let Some(parent) = document.at(root, &["parent"]) {
        let at = text.span(document.range(parent));
        // A parent in the repository is a part of the project.
        let mut package = model.package(&document, parent, at);
        if parent_path(&document, beside).is_some() {
            package.source = Source::of(SourceKind::Workspace);
        }
        inventory.packages.push(package);
    }
    let profiles = document.at(root, &["profiles"]);
    let profiles = profiles
        .into_iter()
        .flat_map(|profiles| document.all(profiles, "profile"));
    for part in std::iter::once(root).chain(profiles) {
        let Some(list) = document.at(part, &["dependencies"]) else {
            continue;
        };
        for element in document.all(list, "dependency") {
            let at = text.span(document.range(element));
            let field = |key: &str| document.text(element, &[key]);
            if field("groupId").and(field("artifactId")).is_none() {
                let what = "a dependency without a group or an artifact";
                lost(&mut inventory, at, what);
                continue;
            }
            let package = model.package(&document, element, at);
            inventory.packages.push(package);
        }
    }
    project.needs = (0..inventory.packages.len()).collect::<Vec<Id>>();
    inventory.packages.push(project);
    Ok(inventory)
}

fn parse(text: &str) -> Result<Document, String> {
    let document = Document::parse(text).map_err(|why| format!("it is no XML: {why}"))?;
    if document.name(document.root()) != "project" {
        return Err("its root is not `project`".to_owned());
    }
    Ok(document)
}

/// The parent's place, if it is there and is the parent.
fn parent_path(document: &Document, beside: &dyn Beside) -> Option<(String, String)> {
    let root = document.root();
    let parent = document.at(root, &["parent"])?;
    // An empty path says that the parent comes from a repository of artifacts.
    let told = document.at(parent, &["relativePath"]);
    let path = match told {
        Some(_) => document.text(parent, &["relativePath"])?,
        None => "../pom.xml",
    };
    let path = if path.strip_suffix(".xml").is_some() {
        path.to_owned()
    } else {
        format!("{path}/pom.xml")
    };
    let bytes = beside.read(&joined("", &path)).ok()??;
    let text = Text::new(&bytes)?.as_str().to_owned();
    let found = parse(&text).ok()?;
    let same = document.text(parent, &["artifactId"]) == found.text(found.root(), &["artifactId"]);
    same.then_some((path, text))
}

fn model(document: &Document, beside: &dyn Beside) -> Model {
    let mut model = Model::default();
    model.add(document);
    let mut folder = String::new();
    let mut seen = BTreeSet::new();
    let mut next = parent_path(document, beside);
    while let Some((path, text)) = next {
        let path = joined(&folder, &path);
        if seen.len() >= MOST_PARENTS || !seen.insert(path.clone()) {
            break;
        }
        let Ok(parent) = parse(&text) else { break };
        model.add(&parent);
        path.rsplit_once('/')
            .map_or("", |(folder, _)| folder)
            .clone_into(&mut folder);
        next = parent_path(
            &parent,
            &Below {
                beside,
                folder: &folder,
            },
        );
    }
    model
}

/// The files around another file.
struct Below<'a> {
    beside: &'a dyn Beside,
    folder: &'a str,
}

impl Beside for Below<'_> {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        self.beside.read(&joined(self.folder, path))
    }
}

impl Model {
    /// Takes what a file says, unless a file nearer to the project says it too.
    fn add(&mut self, document: &Document) {
        let root = document.root();
        let first = self.properties.is_empty();
        let mut say = |key: String, value: &str| {
            self.properties
                .entry(key)
                .or_insert_with(|| value.to_owned());
        };
        if let Some(properties) = document.at(root, &["properties"]) {
            for &property in document.children(properties) {
                let value = document.text(property, &[]).unwrap_or_default();
                say(document.name(property).to_owned(), value);
            }
        }
        if first {
            for key in ["groupId", "artifactId", "version"] {
                let parents = document.text(root, &["parent", key]);
                if let Some(value) = parents {
                    say(format!("project.parent.{key}"), value);
                }
                if let Some(value) = document.text(root, &[key]).or(parents) {
                    for head in ["project.", "pom.", ""] {
                        say(format!("{head}{key}"), value);
                    }
                }
            }
        }
        let Some(list) = document.at(root, &["dependencyManagement", "dependencies"]) else {
            return;
        };
        for element in document.all(list, "dependency") {
            let field = |key: &str| document.text(element, &[key]).map(str::to_owned);
            let key = (
                field("groupId").unwrap_or_default(),
                field("artifactId").unwrap_or_default(),
            );
            self.managed
                .entry(key)
                .or_insert((field("version"), field("scope")));
        }
    }

    fn package(&self, document: &Document, element: Element, at: Span) -> Package {
        let field = |key: &str| document.text(element, &[key]).map(str::to_owned);
        let (group, artifact) = (
            field("groupId").unwrap_or_default(),
            field("artifactId").unwrap_or_default(),
        );
        let key = (group, artifact);
        let managed = self.managed.get(&key).or_else(|| {
            let resolved = (self.resolved(&key.0), self.resolved(&key.1));
            self.managed.get(&resolved)
        });
        let version = field("version").or_else(|| managed.and_then(|(version, _)| version.clone()));
        let scope = field("scope").or_else(|| managed.and_then(|(_, scope)| scope.clone()));
        let name = format!("{}:{}", self.resolved(&key.0), self.resolved(&key.1));
        let mut package = Package::new(Ecosystem::Maven, name, None, at);
        if let Some(version) = version.map(|version| self.resolved(&version)) {
            match exact(&version) {
                Some(version) => package.version = Some(version.to_owned()),
                None => package.requirement = Some(version),
            }
        }
        package.dev = Some(scope.as_deref() == Some("test"));
        package.optional = field("optional").as_deref() == Some("true");
        if let Some(path) = field("systemPath") {
            package.source = Source::at(SourceKind::Path, path);
        }
        package
    }

    /// A text with its properties put in, as far as they are known.
    fn resolved(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for _ in 0..DEEPEST {
            let mut built = String::new();
            let mut rest = text.as_str();
            while let Some((before, after)) = rest.split_once("${") {
                let Some((key, behind)) = after.split_once('}') else {
                    break;
                };
                built += before;
                let value = self.properties.get(key);
                match value.filter(|value| value.len() + built.len() < LONGEST) {
                    Some(value) => built += value,
                    None => built += &format!("${{{key}}}"),
                }
                rest = behind;
            }
            built += rest;
            if built == text || built.len() > LONGEST {
                break;
            }
            text = built;
        }
        text
    }
}

/// The one version that this asks for: a plain one, or `[1.0]`.
fn exact(version: &str) -> Option<&str> {
    if version.contains("${") || matches!(version, "LATEST" | "RELEASE") {
        return None;
    }
    let inner = version
        .strip_prefix('[')
        .and_then(|version| version.strip_suffix(']'));
    let inner = inner.unwrap_or(version).trim();
    (!inner.contains(['[', '(', ')', ']', ','])).then_some(inner)
}

#[cfg(test)]
mod tests {
    use crate::checkers::dependencies::locks::tests::{check, check_beside, fails};

    #[test]
    fn versions_from_all_places() {
        check_beside(
            "pom.xml",
            r"<project>
<parent><groupId>g</groupId><artifactId>p</artifactId><version>1</version></parent>
<artifactId>own</artifactId>
<properties><a.version>1.0</a.version><twice>${a.version}</twice><loop>${loop}x</loop></properties>
<dependencies>
<dependency><groupId>x</groupId><artifactId>literal</artifactId><version>1.0</version></dependency>
<dependency><groupId>x</groupId><artifactId>property</artifactId><version>${twice}</version><scope>test</scope></dependency>
<dependency><groupId>${project.groupId}</groupId><artifactId>sibling</artifactId><version>${project.version}</version></dependency>
<dependency><groupId>x</groupId><artifactId>managed</artifactId></dependency>
<dependency><groupId>x</groupId><artifactId>nowhere</artifactId></dependency>
<dependency><groupId>x</groupId><artifactId>unknown</artifactId><version>${nope}</version></dependency>
<dependency><groupId>x</groupId><artifactId>range</artifactId><version>[1,2)</version></dependency>
<dependency><groupId>x</groupId><artifactId>pinned</artifactId><version>[1.5]</version><optional>true</optional></dependency>
<dependency><groupId>x</groupId><artifactId>system</artifactId><version>1</version><systemPath>lib/x.jar</systemPath></dependency>
</dependencies>
<profiles><profile><dependencies>
<dependency><groupId>x</groupId><artifactId>loop</artifactId><version>${loop}</version></dependency>
</dependencies></profile></profiles>
</project>
",
            &[(
                "../pom.xml",
                r"<project><groupId>g</groupId><artifactId>p</artifactId><version>1</version>
<properties><a.version>0.1</a.version><far>9.0</far></properties>
<dependencyManagement><dependencies>
<dependency><groupId>x</groupId><artifactId>managed</artifactId><version>${far}</version><scope>test</scope></dependency>
</dependencies></dependencyManagement></project>",
            )],
            "
2 g:p 1 workspace
6 x:literal 1.0 direct
7 x:property 1.0 dev direct
8 g:sibling 1 direct
9 x:managed 9.0 dev direct
10 x:nowhere - direct
11 x:unknown - asked ${nope} direct
12 x:range - asked [1,2) direct
13 x:pinned 1.5 direct optional
14 x:system 1 path lib/x.jar direct
17 x:loop - asked ${loop}xxxxxxxxxxxxxxxx direct
1 g:own 1 workspace > g:p x:literal x:property g:sibling x:managed x:nowhere x:unknown x:range x:pinned x:system x:loop",
        );
    }

    #[test]
    fn a_parent_from_elsewhere_is_a_package() {
        let pom = "<project><parent><groupId>g</groupId><artifactId>p</artifactId><version>1</version></parent><artifactId>o</artifactId></project>";
        check_beside(
            "pom.xml",
            pom,
            &[(
                "../pom.xml",
                "<project><artifactId>other</artifactId></project>",
            )],
            "\n1 g:p 1 direct\n1 g:o 1 workspace > g:p",
        );
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        fails("pom.xml", "<x/>", "not `project`");
        fails("pom.xml", "<project>", "no XML");
        check("pom.xml", "<project/>", "\n1 : - workspace");
    }
}

//! Owns `pubspec.lock` of Dart's pub.

use crate::checkers::dependencies::inventory::{
    Ecosystem, Hash, Inventory, Package, Source, SourceKind,
};
use crate::source::yaml::{Document, Id as Node};

use super::text::Text;
use super::{Beside, Unread, lost, yaml, yaml_span};

pub(super) fn read(text: &Text, _: &dyn Beside) -> Result<Inventory, Unread> {
    let document = yaml(text)?;
    let root = document.root().ok_or_else(|| Unread::new("it is empty"))?;
    let packages = document.get(root, "packages");
    if packages.is_none() && document.get(root, "sdks").is_none() {
        return Err(Unread::new("it has no list of packages"));
    }
    let mut inventory = Inventory {
        declared_empty: true,
        ..Inventory::default()
    };
    for &(key, entry) in packages.map_or(&[][..], |packages| document.entries(packages)) {
        let called = document.text(key).unwrap_or_default();
        let at = yaml_span(text, &document, key);
        let field = |path: &[&str]| document.text(document.at(entry, path)?);
        let Some(source) = source(&document, entry) else {
            lost(
                &mut inventory,
                at,
                format!("the source of `{called}` is not known"),
            );
            continue;
        };
        let name = field(&["description", "name"]).unwrap_or(called);
        let version = field(&["version"]).map(str::to_owned);
        let mut package = Package::new(Ecosystem::Pub, name, version, at);
        package.alias = (name != called).then(|| called.to_owned());
        package.source = source;
        let sum = field(&["description", "sha256"]);
        package.hashes = sum
            .map(|sum| Hash::read(sum, "sha256"))
            .into_iter()
            .collect();
        let told = field(&["dependency"]).unwrap_or_default();
        package.direct = Some(told.starts_with("direct"));
        // What is needed indirectly may be needed by both.
        package.dev = told.starts_with("direct").then(|| told == "direct dev");
        inventory.packages.push(package);
    }
    Ok(inventory)
}

fn source(document: &Document, entry: Node) -> Option<Source> {
    let field = |path: &[&str]| document.text(document.at(entry, path)?);
    let mut source = Source::of(match field(&["source"])? {
        "hosted" => SourceKind::Registry,
        "git" => SourceKind::Git,
        "path" => SourceKind::Path,
        "sdk" => SourceKind::Platform,
        _ => return None,
    });
    let key = if source.kind == SourceKind::Path {
        "path"
    } else {
        "url"
    };
    source.url = field(&["description", key]).map(str::to_owned);
    if source.kind == SourceKind::Git {
        source.commit = field(&["description", "resolved-ref"]).map(str::to_owned);
    }
    Some(source)
}

#[cfg(test)]
mod tests {
    use crate::checkers::dependencies::locks::tests::{check, fails};

    #[test]
    fn sources_of_all_kinds() {
        check(
            "pubspec.lock",
            "packages:
  a:
    dependency: \"direct main\"
    description:
      name: a
      sha256: \"0a\"
      url: \"https://pub.dev\"
    source: hosted
    version: \"1.0.0\"
  g:
    dependency: \"direct dev\"
    description:
      path: \".\"
      ref: main
      resolved-ref: \"0123456789abcdef\"
      url: \"https://example.com/g.git\"
    source: git
    version: \"0.1.0\"
  p:
    dependency: transitive
    description:
      path: \"../p\"
      relative: true
    source: path
    version: \"0.0.1\"
  flutter:
    dependency: transitive
    description: flutter
    source: sdk
    version: \"0.0.0\"
  x:
    source: other
sdks:
  dart: \">=3.0.0\"
",
            "
2 a 1.0.0 https://pub.dev sha256:0a direct
10 g 0.1.0 git https://example.com/g.git @0123456789abcdef dev direct
19 p 0.0.1 path ../p
26 flutter 0.0.0 platform
31 lost: the source of `x` is not known",
        );
        check("pubspec.lock", "packages: {}\nsdks:\n  dart: any\n", "");
        fails("pubspec.lock", "a: 1\n", "no list of packages");
    }
}

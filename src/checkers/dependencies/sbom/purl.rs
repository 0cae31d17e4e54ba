//! Owns package URLs, as package-url/purl-spec defines them for each type. Pure.

use crate::checkers::dependencies::inventory::{Ecosystem, Package, SourceKind};
use crate::checkers::dependencies::vulnerabilities::survey::has_public_name;

use super::bill::public_url;

/// The package URL of a package; `None` where nothing that is published answers to it: the project's own packages, folders,
/// parts of a platform.
#[must_use]
pub fn purl(package: &Package) -> Option<String> {
    let name = &*package.name;
    let version = package.version.as_deref();
    let url = package.source.url.as_deref().and_then(public_url);
    match package.source.kind {
        SourceKind::Registry => {
            let mut qualifiers = Vec::new();
            if !has_public_name(package) {
                qualifiers.push(("repository_url", url?));
            }
            Some(registered(package.ecosystem, name, version, &qualifiers))
        }
        SourceKind::Platform if package.ecosystem == Ecosystem::Go => {
            Some(written("golang", &[name], version, &[]))
        }
        // A registry's name means nothing for what comes from elsewhere: whoever reads the bill would look it up there.
        SourceKind::Git => {
            let commit = package.source.commit.as_deref();
            let at = commit.map_or_else(String::new, |commit| format!("@{commit}"));
            let url = url?;
            let url = url.split(['#', '?']).next().unwrap_or(&url);
            let url = url.strip_prefix("git+").unwrap_or(url);
            Some(written(
                "generic",
                &[name],
                version,
                &[("vcs_url", format!("git+{url}{at}"))],
            ))
        }
        SourceKind::Url => Some(written(
            "generic",
            &[name],
            version,
            &[("download_url", url?)],
        )),
        SourceKind::Path | SourceKind::Workspace | SourceKind::Platform => None,
    }
}

fn registered(
    ecosystem: Ecosystem,
    name: &str,
    version: Option<&str>,
    qualifiers: &[(&str, String)],
) -> String {
    let lower = name.to_lowercase();
    let parts: Vec<&str> = match ecosystem {
        Ecosystem::Maven => name.split(':').collect(),
        Ecosystem::Go | Ecosystem::Packagist | Ecosystem::Hex => lower.split('/').collect(),
        Ecosystem::Npm => name.split('/').collect(),
        _ => vec![name],
    };
    match ecosystem {
        Ecosystem::Crates => written("cargo", &parts, version, qualifiers),
        Ecosystem::Go => {
            let version = version.map(|version| format!("v{version}"));
            written("golang", &parts, version.as_deref(), qualifiers)
        }
        Ecosystem::Hex => written("hex", &parts, version, qualifiers),
        Ecosystem::Maven => written("maven", &parts, version, qualifiers),
        Ecosystem::Npm => written("npm", &parts, version, qualifiers),
        Ecosystem::NuGet => written("nuget", &parts, version, qualifiers),
        Ecosystem::Packagist => written("composer", &parts, version, qualifiers),
        Ecosystem::Pub => written("pub", &[&lower], version, qualifiers),
        Ecosystem::PyPi => written("pypi", &[&lower.replace('_', "-")], version, qualifiers),
        Ecosystem::RubyGems => written("gem", &parts, version, qualifiers),
    }
}

/// `pkg:KIND/PARTS@VERSION?QUALIFIERS`; the qualifiers are given in the order of their names.
fn written(
    kind: &str,
    parts: &[&str],
    version: Option<&str>,
    qualifiers: &[(&str, String)],
) -> String {
    let mut text = format!("pkg:{kind}");
    for part in parts.iter().filter(|part| !part.is_empty()) {
        text.push('/');
        encode(part, &mut text);
    }
    if let Some(version) = version.filter(|version| !version.is_empty()) {
        text.push('@');
        encode(version, &mut text);
    }
    let mut lead = '?';
    for (name, value) in qualifiers.iter().filter(|(_, value)| !value.is_empty()) {
        text.push(lead);
        text.push_str(name);
        text.push('=');
        encode(value, &mut text);
        lead = '&';
    }
    text
}

fn encode(text: &str, into: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_~:".contains(&byte) {
            into.push(char::from(byte));
        } else {
            into.push_str(&format!("%{byte:02X}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkers::dependencies::inventory::Source;
    use crate::model::place::Span;

    fn check(ecosystem: Ecosystem, name: &str, version: &str, source: Source, expected: &str) {
        let version = (!version.is_empty()).then(|| version.to_owned());
        let mut package = Package::new(ecosystem, name, version, Span::at(1, 1));
        package.source = source;
        assert_eq!(purl(&package).as_deref().unwrap_or_default(), expected);
    }

    #[test]
    fn of_every_registry() {
        let check = |ecosystem, name, version, expected| {
            check(ecosystem, name, version, Source::default(), expected);
        };
        check(Ecosystem::Crates, "rand", "0.7.2", "pkg:cargo/rand@0.7.2");
        check(
            Ecosystem::Npm,
            "@angular/animation",
            "12.3.1",
            "pkg:npm/%40angular/animation@12.3.1",
        );
        check(
            Ecosystem::Npm,
            "JSONStream",
            "1.3.5",
            "pkg:npm/JSONStream@1.3.5",
        );
        check(
            Ecosystem::PyPi,
            "Django_package",
            "1.11.1.dev1",
            "pkg:pypi/django-package@1.11.1.dev1",
        );
        check(
            Ecosystem::PyPi,
            "zope.interface",
            "5.0+x y",
            "pkg:pypi/zope.interface@5.0%2Bx%20y",
        );
        let incompatible = "2.0.0+incompatible";
        check(
            Ecosystem::Go,
            "github.com/Azure/go/v2",
            incompatible,
            "pkg:golang/github.com/azure/go/v2@v2.0.0%2Bincompatible",
        );
        check(
            Ecosystem::RubyGems,
            "jruby-launcher",
            "1.1.2",
            "pkg:gem/jruby-launcher@1.1.2",
        );
        check(
            Ecosystem::Packagist,
            "Laravel/Laravel",
            "5.5.0",
            "pkg:composer/laravel/laravel@5.5.0",
        );
        check(
            Ecosystem::NuGet,
            "EnterpriseLibrary.Common",
            "6.0.1304",
            "pkg:nuget/EnterpriseLibrary.Common@6.0.1304",
        );
        check(
            Ecosystem::Maven,
            "HTTPClient:HTTPClient",
            "0.3-3",
            "pkg:maven/HTTPClient/HTTPClient@0.3-3",
        );
        check(Ecosystem::Maven, "g:a", "", "pkg:maven/g/a");
        check(Ecosystem::Hex, "jason", "1.1.2", "pkg:hex/jason@1.1.2");
        check(
            Ecosystem::Pub,
            "characters",
            "1.2.0",
            "pkg:pub/characters@1.2.0",
        );
    }

    #[test]
    fn of_other_sources() {
        let mut git = Source::at(
            SourceKind::Git,
            "https://me:secret@git.example/x/y.git?rev=1#cc55",
        );
        git.commit = Some("cc55".to_owned());
        check(
            Ecosystem::Crates,
            "y",
            "1.0.0",
            git,
            "pkg:generic/y@1.0.0?vcs_url=git%2Bhttps:%2F%2Fgit.example%2Fx%2Fy.git%40cc55",
        );
        check(
            Ecosystem::Npm,
            "t",
            "",
            Source::at(SourceKind::Url, "https://files.example/t.tgz?token=1"),
            "pkg:generic/t?download_url=https:%2F%2Ffiles.example%2Ft.tgz",
        );
        check(
            Ecosystem::Crates,
            "ours",
            "1.0.0",
            Source::at(SourceKind::Registry, "sparse+https://crates.example/index/"),
            "pkg:cargo/ours@1.0.0?repository_url=sparse%2Bhttps:%2F%2Fcrates.example%2Findex%2F",
        );
        check(
            Ecosystem::Go,
            "stdlib",
            "1.21.0",
            Source::of(SourceKind::Platform),
            "pkg:golang/stdlib@1.21.0",
        );
        check(
            Ecosystem::Pub,
            "flutter",
            "0.0.0",
            Source::of(SourceKind::Platform),
            "",
        );
        check(
            Ecosystem::Npm,
            "own",
            "1.0.0",
            Source::of(SourceKind::Workspace),
            "",
        );
    }
}

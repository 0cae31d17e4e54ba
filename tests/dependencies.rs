//! Lockfiles of real repositories, whose packages were counted by other means.
//!
//! `QGATE_LOCKFILES` names a folder of them: `OWNER+NAME@REF/PATH`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use qgate::checkers::dependencies::inventory::{Inventory, Package, RemarkKind};
use qgate::checkers::dependencies::locks::{self, Beside, Format};

/// The files beside a lockfile.
struct Folder(PathBuf);

impl Beside for Folder {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        Ok(std::fs::read(self.0.join(path)).ok())
    }
}

/// What was counted.
type Count = fn(&Inventory) -> usize;

const ALL: Count = |inventory| inventory.packages.len();
const FOREIGN: Count = |inventory| inventory.foreign().count();
const PUBLISHED: Count = |inventory| of(inventory, Package::is_published);
const PINNED: Count = |inventory| of(inventory, |p| p.is_published() && p.version.is_some());
const OWN: Count = |inventory| of(inventory, Package::is_own);
const GIT: Count = |inventory| of(inventory, |package| package.source.commit.is_some());
const BUNDLED: Count = |inventory| of(inventory, |package| package.bundled);
const DEPRECATED: Count = |inventory| of(inventory, |package| package.deprecated.is_some());
const DEV: Count = |inventory| of(inventory, |package| package.dev == Some(true));
const DIRECT: Count = |inventory| of(inventory, |package| package.direct == Some(true));
const STRONG: Count = |inventory| {
    of(inventory, |package| {
        package.hashes.iter().any(|hash| hash.algorithm == "sha512")
    })
};
const DISTINCT: Count = |inventory| {
    let pins = inventory
        .foreign()
        .map(|(_, package)| (package.normal_name(), package.version.clone()));
    pins.collect::<std::collections::BTreeSet<_>>().len()
};

fn of(inventory: &Inventory, is: impl Fn(&Package) -> bool) -> usize {
    inventory
        .packages
        .iter()
        .filter(|package| is(package))
        .count()
}

const EXPECTED: &[(&str, &[(Count, usize)])] = &[
    ("BurntSushi+ripgrep@0.10.0/Cargo.lock", &[(ALL, 86)]),
    ("casey+just@v0.8.0/Cargo.lock", &[(ALL, 62)]),
    ("hatoo+oha@v0.2.0/Cargo.lock", &[(ALL, 238)]),
    (
        "lycheeverse+lychee@v0.8.0/Cargo.lock",
        &[(ALL, 350), (GIT, 3)],
    ),
    ("bencherdev+bencher@v0.3.0/Cargo.lock", &[(ALL, 566)]),
    ("tursodatabase+turso@9e8a19aeb5/Cargo.lock", &[(ALL, 857)]),
    (
        "OWASP+NodeGoat@c5cb68a708/package-lock.json",
        &[
            (FOREIGN, 1_479),
            (DISTINCT, 1_091),
            (BUNDLED, 515),
            (DEPRECATED, 47),
        ],
    ),
    (
        "pypi+warehouse@6b62157124/package-lock.json",
        &[(FOREIGN, 1_064), (DISTINCT, 999), (DEPRECATED, 13)],
    ),
    (
        "excalidraw+excalidraw@v0.10.0/yarn.lock",
        &[(FOREIGN, 1_946), (STRONG, 50)],
    ),
    ("vitejs+vite@v2.9.0/pnpm-lock.yaml", &[(FOREIGN, 1_179)]),
    ("vitejs+vite@v5.3.0/pnpm-lock.yaml", &[(FOREIGN, 1_245)]),
    ("python-poetry+poetry@1.1.0/poetry.lock", &[(ALL, 83)]),
    ("pdm-project+pdm@a7e9d0015b/pdm.lock", &[(ALL, 100)]),
    ("pypa+pipenv@v2018.11.26/Pipfile.lock", &[(PINNED, 91)]),
    ("pypa+pipenv@3f1b272abd/pylock.toml", &[(ALL, 103)]),
    (
        "jj-vcs+jj@9d905d5432/uv.lock",
        &[(ALL, 55), (PUBLISHED, 54), (OWN, 1)],
    ),
    (
        "pypi+warehouse@759701ee22/requirements/main.txt",
        &[(PINNED, 107)],
    ),
    ("gohugoio+hugo@v0.80.0/go.mod", &[(PUBLISHED, 66)]),
    ("grafana+k6@v0.40.0/go.mod", &[(PUBLISHED, 53)]),
    ("OWASP+railsgoat@rails.5.0.0/Gemfile.lock", &[(ALL, 135)]),
    (
        "composer+composer@1.10.0/composer.lock",
        &[(ALL, 23), (DEV, 8)],
    ),
    (
        "bitwarden+server@v2022.10.0/src/Api/packages.lock.json",
        &[(DIRECT, 2), (FOREIGN, 263), (OWN, 5)],
    ),
    (
        "WebGoat+WebGoat@v8.2.0/pom.xml",
        &[(FOREIGN, 5), (PINNED, 2)],
    ),
    (
        "DataDog+vulnerable-java-application@eda3f31f8b/gradle.lockfile",
        &[(ALL, 68)],
    ),
    (
        "hexpm+hexpm@db5c427f51/mix.lock",
        &[(PUBLISHED, 55), (GIT, 1)],
    ),
];

fn read(path: &Path) -> Inventory {
    let name = path.to_str().expect("it is UTF-8");
    let format = Format::of_path(name).expect("its name tells the format");
    let bytes = std::fs::read(path).expect("it can be read");
    let beside = Folder(path.parent().expect("it is in a folder").to_owned());
    locks::read(format, name, &bytes, &beside).expect("it is understood")
}

#[test]
fn packages_of_real_lockfiles() {
    let folder = std::env::var_os("QGATE_LOCKFILES").map(PathBuf::from);
    let mut said = std::io::stderr();
    let Some(folder) = folder else {
        let line =
            "not compared: packages of real lockfiles: QGATE_LOCKFILES names no folder of them";
        writeln!(said, "{line}").expect("standard error is open");
        return;
    };
    for (path, counts) in EXPECTED {
        let file = folder.join(path);
        if !file.is_file() {
            writeln!(said, "not compared: {path} is not there").expect("standard error is open");
            continue;
        }
        let inventory = read(&file);
        let found: Vec<usize> = counts.iter().map(|(count, _)| count(&inventory)).collect();
        let expected: Vec<usize> = counts.iter().map(|(_, expected)| *expected).collect();
        assert_eq!(found, expected, "{path}");
        let lost = inventory
            .remarks
            .iter()
            .filter(|remark| remark.kind == RemarkKind::Lost);
        assert_eq!(lost.count(), 0, "{path}");
        // Every package stands in a line that bears its name, or the name that the project calls it by.
        let text = std::fs::read_to_string(&file).expect("it is UTF-8");
        let lines: Vec<&str> = text.lines().collect();
        for package in inventory
            .packages
            .iter()
            .filter(|package| !package.is_own())
        {
            let line = lines[package.span.start.line as usize - 1];
            let called = [Some(&package.name), package.alias.as_ref()];
            let in_next = path.ends_with("pom.xml") || package.name == "stdlib";
            let is_named = called
                .into_iter()
                .flatten()
                .any(|name| line.contains(name.as_str()));
            assert!(is_named || in_next, "{path}: {} at {line}", package.name);
        }
    }
}

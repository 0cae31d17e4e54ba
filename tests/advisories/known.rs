//! Real lockfiles and real advisories, counted by other means before qgate was.
//!
//! `QGATE_LOCKFILES` names a folder of lockfiles, `OWNER+NAME@REF/PATH`; `QGATE_ADVISORY_DATA` one with three folders of records:
//! `rustsec` (rustsec/advisory-db, branch `osv`, 7fa931cb9), `go` (golang/vulndb, `data/osv`, a752ea54fd), `pypa`
//! (pypa/advisory-database, `vulns`, 3ccb612573). And the order of versions by the fixtures of google/osv-scalibr, `semantic/testdata`, in
//! a fourth folder, `versions`.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use qgate::checkers::dependencies::index::manifest::Manifest;
use qgate::checkers::dependencies::index::segment::Index;
use qgate::checkers::dependencies::inventory::Ecosystem;
use qgate::checkers::dependencies::locks::{self, Format};
use qgate::checkers::dependencies::osv::advisory::Class;
use qgate::checkers::dependencies::versions;
use qgate::checkers::dependencies::vulnerabilities::judge::{Pin, judge};
use qgate::checkers::dependencies::vulnerabilities::survey::Lock;
use qgate::host::advisory_source;
use qgate::host::beside::OnDisk;

/// Lockfile, then hits by class from vulnerability to notice, then packages that are hit.
const EXPECTED: &[(&str, &str, [usize; 4], Option<usize>)] = &[
    (
        "rustsec",
        "BurntSushi+ripgrep@0.10.0/Cargo.lock",
        [7, 4, 8, 0],
        None,
    ),
    (
        "rustsec",
        "casey+just@v0.8.0/Cargo.lock",
        [4, 6, 2, 0],
        None,
    ),
    (
        "rustsec",
        "hatoo+oha@v0.2.0/Cargo.lock",
        [29, 14, 17, 0],
        None,
    ),
    (
        "rustsec",
        "lycheeverse+lychee@v0.8.0/Cargo.lock",
        [32, 12, 11, 1],
        None,
    ),
    (
        "rustsec",
        "bencherdev+bencher@v0.3.0/Cargo.lock",
        [29, 10, 13, 1],
        None,
    ),
    (
        "rustsec",
        "tursodatabase+turso@9e8a19aeb5/Cargo.lock",
        [9, 6, 5, 0],
        None,
    ),
    ("go", "gohugoio+hugo@v0.80.0/go.mod", [44, 0, 0, 0], Some(6)),
    ("go", "grafana+k6@v0.40.0/go.mod", [50, 0, 0, 0], Some(9)),
    (
        "pypa",
        "python-poetry+poetry@1.1.0/poetry.lock",
        [14, 0, 0, 0],
        Some(7),
    ),
    (
        "pypa",
        "pdm-project+pdm@a7e9d0015b/pdm.lock",
        [0, 0, 0, 0],
        Some(0),
    ),
    (
        "pypa",
        "pypa+pipenv@v2018.11.26/Pipfile.lock",
        [33, 0, 0, 0],
        Some(15),
    ),
    (
        "pypa",
        "pypa+pipenv@3f1b272abd/pylock.toml",
        [0, 0, 0, 0],
        Some(0),
    ),
    (
        "pypa",
        "pypi+warehouse@759701ee22/requirements/main.txt",
        [35, 0, 0, 0],
        Some(16),
    ),
];

fn say(line: &str) {
    writeln!(std::io::stderr(), "{line}").expect("standard error is open");
}

fn folder(variable: &str, what: &str) -> Option<PathBuf> {
    let folder = std::env::var_os(variable).map(PathBuf::from);
    if folder.is_none() {
        say(&format!("not compared: {what}: {variable} names no folder"));
    }
    folder
}

#[test]
fn real_lockfiles_by_real_advisories() {
    let what = "real lockfiles by real advisories";
    let (Some(locks), Some(data)) = (
        folder("QGATE_LOCKFILES", what),
        folder("QGATE_ADVISORY_DATA", what),
    ) else {
        return;
    };
    let mut indexes: BTreeMap<&str, Index> = BTreeMap::new();
    for (database, path, classes, packages) in EXPECTED {
        let file = locks.join(path);
        let records = data.join(database);
        if !file.is_file() || !records.is_dir() {
            say(&format!(
                "not compared: {path}: it or {database} is not there"
            ));
            continue;
        }
        let index = indexes.entry(database).or_insert_with(|| open(&records));
        let found = hits(&file, index);
        assert_eq!(found.0, *classes, "{path}");
        assert_eq!(packages.unwrap_or(found.1), found.1, "{path}");
    }
}

fn open(records: &Path) -> Index {
    let made = advisory_source::read(records, &Manifest::default()).expect("it can be read");
    let (_, bytes) = made.indexes.into_iter().next().expect("one ecosystem");
    let index = Index::open(bytes).expect("it is whole");
    index.verify().expect("it is right");
    assert_eq!(index.canary(), Ok(None));
    index
}

fn hits(file: &Path, index: &Index) -> ([usize; 4], usize) {
    let name = file.to_str().expect("it is UTF-8");
    let format = Format::of_path(name).expect("a lockfile");
    let bytes = std::fs::read(file).expect("it can be read");
    let inventory = locks::read(format, name, &bytes, &OnDisk::of(file)).expect("it is understood");
    let lock = Lock {
        path: name.to_owned(),
        inventory,
    };
    let pins: BTreeSet<Pin> = lock.pins(true).into_keys().map(|(_, pin)| pin).collect();
    let judged =
        judge(index.ecosystem(), &pins, Some(index), &BTreeMap::new()).expect("it can be judged");
    assert!(
        judged.without_order.is_empty(),
        "{name}: {:?}",
        judged.without_order
    );
    let classes = [
        Class::Vulnerability,
        Class::Unmaintained,
        Class::Unsound,
        Class::Notice,
    ];
    let count = |class| judged.hits.iter().filter(|hit| hit.class == class).count();
    let packages: BTreeSet<&str> = judged.hits.iter().map(|hit| hit.pin.0.as_str()).collect();
    (classes.map(count), packages.len())
}

/// Fixture, ecosystem, and how many lines are right, wrong and without an answer.
const ORDERS: &[(&str, Ecosystem, [usize; 3])] = &[
    ("semver-versions", Ecosystem::Crates, [86, 0, 0]),
    ("semver-versions", Ecosystem::Npm, [86, 0, 0]),
    ("semver-versions", Ecosystem::Go, [86, 0, 0]),
    ("semver-versions", Ecosystem::Hex, [86, 0, 0]),
    ("pub-versions", Ecosystem::Pub, [100, 0, 0]),
    ("rubygems-versions", Ecosystem::RubyGems, [25, 0, 0]),
    (
        "rubygems-versions-generated",
        Ecosystem::RubyGems,
        [4_098, 0, 0],
    ),
    ("nuget-versions", Ecosystem::NuGet, [35, 0, 0]),
    ("packagist-versions", Ecosystem::Packagist, [92, 3, 0]),
    (
        "packagist-versions-generated",
        Ecosystem::Packagist,
        [10_630, 0, 0],
    ),
    ("maven-versions", Ecosystem::Maven, [102, 0, 0]),
    ("maven-versions-generated", Ecosystem::Maven, [14_752, 0, 0]),
    ("pypi-versions", Ecosystem::PyPi, [26, 0, 11]),
    ("pypi-versions-generated", Ecosystem::PyPi, [12_306, 0, 69]),
];

#[test]
fn the_order_of_versions() {
    let Some(data) = folder("QGATE_ADVISORY_DATA", "the order of versions") else {
        return;
    };
    for (name, ecosystem, expected) in ORDERS {
        let Ok(text) = std::fs::read_to_string(data.join("versions").join(format!("{name}.txt")))
        else {
            say(&format!("not compared: {name}: it is not there"));
            continue;
        };
        let mut found = [0; 3];
        for line in text.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            let [a, sign @ ("<" | "=" | ">"), b] = *words else {
                continue;
            };
            let wanted = match sign {
                "<" => Ordering::Less,
                "=" => Ordering::Equal,
                _ => Ordering::Greater,
            };
            let order = |a, b| versions::order(*ecosystem, a, b);
            let at = match (order(a, b), order(b, a)) {
                (Some(there), Some(back)) if there == wanted && back == wanted.reverse() => 0,
                (None, None) => 2,
                _ => 1,
            };
            found[at] += 1;
        }
        assert_eq!(found, *expected, "{name}");
    }
}

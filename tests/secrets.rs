//! The checker `secrets` on tokens that are made here: every kind in every carrier, near misses, hostile texts; and a search
//! for seeded secrets in all that qgate writes.

#[path = "secrets/generator.rs"]
mod generator;
#[path = "secrets/leaks.rs"]
mod leaks;
#[path = "secrets/past.rs"]
mod past;
mod support;

use generator::{CARRIERS, Seed, token};
use qgate::base::path::RepoPath;
use qgate::checkers::secrets::hit::Facts;
use qgate::checkers::secrets::kinds::{self, Kind};
use qgate::checkers::secrets::options::Options;
use qgate::checkers::secrets::own::Ready;
use qgate::source::class::PathClass;
use qgate::source::language::Language;

/// The rules of what is found in a file.
fn rules(path: &str, text: &str) -> Vec<&'static str> {
    let path = RepoPath::new(path).expect("inside");
    let ready = Ready::new(&Options::default()).expect("the defaults are good");
    let facts = Facts::of(
        text.as_bytes(),
        Language::of_path(&path),
        PathClass::of_path(&path),
        &ready,
    );
    facts
        .into_iter()
        .flat_map(|facts| facts.hits)
        .map(|hit| hit.class.rule().id)
        .collect()
}

/// A file that carries the token; a kind whose form is common needs its vendor's name.
fn carried(kind: &Kind, token: &str, carrier: &str) -> String {
    let name = if kind.rare {
        format!("{}_value", kind.vendor())
    } else {
        "setting".to_owned()
    };
    carrier.replace("NAME", &name).replace("VALUE", token)
}

#[test]
fn every_kind_is_found_in_every_carrier() {
    let mut missed = Vec::new();
    let mut seed = Seed(20_261_125);
    for kind in kinds::all() {
        for (path, carrier) in CARRIERS {
            let token = token(kind, &mut seed);
            let found = rules(path, &carried(kind, &token, carrier));
            if !found.contains(&kind.class.rule().id) {
                missed.push(format!("{} in {path}: {found:?}", kind.name));
            }
        }
    }
    assert!(
        missed.is_empty(),
        "{} missed\n{}",
        missed.len(),
        missed.join("\n")
    );
}

/// Tokens that are one step from valid.
fn near_misses(kind: &Kind, seed: &mut Seed) -> Vec<(&'static str, String)> {
    let good = token(kind, seed);
    let mut all = Vec::new();
    // A form of varying length is still right where it is cut.
    if !has_range(kind.shape) {
        let middle = good.len() - good.len() / 4;
        let strange = format!("{}!{}", &good[..middle], &good[middle + 1..]);
        all.push(("a stranger in the middle", strange));
        all.push(("too short", good[..good.len() - 1].to_owned()));
        all.push(("too long", format!("{good}a")));
    }
    all
}

fn has_range(shape: &str) -> bool {
    shape
        .split('{')
        .skip(1)
        .any(|run| run.split('}').next().is_some_and(|run| run.contains('-')))
}

#[test]
fn near_misses_are_none() {
    let sure = [
        "cloud-key",
        "code-host-token",
        "registry-token",
        "ai-key",
        "chat-token",
        "payment-key",
        "service-token",
    ];
    let mut wrong = Vec::new();
    let mut seed = Seed(42);
    for kind in kinds::all() {
        for (what, miss) in near_misses(kind, &mut seed) {
            let found = rules("a.py", &carried(kind, &miss, CARRIERS[0].1));
            // What is too long or too short for one kind may be right for another of the same prefix.
            let kin = kinds::all()
                .filter(|other| other.shape != kind.shape && same_head(other, kind))
                .count();
            if kin == 0 && found.iter().any(|rule| sure.contains(rule)) {
                wrong.push(format!("{}: {what}: {found:?}", kind.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn same_head(one: &Kind, other: &Kind) -> bool {
    let head = |kind: &Kind| kind.shape.split('{').next().unwrap_or_default().to_owned();
    let (one, other) = (head(one), head(other));
    one.starts_with(&other) || other.starts_with(&one)
}

#[test]
fn a_wrong_checksum_is_no_token() {
    let mut seed = Seed(7);
    let mut proven = 0;
    for kind in kinds::all().filter(|kind| kind.check.is_some()) {
        let good = token(kind, &mut seed);
        let last = good.chars().next_back().expect("it is not empty");
        let other = if last == '2' { '3' } else { '2' };
        let bad = format!("{}{other}", &good[..good.len() - 1]);
        let found = rules("a.py", &carried(kind, &bad, CARRIERS[0].1));
        if found.contains(&"malformed-token") {
            proven += 1;
        }
        if kind.shape.ends_with("_{w36}")
            || kind.name.starts_with("Cloudflare")
            || kind.name.starts_with("Confluent")
        {
            assert_eq!(found, ["malformed-token"], "{}", kind.name);
        }
    }
    assert!(proven >= 10, "{proven}");
}

#[test]
fn dummies_are_none() {
    let check = |text: &str| assert_eq!(rules("a.py", text), [""; 0], "{text}");
    for kind in kinds::all().filter(|kind| !kind.rare && kind.check.is_none()) {
        let prefix = kind.shape.split('{').next().expect("there is a first part");
        if prefix.len() >= 3 && !has_range(kind.shape) && kind.shape.matches('{').count() == 1 {
            let length: usize = kind.shape[prefix.len() + 2..kind.shape.len() - 1]
                .parse()
                .unwrap_or(0);
            check(&format!("setting = \"{prefix}{}\"", "x".repeat(length)));
        }
    }
    check("key = \"AKIA\" + \"IOSFODNN7EXAMPLE\"");
    check(&format!("key = \"AKIA{}\"", "IOSFODNN7EXAMPLE"));
}

/// Nothing here may take long or panic: each text is some ten or hundred kilobytes of what a lane stops at.
#[test]
fn hostile_texts_take_linear_time() {
    let mut seed = Seed(3);
    let dense = seed.text(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
        200_000,
    );
    let texts = [
        "eyJ".repeat(25_000),
        "eyJhbGciOi.".repeat(8_000),
        "password=".repeat(10_000),
        "password = \"".repeat(8_000),
        "-----BEGIN PRIVATE KEY-----".repeat(5_000),
        "kind: Secret\n".repeat(5_000),
        "\"kty\"{".repeat(12_000),
        "a://b:".repeat(12_000),
        "://x:y@".repeat(12_000),
        "ghp_".repeat(25_000),
        "AKIA".repeat(25_000),
        ":5432:".repeat(15_000),
        "$2b$12$".repeat(12_000),
        "PuTTY-User-Key-File-2".repeat(5_000),
        "login machine password ".repeat(5_000),
        format!("secret = '{dense}'"),
        dense.clone(),
        dense.replace('a', "="),
        "secret_".repeat(15_000),
        "\\n".repeat(25_000),
        "x = AKIA\u{e9}\u{e9}\u{e9}\u{e9}".repeat(10_000),
    ];
    for text in &texts {
        let begun = std::time::Instant::now();
        for path in ["a", "a.py", "a.yaml", "a.json"] {
            let _ = rules(path, text);
        }
        let taken = begun.elapsed();
        assert!(
            taken.as_secs() < 60,
            "{taken:?} for {}",
            &text[..20.min(text.len())]
        );
    }
}

/// The corpus of the table in `docs/secrets.md`, written to the folder that `QGATE_SECRETS_CORPUS` names: a file for each
/// token in a folder for each label, other ones for each `QGATE_SECRETS_SEED`. `scripts/secrets-peers` asks for it.
#[test]
fn the_corpus_can_be_written() {
    let kept = std::env::var_os("QGATE_SECRETS_CORPUS");
    let temporary = tempfile::tempdir().expect("a folder");
    let root = kept.map_or_else(|| temporary.path().to_owned(), std::path::PathBuf::from);
    let number = std::env::var("QGATE_SECRETS_SEED").ok();
    let mut seed = Seed(number.map_or(99, |number| number.parse().expect("a number")));
    let mut written = 0;
    for (n, kind) in kinds::all().enumerate() {
        for (at, (path, carrier)) in CARRIERS.iter().enumerate() {
            if (n + at) % 4 != 0 {
                continue;
            }
            let good = token(kind, &mut seed);
            let mut all = vec![("valid", good)];
            all.extend(
                near_misses(kind, &mut seed)
                    .into_iter()
                    .map(|(_, miss)| ("near", miss)),
            );
            for (which, (label, token)) in all.into_iter().enumerate() {
                let folder = root.join(label).join(format!("{n}-{at}-{which}"));
                std::fs::create_dir_all(&folder).expect("a folder can be made");
                std::fs::write(folder.join(path), carried(kind, &token, carrier))
                    .expect("it can be written");
                written += 1;
            }
        }
    }
    assert!(written > 1_000, "{written}");
}

//! Owns the trial of the whole checker: two commits of a small project that is really built and run, compared again and again.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// A program that counts words: hashing and sorting in memory that other programs crowd. `ROUNDS` says how often.
const WORDS: &str = r#"
use std::collections::HashMap;

fn text() -> String {
    let mut seed = 42u64;
    let mut text = String::new();
    for _ in 0..30_000 {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let word = seed >> 52;
        text.push_str(&format!("w{word} "));
    }
    text
}

fn main() {
    let text = text();
    let mut last = 0;
    for _ in 0..ROUNDS {
        let mut words: HashMap<&str, usize> = HashMap::new();
        for word in text.split(' ') {
            *words.entry(word).or_default() += 1;
        }
        let mut sorted: Vec<_> = words.into_iter().collect();
        sorted.sort();
        last += sorted.len();
    }
    println!("{last}");
}
"#;

/// A program that computes, and needs no memory.
const NUMBERS: &str = r#"
fn main() {
    let mut x = 1u64;
    for _ in 0..ROUNDS {
        for i in 0..400_000u64 {
            x = (x ^ i).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(7);
        }
    }
    println!("{x}");
}
"#;

const GATE: &str = "version: 1
extends: []
gates:
  speed:
    title: It does not get slower
    level: mandatory
    stages: [pre-push, ci]
    checks:
      - benchmarks: { ab: { build: 'rustc -O main.rs -o main', run: [./main], measure: MEASURE } }
    criteria: { regressions: 0 }
defaults: { timeout: 10m }
";

fn git(folder: &Path, args: &[&str]) {
    let status = Command::new("git")
        .args([
            "-c",
            "user.name=qgate",
            "-c",
            "user.email=qgate@localhost",
            "-c",
            "commit.gpgsign=false",
        ])
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::null())
        .status();
    assert!(status.is_ok_and(|status| status.success()), "git {args:?}");
}

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).expect("the folder can be written");
}

/// Compares `runs` times each: the same program, one that does 5% more, one that does 10% more.
pub fn trial(runs: usize, measure: &str) {
    println!(
        "two commits of a program, built and run in turn, {runs} comparisons a row, measured by {measure}"
    );
    for (name, program) in [("numbers", NUMBERS), ("words", WORDS)] {
        rows(name, program, runs, measure);
    }
}

fn rows(program_name: &str, program: &str, runs: usize, measure: &str) {
    println!("{program_name:10} pass  fail  unknown  seconds each");
    for (name, base, head) in [("none", 40, 40), ("+5%", 40, 42), ("+10%", 40, 44)] {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        git(folder, &["init", "-q", "-b", "main"]);
        write(folder, ".gitignore", "main\n.qgate/\n");
        write(folder, "qgate.yaml", &GATE.replace("MEASURE", measure));
        write(
            folder,
            "main.rs",
            &program.replace("ROUNDS", &base.to_string()),
        );
        git(folder, &["add", "-A"]);
        git(folder, &["commit", "-q", "-m", "first"]);
        git(folder, &["switch", "-q", "-c", "topic"]);
        // A comment, so that the second commit is another one without a change of speed too.
        let changed = program.replace("ROUNDS", &head.to_string()) + "// second\n";
        write(folder, "main.rs", &changed);
        git(folder, &["commit", "-q", "-a", "-m", "second"]);
        let (mut pass, mut fail, mut unknown) = (0, 0, 0);
        let start = Instant::now();
        for _ in 0..runs {
            let output = Command::new(env!("CARGO_BIN_EXE_qgate"))
                .args(["run", "--gate", "speed", "--base", "main", "--verbose"])
                .current_dir(folder)
                .env("QGATE_WIDTH", "200")
                .stdin(Stdio::null())
                .output()
                .expect("qgate can be started");
            match output.status.code() {
                Some(0) => pass += 1,
                Some(1) => fail += 1,
                Some(3) => unknown += 1,
                code => panic!("{code:?}\n{}", String::from_utf8_lossy(&output.stderr)),
            }
            if std::env::var_os("QGATE_SHOW").is_some() {
                println!("{}", String::from_utf8_lossy(&output.stdout));
            }
        }
        let each = start.elapsed().as_secs_f64() / f64::from(u32::try_from(runs).unwrap_or(1));
        println!("{name:8} {pass:6} {fail:5} {unknown:8} {each:13.1}");
    }
}

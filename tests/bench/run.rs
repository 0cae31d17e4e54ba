//! How long a run takes beside a plain `git status`, on a generated repository or on one that is named.
//!
//! `cargo bench --bench run -- [REPOSITORY] [FILES]`. Each command runs eleven times in turn; medians and the ratio to
//! `git status` are printed. Ratios of one call can be compared with those of another; milliseconds cannot.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 11;

fn quiet(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.env_remove("CI");
    command
}

/// A repository of plain source files in folders of a hundred, about 2 KB each.
fn generated(folder: &Path, files: usize) {
    for n in 0..files {
        let path = folder.join(format!("src/part{}/file{n}.py", n / 100));
        fs::create_dir_all(path.parent().expect("it lies in a folder"))
            .expect("the folder can be made");
        let lines: Vec<String> = (0..60)
            .map(|line| format!("value_{line} = compute({n}, {line})\n"))
            .collect();
        fs::write(path, lines.concat()).expect("it can be written");
    }
    git(folder, &["init", "-q"]);
    for message in ["all", "one file changed"] {
        git(folder, &["add", "-A"]);
        git(folder, &["commit", "-q", "-m", message]);
        fs::write(folder.join("src/part0/file0.py"), "value = 1\n").expect("it can be written");
    }
}

fn git(folder: &Path, args: &[&str]) {
    let mut git = quiet("git", folder);
    git.args(["-c", "user.name=a", "-c", "user.email=a@b"]);
    assert!(git.args(args).status().expect("git is there").success());
}

/// What git tells the hook of a push of the last commit.
fn push_of_one(folder: &Path) -> String {
    let id = |rev: &str| {
        let mut git = Command::new("git");
        git.args(["rev-parse", "--verify", rev]).current_dir(folder);
        let output = git.output().expect("git is there");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    format!("HEAD {} refs/heads/pushed {}\n", id("HEAD"), id("HEAD~1"))
}

fn main() {
    let mut words = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"));
    let named = words.next().map(PathBuf::from);
    let files = words
        .next()
        .and_then(|word| word.parse().ok())
        .unwrap_or(5_000);
    let made = tempfile::tempdir().expect("a folder can be made");
    let folder = named.unwrap_or_else(|| {
        generated(made.path(), files);
        made.path().to_owned()
    });
    let cache = tempfile::tempdir().expect("a folder can be made");
    let qgate = |args: &[&str]| {
        let mut command = quiet(env!("CARGO_BIN_EXE_qgate"), &folder);
        command.args(args).env("XDG_CACHE_HOME", cache.path());
        command
    };
    let git = |args: &[&str]| {
        let mut command = quiet("git", &folder);
        command.args(args);
        command
    };
    let pushed = cache.path().join("pushed");
    fs::write(&pushed, push_of_one(&folder)).expect("it can be written");
    let hook = || {
        let mut command = qgate(&["hook", "pre-push", "origin", "nowhere"]);
        command.stdin(fs::File::open(&pushed).expect("it was written"));
        command
    };
    let commands: [(&str, &dyn Fn() -> Command); 6] = [
        ("git status", &|| git(&["status", "--porcelain"])),
        ("git ls-files", &|| git(&["ls-files"])),
        ("qgate --version", &|| qgate(&["--version"])),
        ("qgate run --no-cache", &|| qgate(&["run", "--no-cache"])),
        ("qgate run, warm", &|| qgate(&["run"])),
        ("qgate hook, warm", &hook),
    ];
    // Twice: files that were just written are read again until their time stamps prove something.
    for _ in 0..2 {
        let _ = qgate(&["run"]).status();
        let _ = hook().status();
    }
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); commands.len()];
    for _ in 0..ROUNDS {
        for (at, (name, make)) in commands.iter().enumerate() {
            let mut command = make();
            let started = Instant::now();
            let status = command
                .status()
                .unwrap_or_else(|problem| panic!("{name}: {problem}"));
            times[at].push(started.elapsed());
            assert!(matches!(status.code(), Some(0 | 1)), "{name}: {status}");
        }
    }
    let medians: Vec<f64> = times
        .iter_mut()
        .map(|times| {
            times.sort();
            times[ROUNDS / 2].as_secs_f64() * 1_000.0
        })
        .collect();
    for ((name, _), median) in commands.iter().zip(&medians) {
        say(&format!(
            "{name:<22} {median:>8.1} ms  {:>6.2} x git status",
            median / medians[0]
        ));
    }
}

#[expect(clippy::print_stdout, reason = "a benchmark's output is its result")]
fn say(line: &str) {
    println!("{line}");
}

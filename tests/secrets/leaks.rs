//! A repository with seeded secrets, every way to look at it, and a search for the secrets in all that was written.

use std::path::Path;
use std::process::{Command, Stdio};

use qgate::checkers::secrets::kinds;

use crate::generator::{Seed, base64, token};
use crate::support::Repo;

/// Secrets of every class, and a file for each.
fn seeded(repo: &Repo) -> Vec<String> {
    let mut seed = Seed(2_026);
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut secrets = Vec::new();
    for (n, kind) in kinds::all().enumerate().step_by(9) {
        let token = token(kind, &mut seed);
        let text = format!("{} value\nsetting = \"{token}\"\n", kind.vendor());
        repo.write(format!("src/kind_{n}.py"), text);
        secrets.push(token);
    }
    let mut secret = |length| {
        let text = seed.text(letters, length);
        secrets.push(text.clone());
        text
    };
    repo.write(
        "src/password.py",
        format!("db_password = \"{}\"  \n", secret(14)),
    );
    repo.write("src/line.txt", format!("{}\n", secret(7)));
    repo.write(
        "src/url.yml",
        format!("url: postgres://app:{}@db.internal/app\n", secret(12)),
    );
    repo.write(
        "src/app.properties",
        format!("client.secret={}\n", secret(40)),
    );
    repo.write(
        "src/sql.cs",
        format!(
            "var s = \"Server=db;User Id=app;Password={};\";\n",
            secret(12)
        ),
    );
    repo.write(
        "aws.ini",
        format!("aws_secret_access_key = {}\n", secret(40)),
    );
    repo.write(
        "k8s.yml",
        format!(
            "kind: Secret\ndata:\n  password: {}\n",
            base64(secret(12).as_bytes())
        ),
    );
    repo.write(
        "conf/netrc",
        format!("machine a.internal login app password {}\n", secret(12)),
    );
    repo.write(
        "run.sh",
        format!("curl -u app:{} https://a.internal\n", secret(12)),
    );
    repo.write(".env", format!("PASSWORD={}\n", secret(16)));
    let key = format!("MIIE{}", secret(300));
    let lines: Vec<&str> = key
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).expect("ASCII"))
        .collect();
    let name = "PRIVATE KEY";
    repo.write(
        "server.pem",
        format!(
            "-----BEGIN {name}-----\n{}\n-----END {name}-----\n",
            lines.join("\n")
        ),
    );
    repo.write("qgate.yaml", "version: 1\nextends: [recommended]\ngates:\n  past:\n    checks:\n      - secrets: { history: true }\n");
    secrets
}

struct Seen {
    what: String,
    bytes: Vec<u8>,
}

fn files(folder: &Path, seen: &mut Vec<Seen>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            files(&path, seen);
        } else if let Ok(bytes) = std::fs::read(&path) {
            seen.push(Seen {
                what: path.display().to_string(),
                bytes,
            });
        }
    }
}

/// Every format that `qgate run` can write.
fn formats() -> Vec<String> {
    let help = Command::new(env!("CARGO_BIN_EXE_qgate"))
        .args(["run", "--help"])
        .output()
        .expect("qgate can be started");
    let help = String::from_utf8(help.stdout).expect("the help is text");
    let behind = help
        .split_once("--format <FORMAT>")
        .expect("it has formats")
        .1;
    let listed = behind
        .lines()
        .skip_while(|line| !line.contains("Possible values"));
    let listed = listed.skip(1).take_while(|line| !line.trim().is_empty());
    let formats: Vec<String> = listed
        .filter_map(|line| {
            Some(
                line.trim()
                    .strip_prefix("- ")?
                    .split_once(':')?
                    .0
                    .to_owned(),
            )
        })
        .collect();
    assert!(formats.len() >= 9, "{formats:?}");
    formats
}

#[test]
fn no_output_has_a_seeded_secret() {
    let repo = Repo::new();
    let secrets = seeded(&repo);
    repo.commit("feat: a");
    repo.remove("src/url.yml").remove("server.pem");
    repo.commit("feat: b");
    let cache = repo.path().with_extension("cache");
    let mut seen = Vec::new();
    let mut run = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_qgate"))
            .args(args)
            .current_dir(repo.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").expect("there is a PATH"))
            .env("HOME", repo.at("home"))
            .env("XDG_CACHE_HOME", &cache)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("QGATE_LOG", "trace")
            .env("RUST_BACKTRACE", "1")
            .env("GITHUB_STEP_SUMMARY", repo.at("summary.md"))
            .env("GITHUB_OUTPUT", repo.at("output.txt"))
            .stdin(Stdio::null())
            .output()
            .expect("qgate can be started");
        let what = args.join(" ");
        let found = [&b"****"[..], b"&#42;&#42;"]
            .iter()
            .any(|stars| memchr::memmem::find(&output.stdout, stars).is_some());
        seen.push(Seen {
            what: format!("{what} (output)"),
            bytes: output.stdout,
        });
        seen.push(Seen {
            what: format!("{what} (error)"),
            bytes: output.stderr,
        });
        found
    };
    let formats = formats();
    let mut told = 0;
    for format in &formats {
        told += usize::from(run(&["run", "--format", format, "--verbose"]));
        let path = format!("{format}=../written.{format}");
        run(&["run", "--output", &path, "--max-findings", "0"]);
    }
    told += usize::from(run(&["run", "--no-cache", "--max-findings", "1000"]));
    run(&["run", "--staged"]);
    run(&["run", "--new-from", "HEAD~1"]);
    for format in ["text", "json"] {
        for more in [&["--history"][..], &["--no-marks"]] {
            let args = [&["secrets", "scan", "--format", format], more, &["."]].concat();
            told += usize::from(run(&args));
        }
        told += usize::from(run(&[
            "secrets",
            "scan",
            "--format",
            format,
            "src/line.txt",
            "run.sh",
        ]));
    }
    run(&["secrets", "scan", "src/password.py/none"]);
    run(&["baseline"]);
    run(&["doctor"]);
    assert_eq!(told, formats.len() + 7, "outputs that tell of a secret");
    files(&cache, &mut seen);
    for format in &formats {
        let path = repo.path().with_file_name(format!("written.{format}"));
        let bytes = std::fs::read(&path).expect("the report was written");
        std::fs::remove_file(&path).expect("it can be removed");
        seen.push(Seen {
            what: format!("{format} in a file"),
            bytes,
        });
    }
    let summary = std::fs::read(repo.at("summary.md")).expect("the step's summary was written");
    seen.push(Seen {
        what: "the step's summary".to_owned(),
        bytes: summary,
    });
    files(&repo.at(".qgate"), &mut seen);
    assert!(
        seen.iter().any(|seen| seen.what.contains("facts-")),
        "the cache was written"
    );
    let mut leaks = Vec::new();
    for Seen { what, bytes } in &seen {
        for secret in &secrets {
            // A part of it is as bad.
            let whole = secret.as_bytes();
            let part = if whole.len() >= 24 {
                &whole[whole.len() - 12..]
            } else {
                whole
            };
            if memchr::memmem::find(bytes, part).is_some() {
                leaks.push(format!("{what}: {secret}"));
            }
        }
    }
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}

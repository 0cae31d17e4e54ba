//! Owns the way of the formats through the program: flags, files, and what GitHub Actions asks for.

use std::process::{Command, Output};

use super::{NAMES, logs, readers};

struct Folder(tempfile::TempDir);

impl Folder {
    /// A repository with a file whose name and content are made to disturb a CI log.
    fn hostile() -> Self {
        let folder = Self(tempfile::tempdir().expect("a folder"));
        let conflict = "<<<<<<< HEAD\nx\n=======\ny\n>>>>>>> b\n";
        for name in [
            "::error file=x::pwn.sh",
            "a ##[error]b ##vso[task.complete result=Succeeded]c.py",
            "za\u{17c}|`@user`\u{202e}.py",
        ] {
            std::fs::write(folder.0.path().join(name), conflict).expect("it can be written");
        }
        folder
    }

    fn run(&self, args: &[&str], variables: &[(&str, &str)]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_qgate"))
            .arg("run")
            .args(args)
            .current_dir(self.0.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").expect("there is a PATH"))
            .env(
                "HOME",
                concat!(env!("CARGO_TARGET_TMPDIR"), "/formats-home"),
            )
            .envs(variables.iter().copied())
            .output()
            .expect("qgate can be started")
    }
}

#[cfg(unix)]
#[test]
fn every_format_goes_to_standard_output_and_into_a_file() {
    let folder = Folder::hostile();
    for format in NAMES {
        let out = tempfile::tempdir().expect("a folder");
        let path = out.path().join("report");
        let output = format!("{format}={}", path.display());
        let said = folder.run(&["--format", format, "--output", &output], &[]);
        assert_eq!(said.status.code(), Some(1), "{said:?}");
        let file = std::fs::read_to_string(&path).expect("it is written");
        let shown = String::from_utf8(said.stdout).expect("ASCII");
        assert_eq!(shown, file, "{format}");
        assert!(
            file.bytes().all(|b| matches!(b, b'\n' | b' '..=b'~')),
            "{format}"
        );
        assert!(
            file.contains("conflict"),
            "{format} tells no finding\n{file}"
        );
        let commands = logs::github(&file);
        assert_eq!(
            commands.is_empty(),
            format != "github",
            "{format}: {commands:?}"
        );
        let commands = logs::azure(&file);
        assert_eq!(
            commands.is_empty(),
            format != "azure",
            "{format}: {commands:?}"
        );
        if format == "gitlab" {
            readers::gitlab(&file);
        }
    }
}

#[cfg(unix)]
#[test]
fn github_gets_a_summary_and_outputs() {
    let folder = Folder::hostile();
    let out = tempfile::tempdir().expect("a folder");
    let at = |name: &str| out.path().join(name).display().to_string();
    std::fs::write(at("output"), "before=1\n").expect("it can be written");
    let (summary, output) = (at("summary"), at("output"));
    let variables = [
        ("GITHUB_STEP_SUMMARY", summary.as_str()),
        ("GITHUB_OUTPUT", &output),
    ];

    folder.run(&["--format", "text"], &variables);
    assert!(!out.path().join("summary").exists(), "nobody asked for it");
    folder.run(&["--format", "github"], &variables);
    let written = std::fs::read_to_string(&summary).expect("it is written");
    assert!(
        written.starts_with("<!-- qgate:pre-push -->\n## qgate: FAIL\n"),
        "{written}"
    );
    let written = std::fs::read_to_string(&output).expect("it is written");
    let (before, ours) = written
        .split_once("verdict=fail\nexit_code=1\nscore=")
        .expect("ours");
    assert_eq!(before, "before=1\n");
    assert!(ours.contains("\nfailed=1\nerrored="), "{ours}");

    let none = [("GITHUB_STEP_SUMMARY", "/nowhere/at/all")];
    let said = folder.run(&["--format", "github"], &none);
    assert_eq!(said.status.code(), Some(1), "a summary decides nothing");
    let told = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(
        told.contains("GITHUB_STEP_SUMMARY is not written"),
        "{told}"
    );
}

#[test]
fn a_wrong_format_is_told_the_right_ones() {
    let folder = Folder::hostile();
    let said = folder.run(&["--output", "pdf=x"], &[]);
    assert_eq!(said.status.code(), Some(2));
    let told = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(NAMES.iter().all(|name| told.contains(name)), "{told}");
    assert!(!folder.0.path().join("x").exists());
}

//! What guards written as shell scripts let through: each case is one that such a guard of a public repository passed.

mod support;

use std::process::{Command, Stdio};

use support::{Repo, hermetic};

/// Runs the pack three-tier on a topic branch and checks the exit code and what is said.
#[track_caller]
fn check(repo: &Repo, args: &[&str], code: i32, says: &[&str]) {
    let mut command = hermetic(Command::new(env!("CARGO_BIN_EXE_qgate")));
    command.current_dir(repo.path()).stdin(Stdio::null());
    let output = command.arg("run").args(args).output();
    let output = output.expect("qgate can be started");
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert_eq!(output.status.code(), Some(code), "{text}");
    for word in says {
        assert!(text.contains(word), "`{word}` is not said:\n{text}");
    }
}

fn three_tier() -> Repo {
    let repo = Repo::new();
    let policy = "Potato\nPotato.md\n*[Pp]otato*\nHEY_POTATO_*\n*_POTATO_*\n.tox/\n";
    repo.write("qgate.yaml", "version: 1\nextends: [three-tier]\n");
    repo.write(".gitignore", policy).commit("CHORE: start");
    repo.git(&["switch", "-q", "-c", "topic"]);
    repo
}

#[test]
fn one_finding_does_not_end_the_search_and_all_of_them_count() {
    let repo = three_tier();
    check(&repo, &[], 0, &["PASS    root-artifacts"]);
    let key = "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----\n";
    repo.write("auth.db", "x").write("server.pem", key);
    // Folders, whose patterns end in a slash; one is ignored, and one is empty but for a file.
    repo.write("config_backups/a", "a").write("build/a", "a");
    repo.write(".tox/a", "a");
    repo.write("a.sh", "git commit -nm x\ngit push \\\n  --no-verify\n");
    repo.write(
        "b.sh",
        "# no-verify-ignore: a marker of their own\ngit push --no-verify\n",
    );
    repo.commit("did things");
    repo.write("new.py", "a = 1\n");
    let all = [
        "sensitive_files is 2",
        "root_litter is 3",
        "hook_bypasses is 3",
        "bad_commit_messages is 1",
        "untracked_sources is 1",
        "server.pem",
        "auth.db",
        "config_backups/",
        "build/",
        ".tox/",
    ];
    check(&repo, &[], 1, &all);
}

#[test]
fn a_count_that_fits_no_exit_status_still_fails() {
    let repo = three_tier();
    repo.write("a.sh", "echo \"$x\"\n".repeat(256));
    repo.commit("FEAT: print");
    let gate = ["--gate", "terminal-output"];
    check(&repo, &gate, 1, &["terminal_output_violations is 256"]);
}

#[test]
fn a_word_in_a_comment_is_no_ignore_entry() {
    let repo = three_tier();
    repo.write(
        ".gitignore",
        "# Potato Potato.md *[Pp]otato* HEY_POTATO_* *_POTATO_*\n",
    );
    repo.commit("CHORE: comment");
    check(
        &repo,
        &["--gate", "sensitive-files"],
        1,
        &["missing_ignore_entries is 5"],
    );
}

//! Hostile files through the real binary: it ends, with an exit code that it knows, and says printable ASCII only.

mod support;

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use support::Repo;

/// A run that takes longer hangs. Not a measure of speed: no run comes near it.
const GUARD: Duration = Duration::from_mins(1);

/// Every checker that reads files.
const GATES: &str = "version: 1\ngates:\n  all:\n    component: code_quality\n    level: mandatory\n    checks:\n      - text:\n      \
                     - files:\n      - terminal-output:\n      - commits:\n";

/// Runs qgate with these words; its exit code and all that it said.
#[track_caller]
fn check(repo: &Repo, args: &[&str], codes: &[i32]) -> String {
    let said = tempfile::NamedTempFile::new().expect("a temporary file");
    let stream = || Stdio::from(said.reopen().expect("it can be opened"));
    let log = said.path().with_extension("err");
    let errors = std::fs::File::create(&log).expect("a temporary file");
    let child = Command::new(env!("CARGO_BIN_EXE_qgate"))
        .args(args)
        .current_dir(repo.path())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").expect("there is a PATH"))
        .env("HOME", repo.path().with_extension("home"))
        .env("XDG_CACHE_HOME", repo.path().with_extension("cache"))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .stdin(Stdio::null())
        .stdout(stream())
        .stderr(errors)
        .spawn()
        .expect("qgate can be started");
    let code = ended(child);
    let mut all = std::fs::read(said.path()).expect("the output is there");
    all.extend(std::fs::read(&log).expect("the error output is there"));
    std::fs::remove_file(&log).expect("it can be removed");
    let _ = std::fs::remove_dir_all(repo.path().with_extension("cache"));
    let foreign = all
        .iter()
        .position(|&b| !(b == b'\n' || (0x20..=0x7e).contains(&b)));
    let text = String::from_utf8_lossy(&all).into_owned();
    let shown: String = text.chars().take(4000).collect();
    assert_eq!(foreign, None, "not plain ASCII:\n{shown}");
    assert!(
        codes.contains(&code),
        "{args:?} ended with {code}:\n{shown}"
    );
    assert!(!text.contains("panicked"), "{shown}");
    text
}

/// Waits for the end; what goes on for longer than the guard allows is killed, and fails.
#[track_caller]
fn ended(mut child: Child) -> i32 {
    let pid = child.id().to_string();
    let (done, waits) = std::sync::mpsc::channel::<()>();
    let guard = std::thread::spawn(move || {
        if waits.recv_timeout(GUARD) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
            let _ = Command::new("kill").args(["-KILL", &pid]).status();
        }
    });
    let status = child.wait().expect("it can be waited for");
    drop(done);
    guard.join().expect("the guard does not panic");
    status.code().expect("it hangs: the guard killed it")
}

/// A repository with the gates above, committed.
fn gated() -> Repo {
    let repo = Repo::new();
    repo.write("qgate.yaml", GATES);
    repo.commit("first");
    repo
}

/// Each hostile text under each name that is parsed, and some that are not.
#[track_caller]
fn in_each_language(texts: impl IntoIterator<Item = impl AsRef<[u8]>>) {
    let repo = gated();
    let names = ["a.sh", "a.py", "a.md", "a.json", ".gitignore", "action.yml"];
    for (n, text) in texts.into_iter().enumerate() {
        for name in names {
            repo.write(format!("{n}/{name}"), &text);
        }
        repo.write(format!(".github/workflows/{n}.yml"), &text);
    }
    // The gate passes, fails, or says of which file it is unknown.
    check(&repo, &["run"], &[0, 1, 3]);
}

#[test]
fn nesting() {
    let pieces = [
        "(",
        "[",
        "{",
        "((",
        "$(",
        "`",
        "\"",
        "'",
        "if true; then ",
        "<<a\n",
        "$((",
        "${a:-",
        "- ",
        "? ",
        "> ",
        "*",
        "![",
    ];
    in_each_language(pieces.map(|piece| piece.repeat(100_000)));
}

#[test]
fn balanced_nesting() {
    let pairs = [
        ("(", ")"),
        ("[", "]"),
        ("{", "}"),
        ("$(", ")"),
        ("{\"a\":", "}"),
    ];
    in_each_language(
        pairs.map(|(open, close)| open.repeat(50_000) + "echo a" + &close.repeat(50_000)),
    );
}

#[test]
fn repetition() {
    let steps = "echo ${{ a }} ".repeat(20_000);
    in_each_language([
        "<<<<<<< a\n".repeat(20_000),
        "=======\n".repeat(20_000),
        "\n".repeat(200_000),
        " \n".repeat(20_000),
        "echo a | tee b && ".repeat(5_000),
        "cat <<A <<B\n".repeat(5_000),
        "-----BEGIN PRIVATE KEY-----\n".repeat(5_000),
        format!("jobs: {{a: {{steps: [{{run: \"{steps}\"}}]}}}}"),
        "&a [*a, *a] ".repeat(10_000),
        "a: b\n".repeat(20_000),
    ]);
}

#[test]
fn bytes() {
    let all: Vec<u8> = (0..=255).collect();
    in_each_language([
        b"echo \0\0\0\n".repeat(2_000),
        b"a\rb\r".repeat(20_000),
        b"\xff\xfe\xc0\x80echo a\n".repeat(2_000),
        "\u{2028}\u{85}\u{202e}\u{feff}a".repeat(5_000).into_bytes(),
        b"\x1b]0;title\x07\x1b[2J".repeat(5_000),
        b"\xef\xbb\xbf".repeat(5_000),
        all.repeat(100),
    ]);
}

#[test]
fn one_line_of_20_megabytes() {
    let repo = gated();
    for (name, piece) in [("a.txt", "a"), ("a.sh", "echo a;"), ("a.json", "[1],")] {
        repo.write(name, piece.repeat(20_000_000 / piece.len()));
    }
    check(&repo, &["run"], &[0, 1, 3]);
}

#[test]
fn marks_of_5_megabytes() {
    let repo = gated();
    repo.write("a.sh", "$(".repeat(2_500_000));
    repo.write("b.sh", "<".repeat(5_000_000));
    repo.write("b.md", "<<<<<<< a\n".repeat(500_000));
    check(&repo, &["run"], &[0, 1, 3]);
}

#[test]
fn a_deep_workflow() {
    let repo = gated();
    let mut text = String::from("on: push\njobs:\n");
    for depth in 0..3_000 {
        text.push_str(&format!("{}a:\n", " ".repeat(depth + 1)));
    }
    repo.write(".github/workflows/deep.yml", text);
    check(&repo, &["run"], &[0, 1, 3]);
}

/// Texts of infrastructure: deep, long, without end, in a circle.
#[test]
fn infrastructure() {
    let repo = Repo::new();
    repo.write("qgate.yaml", GATES.replace("- text:", "- infrastructure:"));
    let lines = |count: usize, line: fn(usize) -> String| (0..count).map(line).collect::<String>();
    let pod = "apiVersion: v1\nkind: Pod\n";
    let sum = |n| format!("a{n} = concat(local.a{}, local.a{})\n", n + 1, n + 1);
    let texts = [
        ("Dockerfile", "FROM a\nRUN a".to_owned() + &" \\\n b".repeat(100_000)),
        ("Dockerfile", "RUN a \\\n".to_owned() + &"# c\n".repeat(100_000)),
        ("Dockerfile", "FROM a\nRUN".to_owned() + &" <<A".repeat(20_000) + "\nx\n"),
        ("Dockerfile", "FROM a\n".to_owned() + &lines(20_000, |n| format!("RUN cat <<E{n}\n"))),
        ("Dockerfile", "FROM a\nRUN ".to_owned() + &"eval $(".repeat(50_000) + &")".repeat(50_000)),
        ("Dockerfile", "FROM a\nRUN ".to_owned() + &"bash <(a; ".repeat(20_000) + &")".repeat(20_000)),
        ("Dockerfile", "FROM a\nRUN <<A\n".to_owned() + &"a | b\n".repeat(40_000) + "A\n"),
        ("Dockerfile", "FROM a\nRUN ".to_owned() + &lines(10_000, |n| format!("curl -k a{n}; sha256sum -c b{n}; chmod 777 c{n};"))),
        ("Dockerfile", "FROM s\n".to_owned() + &lines(10_000, |n| format!("FROM s AS s{n}\nCOPY --from=s{n} / /\nCMD a\n"))),
        ("Dockerfile", "ARG A0=aaaa\n".to_owned() + &lines(60, |n| format!("ARG A{}=$A{n}$A{n}\n", n + 1)) + "FROM $A60\n"),
        ("Dockerfile", "FROM a\n".to_owned() + &"ONBUILD ".repeat(50_000) + "RUN x"),
        ("Dockerfile", "FROM a\0b\r\nRUN \0 \\\r\n c\r\n".repeat(2_000)),
        ("a.tf", "a ".to_owned() + &"{".repeat(100_000)),
        ("a.tf", "a {\n".repeat(50_000) + &"}\n".repeat(50_000)),
        ("a.tf", "a = ".to_owned() + &"[".repeat(50_000) + &"]".repeat(50_000)),
        ("a.tf", "a = \"".to_owned() + &"${\"".repeat(50_000)),
        ("a.tf", "a {\n b = <<EOF\n".to_owned() + &"x\n".repeat(200_000)),
        ("a.tf", "resource \"aws_security_group\" \"a\" {\ningress {\ncidr_blocks = local.a0\nprotocol = -1\n}\n}\nlocals {\n".to_owned() + &(0..60).map(sum).collect::<String>() + "a60 = [\"0.0.0.0/0\"]\nb = local.c\nc = local.b\n}\n"),
        ("a.tf", "resource \"a\" \"b\" {\r\n password = \"Tr0ub\0dor3x\"\r\n}\r\n".repeat(1_000)),
        ("a.yaml", pod.to_owned() + "spec: " + &"{a: ".repeat(100_000)),
        ("a.yaml", pod.to_owned() + "spec: " + &"[".repeat(50_000) + &"]".repeat(50_000)),
        ("a.yaml", pod.to_owned() + "a: &a\n  <<: *a\nspec: *a\n"),
        ("a.yaml", (pod.to_owned() + "spec: {containers: [{image: a}]}\n---\n").repeat(2_000)),
        ("compose.yml", "services:\n  a:\n    image: ".to_owned() + &"${A:-".repeat(50_000)),
        ("compose.yml", "services: ".to_owned() + &"{a: ".repeat(100_000)),
    ];
    for (n, (name, text)) in texts.iter().enumerate() {
        repo.write(format!("{n}/{name}"), text);
        // Cut in the middle of a line, with a byte that is no UTF-8.
        let half = [&text.as_bytes()[..text.len() / 2], b"\xff"].concat();
        repo.write(format!("{n}/half/{name}"), half);
    }
    repo.commit("hostile");
    check(&repo, &["run"], &[0, 1, 3]);
}

#[cfg(unix)]
#[test]
fn names() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let repo = gated();
    for byte in (1..=255_u8).filter(|&b| b != b'/' && b != b'.') {
        // Not every file system takes every byte.
        let name = [b'n', byte, b'.', b's', b'h'];
        let _ = std::fs::write(repo.at(OsStr::from_bytes(&name)), "echo a > /dev/tty \n");
    }
    repo.write(["d"; 300].join("/") + "/a.sh", "<<<<<<< a\n");
    repo.link("link", "\u{1b}[31m\n");
    check(&repo, &["run"], &[0, 1, 3]);
    check(&repo, &["run", "--format", "json"], &[0, 1, 3]);
    repo.commit("names \u{1b}[31m\u{202e}");
    check(&repo, &["run", "--base", "HEAD~1"], &[0, 1, 3]);
    check(&repo, &["run", "--staged"], &[0, 1, 3]);
}

#[test]
fn configuration() {
    let bomb = (0..30).fold(String::from("a0: &a0 [x]\n"), |mut text, n| {
        let alias = format!("*a{n},");
        text.push_str(&format!("a{}: &a{} [{}]\n", n + 1, n + 1, alias.repeat(10)));
        text
    });
    let deep = (0..3_000).fold(String::new(), |text, depth| {
        text + &" ".repeat(depth) + "a:\n"
    });
    let texts: Vec<Vec<u8>> = vec![
        bomb.into_bytes(),
        deep.into_bytes(),
        "[".repeat(100_000).into_bytes(),
        "{a: ".repeat(100_000).into_bytes(),
        format!("{}: 1\n", "k".repeat(900_000)).into_bytes(),
        format!("version: 1\n? {}\n: 1\n", "[".repeat(50_000)).into_bytes(),
        format!("version: {}\n", "9".repeat(500_000)).into_bytes(),
        (0..60_000)
            .fold(String::new(), |text, n| text + &format!("k{n}: 1\n"))
            .into_bytes(),
        b"version: 1\n\x1b[31m: \xe2\x80\xae\n".to_vec(),
        b"version: 1\n\"\\u2028\\u001b\\n\": \"\\x9b\"\n".to_vec(),
        b"\0\0\0".to_vec(),
        b"\xff\xfe\x00v".to_vec(),
        b"a: |\r b\r\r\x0c\x0b".to_vec(),
        "&a ".repeat(50_000).into_bytes(),
        "- ".repeat(50_000).into_bytes(),
        "\"\\u0000".repeat(50_000).into_bytes(),
        GATES
            .replace("text:", "text: {include: ['[[[{{{***']}")
            .into_bytes(),
        format!(
            "{GATES}score: {{formulas: {{code_quality: '{}1'}}}}\n",
            "(".repeat(50_000)
        )
        .into_bytes(),
        format!(
            "{GATES}score: {{formulas: {{code_quality: '{}1'}}}}\n",
            "-".repeat(50_000)
        )
        .into_bytes(),
    ];
    for text in texts {
        let repo = Repo::new();
        repo.write("qgate.yaml", &text);
        check(&repo, &["run"], &[2]);
        check(&repo, &["validate"], &[2]);
    }
}

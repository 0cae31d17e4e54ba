//! Gate files from disk.

use qgate::config::GateFiles;
use qgate::host::gate_files::OnDisk;

use crate::support::Repo;

#[test]
fn only_what_lies_in_the_root() {
    let outside = Repo::without_git();
    outside.write("qgate.yaml", "secret");
    let repo = Repo::without_git();
    repo.write("qgate.yaml", "a").write("gates/b.yaml", "b");
    repo.link("in.yaml", "gates/b.yaml")
        .link("out.yaml", outside.at("qgate.yaml"))
        .link("out", outside.path())
        .link("dangling.yaml", "nowhere")
        .link("loop.yaml", "loop.yaml")
        .fifo("pipe.yaml");
    let disk = OnDisk::new(repo.path());
    let check = |path: &str, expected: Result<Option<&str>, &str>| match disk.read(path) {
        Ok(read) => assert_eq!(
            Ok(read.as_deref()),
            expected.map(|e| e.map(str::as_bytes)),
            "{path}"
        ),
        Err(why) => {
            let part = expected.expect_err(path);
            assert!(why.contains(part), "{path}: {why}");
        }
    };
    check("qgate.yaml", Ok(Some("a")));
    check("in.yaml", Err("not a regular file"));
    check("gates/b.yaml", Ok(Some("b")));
    check("none.yaml", Ok(None));
    check("none/none.yaml", Ok(None));
    check("qgate.yaml/x", Ok(None));
    check("out.yaml", Err("not a regular file"));
    check("out/qgate.yaml", Err("a link"));
    check("../qgate.yaml", Err("outside"));
    check("dangling.yaml", Err("not a regular file"));
    check("loop.yaml", Err("not a regular file"));
    check("pipe.yaml", Err("not a regular file"));
    check("gates", Err("not a regular file"));
}

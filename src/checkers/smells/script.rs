//! Owns the question whether a path is that of a program, whose output is what it is for.

use crate::base::path::RepoPath;

/// Folders of programs.
const FOLDERS: [&[u8]; 15] = [
    b"bin",
    b"cli",
    b"cmd",
    b"commands",
    b"console",
    b"scripts",
    b"script",
    b"tools",
    b"tool",
    b"hacking",
    b"benchmarks",
    b"benchmark",
    b"bench",
    b"tasks",
    b"demo",
];

/// Names of programs, without their ending.
const NAMES: [&[u8]; 18] = [
    b"__main__",
    b"cli",
    b"main",
    b"manage",
    b"setup",
    b"conftest",
    b"console",
    b"Gruntfile",
    b"gulpfile",
    b"Rakefile",
    b"build",
    b"Program",
    b"fabfile",
    b"tasks",
    b"noxfile",
    b"command",
    b"commands",
    b"repl",
];

/// Is it the path of a program?
pub fn is_script(path: &RepoPath) -> bool {
    let mut parts = path.parts();
    let name = parts.next_back().unwrap_or_default();
    let stem = name.split(|b| *b == b'.').next().unwrap_or_default();
    NAMES.contains(&stem) || parts.any(|part| FOLDERS.contains(&part))
}

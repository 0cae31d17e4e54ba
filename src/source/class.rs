//! Owns path classes: what a path (and the head of the content) tells about a file's role.

use serde::{Deserialize, Serialize};

use crate::base::path::RepoPath;

/// The role of a file. Several can hold at once.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, not states"
)]
pub struct PathClass {
    /// A test, a fixture or an example.
    pub test: bool,
    /// Made by a tool.
    pub generated: bool,
    /// Somebody else's code, kept here.
    pub vendored: bool,
    /// Minified or bundled.
    pub minified: bool,
    /// A lock file.
    pub lock: bool,
    /// A workflow of a CI system.
    pub workflow: bool,
    /// Text for people: what it shows is an example.
    pub docs: bool,
}

impl PathClass {
    /// What the path tells.
    #[must_use]
    pub fn of_path(path: &RepoPath) -> Self {
        let name = path.name();
        let folder = |names: &[&[u8]]| in_folder(path, names);
        let ends = |tails: &[&[u8]]| tails.iter().any(|tail| name.ends_with(tail));
        Self {
            test: is_test(path),
            generated: ends(&[
                b".pb.go",
                b"_pb2.py",
                b"_pb2_grpc.py",
                b".pb.cc",
                b".pb.h",
                b".g.dart",
                b".freezed.dart",
                b".designer.cs",
                b".Designer.cs",
                b".generated.ts",
                b".gen.go",
                b".gen.ts",
                b".map",
            ]) || folder(&[b"__generated__", b"generated"]),
            vendored: folder(&[
                b"vendor",
                b"vendored",
                b"third_party",
                b"third-party",
                b"thirdparty",
                b"3rdparty",
                b"node_modules",
                b"bower_components",
            ]) || is_yarns(path),
            minified: ends(&[b".min.js", b".min.css", b".bundle.js", b"-min.js"]),
            lock: ends(&[
                b".lock",
                b"-lock.json",
                b"-lock.yaml",
                b"go.sum",
                b".lockb",
                b"npm-shrinkwrap.json",
            ]),
            workflow: is_workflow(path),
            docs: folder(&[b"docs", b"doc", b"documentation", b"guides"])
                || ends(&[b".md", b".mdx", b".markdown", b".rst", b".adoc", b"USAGE"]),
        }
    }

    /// What the content adds.
    #[must_use]
    pub fn refined(mut self, bytes: &[u8]) -> Self {
        let head = &bytes[..bytes.len().min(2_048)];
        self.generated |= ["enerated", "ENERATED"].iter().any(|word| {
            memchr::memmem::find_iter(head, word)
                .take_while(|&at| memchr::memchr_iter(b'\n', &head[..at]).nth(19).is_none())
                .any(|at| says_generated(head, at))
        });
        self
    }
}

/// A test, a fixture or an example?
fn is_test(path: &RepoPath) -> bool {
    let name = path.name();
    let ends = |tails: &[&[u8]]| tails.iter().any(|tail| name.ends_with(tail));
    in_folder(
        path,
        &[
            b"test",
            b"tests",
            b"__tests__",
            b"testdata",
            b"test_data",
            b"fixtures",
            b"__fixtures__",
            b"spec",
            b"specs",
            b"e2e",
            b"examples",
            b"example",
            b"samples",
            b"testing",
            b"testutil",
            b"testutils",
            b"testcerts",
            b"test-fixtures",
            b"t",
            b"__mocks__",
            b"__snapshots__",
        ],
    ) || path.parts().any(|part| {
        [
            &b"-test"[..],
            b"-tests",
            b"_test",
            b"_tests",
            b".Test",
            b".Tests",
            b".UnitTests",
            b".IntegrationTests",
        ]
        .iter()
        .any(|tail| part.ends_with(tail))
    }) || name.starts_with(b"test_")
        || ends(&[
            b"_test.go",
            b"_test.py",
            b"_test.rs",
            b"_test.ts",
            b"_test.js",
            b"_test.exs",
            b"_spec.rb",
            b"_test.rb",
            b"Test.java",
            b"Tests.cs",
            b"Test.kt",
            b"Test.groovy",
            b"Test.php",
            b"Test.scala",
            b"Spec.scala",
            b".snap",
        ])
        || name.windows(6).any(|w| w == b".test." || w == b".spec.")
        || is_sample(name)
}

/// Is one of the folders above it called so?
fn in_folder(path: &RepoPath, names: &[&[u8]]) -> bool {
    let mut parts = path.parts();
    parts.next_back();
    parts.any(|part| names.iter().any(|name| part.eq_ignore_ascii_case(name)))
}

/// A file that is copied and filled in: `.env.example`, `settings.sample.yml`, `phpunit.xml.dist`.
fn is_sample(name: &[u8]) -> bool {
    let has = |word: &[u8]| name.windows(word.len()).any(|window| window == word);
    [
        &b".example"[..],
        b"-example",
        b"_example",
        b".sample",
        b"-sample",
        b"_sample",
        b".dist",
    ]
    .iter()
    .any(|tail| name.ends_with(tail))
        || [&b"example."[..], b"sample."]
            .iter()
            .any(|head| name.starts_with(head))
        || [
            &b".example."[..],
            b"-example.",
            b"_example.",
            b".sample.",
            b"-sample.",
            b"_sample.",
        ]
        .iter()
        .any(|part| has(part))
}

/// Is the `enerated` at `at` in one of the markers that tools agree on: Go's `Code generated ... DO NOT EDIT.`, however it is
/// written, the `@generated` tag and .NET's `<auto-generated>`?
fn says_generated(head: &[u8], at: usize) -> bool {
    let before = &head[..at];
    let from = memchr::memrchr(b'\n', before).map_or(0, |end| end + 1);
    let to = memchr::memchr(b'\n', &head[at..]).map_or(head.len(), |end| at + end);
    let mut windows = head[from..to].windows(11);
    before.ends_with(b"@g")
        || before.ends_with(b"<auto-g")
        || matches!(before.last(), Some(b'g' | b'G'))
            && windows.any(|window| window.eq_ignore_ascii_case(b"do not edit"))
}

/// Yarn and its plugins, which are committed beside the code.
fn is_yarns(path: &RepoPath) -> bool {
    let mut parts = path.parts();
    parts.any(|part| part == b".yarn")
        && matches!(parts.next(), Some(b"releases" | b"plugins" | b"sdks"))
        && parts.next().is_some()
}

fn is_workflow(path: &RepoPath) -> bool {
    let yaml = matches!(path.extension(), Some(b"yml" | b"yaml"));
    let text = path.as_bytes();
    yaml && (text.starts_with(b".github/workflows/")
        || text == b".gitlab-ci.yml"
        || text.starts_with(b"azure-pipelines")
        || (text.starts_with(b".github/actions/")
            && matches!(path.name(), b"action.yml" | b"action.yaml")))
}

/// Does a coding agent take its instructions from this file: `AGENTS.md`, skills, prompts, rules and manifests of tools?
#[must_use]
pub fn is_for_agents(path: &RepoPath) -> bool {
    let name = path.name().to_ascii_lowercase();
    let text = path.as_bytes();
    let names: [&[u8]; 14] = [
        b"agents.md",
        b"agent.md",
        b"claude.md",
        b"claude.local.md",
        b"gemini.md",
        b"skill.md",
        b".cursorrules",
        b".windsurfrules",
        b".clinerules",
        b".mcp.json",
        b"mcp.json",
        b"mcp_config.json",
        b"copilot-instructions.md",
        b"llms.txt",
    ];
    let folders: [&[u8]; 8] = [
        b".claude/",
        b".cursor/",
        b".windsurf/",
        b".clinerules/",
        b".github/copilot",
        b".github/prompts/",
        b".github/agents/",
        b".github/instructions/",
    ];
    let is_text = matches!(
        path.extension(),
        Some(b"md" | b"mdc" | b"txt" | b"json" | b"yml" | b"yaml")
    );
    let mut parts = path.parts();
    parts.next_back();
    names.contains(&name.as_slice())
        || [
            &b".prompt.md"[..],
            b".instructions.md",
            b".chatmode.md",
            b".agent.md",
        ]
        .iter()
        .any(|end| name.ends_with(end))
        || (is_text && folders.iter().any(|folder| text.starts_with(folder)))
        || (is_text && parts.any(|part| part == b"prompts"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expected: &str) {
        let class = PathClass::of_path(&RepoPath::new(path).expect("a path inside the root"));
        let mut words = Vec::new();
        for (holds, word) in [
            (class.test, "test"),
            (class.generated, "generated"),
            (class.vendored, "vendored"),
            (class.minified, "minified"),
            (class.lock, "lock"),
            (class.workflow, "workflow"),
        ] {
            if holds {
                words.push(word);
            }
        }
        assert_eq!(words.join(" "), expected, "{path}");
    }

    #[test]
    fn classes() {
        check("src/main.rs", "");
        check("tests/a.py", "test");
        check("src/app.spec.ts", "test");
        check("contest/a.py", "");
        check("src/Acme.Web.Tests/A.cs", "test");
        check("src/Acme.Contests/A.cs", "");
        check("Shop.Tests/Cart.cs", "test");
        check("Test/a.cs", "test");
        check(".env.example", "test");
        check("config/database.sample.yml", "test");
        check("src/sample_rate.py", "");
        check("src/examples.py", "");
        check("api/v1.pb.go", "generated");
        check("web/vendor/jquery.min.js", "vendored minified");
        check(".yarn/releases/yarn-4.0.0.cjs", "vendored");
        check(".yarn/plugins", "");
        check("Cargo.lock", "lock");
        check(".github/workflows/ci.yml", "workflow");
        assert!(
            PathClass::default()
                .refined(b"// Code generated by protoc. DO NOT EDIT.\n")
                .generated
        );
        assert!(
            PathClass::default()
                .refined(b"// This file is autogenerated by build.js, do not edit\n")
                .generated
        );
        assert!(
            !PathClass::default()
                .refined(b"we generated this text\n")
                .generated
        );
    }
}

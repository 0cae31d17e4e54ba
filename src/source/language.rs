//! Owns languages: how a file's name or first line tells one, and which have a grammar here.

use serde::{Deserialize, Serialize};

use crate::base::path::RepoPath;

macro_rules! languages {
    ($($(#[$doc:meta])* $variant:ident $label:literal names[$($name:literal)*] ends[$($end:literal)*] runs[$($run:literal)*])*) => {
        /// A language that qgate tells apart.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[expect(missing_docs, reason = "each variant is the language of its name")]
        pub enum Language { $($variant),* }

        impl Language {
            /// Every language.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name that gate files use.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $label),* }
            }

            fn of_name(name: &[u8]) -> Option<Self> {
                $(if [$(&$name.as_bytes()[..]),*].contains(&name) { return Some(Self::$variant); })*
                None
            }

            fn of_extension(extension: &[u8]) -> Option<Self> {
                $(if [$(&$end.as_bytes()[..]),*].contains(&extension) { return Some(Self::$variant); })*
                None
            }

            fn of_interpreter(interpreter: &[u8]) -> Option<Self> {
                $(if [$(&$run.as_bytes()[..]),*].contains(&interpreter) { return Some(Self::$variant); })*
                None
            }
        }
    };
}

languages! {
    Bash "shell" names[".bashrc" ".bash_profile" ".profile" ".envrc"] ends["sh" "bash" "bats" "ksh"] runs["sh" "bash" "dash" "ksh" "ash"]
    C "c" names[] ends["c" "h"] runs[]
    Cpp "cpp" names[] ends["cc" "cpp" "cxx" "hpp" "hh" "hxx"] runs[]
    CSharp "csharp" names[] ends["cs"] runs[]
    Css "css" names[] ends["css" "scss" "less"] runs[]
    Dockerfile "dockerfile" names["Dockerfile" "Containerfile" "dockerfile"] ends["dockerfile"] runs[]
    Go "go" names[] ends["go"] runs[]
    Html "html" names[] ends["html" "htm"] runs[]
    Java "java" names[] ends["java"] runs[]
    JavaScript "javascript" names[] ends["js" "mjs" "cjs" "jsx"] runs["node"]
    Json "json" names[] ends["json" "jsonc"] runs[]
    Kotlin "kotlin" names[] ends["kt" "kts"] runs[]
    Makefile "makefile" names["Makefile" "makefile" "GNUmakefile"] ends["mk"] runs["make"]
    Markdown "markdown" names[] ends["md" "markdown" "mdx"] runs[]
    Perl "perl" names[] ends["pl" "pm"] runs["perl"]
    Php "php" names[] ends["php"] runs["php"]
    Python "python" names[] ends["py" "pyi" "pyw"] runs["python" "python2" "python3" "pypy" "pypy3"]
    Ruby "ruby" names["Gemfile" "Rakefile"] ends["rb" "rake"] runs["ruby"]
    Rust "rust" names[] ends["rs"] runs[]
    Sql "sql" names[] ends["sql"] runs[]
    Svelte "svelte" names[] ends["svelte"] runs[]
    Swift "swift" names[] ends["swift"] runs[]
    Terraform "terraform" names[] ends["tf" "tfvars"] runs[]
    Toml "toml" names[] ends["toml"] runs[]
    Tsx "tsx" names[] ends["tsx"] runs[]
    TypeScript "typescript" names[] ends["ts" "mts" "cts"] runs["deno" "bun"]
    Vue "vue" names[] ends["vue"] runs[]
    Xml "xml" names[] ends["xml" "xsd" "xsl"] runs[]
    Yaml "yaml" names[] ends["yml" "yaml"] runs[]
}

impl Language {
    /// The language that the path's name tells.
    #[must_use]
    pub fn of_path(path: &RepoPath) -> Option<Self> {
        let by_extension = || {
            path.extension()
                .map(<[u8]>::to_ascii_lowercase)
                .and_then(|e| Self::of_extension(&e))
        };
        Self::of_name(path.name())
            .or_else(by_extension)
            .or_else(|| is_dockerfile(path.name()).then_some(Self::Dockerfile))
    }

    /// The language that a `#!` line tells.
    #[must_use]
    pub fn of_content(bytes: &[u8]) -> Option<Self> {
        let line = bytes.strip_prefix(b"#!")?.split(|&b| b == b'\n').next()?;
        let mut words = line
            .split(u8::is_ascii_whitespace)
            .filter(|word| !word.is_empty());
        let program = words.next()?.rsplit(|&b| b == b'/').next()?;
        let program = if program == b"env" {
            words.find(|word| !word.starts_with(b"-") && !word.contains(&b'='))?
        } else {
            program
        };
        let version = program
            .iter()
            .rposition(|b| !(b.is_ascii_digit() || *b == b'.'))
            .map_or(0, |at| at + 1);
        Self::of_interpreter(program).or_else(|| Self::of_interpreter(&program[..version]))
    }

    /// The tree-sitter grammar; `None` where qgate has none for the language.
    #[must_use]
    pub fn grammar(self) -> Option<tree_sitter::Language> {
        match self {
            Self::Bash => Some(tree_sitter_bash::LANGUAGE.into()),
            Self::C => Some(tree_sitter_c::LANGUAGE.into()),
            Self::Cpp => Some(tree_sitter_cpp::LANGUAGE.into()),
            Self::CSharp => Some(tree_sitter_c_sharp::LANGUAGE.into()),
            Self::Go => Some(tree_sitter_go::LANGUAGE.into()),
            Self::Java => Some(tree_sitter_java::LANGUAGE.into()),
            Self::JavaScript => Some(tree_sitter_javascript::LANGUAGE.into()),
            Self::Kotlin => Some(tree_sitter_kotlin_ng::LANGUAGE.into()),
            Self::Php => Some(tree_sitter_php::LANGUAGE_PHP.into()),
            Self::Python => Some(tree_sitter_python::LANGUAGE.into()),
            Self::Ruby => Some(tree_sitter_ruby::LANGUAGE.into()),
            Self::Terraform => Some(tree_sitter_hcl::LANGUAGE.into()),
            Self::Rust => Some(tree_sitter_rust::LANGUAGE.into()),
            Self::Tsx => Some(tree_sitter_typescript::LANGUAGE_TSX.into()),
            Self::TypeScript => Some(tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into()),
            _ => None,
        }
    }
}

/// Is it a Dockerfile of several: `Dockerfile.web`, `Containerfile.alpine`? `Dockerfile.dockerignore` is what its name says.
fn is_dockerfile(name: &[u8]) -> bool {
    let kind = [&b"Dockerfile."[..], b"Containerfile.", b"dockerfile."]
        .into_iter()
        .find_map(|start| name.strip_prefix(start));
    kind.is_some_and(|kind| kind != b"dockerignore")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, head: &str, expected: &str) {
        let path = RepoPath::new(path).expect("a path inside the root");
        let language = Language::of_path(&path).or_else(|| Language::of_content(head.as_bytes()));
        assert_eq!(
            language.map_or("", Language::name),
            expected,
            "{path} {head}"
        );
    }

    #[test]
    fn by_name_and_by_first_line() {
        check("a/b.PY", "", "python");
        check("Dockerfile", "", "dockerfile");
        check("Dockerfile.web", "", "dockerfile");
        check("Dockerfile.md", "", "markdown");
        check("Dockerfile.dockerignore", "", "");
        check("bin/tool", "#!/usr/bin/env -S python3.11 -u\n", "python");
        check("bin/tool", "#!/bin/sh -e\n", "shell");
        check("bin/tool", "#! /usr/bin/env FOO=1 bash\n", "shell");
        check("bin/tool", "#!", "");
        check("LICENSE", "text", "");
    }
}

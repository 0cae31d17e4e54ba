//! Owns the question whether a line of a comment is written for people, and whether lines of code in one are an example.

use crate::source::language::Language;

use super::comments::Line;

/// Words of languages, which may stand beside each other in code.
const WORDS: [&str; 76] = [
    "abstract",
    "and",
    "as",
    "assert",
    "async",
    "auto",
    "await",
    "bool",
    "boolean",
    "byte",
    "case",
    "catch",
    "char",
    "class",
    "const",
    "constexpr",
    "def",
    "default",
    "defer",
    "delete",
    "do",
    "double",
    "else",
    "elsif",
    "end",
    "enum",
    "export",
    "extends",
    "extern",
    "final",
    "float",
    "fn",
    "for",
    "func",
    "function",
    "go",
    "if",
    "impl",
    "implements",
    "import",
    "in",
    "include",
    "inline",
    "int",
    "interface",
    "is",
    "let",
    "long",
    "mut",
    "namespace",
    "new",
    "not",
    "or",
    "override",
    "package",
    "private",
    "protected",
    "pub",
    "public",
    "raise",
    "readonly",
    "require",
    "return",
    "sealed",
    "short",
    "signed",
    "static",
    "string",
    "struct",
    "throw",
    "type",
    "unless",
    "unsigned",
    "var",
    "virtual",
    "void",
];

/// Does the line read as prose: three words in a row of which no language makes code, a bullet, a tag?
pub fn is_prose(language: Language, line: &str) -> bool {
    let text = line.trim();
    let first = text.chars().next();
    if matches!(first, Some('@')) && language != Language::Python && language != Language::Java {
        return true;
    }
    if text.starts_with("- ")
        || text.starts_with("* ")
        || text.starts_with("\u{2022}")
        || text.starts_with(">>>")
    {
        return true;
    }
    let mut row = 0;
    let mut quote = None;
    for word in text.split_ascii_whitespace() {
        let was_quoted = quote.is_some();
        for c in word.chars() {
            match quote {
                Some(open) if open == c => quote = None,
                None if matches!(c, '"' | '`') => quote = Some(c),
                _ => {}
            }
        }
        if was_quoted || quote.is_some() {
            row = 0;
            continue;
        }
        let bare = word.trim_end_matches([',', '.', ':', '?', '!']);
        let is_word = bare.len() + 1 >= word.len()
            && !bare.is_empty()
            && bare
                .chars()
                .all(|c| c.is_alphabetic() || matches!(c, '\'' | '-'));
        let is_known = WORDS.binary_search(&bare).is_ok();
        row = if is_word && !is_known { row + 1 } else { 0 };
        if row == 3 {
            return true;
        }
    }
    false
}

/// Settings of tools, which are comments by trade.
const SETTINGS: [&str; 25] = [
    "type:",
    "noqa",
    "pylint",
    "pragma",
    "fmt:",
    "isort:",
    "mypy:",
    "-*-",
    "vim:",
    "ruff:",
    "nosec",
    "region",
    "endregion",
    "eslint",
    "@ts-",
    "prettier",
    "istanbul",
    "c8 ",
    "rubocop",
    "frozen_string_literal",
    "nolint",
    "+build",
    "clang-format",
    "NOLINT",
    "phpcs",
];

/// Is there a sign of code in these lines, so that they are worth parsing?
pub fn may_be_code(language: Language, run: &[Line<'_>]) -> bool {
    let is_setting = |line: &Line<'_>| {
        let text = line.text.trim_start();
        SETTINGS.iter().any(|start| text.starts_with(start))
    };
    if run.iter().any(is_setting) {
        return false;
    }
    // What a new application of Rails shows that may be set.
    let is_option = |line: &Line<'_>| line.text.trim_start().starts_with("config.");
    if language == Language::Ruby && is_option(&run[0]) {
        return false;
    }
    let ends = |line: &Line<'_>, ends: &[char]| line.text.trim_end().ends_with(ends);
    let has = |sign: &str| run.iter().any(|line| line.text.contains(sign));
    match language {
        Language::Python | Language::Ruby | Language::Go | Language::Kotlin => {
            has("=") || has("(") || has("import ") || has("return ") || has("def ") || has("end")
        }
        Language::JavaScript | Language::TypeScript | Language::Tsx => {
            run.iter().any(|line| ends(line, &[';', '{', '}', ')'])) || has("=")
        }
        _ => run.iter().any(|line| ends(line, &[';', '}'])),
    }
}

/// Words before code that say that it is shown, and not switched off.
const SHOWING: [&str; 33] = [
    "example",
    "e.g",
    "eg.",
    "i.e",
    "usage",
    "like",
    "such as",
    "equivalent",
    "same as",
    "syntax",
    "format",
    "output",
    "would",
    "instead",
    "convert",
    "become",
    "mean",
    "see ",
    "form",
    "follow",
    "look",
    "use ",
    "using",
    "generate",
    "produce",
    "translate",
    "expand",
    "code",
    "pattern",
    "case",
    "replace",
    "deprecat",
    "default",
];

/// Do these lines of a block show something to the reader of the block, rather than wait for better days?
pub fn is_example(lines: &[Line<'_>], start: usize, end: usize) -> bool {
    let is_filled = |line: &&Line<'_>| !line.text.trim().is_empty();
    let indent = |line: &Line<'_>| {
        let tabs = line.text.bytes().take_while(|b| *b == b'\t').count();
        tabs * 4 + line.text[tabs..].len() - line.text[tabs..].trim_start().len()
    };
    let run = lines[start..end].iter().filter(is_filled);
    let own = run.clone().map(indent).min().unwrap_or(0);
    let before = lines[..start].iter().rev().find(is_filled);
    let behind = lines[end..].iter().find(is_filled);
    let is_deeper = |line: &Line<'_>| own >= indent(line) + 2;
    if before.is_some_and(is_deeper) || behind.is_some_and(is_deeper) {
        return true;
    }
    // Fences, and results that are shown.
    let is_shown = |line: &Line<'_>| {
        let text = line.text.trim();
        text.starts_with("```")
            || text.starts_with("<pre")
            || text.starts_with("@example")
            || text.contains("# =>")
            || text.contains("#=>")
            || text.contains("// =>")
            || text.contains("// Output")
    };
    if lines.iter().any(is_shown) {
        return true;
    }
    if let Some(before) = before {
        let text = before.text.trim().to_ascii_lowercase();
        if text.ends_with([':', ',']) || SHOWING.iter().any(|word| text.contains(word)) {
            return true;
        }
    }
    // A sentence that goes on behind the code explains it.
    behind.is_some_and(|line| {
        let first = line.text.trim_start().chars().next();
        first.is_some_and(char::is_lowercase)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_sorted() {
        assert!(WORDS.is_sorted());
    }

    fn check(line: &str, expected: bool) {
        assert_eq!(is_prose(Language::Python, line), expected, "{line}");
    }

    #[test]
    fn prose() {
        check("the old way to do it", true);
        check("x = the old way", true);
        check("- point", true);
        check("if a in b and c not in d:", false);
        check("x = \"the old way to do it\"", false);
        check("foo(a, b, c)", false);
        check("return value", false);
    }
}

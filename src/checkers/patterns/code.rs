//! Owns the bridge to the matcher of code: a language as it wants one, and a file's tree as its document. Trees are
//! parsed by [`crate::source::file::parse`], within its bounds.

use std::borrow::Cow;

use ast_grep_core::matcher::PatternBuilder;
use ast_grep_core::tree_sitter::{LanguageExt, StrDoc, TSLanguage};
use ast_grep_core::{AstGrep, Language as Matched, Pattern, PatternError};

use crate::source::file::parse;
use crate::source::language::Language;

/// A language with a grammar.
#[derive(Clone, Copy, Debug)]
pub struct Grammar(pub Language);

/// A file, or a script in one.
pub type Document = AstGrep<StrDoc<Grammar>>;

impl Grammar {
    fn of(self) -> TSLanguage {
        let grammar = self.0.grammar();
        grammar.expect("only languages with a grammar are made into one")
    }
}

impl Matched for Grammar {
    /// `$` is part of no name in most languages: another letter stands for it while the pattern is parsed.
    fn expando_char(&self) -> char {
        match self.0 {
            Language::JavaScript
            | Language::TypeScript
            | Language::Tsx
            | Language::Java
            | Language::Bash => '$',
            Language::C | Language::Cpp => '\u{10000}',
            _ => '\u{b5}',
        }
    }

    fn pre_process_pattern<'q>(&self, text: &'q str) -> Cow<'q, str> {
        let letter = self.expando_char();
        if letter == '$' {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(text.len());
        let mut dollars = 0;
        for c in text.chars() {
            if c == '$' {
                dollars += 1;
                continue;
            }
            let begins_name = c.is_ascii_uppercase() || c == '_';
            let written = if begins_name || dollars == 3 {
                letter
            } else {
                '$'
            };
            out.extend(std::iter::repeat_n(written, dollars));
            dollars = 0;
            out.push(c);
        }
        let written = if dollars == 3 { letter } else { '$' };
        out.extend(std::iter::repeat_n(written, dollars));
        Cow::Owned(out)
    }

    fn kind_to_id(&self, kind: &str) -> u16 {
        self.of().id_for_node_kind(kind, true)
    }

    fn field_to_id(&self, field: &str) -> Option<u16> {
        self.of()
            .field_id_for_name(field)
            .map(std::num::NonZero::get)
    }

    fn build_pattern(&self, builder: &PatternBuilder<'_>) -> Result<Pattern, PatternError> {
        builder.build(|text| document(*self, text).ok_or_else(|| "it cannot be parsed".to_owned()))
    }
}

impl LanguageExt for Grammar {
    fn get_ts_language(&self) -> TSLanguage {
        self.of()
    }
}

fn document(language: Grammar, text: &str) -> Option<StrDoc<Grammar>> {
    let tree = parse(language.0, text.as_bytes())?;
    Some(StrDoc {
        src: text.to_owned(),
        lang: language,
        tree,
    })
}

/// A file whose tree is there already.
pub fn of_tree(language: Language, text: &str, tree: &tree_sitter::Tree) -> Document {
    Document::doc(StrDoc {
        src: text.to_owned(),
        lang: Grammar(language),
        tree: tree.clone(),
    })
}

/// Reads a pattern.
///
/// # Errors
/// Says what is wrong with it, and what to do.
pub fn pattern(language: Language, text: &str, selector: Option<&str>) -> Result<Pattern, String> {
    let name = language.name();
    let grammar = Grammar(language);
    if let Some(selector) = selector
        && grammar.kind_to_id(selector) == 0
    {
        return Err(format!(
            "the grammar of {name} has no kind `{selector}`; kinds are named in its node-types.json"
        ));
    }
    let read = match selector {
        Some(selector) => Pattern::contextual(text, selector, grammar),
        None => Pattern::try_new(text.trim(), grammar),
    };
    let pattern = read.map_err(|problem| match problem {
        PatternError::NoContent(_) => "the pattern is empty: write the code to look for".to_owned(),
        PatternError::MultipleNode(_) => format!(
            "`{}` is more than one node of {name}: put it into braces, or name the one that is meant with `selector`",
            text.trim()
        ),
        PatternError::RootMultiMetaVar(_) => {
            "`$$$X` alone is everything: write the code around it".to_owned()
        }
        PatternError::NoSelectorInContext { .. } => format!(
            "there is no `{}` in the pattern: name a kind that is in it",
            selector.unwrap_or_default()
        ),
        PatternError::Parse(_) | PatternError::InvalidKind(_) => {
            format!("`{}` cannot be parsed as {name}", text.trim())
        }
    })?;
    if is_broken(grammar, text) {
        let hint = if text.contains('$') {
            "; `$X` stands where a name can stand, and needs capital letters"
        } else {
            ""
        };
        return Err(format!(
            "`{}` is no whole piece of {name}: write code that stands alone, or more of what is around it with `selector`{hint}",
            text.trim()
        ));
    }
    Ok(pattern)
}

/// Is the code as a whole none, or is something missing in it? A hole where no name can stand, such as that for a string, is
/// fine: what is around it is found all the same.
fn is_broken(language: Grammar, text: &str) -> bool {
    let text = language.pre_process_pattern(text.trim());
    let Some(tree) = parse(language.0, text.as_bytes()) else {
        return true;
    };
    let root = tree.root_node();
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        // The end of a statement is none that is missed.
        let is_end = matches!(node.kind(), ";" | "\n" | "");
        if (node.is_error() && cursor.depth() < 2) || (node.is_missing() && !is_end) {
            return true;
        }
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return root.is_error();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars() {
        let check = |text: &str, expected: &str| {
            assert_eq!(
                Grammar(Language::Python).pre_process_pattern(text),
                expected
            );
        };
        check(
            "f($A, $$$B, $$$)",
            "f(\u{b5}A, \u{b5}\u{b5}\u{b5}B, \u{b5}\u{b5}\u{b5})",
        );
        check("\"$5 $a\" $", "\"$5 $a\" $");
    }

    #[test]
    fn what_is_wrong_with_a_pattern() {
        let check = |language, text: &str, selector, expected: &str| {
            let problem = pattern(language, text, selector).err().unwrap_or_default();
            assert!(problem.contains(expected), "{text}: {problem}");
        };
        check(Language::Python, "f($A)", None, "");
        check(
            Language::Python,
            "f($A",
            None,
            "is no whole piece of python",
        );
        check(Language::Python, "", None, "the pattern is empty");
        check(Language::Python, "a\nb", None, "more than one node");
        check(
            Language::Python,
            "f()",
            Some("nothing"),
            "has no kind `nothing`",
        );
        check(
            Language::Python,
            "f()",
            Some("class_definition"),
            "there is no `class_definition`",
        );
        check(Language::TypeScript, "$$$A", None, "alone is everything");
        check(Language::TypeScript, "import { $$$ } from $S", None, "");
        check(Language::Go, "$A = 0", None, "");
        check(Language::JavaScript, "if ($A) {", None, "is no whole piece");
    }
}

//! Owns what people leave behind when they look for a mistake: calls of debuggers, and output that shows what a value is.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};
use tree_sitter::{Node, Tree};

use crate::source::language::Language;

use super::facts::{Kind, Sink};
use super::output;

/// What a name tells where it is called, or stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    /// A call for a debugger: always a leftover.
    Stops,
    /// A statement by itself.
    Stands,
    /// An import of a debugger.
    Imported,
    /// A macro.
    Macro,
    /// Output for somebody who looks for a mistake, whatever it shows.
    Dumps,
    /// Output that may be meant.
    Prints,
}

type Names = &'static [(&'static str, Sign)];

const fn names(language: Language) -> Names {
    use Sign::{Dumps, Imported, Macro, Prints, Stands, Stops};
    match language {
        Language::Python => &[
            ("breakpoint", Stops),
            ("pdb.set_trace", Stops),
            ("ipdb.set_trace", Stops),
            ("pudb.set_trace", Stops),
            ("pdb", Imported),
            ("ipdb", Imported),
            ("pudb", Imported),
            ("pprint", Dumps),
            ("pprint.pprint", Dumps),
            ("print", Prints),
        ],
        Language::JavaScript | Language::TypeScript | Language::Tsx => &[
            ("debugger", Stands),
            ("console.dir", Dumps),
            ("console.table", Dumps),
            ("console.trace", Dumps),
            ("console.log", Prints),
            ("console.debug", Prints),
            ("alert", Prints),
        ],
        Language::Rust => &[("dbg", Macro)],
        Language::Go => &[
            ("runtime.Breakpoint", Stops),
            ("spew.Dump", Dumps),
            ("fmt.Println", Prints),
            ("println", Prints),
        ],
        Language::Java => &[("System.out.println", Prints)],
        Language::Kotlin => &[("println", Prints)],
        Language::CSharp => &[
            ("Debugger.Break", Stops),
            ("Debugger.Launch", Stops),
            ("System.Diagnostics.Debugger.Break", Stops),
            ("System.Diagnostics.Debugger.Launch", Stops),
            ("Console.WriteLine", Prints),
        ],
        Language::Ruby => &[
            ("binding.pry", Stops),
            ("binding.irb", Stops),
            ("binding.break", Stops),
            ("byebug", Stands),
            ("debugger", Stands),
            ("save_and_open_page", Stands),
            ("p", Prints),
            ("puts", Prints),
        ],
        Language::Php => &[
            ("xdebug_break", Stops),
            ("var_dump", Dumps),
            ("dd", Dumps),
            ("dump", Dumps),
            ("print_r", Dumps),
        ],
        _ => &[],
    }
}

/// What shows that a file is a program of its own: what it prints is what it is for.
const fn program(language: Language) -> &'static [&'static str] {
    match language {
        Language::Python => &[
            "__main__",
            "argparse",
            "optparse",
            "sys.argv",
            "import click",
            "import typer",
            "from click",
            "BaseCommand",
        ],
        Language::JavaScript | Language::TypeScript | Language::Tsx => {
            &["process.argv", "commander", "yargs", "inquirer"]
        }
        Language::Go => &["package main", "flag.Parse"],
        Language::Java => &["static void main("],
        Language::Kotlin => &["fun main("],
        Language::CSharp => &[
            "static void Main(",
            "static int Main(",
            "static async Task Main(",
        ],
        Language::Ruby => &[
            "__FILE__ == $0",
            "$PROGRAM_NAME",
            "OptionParser",
            "Thor",
            "ARGV",
        ],
        Language::Php => &["$argv", "PHP_SAPI", "php_sapi_name"],
        _ => &[],
    }
}

struct Search {
    names: Names,
    search: AhoCorasick,
}

fn search_of(language: Language) -> Option<&'static Search> {
    static ALL: OnceLock<BTreeMap<Language, Search>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let made = |language: &Language| {
            let names = names(*language);
            let words = names.iter().map(|(name, _)| *name);
            let search = AhoCorasick::builder()
                .match_kind(MatchKind::LeftmostLongest)
                .build(words)
                .ok()?;
            (!names.is_empty()).then_some((*language, Search { names, search }))
        };
        Language::ALL.iter().filter_map(made).collect()
    });
    all.get(&language)
}

/// Looks for them, outside of modules of tests.
pub fn look(language: Language, tree: &Tree, tests: &[Range<usize>], sink: &mut Sink<'_>) {
    let Some(Search { names, search }) = search_of(language) else {
        return;
    };
    let bytes = sink.file.bytes();
    let mut is_program = None;
    for found in search.find_iter(bytes) {
        let range = found.range();
        let (name, sign) = names[found.pattern().as_usize()];
        let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$' | b'.');
        let (before, behind) = (bytes[..range.start].last(), bytes.get(range.end));
        if before.is_some_and(is_part)
            || behind.is_some_and(is_part)
            || tests.iter().any(|tests| tests.contains(&range.start))
            || !may_be(sign, language, bytes, &range)
        {
            continue;
        }
        let Some(node) = proved(language, tree, sign, &range) else {
            continue;
        };
        let is_for_people = || is_a_program(language, bytes);
        let kind = match sign {
            Sign::Stops | Sign::Stands | Sign::Imported | Sign::Macro => Kind::DebugLeftover,
            Sign::Dumps | Sign::Prints => {
                if *is_program.get_or_insert_with(is_for_people) {
                    continue;
                }
                if sign == Sign::Prints && !shows(node, bytes) {
                    continue;
                }
                if sign == Sign::Dumps && (writes_elsewhere(node) || is_to_show(node, bytes)) {
                    continue;
                }
                if name == "print_r" && !prints(node) {
                    continue;
                }
                Kind::DebugOutput
            }
        };
        sink.add(kind, node.byte_range(), name);
    }
}

/// May it be, by what follows? Spares a look at the tree.
fn may_be(sign: Sign, language: Language, bytes: &[u8], range: &Range<usize>) -> bool {
    let behind = bytes.get(range.end..).unwrap_or_default();
    let next = behind.iter().find(|b| !matches!(b, b' ' | b'\t'));
    match sign {
        Sign::Macro => next == Some(&b'!'),
        Sign::Stands => next.is_none_or(|b| matches!(b, b';' | b'\n' | b'\r' | b'}' | b'#' | b'/')),
        Sign::Imported => {
            let before = &bytes[..range.start];
            let line = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
            let words = before[line..].trim_ascii_start();
            words.starts_with(b"import") || words.starts_with(b"from")
        }
        _ if language == Language::Ruby => true,
        _ => next == Some(&b'('),
    }
}

/// The call, or whatever it is, if the tree says so, too: not in a text, not in a comment, not the name of something else.
fn proved<'t>(
    language: Language,
    tree: &'t Tree,
    sign: Sign,
    range: &Range<usize>,
) -> Option<Node<'t>> {
    let root = tree.root_node();
    let name = root.descendant_for_byte_range(range.start, range.end)?;
    let around = name.parent()?;
    let is_in = |kinds: &[&str]| kinds.contains(&around.kind());
    match sign {
        Sign::Imported => {
            let mut at = around;
            for _ in 0..3 {
                if matches!(at.kind(), "import_statement" | "import_from_statement") {
                    // A program that is a debugger itself has more to say than that; and one that tries whether a debugger
                    // is there offers it.
                    let block = at.parent().filter(|block| block.kind() == "block")?;
                    let is_tried = block
                        .parent()
                        .is_some_and(|around| around.kind() == "try_statement");
                    return (!is_tried).then_some(at);
                }
                at = at.parent()?;
            }
            None
        }
        Sign::Macro => is_in(&["macro_invocation"]).then_some(around),
        Sign::Stands if language == Language::Ruby => {
            let is_statement = is_in(&[
                "program",
                "body_statement",
                "then",
                "else",
                "block_body",
                "do_block",
                "begin",
            ]);
            (is_statement && name.kind() == "identifier").then_some(name)
        }
        Sign::Stands => [name, around]
            .into_iter()
            .find(|node| node.kind() == "debugger_statement")
            .filter(|node| !is_all_of_a_method(*node)),
        _ if language == Language::Ruby => {
            let call = if name.kind() == "call" { name } else { around };
            let is_call = call.kind() == "call" && call.start_byte() == range.start;
            let is_probe = sign == Sign::Stops || call.child_by_field_name("arguments").is_some();
            (is_call && is_probe).then_some(call)
        }
        _ => {
            // In Java the name and the method are parts of the call itself.
            let call = if CALLS.contains(&name.kind()) {
                name
            } else {
                around
            };
            let is_call = CALLS.contains(&call.kind()) && call.start_byte() == range.start;
            (is_call && is_statement(call)).then_some(call)
        }
    }
}

/// Is it all that a function does? Then that is what the function is for.
fn is_all_of_a_method(node: Node<'_>) -> bool {
    let block = node.parent().filter(|block| block.named_child_count() == 1);
    let function = block.and_then(|block| block.parent());
    function.is_some_and(|function| function.kind().contains("method"))
}

const CALLS: [&str; 5] = [
    "call",
    "call_expression",
    "function_call_expression",
    "method_invocation",
    "invocation_expression",
];

/// Is the call a statement of its own?
fn is_statement(call: Node<'_>) -> bool {
    let mut at = call;
    for _ in 0..2 {
        let Some(around) = at.parent() else {
            return false;
        };
        match around.kind() {
            "expression_statement"
            | "statement_list"
            | "block"
            | "statements"
            | "global_statement"
            | "source_file"
            | "function_body" => return true,
            "await_expression" | "await" => at = around,
            _ => return false,
        }
    }
    false
}

fn arguments(call: Node<'_>) -> Option<Node<'_>> {
    let field = call.child_by_field_name("arguments");
    field.or_else(|| {
        let mut cursor = call.walk();
        call.named_children(&mut cursor)
            .find(|child| child.kind().ends_with("arguments"))
    })
}

/// Does a call show what a value is, and no more?
fn shows(call: Node<'_>, bytes: &[u8]) -> bool {
    let Some(arguments) = arguments(call) else {
        return false;
    };
    let mut cursor = arguments.walk();
    let mut texts = Vec::new();
    for argument in arguments.named_children(&mut cursor).take(9) {
        if matches!(argument.kind(), "keyword_argument" | "pair") {
            return false;
        }
        let Some(text) = bytes.get(argument.byte_range()) else {
            return false;
        };
        let Ok(text) = std::str::from_utf8(text) else {
            return false;
        };
        texts.push(text);
    }
    output::is_probe(&texts)
}

/// Does it name where it writes: `pprint(x, stream=out)`?
fn writes_elsewhere(call: Node<'_>) -> bool {
    arguments(call).is_some_and(|arguments| {
        let mut cursor = arguments.walk();
        arguments
            .named_children(&mut cursor)
            .any(|argument| argument.kind() == "keyword_argument")
    })
}

/// Does it stand in a function whose name says that it shows something?
fn is_to_show(call: Node<'_>, bytes: &[u8]) -> bool {
    const WORDS: [&str; 8] = [
        "dump", "dd", "debug", "inspect", "print", "report", "show", "trace",
    ];
    let mut at = call;
    for _ in 0..40 {
        let Some(around) = at.parent() else {
            return false;
        };
        let is_function = around.kind().contains("function") || around.kind().contains("method");
        let name = around.child_by_field_name("name").filter(|_| is_function);
        let name = name
            .and_then(|name| bytes.get(name.byte_range()))
            .unwrap_or_default();
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        if WORDS
            .iter()
            .any(|word| name.starts_with(word) || name.trim_start_matches('_').starts_with(word))
        {
            return true;
        }
        at = around;
    }
    false
}

/// Does `print_r` print? With a second argument it hands its text back.
fn prints(call: Node<'_>) -> bool {
    arguments(call).is_some_and(|arguments| arguments.named_child_count() == 1)
}

fn is_a_program(language: Language, bytes: &[u8]) -> bool {
    bytes.starts_with(b"#!")
        || program(language)
            .iter()
            .any(|sign| memchr::memmem::find(bytes, sign.as_bytes()).is_some())
}

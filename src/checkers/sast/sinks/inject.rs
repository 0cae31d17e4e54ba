//! Owns what foreign text is put into: SQL, shell commands, LDAP filters, `XPath`.

use tree_sitter::Node;

use crate::source::language::Language;

use super::super::call::{Arg, Call};
use super::super::class::{Class, Confidence};
use super::super::names;
use super::super::value::{Origin, Slot, Tag, Value, clean};
use super::super::walk::Walk;

/// Methods that take SQL first.
const QUERIES: &[&str] = &[
    "execute",
    "executemany",
    "executescript",
    "raw",
    "query",
    "Query",
    "QueryRow",
    "QueryContext",
    "QueryRowContext",
    "Exec",
    "ExecContext",
    "QueryRowx",
    "Queryx",
    "NamedExec",
    "NamedQuery",
    "Get",
    "Select",
    "Raw",
    "executeQuery",
    "executeUpdate",
    "executeLargeUpdate",
    "prepareStatement",
    "prepareCall",
    "createQuery",
    "createNativeQuery",
    "createSQLQuery",
    "queryForObject",
    "queryForList",
    "queryForMap",
    "queryForRowSet",
    "batchUpdate",
    "update",
    "text",
    "read_sql",
    "read_sql_query",
    "extra",
    "run",
    "all",
    "get",
    "each",
    "exec",
    "prepare",
    "Prepare",
    "PrepareContext",
    "$queryRawUnsafe",
    "$executeRawUnsafe",
    "sql_query",
    "query_as",
    "query_scalar",
    "fetchrow",
    "fetchval",
    "RawSQL",
    "addBatch",
    "nativeQuery",
    "literal",
    "whereRaw",
    "orderByRaw",
    "havingRaw",
    "selectRaw",
    "batch_execute",
    "query_one",
    "query_opt",
    "simple_query",
    "unsafe",
    "mogrify",
    "execute_sql",
    "run_query",
    "fetch_all",
    "fetch_one",
    "async_execute",
];

/// Runs a text in a shell.
const SHELLS: &[(&str, usize, &str)] = &[
    ("os.system", 0, "command"),
    ("os.popen", 0, "cmd"),
    ("popen2.popen2", 0, "cmd"),
    ("commands.getoutput", 0, "cmd"),
    ("commands.getstatusoutput", 0, "cmd"),
    ("subprocess.getoutput", 0, "cmd"),
    ("subprocess.getstatusoutput", 0, "cmd"),
    ("asyncio.create_subprocess_shell", 0, "cmd"),
    ("child_process.exec", 0, ""),
    ("child_process.execSync", 0, ""),
    ("shelljs.exec", 0, ""),
    ("shell.exec", 0, ""),
    ("execa.command", 0, ""),
    ("execaCommand", 0, ""),
];

/// Run a program, and a shell when they are asked to.
const SPAWNS: &[&str] = &[
    "subprocess.run",
    "subprocess.call",
    "subprocess.Popen",
    "subprocess.check_call",
    "subprocess.check_output",
    "child_process.spawn",
    "child_process.spawnSync",
    "child_process.execFile",
    "child_process.execFileSync",
];

pub fn call<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    sql(walk, call);
    command(walk, call);
    directory(walk, call);
}

fn sql<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    if !call.named(QUERIES) {
        return;
    }
    // In Go a context or a target may stand first, in Python a connection.
    let first = match walk.language {
        Language::Go => 3,
        Language::Python => 2,
        _ => 1,
    };
    if walk.language == Language::Java
        && let Some(arg) = call.at(0)
        && arg.value.is_input(clean::QUERY)
        && !arg.value.built
        && takes_sql(call)
    {
        walk.report(
            Class::Sql,
            Confidence::High,
            arg.node,
            "a request is the text of SQL",
        );
        return;
    }
    let wanted = call
        .args
        .iter()
        .take(first)
        .find(|arg| arg.value.built && arg.value.sql);
    let Some(arg) = wanted else { return };
    if arg
        .name
        .is_some_and(|name| !matches!(name, "sql" | "query" | "statement" | "operation"))
    {
        return;
    }
    if let Some((confidence, headline)) = judged(&arg.value) {
        walk.report(Class::Sql, confidence, arg.node, headline);
    }
}

/// Does a method of Java take nothing but SQL?
fn takes_sql(call: &Call<'_>) -> bool {
    let object = call.path.rsplit('.').nth(1).unwrap_or_default();
    let object = object.to_ascii_lowercase();
    let statement = ["statement", "stmt", "jdbc"]
        .iter()
        .any(|word| object.contains(word));
    call.named(&[
        "executeQuery",
        "executeUpdate",
        "executeLargeUpdate",
        "prepareStatement",
        "prepareCall",
        "createNativeQuery",
        "createSQLQuery",
        "addBatch",
    ]) || statement && call.named(&["execute", "query", "update", "queryForList", "batchUpdate"])
}

/// How sure it is that a text of SQL is open to others, and what to say.
fn judged(value: &Value<'_>) -> Option<(Confidence, &'static str)> {
    if value.clean & clean::QUERY != 0 {
        return None;
    }
    Some(match (value.origin, value.slot) {
        (Origin::Input, _) => (
            Confidence::High,
            "a part of a request is put into the text of SQL",
        ),
        (Origin::Dynamic, Slot::Quoted) => (
            Confidence::High,
            "a value is put between quotes in the text of SQL",
        ),
        (Origin::Dynamic, Slot::Value) => {
            (Confidence::Medium, "a value is put into the text of SQL")
        }
        (Origin::Dynamic, _) => (
            Confidence::Low,
            "a name or a part is put into the text of SQL",
        ),
        _ => return None,
    })
}

pub fn invocation<'t>(walk: &mut Walk<'t>, node: Node<'t>, name: &str, args: &[Arg<'t>]) {
    let _ = (walk, node, name, args);
}

fn command<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    for (path, at, name) in SHELLS {
        if call.is(&[path])
            && let Some(arg) = call.arg(*at, name)
        {
            told(walk, arg, "a shell");
            return;
        }
    }
    if call.is(SPAWNS) {
        let shell = call.sets("shell", &["True", "true"]) || options_say_shell(walk, call);
        if let Some(arg) = call.arg(0, "args") {
            if shell || arg.value.tag == Tag::ShellText {
                told(walk, arg, "a shell");
            } else if arg.value.whole().is_some_and(names::is_shell)
                && let Some(list) = call.at(1)
                && list.value.tag == Tag::ShellText
            {
                told(walk, list, "a shell");
            } else if arg.value.is_input(clean::SHELL) && arg.value.tag != Tag::Container {
                walk.report(
                    Class::Command,
                    Confidence::Medium,
                    arg.node,
                    "a request chooses the program that is run",
                );
            }
        }
        return;
    }
    match walk.language {
        Language::Go if call.is(&["exec.Command", "exec.CommandContext"]) => {
            let skip = usize::from(call.name == "CommandContext");
            let shell = call.at(skip).and_then(|arg| arg.value.whole());
            let flag = call.at(skip + 1).and_then(|arg| arg.value.whole());
            if shell.is_some_and(names::is_shell)
                && flag.is_some_and(names::is_shell_flag)
                && let Some(text) = call.at(skip + 2)
            {
                told(walk, text, "a shell");
            }
        }
        Language::Java => {
            let runs = call.name == "exec" && call.path.contains("untime");
            let program = call.receiver.is_some_and(|value| value.tag == Tag::Program);
            let builds = call.is(&["ProcessBuilder"]) || program && call.name == "command";
            if (runs || builds)
                && let Some(arg) = call.args.iter().find(|arg| arg.value.is_open(clean::SHELL))
            {
                let first = call.at(0).and_then(|arg| arg.value.whole());
                let flag = call.at(1).and_then(|arg| arg.value.whole());
                let shell =
                    first.is_some_and(names::is_shell) && flag.is_some_and(names::is_shell_flag);
                if shell || arg.value.tag == Tag::ShellText || (runs && arg.value.built) {
                    told(
                        walk,
                        arg,
                        if runs && !shell {
                            "a command line"
                        } else {
                            "a shell"
                        },
                    );
                } else if let Some(other) = foreign(call).filter(|_| runs) {
                    told(walk, &other, "a command, as an argument or its environment");
                } else if arg.value.is_input(clean::SHELL)
                    && call.at(0).is_some_and(|first| first.node == arg.node)
                {
                    walk.report(
                        Class::Command,
                        Confidence::Medium,
                        arg.node,
                        "a request chooses the program that is run",
                    );
                }
            }
        }
        Language::Rust => {
            let pending = call
                .receiver
                .is_some_and(|value| value.tag == Tag::ShellText);
            if pending
                && call.name == "arg"
                && let Some(arg) = call.at(0)
            {
                told(walk, arg, "a shell");
            } else if call.receiver.is_some_and(|value| value.tag == Tag::Shell)
                && call.name == "args"
                && let Some(arg) = call.at(0)
                && arg.value.tag == Tag::ShellText
            {
                told(walk, arg, "a shell");
            }
        }
        _ => {}
    }
}

/// The argument that a request fills.
fn foreign<'t>(call: &Call<'t>) -> Option<Arg<'t>> {
    let found = call
        .args
        .iter()
        .find(|arg| arg.value.is_input(clean::SHELL));
    found.copied()
}

/// Does the last argument, an object, say `shell: true`?
fn options_say_shell<'t>(walk: &Walk<'t>, call: &Call<'t>) -> bool {
    walk.is_script()
        && call.args.last().is_some_and(|last| {
            last.node.kind() == "object" && {
                let text = walk.text(last.node);
                text.contains("shell: true") || text.contains("shell:true")
            }
        })
}

fn told<'t>(walk: &mut Walk<'t>, arg: &Arg<'t>, runner: &str) {
    let value = arg.value;
    if !value.is_open(clean::SHELL) {
        return;
    }
    let (confidence, headline) = match (value.origin, value.built) {
        (Origin::Input, _) => (
            Confidence::High,
            format!("a part of a request is run by {runner}"),
        ),
        (_, true) => (
            Confidence::Medium,
            format!("a text put together of parts is run by {runner}"),
        ),
        _ => (
            Confidence::Low,
            format!("a text from elsewhere is run by {runner}"),
        ),
    };
    walk.report(Class::Command, confidence, arg.node, headline);
}

fn directory<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    let xpath = call.named(&[
        "xpath",
        "XPath",
        "findall",
        "find",
        "iterfind",
        "evaluate",
        "findtext",
        "selectNodes",
        "selectSingleNode",
        "ETXPath",
        "compile",
        "select",
    ]);
    if xpath
        && let Some(arg) = call.args.iter().take(2).find(|arg| {
            arg.value.is_input(clean::QUERY)
                && arg.value.built
                && arg
                    .value
                    .text
                    .is_some_and(|text| text.contains('/') && !text.contains("//:"))
        })
        && (call.name.to_ascii_lowercase().contains("xpath")
            || arg
                .value
                .text
                .is_some_and(|text| text.contains('[') || text.starts_with('/')))
        && (call.named(&[
            "xpath",
            "XPath",
            "ETXPath",
            "evaluate",
            "findall",
            "iterfind",
            "selectNodes",
            "selectSingleNode",
            "find",
            "findtext",
            "select",
        ]) || call.path.contains("xpath")
            || walk.language == Language::Java && walk.has_text("javax.xml.xpath"))
        && arg.value.tail.or(arg.value.text).is_some()
    {
        walk.report(
            Class::Xpath,
            Confidence::High,
            arg.node,
            "a part of a request is put into an XPath expression",
        );
        return;
    }
    let search = call.named(&[
        "search",
        "search_s",
        "search_ext",
        "search_ext_s",
        "search_st",
    ]);
    if search
        && let Some(arg) = call.args.iter().find(|arg| {
            arg.value.is_open(clean::QUERY)
                && arg.value.built
                && arg
                    .value
                    .text
                    .is_some_and(|text| text.starts_with('(') && text.contains('='))
        })
    {
        let confidence = if arg.value.origin == Origin::Input {
            Confidence::High
        } else {
            Confidence::Medium
        };
        walk.report(
            Class::Ldap,
            confidence,
            arg.node,
            "foreign text is put into an LDAP filter",
        );
    }
}

//! Owns what is run or read as code: evaluation, deserialisation, regular expressions, prototypes.

use tree_sitter::Node;

use crate::source::language::Language;

use super::super::call::Call;
use super::super::class::{Class, Confidence};
use super::super::kind::Kind;
use super::super::value::{Origin, Value, clean};
use super::super::walk::Walk;

/// Runs its first argument as code.
const RUNS: &[&str] = &[
    "eval",
    "exec",
    "builtins.eval",
    "builtins.exec",
    "window.eval",
    "globalThis.eval",
    "global.eval",
    "Function",
    "vm.runInNewContext",
    "vm.runInThisContext",
    "vm.runInContext",
    "vm.Script",
    "ScriptEngine.eval",
];

/// Reads a format that can run code; with how sure it is that the data may come from elsewhere.
const READS: &[&str] = &[
    "pickle.load",
    "pickle.loads",
    "pickle.Unpickler",
    "cPickle.load",
    "cPickle.loads",
    "dill.load",
    "dill.loads",
    "cloudpickle.load",
    "cloudpickle.loads",
    "marshal.load",
    "marshal.loads",
    "shelve.open",
    "jsonpickle.decode",
    "jsonpickle.loads",
    "pandas.read_pickle",
    "pd.read_pickle",
    "joblib.load",
    "yaml.unsafe_load",
    "yaml.full_load",
    "yaml.unsafe_load_all",
    "node-serialize.unserialize",
    "serialize.unserialize",
];

pub fn call<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    run(walk, call);
    read(walk, call);
    pattern(walk, call);
    merge(walk, call);
}

fn run<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    let script = walk.is_script();
    let timer = script
        && call.is(&[
            "setTimeout",
            "setInterval",
            "window.setTimeout",
            "window.setInterval",
        ]);
    let engine = walk.language == Language::Java
        && call.name == "eval"
        && call.path.to_ascii_lowercase().contains("engine");
    let spel = walk.language == Language::Java && call.name == "parseExpression";
    let runs = match walk.language {
        Language::Python => call.is(&["eval", "exec", "builtins.eval", "builtins.exec"]),
        Language::JavaScript | Language::TypeScript | Language::Tsx => {
            call.is(&RUNS[4..12]) || call.path == "eval"
        }
        _ => false,
    };
    if !(runs || timer || engine || spel) {
        return;
    }
    let Some(arg) = (if call.path == "Function" {
        call.args.last()
    } else {
        call.at(0)
    }) else {
        return;
    };
    let value = arg.value;
    if !value.is_open(0) || (timer && !value.built && value.origin != Origin::Input) {
        return;
    }
    if spel && value.origin != Origin::Input && !value.built {
        return;
    }
    if timer
        && matches!(
            walk.kind(arg.node),
            Kind::Lambda | Kind::Name | Kind::Member | Kind::Call
        )
    {
        return;
    }
    let compiled = call.args.first().is_some_and(|arg| {
        let text = walk.text(arg.node);
        text.starts_with("compile(") || text.contains("code")
    });
    let (confidence, headline) = match (value.origin, value.built) {
        (Origin::Input, _) => (Confidence::High, "a part of a request is run as code"),
        (_, true) => (
            Confidence::Medium,
            "a text put together of parts is run as code",
        ),
        _ if compiled => (Confidence::Low, "compiled code from elsewhere is run"),
        _ => (Confidence::Low, "a text from elsewhere is run as code"),
    };
    walk.report(Class::Code, confidence, call.node, headline);
}

#[expect(
    clippy::too_many_lines,
    reason = "one table, a line or two for each language"
)]
fn read<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    match walk.language {
        Language::Python => {
            let yaml = call.is(&["yaml.load", "yaml.load_all"]);
            let safe = call.arg(1, "Loader").is_some_and(|arg| {
                let text = walk.text(arg.node);
                text.contains("Safe")
                    || text.contains("Base")
                    || text.contains("oader")
                        && !text.contains("yaml.")
                        && !text.starts_with("Loader")
            });
            let torch = call.is(&["torch.load"]) && !call.sets("weights_only", &["True"]);
            if yaml && !safe {
                let input = call
                    .at(0)
                    .is_some_and(|arg| arg.value.origin == Origin::Input);
                let full = call
                    .arg(1, "Loader")
                    .is_some_and(|arg| walk.text(arg.node).contains("FullLoader"));
                let confidence = if input || !full {
                    Confidence::High
                } else {
                    Confidence::Low
                };
                if call.at(0).is_some_and(|arg| !arg.value.is_fixed()) {
                    walk.report(
                        Class::Deserialize,
                        confidence,
                        call.node,
                        "YAML is read with a loader that makes any object",
                    );
                }
                return;
            }
            if torch || call.is(READS) {
                let Some(arg) = call.args.first() else { return };
                if arg.value.is_fixed() {
                    return;
                }
                let confidence = match arg.value.origin {
                    Origin::Input => Confidence::High,
                    _ => Confidence::Low,
                };
                let module = call.path.split('.').next().unwrap_or_default();
                walk.report(
                    Class::Deserialize,
                    confidence,
                    call.node,
                    format!("data is read with `{module}`, which runs what it reads"),
                );
            }
        }
        Language::JavaScript | Language::TypeScript | Language::Tsx => {
            let old =
                call.is(&["js-yaml.load"]) && walk.text(call.node).contains("DEFAULT_FULL_SCHEMA");
            if (old || call.is(&["node-serialize.unserialize"]))
                && call.at(0).is_some_and(|arg| arg.value.is_open(0))
            {
                walk.report(
                    Class::Deserialize,
                    Confidence::High,
                    call.node,
                    "data is read in a format that can run code",
                );
            }
        }
        Language::Java => {
            let lower = call.path.to_ascii_lowercase();
            let object = call.name == "readObject"
                && call.args.is_empty()
                && (lower.contains("ois.")
                    || lower.contains("input.")
                    || lower.contains("in.")
                    || lower.contains("stream"));
            if object && walk.function != "readObject" && walk.function != "readExternal" {
                walk.report(
                    Class::Deserialize,
                    Confidence::Medium,
                    call.node,
                    "a stream is read as Java objects of any class",
                );
            } else if call.is(&["XMLDecoder"]) {
                walk.report(
                    Class::Deserialize,
                    Confidence::High,
                    call.node,
                    "XML is read with XMLDecoder, which runs what it reads",
                );
            } else if call.name == "enableDefaultTyping"
                || call.name == "activateDefaultTyping"
                    && walk.text(call.node).contains("LaissezFaire")
            {
                walk.report(
                    Class::Deserialize,
                    Confidence::High,
                    call.node,
                    "Jackson takes the class of an object from the data",
                );
            } else if call.is(&["Yaml"])
                && call.args.is_empty()
                && walk.has_text("org.yaml.snakeyaml")
            {
                walk.report(
                    Class::Deserialize,
                    Confidence::Low,
                    call.node,
                    "SnakeYAML before 2.0 makes objects of any class",
                );
            }
        }
        _ => {}
    }
}

fn pattern<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    let (at, yes) = match walk.language {
        Language::JavaScript | Language::TypeScript | Language::Tsx => (0, call.is(&["RegExp"])),
        Language::Python => (
            0,
            call.path.starts_with("re.")
                && call.named(&[
                    "compile",
                    "match",
                    "search",
                    "fullmatch",
                    "findall",
                    "sub",
                    "split",
                ]),
        ),
        Language::Java => (0, call.is(&["Pattern.compile", "Pattern.matches"])),
        _ => (0, false),
    };
    if yes
        && call
            .at(at)
            .is_some_and(|arg| arg.value.is_input(clean::REGEX))
    {
        walk.report(
            Class::Regex,
            Confidence::High,
            call.node,
            "a request writes a regular expression",
        );
    }
}

fn merge<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    if !walk.is_script() {
        return;
    }
    let deep = call.is(&[
        "lodash.merge",
        "lodash.mergeWith",
        "lodash.defaultsDeep",
        "lodash.set",
        "lodash.setWith",
        "_.merge",
        "_.defaultsDeep",
        "_.mergeWith",
        "_.set",
        "deepmerge",
        "merge-deep",
        "lodash.merge.default",
        "$.extend",
        "jQuery.extend",
    ]);
    let wide = call.name != "extend" || call.at(0).is_some_and(|arg| walk.text(arg.node) == "true");
    if deep && wide && call.args.iter().skip(1).any(|arg| arg.value.is_input(0)) {
        walk.report(
            Class::Prototype,
            Confidence::Medium,
            call.node,
            "a request is merged deeply into an object",
        );
    }
}

pub fn assignment<'t>(walk: &mut Walk<'t>, _node: Node<'t>, left: Node<'t>, value: &Value<'t>) {
    // `object[key][other] = value` with keys of a request.
    if walk.is_script()
        && walk.kind(left) == Kind::Index
        && let Some(object) = walk.field(left, &["object"])
        && walk.kind(object) == Kind::Index
        && let Some(key) = walk.field(object, &["index"])
        && !value.is_fixed()
        && walk.look(key).is_input(0)
    {
        walk.report(
            Class::Prototype,
            Confidence::Medium,
            left,
            "a request chooses which object is written to",
        );
    }
}

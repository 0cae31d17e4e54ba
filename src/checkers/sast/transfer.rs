//! Owns what a call makes of its arguments: which functions hand a text on, which make it harmless, and for what.

use crate::source::language::Language;

use super::call::Call;
use super::format;
use super::java;
use super::names;
use super::sources;
use super::value::{Origin, Part, Tag, Value, clean};
use super::walk::Walk;

/// The value of a call.
#[must_use]
#[expect(
    clippy::too_many_lines,
    reason = "one table, a line or two for each language"
)]
pub fn result<'t>(walk: &mut Walk<'t>, call: &Call<'t>) -> Value<'t> {
    if sources::call(walk, call) {
        return Value::input();
    }
    if walk.language == Language::Java
        && let Some(value) = java::result(walk, call)
    {
        return value;
    }
    let receiver = call.receiver.unwrap_or_else(Value::dynamic);
    let first = call
        .at(0)
        .and_then(|arg| arg.value.whole())
        .unwrap_or_default();
    // Where somebody came from, and the host that was asked for, are no free choice of an attacker.
    if call.named(&["get", "Get", "header"])
        && matches!(
            first,
            "HTTP_REFERER" | "Referer" | "referer" | "HTTP_HOST" | "Host"
        )
    {
        return Value::dynamic();
    }
    let all = call.args.iter().fold(None, |all: Option<Value<'t>>, arg| {
        Some(all.map_or(arg.value, |all| all.or(arg.value)))
    });
    let args = all.unwrap_or(Value::number(None));
    if let Some(value) = formatted(walk, call, receiver) {
        return value;
    }
    if let Some(what) = cleaner(call) {
        let method = call
            .receiver
            .is_some_and(|value| value.origin >= Origin::Dynamic);
        let from = if args.is_fixed() && method {
            receiver.or(args)
        } else {
            args
        };
        return Value {
            built: false,
            ..from
        }
        .cleaned(what);
    }
    let translated = call.named(&[
        "_",
        "gettext",
        "gettext_lazy",
        "ngettext",
        "pgettext",
        "t",
        "i18n",
    ]);
    if is_number(call) || translated && args.is_fixed() {
        return Value::safe();
    }
    if is_generator(walk, call) {
        return Value::dynamic().tagged(Tag::Generator);
    }
    if is_guessable(walk, call) {
        return Value::dynamic().tagged(Tag::Guessable);
    }
    if call.named(DECODES) {
        return Value {
            clean: 0,
            tame: 0,
            ..receiver.or(args)
        };
    }
    if hands_on(walk, call) {
        let known = call
            .receiver
            .filter(|value| value.text.is_some() || value.origin == Origin::Input);
        let value = known.map_or(args, |known| known.or(args));
        if call.named(&["join", "Join", "joinpath", "concat", "resolve"]) {
            let mut parts: Vec<Part<'t>> = Vec::new();
            for arg in &call.args {
                parts.push(Part::Value(arg.value));
            }
            if parts.len() == 1 {
                parts.extend(call.receiver.map(Part::Value));
            }
            return Value::joined(&parts);
        }
        return value;
    }
    if receiver.tag == Tag::Guessable {
        return receiver;
    }
    if receiver.origin == Origin::Input {
        return receiver;
    }
    // A method of a literal text with literal arguments makes a text that stands in the source as well.
    if call.receiver.is_some() && receiver.text.is_some() && receiver.is_fixed() && args.is_fixed()
    {
        return Value {
            text: None,
            tail: None,
            ..receiver
        };
    }
    // What a function that nobody knows makes of something guessable is guessable.
    if args.tag == Tag::Guessable {
        return Value::dynamic().tagged(Tag::Guessable);
    }
    if matches!(receiver.tag, Tag::Shell | Tag::ShellText) {
        return shell(call, receiver);
    }
    if call.is(&["Command.new"])
        && call
            .at(0)
            .and_then(|arg| arg.value.whole())
            .is_some_and(names::is_shell)
    {
        return Value::dynamic().tagged(Tag::Shell);
    }
    // A builder that was begun with a text goes on with it.
    if receiver.built && call.named(&["append", "toString", "to_string", "String", "as_str"]) {
        return receiver;
    }
    if call.named(&["map", "flatMap", "collect"])
        && args.origin == Origin::Literal
        && args.clean == clean::ALL
        && !call.args.is_empty()
    {
        return args;
    }
    Value::dynamic()
}

/// `Command::new("sh").arg("-c")`: what comes next is a program.
fn shell<'t>(call: &Call<'t>, receiver: Value<'t>) -> Value<'t> {
    let flag = call.named(&["arg", "args"])
        && call
            .at(0)
            .and_then(|arg| arg.value.whole())
            .is_some_and(names::is_shell_flag);
    if flag {
        receiver.tagged(Tag::ShellText)
    } else {
        receiver
    }
}

/// Texts that a template and arguments make.
fn formatted<'t>(walk: &Walk<'t>, call: &Call<'t>, receiver: Value<'t>) -> Option<Value<'t>> {
    let percent = |text: &'t str, from: usize| {
        let args: Vec<_> = call.args.get(from..).unwrap_or_default().to_vec();
        Value::joined(&format::percents(text, &args))
    };
    match walk.language {
        Language::Python if call.name == "format" && call.receiver.is_some() => {
            let text = receiver.text?;
            Some(Value::joined(&format::braces(walk, text, &call.args)))
        }
        Language::Go if call.is(&["fmt.Sprintf", "fmt.Errorf"]) => {
            Some(percent(call.at(0)?.value.text?, 1))
        }
        Language::Java if call.is(&["String.format"]) => Some(percent(call.at(0)?.value.text?, 1)),
        Language::Java if call.name == "formatted" => Some(percent(receiver.text?, 0)),
        Language::JavaScript | Language::TypeScript | Language::Tsx
            if call.is(&["util.format"]) =>
        {
            Some(percent(call.at(0)?.value.text?, 1))
        }
        Language::Java if call.name == "append" && call.args.len() == 1 => Some(Value::joined(&[
            Part::Value(receiver),
            Part::Value(call.args[0].value),
        ])),
        _ => None,
    }
}

/// Everything but being decoded again.
const ENCODED: u8 =
    clean::SHELL | clean::HTML | clean::PATH | clean::URL | clean::QUERY | clean::REGEX;

/// What a function makes its argument harmless for.
fn cleaner(call: &Call<'_>) -> Option<u8> {
    let lower = call.name.to_ascii_lowercase();
    let what = match lower.as_str() {
        // Letters and digits, until somebody decodes them.
        "b64encode" | "urlsafe_b64encode" | "btoa" => ENCODED,
        "quote" if call.path.contains("url") => clean::URL | clean::HTML | clean::PATH,
        "quote_name"
        | "quote_ident"
        | "quoteident"
        | "quote_identifier"
        | "escapeid"
        | "quoteidentifier"
        | "quoteliteral"
        | "escapeliteral"
        | "escapeidentifier"
        | "quote_literal"
        | "escape_string"
        | "mysql_real_escape_string"
        | "escape_filter_chars"
        | "escapefilterchars"
        | "format_ident"
        | "literal"
        | "adapt"
        | "mogrify"
        | "quote_value"
        | "prep_for_like_query"
        | "quote_table_name"
        | "quote_column_name"
        | "sanitize_identifier"
        | "escape_rdn" => clean::QUERY,
        "quote" | "shellquote" | "shell_quote" | "shellescape" | "shell_escape"
        | "list2cmdline" | "shlex_quote" | "escape_shell" => clean::SHELL,
        // Of Java's it is the text's own, that escapes nothing.
        "split" if call.node.kind() != "method_invocation" => clean::SHELL,
        "escape" | "htmlescape" | "html_escape" | "escapehtml" | "escape_html" | "escapestring"
        | "htmlescapestring" | "htmlescaper" | "sanitize" | "sanitizehtml" | "purify"
        | "encode_entities" | "escape_for_html" | "conditional_escape" | "bleach" | "clean"
        | "forhtml" | "escapehtml4" | "tohtml" | "striptags" | "strip_tags" | "encodeforhtml"
        | "format_html" | "json_script" => {
            if call.path.ends_with("re.escape") || call.path.contains("exp") {
                clean::REGEX
            } else if call.path.contains("filepath") || call.path == "path.Clean" {
                return None;
            } else {
                clean::HTML | clean::REGEX
            }
        }
        "quotemeta" | "escaperegexp" | "escape_regex" | "escaperegex" | "escapestringregexp" => {
            clean::REGEX
        }
        "encodeuricomponent" | "quote_plus" | "urlencode" | "queryescape" | "pathescape"
        | "url_quote" | "iri_to_uri" => clean::URL | clean::HTML | clean::PATH,
        "secure_filename" | "basename" | "getname" | "base" | "get_valid_filename"
        | "sanitize_filename" | "sanitizefilename" | "safe_join" | "securejoin" | "islocal"
        | "file_name" | "filename" | "getfilename"
            if (call.path.contains("safe_join")
                || call.args.len() + usize::from(call.receiver.is_some()) > 0) =>
        {
            clean::PATH
        }
        "replace" | "replaceall"
            if call
                .at(0)
                .and_then(|arg| arg.value.whole())
                .is_some_and(|text| text.contains('\'')) =>
        {
            clean::QUERY
        }
        "url_has_allowed_host_and_scheme" | "url_for" | "reverse" | "resolve_url" => clean::ALL,
        _ => return None,
    };
    Some(what)
}

/// Does it give a number, a yes or no, a digest: nothing that can be a text of somebody's choice?
fn is_number(call: &Call<'_>) -> bool {
    call.named(&[
        "int",
        "float",
        "len",
        "bool",
        "ord",
        "hash",
        "parseInt",
        "parseFloat",
        "Number",
        "Atoi",
        "ParseInt",
        "ParseUint",
        "ParseFloat",
        "ParseBool",
        "parseLong",
        "parseDouble",
        "Boolean",
        "hexdigest",
        "digest",
        "isdigit",
        "isalnum",
        "indexOf",
        "count",
        "index",
        "uuid4",
        "uuid1",
        "randomUUID",
        "uuidv4",
        "toISOString",
        "isoformat",
        "strftime",
        "getTime",
        "now",
        "time",
        "UUID",
        "len_utf8",
        "is_some",
        "is_none",
        "hashCode",
        "FormatInt",
        "Itoa",
        "isEmpty",
        "toFixed",
        "getId",
        "getpid",
        "hexlify",
        "hex",
        "startswith",
        "endswith",
    ]) || call.is(&[
        "Integer.valueOf",
        "Long.valueOf",
        "UUID.fromString",
        "uuid.Parse",
        "Date.now",
    ])
}

/// What was encoded is itself again.
const DECODES: &[&str] = &[
    "b64decode",
    "urlsafe_b64decode",
    "atob",
    "unquote",
    "unquote_plus",
    "unescape",
    "decodeURIComponent",
    "QueryUnescape",
    "PathUnescape",
];

/// Does it hand the text of its arguments on?
fn hands_on(walk: &Walk<'_>, call: &Call<'_>) -> bool {
    const NAMES: &[&str] = &[
        "str",
        "String",
        "unquote",
        "unquote_plus",
        "decodeURIComponent",
        "decodeURI",
        "join",
        "Join",
        "joinpath",
        "Path",
        "PurePath",
        "realpath",
        "abspath",
        "normpath",
        "expanduser",
        "resolve",
        "normalize",
        "Clean",
        "Abs",
        "bytes",
        "b64decode",
        "loads",
        "parse",
        "concat",
        "format",
        "Sprint",
        "Sprintln",
        "Sprintf",
        "TrimSpace",
        "Trim",
        "TrimPrefix",
        "TrimSuffix",
        "ToLower",
        "Replace",
        "ReplaceAll",
        "Repeat",
        "Unescape",
        "QueryUnescape",
        "from",
        "to_string",
        "to_owned",
        "into",
        "as_str",
        "trim",
        "list",
        "tuple",
        "sorted",
        "reversed",
        "set",
        "dict",
        "File",
        "Paths.get",
        "get_or_default",
        "URL",
        "URI",
        "decode",
        "encode",
        "lower",
        "upper",
        "strip",
        "fromstring",
        "Template",
        "text",
        "iter",
        "Text",
        "SafeString",
        "f",
        "dedent",
        "getBytes",
        "fsdecode",
        "fspath",
        "atob",
        "unescape",
        "getOrDefault",
        "StringIO",
        "BytesIO",
        "ByteArrayInputStream",
        "InputSource",
        "StringReader",
        "NewReader",
        "as_ref",
        "unwrap",
        "clone",
        "unwrap_or_default",
        "into_inner",
        "valueOf",
        "query_unescape",
    ];
    call.named(NAMES)
        || walk.language == Language::Java
            && call.is(&["Paths.get", "Path.of", "URLDecoder.decode", "URI.create"])
}

/// Does it make a random generator that can be foretold?
fn is_generator(walk: &Walk<'_>, call: &Call<'_>) -> bool {
    match walk.language {
        Language::Python => call.is(&["random.Random"]),
        Language::Java => call.is(&["Random", "ThreadLocalRandom.current"]),
        Language::Go => call.is(&["rand.New"]) && !walk.has_import("crypto/rand"),
        _ => false,
    }
}

/// Does it give something random that can be foretold?
#[must_use]
pub fn is_guessable(walk: &Walk<'_>, call: &Call<'_>) -> bool {
    if call
        .receiver
        .is_some_and(|value| value.tag == Tag::Generator)
    {
        return true;
    }
    match walk.language {
        Language::Python => call.path.strip_prefix("random.").is_some_and(|rest| {
            matches!(
                rest,
                "random"
                    | "randint"
                    | "choice"
                    | "choices"
                    | "randrange"
                    | "getrandbits"
                    | "sample"
                    | "uniform"
                    | "randbytes"
                    | "shuffle"
                    | "normalvariate"
                    | "gauss"
                    | "triangular"
                    | "betavariate"
            )
        }),
        Language::JavaScript | Language::TypeScript | Language::Tsx => call.is(&["Math.random"]),
        Language::Java => call.is(&[
            "Math.random",
            "RandomStringUtils.randomAlphanumeric",
            "RandomStringUtils.randomNumeric",
            "RandomStringUtils.random",
        ]),
        Language::Go => {
            call.path.starts_with("rand.")
                && call.named(&[
                    "Int", "Intn", "Int31", "Int63", "Int31n", "Int63n", "Float64", "Uint32",
                    "Uint64", "Perm", "IntN",
                ])
                && !walk.has_import("crypto/rand")
        }
        _ => false,
    }
}

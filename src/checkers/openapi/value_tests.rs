//! Owns the tests of the judge of values, beside a kept validator of JSON Schema.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::bundle::{Bundle, Read};
use super::shape::{V30, V31};
use super::tree::Tree;
use super::value::{Judge, Side, Value, Verdict};

fn judged(schema: &Json, value: &Json, version: u8, side: Side) -> Verdict {
    let text = json!({ "schema": schema }).to_string();
    let bundle = Bundle::read("x.json", &text, &mut |_| Read::Missing).expect("JSON");
    let schema = bundle.get(bundle.root(), "schema").expect("it is there");
    let tree = Tree::of_json(&value.to_string()).expect("JSON");
    let value = Value {
        tree: &tree,
        id: tree.root(),
    };
    Judge::new(&bundle, version, side).judge(value, schema)
}

fn check(schema: &Json, value: &Json, expected: &str) {
    check_in(V31, schema, value, expected);
}

fn check_in(version: u8, schema: &Json, value: &Json, expected: &str) {
    let found = match judged(schema, value, version, Side::Response) {
        Verdict::Good => "good".to_owned(),
        Verdict::Bad(at, what) => format!("{at} {what}"),
        Verdict::Open(why) => format!("open: {why}"),
    };
    assert_eq!(found, expected, "{schema} {value}");
}

#[test]
fn words_and_places() {
    let pet = json!({
        "type": "object",
        "required": ["id", "name"],
        "properties": {
            "id": {"type": "integer"},
            "name": {"type": ["string", "null"], "maxLength": 3},
            "a/b": {"items": {"enum": [1, "x"]}}
        },
        "additionalProperties": false
    });
    check(&pet, &json!({"id": 1.0, "name": null}), "good");
    check(
        &pet,
        &json!({"id": 1.5, "name": "Rex"}),
        "/id is 1.5, and must be an integer",
    );
    check(&pet, &json!({"id": 1}), " lacks `name`");
    check(
        &pet,
        &json!({"id": 1, "name": "Rexo"}),
        "/name has 4 characters, and must have at most 3",
    );
    check(
        &pet,
        &json!({"id": 1, "name": 7}),
        "/name is a number, and must be a string or null",
    );
    check(
        &pet,
        &json!({"id": 1, "name": "a", "a/b": [1, 2]}),
        "/a~1b/1 is none of 1, `x`",
    );
    check(
        &pet,
        &json!({"id": 1, "name": "a", "c": 1}),
        "/c is a property that the schema does not have",
    );
    check(
        &json!({"oneOf": [{"type": "integer"}, {"minimum": 3}]}),
        &json!(5),
        " is as 2 of 2 in `oneOf` say, and must be as one says",
    );
    check(
        &json!({"anyOf": [{"type": "string"}]}),
        &json!(5),
        " is a number, and must be a string",
    );
    check(
        &json!({"uniqueItems": true}),
        &json!([{"a": 1, "b": 2}, {"b": 2.0, "a": 1}]),
        "/1 stands in the list a second time",
    );
}

#[test]
fn what_nobody_can_tell_is_open() {
    check(
        &json!({"$ref": "https://example.com/x"}),
        &json!(1),
        "open: the reference `https://example.com/x` is not followed",
    );
    check(
        &json!({"pattern": "(?=x)x"}),
        &json!("x"),
        "open: the pattern `(?=x)x` cannot be run here",
    );
    check(
        &json!({"$dynamicRef": "#x"}),
        &json!(1),
        "open: the keyword `$dynamicRef` is not judged here",
    );
    check(
        &json!({"not": {"$dynamicRef": "#x"}}),
        &json!(1),
        "open: the keyword `$dynamicRef` is not judged here",
    );
    check(
        &json!({"$ref": "#/schema"}),
        &json!(1),
        "open: its schemas are nested too deep",
    );
    // What is certainly wrong is wrong whatever is open beside it.
    check(
        &json!({"$dynamicRef": "#x", "type": "string"}),
        &json!(1),
        " is a number, and must be a string",
    );
    check(
        &json!({"anyOf": [{"$dynamicRef": "#x"}, {"type": "integer"}]}),
        &json!(1),
        "good",
    );
}

#[test]
fn versions() {
    let older = json!({"type": "string", "nullable": true});
    check_in(V30, &older, &json!(null), "good");
    check(&older, &json!(null), " is null, and must be a string");
    check_in(
        V30,
        &json!({"minimum": 1, "exclusiveMinimum": true}),
        &json!(1),
        " is 1, and must be above 1",
    );
    check(
        &json!({"exclusiveMinimum": 1}),
        &json!(1),
        " is 1, and must be above 1",
    );
    let secret = json!({"required": ["p", "r"], "properties": {"p": {"writeOnly": true}, "r": {"readOnly": true}}});
    check_in(V30, &secret, &json!({"r": 1}), "good");
    check_in(V30, &secret, &json!({"p": 1}), " lacks `r`");
    assert_eq!(
        judged(&secret, &json!({}), V30, Side::Either),
        Verdict::Good
    );
}

#[test]
fn patterns_are_those_of_ecma_262() {
    fn check(pattern: &str, text: &str, expected: bool) {
        let regex = super::pattern::compile(pattern).expect("it can be run");
        assert_eq!(regex.is_match(text), expected, "{pattern} {text}");
        assert!(super::pattern::check(pattern).is_ok());
    }
    check(r"^\d+$", "12", true);
    check(r"^\d+$", "\u{663}", false);
    check(r"^[\w-]+$", "a-b_9", true);
    check(r"^[[&&~a]+$", "[&~", true);
    check(r"^[^\W]$", "a", true);
    check(r"^\/a\.b$", "/a.b", true);
    check(r"^a{2,}b{x}$", "aab{x}", true);
    assert!(super::pattern::compile("[]").is_none());
    for bad in [
        "(", ")", "[a", "a**", "*a", "a\\", "[z-a]", "(?i)a", "(?P<x>a)", "a{3,1}",
    ] {
        assert!(super::pattern::check(bad).is_err(), "{bad}");
    }
    for good in [
        "(?<x>a)", "(?:a)+?", "(?<!a)b", "[a-]", "[^]]", "]", "}", "{", "a{,3}", "(?i:a)", "(?=a)",
    ] {
        assert!(super::pattern::check(good).is_ok(), "{good}");
    }
}

/// Schemas of the keywords that are judged here.
fn schemas() -> impl Strategy<Value = Json> {
    let name = prop_oneof![Just("a"), Just("b"), Just("c")];
    let leaf = prop_oneof![
        Just(json!({})),
        Just(json!(true)),
        Just(json!(false)),
        Just(json!({"type": "integer"})),
        Just(json!({"type": ["string", "null"]})),
        Just(json!({"type": "object"})),
        Just(json!({"type": "array"})),
        (0..4).prop_map(|n| json!({"minimum": n})),
        (0..4).prop_map(|n| json!({"exclusiveMaximum": n})),
        (1..4).prop_map(|n| json!({"multipleOf": n})),
        (0..3).prop_map(|n| json!({"maxLength": n, "minItems": n})),
        (0..3).prop_map(|n| json!({"minProperties": n, "maxItems": n})),
        Just(json!({"enum": [1, "a", null, {"a": 1}, [1]]})),
        Just(json!({"const": 1.0})),
        Just(json!({"pattern": "^[a-b]+$"})),
        Just(json!({"uniqueItems": true})),
        name.clone().prop_map(|n| json!({"required": [n]})),
        Just(json!({"dependentRequired": {"a": ["b"]}})),
    ];
    leaf.prop_recursive(4, 24, 3, move |inner| {
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            pair.clone().prop_map(|(x, y)| json!({"allOf": [x, y]})),
            pair.clone().prop_map(|(x, y)| json!({"anyOf": [x, y]})),
            pair.clone().prop_map(|(x, y)| json!({"oneOf": [x, y]})),
            inner.clone().prop_map(|x| json!({"not": x})),
            pair.clone().prop_map(|(x, y)| json!({"properties": {"a": x, "b": y}, "additionalProperties": false})),
            pair.clone().prop_map(|(x, y)| json!({"properties": {"a": x}, "additionalProperties": y})),
            pair.clone().prop_map(|(x, y)| json!({"patternProperties": {"^a": x}, "additionalProperties": y})),
            pair.clone().prop_map(|(x, y)| json!({"prefixItems": [x], "items": y})),
            inner.clone().prop_map(|x| json!({"items": x})),
            inner.clone().prop_map(|x| json!({"contains": x, "maxContains": 1})),
            inner.clone().prop_map(|x| json!({"contains": x, "minContains": 0})),
            inner.clone().prop_map(|x| json!({"propertyNames": x})),
            inner.clone().prop_map(|x| json!({"dependentSchemas": {"a": x}})),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(x, y, z)| json!({"if": x, "then": y, "else": z})),
            pair.clone().prop_map(|(x, y)| json!({"anyOf": [{"properties": {"a": x}}, {"properties": {"b": y}, "required": ["b"]}], "unevaluatedProperties": false})),
            pair.clone().prop_map(|(x, y)| json!({"allOf": [{"properties": {"a": x}}], "unevaluatedProperties": y})),
            pair.prop_map(|(x, y)| json!({"$defs": {"x": x}, "$ref": "#/schema/$defs/x", "anyOf": [y, true]})),
        ]
    })
}

fn values() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Json::from),
        (-2..5_i64).prop_map(Json::from),
        Just(json!(1.0)),
        Just(json!(1.5)),
        "[a-c]{0,3}".prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::btree_map("[a-c]{1,2}", inner, 0..4)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_same_as_a_kept_validator(schema in schemas(), value in values()) {
        // References name the schema by where it stands in the document.
        let text = schema.to_string().replace("#/schema/", "#/");
        let own: Json = serde_json::from_str(&text).expect("JSON");
        // A reference from within names the root's: only those of the root are compared.
        if text.matches("#/$defs").count() > usize::from(own.get("$ref").is_some()) {
            return Ok(());
        }
        let Ok(other) = jsonschema::draft202012::new(&own) else {
            return Ok(());
        };
        match judged(&schema, &value, V31, Side::Response) {
            Verdict::Good => prop_assert!(other.is_valid(&value), "{schema} {value}"),
            Verdict::Bad(..) => prop_assert!(!other.is_valid(&value), "{schema} {value}"),
            Verdict::Open(why) => prop_assert!(false, "{why} {schema} {value}"),
        }
    }

    #[test]
    fn any_text_is_read(text in "\\PC*") {
        let _ = super::look::look("x", &text, true, &mut |_| Read::Missing);
        let _ = super::pattern::check(&text);
        let _ = super::pattern::compile(&text);
    }
}

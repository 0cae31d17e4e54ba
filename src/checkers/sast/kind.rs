//! Owns what the node kinds of all grammars have in common: one small set of kinds, and the table from a grammar's own.

use std::sync::OnceLock;

use tree_sitter::Node;

use crate::source::language::Language;

/// What a node is, whatever the language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Nothing that matters: its children are visited.
    #[default]
    Other,
    /// Neither it nor its children matter.
    Skip,
    /// The value of its one child that is an expression: parentheses, `await`, a cast, `&x`.
    Wrap,
    Text,
    Number,
    Constant,
    Name,
    Member,
    Index,
    Call,
    Macro,
    Binary,
    Not,
    Ternary,
    Assign,
    Declare,
    Augment,
    Pair,
    List,
    Comprehension,
    Function,
    Lambda,
    Class,
    Decorated,
    If,
    Loop,
    Cases,
    Case,
    Try,
    Catch,
    Return,
    Import,
    Regex,
    JsxAttribute,
    Unsafe,
    Block,
    With,
    Interpolation,
    Attribute,
}

/// The kinds of every language's grammar, in the grammar's own names. The same name means the same wherever it occurs.
#[expect(
    clippy::too_many_lines,
    reason = "one table, a line or two for each language"
)]
fn of_name(name: &str) -> Kind {
    use Kind::{
        Assign, Attribute, Augment, Binary, Block, Call, Case, Cases, Catch, Class, Comprehension,
        Constant, Declare, Decorated, Function, If, Import, Index, Interpolation, JsxAttribute,
        Lambda, List, Loop, Macro, Member, Name, Not, Number, Other, Pair, Regex, Return, Skip,
        Ternary, Text, Try, Unsafe, With, Wrap,
    };
    match name {
        "comment"
        | "line_comment"
        | "block_comment"
        | "type_annotation"
        | "type_arguments"
        | "type_parameters"
        | "interface_declaration"
        | "type_alias_declaration"
        | "package_clause"
        | "package_declaration"
        | "macro_definition"
        | "type_declaration"
        | "ambient_declaration"
        | "use_wildcard"
        | "extern_crate_declaration"
        | "struct_item"
        | "enum_item"
        | "predefined_type"
        | "nested_type_identifier"
        | "where_clause" => Skip,
        "parenthesized_expression"
        | "await"
        | "await_expression"
        | "as_expression"
        | "non_null_expression"
        | "satisfies_expression"
        | "reference_expression"
        | "try_expression"
        | "cast_expression"
        | "type_cast_expression"
        | "spread_element"
        | "list_splat"
        | "dictionary_splat"
        | "variadic_argument"
        | "expression_list"
        | "type_assertion_expression"
        | "literal_element"
        | "expression_statement"
        | "type_conversion_expression"
        | "sequence_expression"
        | "slice_expression"
        | "jsx_expression"
        | "constant_pattern"
        | "as_pattern" => Wrap,
        "string"
        | "template_string"
        | "concatenated_string"
        | "string_literal"
        | "raw_string_literal"
        | "interpreted_string_literal"
        | "rune_literal"
        | "char_literal"
        | "character_literal" => Text,
        "integer"
        | "float"
        | "number"
        | "int_literal"
        | "integer_literal"
        | "float_literal"
        | "decimal_integer_literal"
        | "hex_integer_literal"
        | "octal_integer_literal"
        | "decimal_floating_point_literal"
        | "binary_integer_literal" => Number,
        "true" | "false" | "none" | "null" | "nil" | "undefined" | "boolean_literal"
        | "null_literal" | "class_literal" | "iota" => Constant,
        "identifier"
        | "this"
        | "self"
        | "super"
        | "property_identifier"
        | "field_identifier"
        | "shorthand_property_identifier"
        | "package_identifier"
        | "type_identifier" => Name,
        "attribute"
        | "member_expression"
        | "selector_expression"
        | "field_expression"
        | "scoped_identifier"
        | "field_access"
        | "scoped_type_identifier"
        | "qualified_type" => Member,
        "subscript" | "subscript_expression" | "index_expression" | "array_access" => Index,
        "call"
        | "call_expression"
        | "new_expression"
        | "method_invocation"
        | "object_creation_expression" => Call,
        "macro_invocation" => Macro,
        "binary_operator" | "binary_expression" | "boolean_operator" | "comparison_operator" => {
            Binary
        }
        "unary_expression" | "not_operator" | "unary_operator" | "update_expression" => Not,
        "conditional_expression" | "ternary_expression" => Ternary,
        "assignment"
        | "assignment_expression"
        | "assignment_statement"
        | "named_expression"
        | "short_var_declaration" => Assign,
        "variable_declarator"
        | "var_spec"
        | "const_spec"
        | "let_declaration"
        | "const_item"
        | "static_item"
        | "field_definition"
        | "public_field_definition" => Declare,
        "augmented_assignment" | "augmented_assignment_expression" | "compound_assignment_expr" => {
            Augment
        }
        "pair" | "keyword_argument" | "keyed_element" | "field_initializer"
        | "element_value_pair" => Pair,
        "list"
        | "tuple"
        | "set"
        | "array"
        | "dictionary"
        | "object"
        | "composite_literal"
        | "array_expression"
        | "tuple_expression"
        | "array_initializer"
        | "struct_expression"
        | "array_creation_expression"
        | "element_value_array_initializer" => List,
        "list_comprehension"
        | "generator_expression"
        | "set_comprehension"
        | "dictionary_comprehension" => Comprehension,
        "function_definition"
        | "function_declaration"
        | "method_definition"
        | "generator_function_declaration"
        | "method_declaration"
        | "function_item"
        | "constructor_declaration"
        | "compact_constructor_declaration" => Function,
        "lambda"
        | "function_expression"
        | "arrow_function"
        | "generator_function"
        | "func_literal"
        | "closure_expression"
        | "lambda_expression" => Lambda,
        "class_definition"
        | "class_declaration"
        | "abstract_class_declaration"
        | "class"
        | "impl_item"
        | "trait_item"
        | "mod_item"
        | "enum_declaration"
        | "record_declaration"
        | "internal_module" => Class,
        "decorated_definition" => Decorated,
        "if_statement" | "if_expression" => If,
        "for_statement"
        | "while_statement"
        | "do_statement"
        | "for_in_statement"
        | "enhanced_for_statement"
        | "for_expression"
        | "while_expression"
        | "loop_expression" => Loop,
        "match_statement"
        | "switch_statement"
        | "switch_expression"
        | "match_expression"
        | "expression_switch_statement"
        | "type_switch_statement"
        | "select_statement" => Cases,
        "case_clause"
        | "switch_case"
        | "switch_default"
        | "match_arm"
        | "expression_case"
        | "default_case"
        | "type_case"
        | "switch_block_statement_group"
        | "switch_rule"
        | "communication_case" => Case,
        "try_statement" | "try_with_resources_statement" => Try,
        "catch_clause" | "except_clause" => Catch,
        "return_statement" | "return_expression" => Return,
        "import_statement"
        | "import_from_statement"
        | "import_declaration"
        | "use_declaration"
        | "future_import_statement" => Import,
        "regex" => Regex,
        "jsx_attribute" => JsxAttribute,
        "unsafe_block" => Unsafe,
        "block" | "statement_block" => Block,
        "with_item" | "resource" => With,
        "interpolation" | "template_substitution" | "string_interpolation" => Interpolation,
        "annotation" | "marker_annotation" | "attribute_item" | "inner_attribute_item" => Attribute,
        _ => Other,
    }
}

macro_rules! fields {
    ($($name:literal)*) => {
        /// The fields that are asked for.
        const FIELDS: &[&str] = &[$($name),*];

        /// The place of a field in [`FIELDS`]: a grammar's own look-up by name is slow.
        fn place(field: &str) -> Option<usize> {
            let mut place = 0;
            $(
                if field == $name {
                    return Some(place);
                }
                place += 1;
            )*
            let _ = place;
            None
        }
    };
}

fields! {
    "arguments" "body" "function" "left" "name" "object" "operator" "right" "type" "value" "alias" "alternative" "attribute" "condition" "consequence" "constructor" "expression" "field" "increment" "index" "init" "initializer" "key" "macro" "module_name" "operand" "operators" "package" "parameter" "parameters" "path" "pattern" "property" "scope" "source" "subscript" "update"
}

/// The table of a language's grammar.
pub struct Kinds {
    kinds: Vec<Kind>,
    fields: Vec<Option<u16>>,
}

impl Kinds {
    /// The table of this language; `None` where there is no grammar, or none that flow is followed in.
    #[must_use]
    pub fn of(language: Language) -> Option<&'static Self> {
        static TABLES: [OnceLock<Option<Kinds>>; 6] = [const { OnceLock::new() }; 6];
        let index = match language {
            Language::Python => 0,
            Language::JavaScript => 1,
            Language::TypeScript => 2,
            Language::Tsx => 3,
            Language::Go => 4,
            Language::Java => 5,
            _ => return Self::of_rust(language),
        };
        TABLES[index].get_or_init(|| Self::new(language)).as_ref()
    }

    fn of_rust(language: Language) -> Option<&'static Self> {
        static TABLE: OnceLock<Option<Kinds>> = OnceLock::new();
        let new = || Self::new(language);
        (language == Language::Rust)
            .then(|| TABLE.get_or_init(new).as_ref())
            .flatten()
    }

    fn new(language: Language) -> Option<Self> {
        let grammar = language.grammar()?;
        let count = u16::try_from(grammar.node_kind_count()).ok()?;
        let kind = |id| match grammar.node_kind_for_id(id) {
            Some(name) if grammar.node_kind_is_named(id) => match (language, name) {
                // Rust's attributes are no members, its `match` and `if` are expressions of the same shape.
                (Language::Rust, "attribute") => Kind::Skip,
                (Language::Java, "string_literal") => Kind::Text,
                _ => of_name(name),
            },
            _ => Kind::Skip,
        };
        let field = |name: &&str| grammar.field_id_for_name(name).map(u16::from);
        Some(Self {
            kinds: (0..count).map(kind).collect(),
            fields: FIELDS.iter().map(field).collect(),
        })
    }

    /// The grammar's id of a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<u16> {
        debug_assert!(place(name).is_some(), "`{name}` is in no table");
        *self.fields.get(place(name)?)?
    }

    /// What a node is.
    #[must_use]
    pub fn kind(&self, node: Node<'_>) -> Kind {
        self.kinds
            .get(usize::from(node.kind_id()))
            .copied()
            .unwrap_or_default()
    }
}

//! Owns the keywords of PostgreSQL that may not stand as a name, by the class that says where they may.

/// May stand nowhere as a name, only as a label behind `AS`.
const RESERVED: &[&str] = &[
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "both",
    "case",
    "cast",
    "check",
    "collate",
    "column",
    "constraint",
    "create",
    "current_catalog",
    "current_date",
    "current_role",
    "current_time",
    "current_timestamp",
    "current_user",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "false",
    "fetch",
    "for",
    "foreign",
    "from",
    "grant",
    "group",
    "having",
    "in",
    "initially",
    "intersect",
    "into",
    "lateral",
    "leading",
    "limit",
    "localtime",
    "localtimestamp",
    "not",
    "null",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "placing",
    "primary",
    "references",
    "returning",
    "select",
    "session_user",
    "some",
    "symmetric",
    "table",
    "then",
    "to",
    "trailing",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "variadic",
    "when",
    "where",
    "window",
    "with",
];

/// May name a function or a type, but no column.
const TYPE_OR_FUNCTION: &[&str] = &[
    "authorization",
    "binary",
    "collation",
    "concurrently",
    "cross",
    "current_schema",
    "freeze",
    "full",
    "ilike",
    "inner",
    "is",
    "isnull",
    "join",
    "left",
    "like",
    "natural",
    "notnull",
    "outer",
    "overlaps",
    "right",
    "similar",
    "tablesample",
    "verbose",
];

/// May name a column, but no function or type.
const COLUMN: &[&str] = &[
    "between",
    "bigint",
    "bit",
    "boolean",
    "char",
    "character",
    "coalesce",
    "dec",
    "decimal",
    "exists",
    "extract",
    "float",
    "greatest",
    "grouping",
    "inout",
    "int",
    "integer",
    "interval",
    "least",
    "national",
    "nchar",
    "none",
    "normalize",
    "nullif",
    "numeric",
    "out",
    "overlay",
    "position",
    "precision",
    "real",
    "row",
    "setof",
    "smallint",
    "substring",
    "time",
    "timestamp",
    "treat",
    "trim",
    "values",
    "varchar",
    "xmlattributes",
    "xmlconcat",
    "xmlelement",
    "xmlexists",
    "xmlforest",
    "xmlnamespaces",
    "xmlparse",
    "xmlpi",
    "xmlroot",
    "xmlserialize",
    "xmltable",
];

/// May stand behind a value only with `AS`.
const NEEDS_AS: &[&str] = &[
    "array",
    "as",
    "char",
    "character",
    "create",
    "day",
    "except",
    "fetch",
    "filter",
    "for",
    "from",
    "grant",
    "group",
    "having",
    "hour",
    "intersect",
    "into",
    "isnull",
    "limit",
    "minute",
    "month",
    "notnull",
    "offset",
    "on",
    "order",
    "over",
    "overlaps",
    "precision",
    "returning",
    "second",
    "to",
    "union",
    "varying",
    "where",
    "window",
    "with",
    "within",
    "without",
    "year",
];

fn has(list: &[&str], word: &str) -> bool {
    if word.len() > 17 {
        return false;
    }
    let mut folded = [0_u8; 17];
    let folded = &mut folded[..word.len()];
    folded.copy_from_slice(word.as_bytes());
    folded.make_ascii_lowercase();
    list.binary_search_by(|other| other.as_bytes().cmp(folded))
        .is_ok()
}

/// Is the word reserved?
#[must_use]
pub fn is_reserved(word: &str) -> bool {
    has(RESERVED, word)
}

/// May the word name no column or table?
#[must_use]
pub fn is_no_column(word: &str) -> bool {
    has(RESERVED, word) || has(TYPE_OR_FUNCTION, word)
}

/// May the word name a value without `AS`?
#[must_use]
pub fn is_bare_label(word: &str) -> bool {
    !has(NEEDS_AS, word)
}

/// Must the server quote a name that is this word?
#[must_use]
pub fn is_quoted(word: &str) -> bool {
    is_no_column(word) || has(COLUMN, word)
}

/// A name as the server prints it: quoted where it must be.
#[must_use]
pub fn quote(name: &str) -> String {
    let plain = |b: u8| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit();
    let starts = name
        .bytes()
        .next()
        .is_some_and(|b| b.is_ascii_lowercase() || b == b'_');
    if starts && name.bytes().all(plain) && !is_quoted(name) {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_and_names_are_quoted() {
        for list in [RESERVED, TYPE_OR_FUNCTION, COLUMN, NEEDS_AS] {
            assert!(list.is_sorted());
        }
        for (name, expected) in [
            ("a_1", "a_1"),
            ("limit", "\"limit\""),
            ("position", "\"position\""),
            ("Abc", "\"Abc\""),
            ("1a", "\"1a\""),
            ("a\"b", "\"a\"\"b\""),
            ("name", "name"),
        ] {
            assert_eq!(quote(name), expected);
        }
    }
}

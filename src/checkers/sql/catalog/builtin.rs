//! Owns what the server and its extensions bring: names of types, and what an extension makes.

/// Types whose printed name is not their own.
const SHOWN: &[(&str, &str)] = &[
    ("bit", "bit"),
    ("bool", "boolean"),
    ("bpchar", "character"),
    ("char", "\"char\""),
    ("float4", "real"),
    ("float8", "double precision"),
    ("int2", "smallint"),
    ("int4", "integer"),
    ("int8", "bigint"),
    ("interval", "interval"),
    ("numeric", "numeric"),
    ("time", "time without time zone"),
    ("timestamp", "timestamp without time zone"),
    ("timestamptz", "timestamp with time zone"),
    ("timetz", "time with time zone"),
    ("varbit", "bit varying"),
    ("varchar", "character varying"),
];

/// Types of the server.
const TYPES: &[&str] = &[
    "aclitem",
    "any",
    "anyarray",
    "anycompatible",
    "anycompatiblearray",
    "anycompatiblemultirange",
    "anycompatiblenonarray",
    "anycompatiblerange",
    "anyelement",
    "anyenum",
    "anymultirange",
    "anynonarray",
    "anyrange",
    "bit",
    "bool",
    "box",
    "bpchar",
    "bytea",
    "char",
    "cid",
    "cidr",
    "circle",
    "cstring",
    "date",
    "datemultirange",
    "daterange",
    "event_trigger",
    "fdw_handler",
    "float4",
    "float8",
    "gtsvector",
    "index_am_handler",
    "inet",
    "int2",
    "int2vector",
    "int4",
    "int4multirange",
    "int4range",
    "int8",
    "int8multirange",
    "int8range",
    "internal",
    "interval",
    "json",
    "jsonb",
    "jsonpath",
    "language_handler",
    "line",
    "lseg",
    "macaddr",
    "macaddr8",
    "money",
    "name",
    "numeric",
    "nummultirange",
    "numrange",
    "oid",
    "oidvector",
    "path",
    "pg_ddl_command",
    "pg_lsn",
    "pg_node_tree",
    "pg_snapshot",
    "point",
    "polygon",
    "record",
    "refcursor",
    "regclass",
    "regcollation",
    "regconfig",
    "regdictionary",
    "regnamespace",
    "regoper",
    "regoperator",
    "regproc",
    "regprocedure",
    "regrole",
    "regtype",
    "table_am_handler",
    "text",
    "tid",
    "time",
    "timestamp",
    "timestamptz",
    "timetz",
    "trigger",
    "tsm_handler",
    "tsmultirange",
    "tsquery",
    "tsrange",
    "tstzmultirange",
    "tstzrange",
    "tsvector",
    "txid_snapshot",
    "unknown",
    "uuid",
    "varbit",
    "varchar",
    "void",
    "xid",
    "xid8",
    "xml",
];

/// What an extension makes.
#[derive(Clone, Copy, Debug)]
pub struct Extension {
    /// Its name.
    pub name: &'static str,
    /// The schema that it always goes into, and makes.
    pub schema: &'static str,
    /// The schema that it makes beside its own.
    pub makes: &'static str,
    /// Its types.
    pub types: &'static [&'static str],
}

const fn extension(
    name: &'static str,
    schema: &'static str,
    makes: &'static str,
    types: &'static [&'static str],
) -> Extension {
    Extension {
        name,
        schema,
        makes,
        types,
    }
}

/// Extensions of which more than the name matters.
const EXTENSIONS: &[Extension] = &[
    extension("citext", "", "", &["citext"]),
    extension("cube", "", "", &["cube"]),
    extension("hstore", "", "", &["hstore", "ghstore"]),
    extension(
        "http",
        "",
        "",
        &[
            "http_method",
            "http_header",
            "http_response",
            "http_request",
        ],
    ),
    extension("intarray", "", "", &["query_int"]),
    extension(
        "isn",
        "",
        "",
        &[
            "ean13", "isbn", "isbn13", "ismn", "ismn13", "issn", "issn13", "upc",
        ],
    ),
    extension(
        "ltree",
        "",
        "",
        &["ltree", "lquery", "ltxtquery", "ltree_gist"],
    ),
    extension("pg_cron", "", "cron", &[]),
    extension("pg_graphql", "graphql", "", &[]),
    extension("pg_net", "", "net", &[]),
    extension("pg_tle", "pgtle", "", &[]),
    extension("pg_trgm", "", "", &["gtrgm"]),
    extension("pgmq", "pgmq", "", &["message_record"]),
    extension("pgsodium", "pgsodium", "", &[]),
    extension("plpgsql", "pg_catalog", "", &[]),
    extension(
        "postgis",
        "",
        "",
        &[
            "geometry",
            "geography",
            "box2d",
            "box3d",
            "raster",
            "geometry_dump",
        ],
    ),
    extension("seg", "", "", &["seg"]),
    extension("supabase_vault", "vault", "", &[]),
    extension("vector", "", "", &["vector", "halfvec", "sparsevec"]),
];

/// What is known of an extension.
#[must_use]
pub fn extension_named(name: &str) -> Option<&'static Extension> {
    EXTENSIONS.iter().find(|known| known.name == name)
}

/// The printed name of a type of the server, where it is not its own.
#[must_use]
pub fn shown(name: &str) -> Option<&'static str> {
    SHOWN
        .iter()
        .find(|(other, _)| *other == name)
        .map(|(_, shown)| *shown)
}

/// Is it a type of the server?
#[must_use]
pub fn is_type(name: &str) -> bool {
    TYPES.binary_search(&name).is_ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn lists_are_sorted() {
        assert!(super::TYPES.is_sorted());
        assert!(super::EXTENSIONS.is_sorted_by_key(|known| known.name));
    }
}

//! Owns what is asked of a live database: the queries, and the shape of their rows. Each row is one JSON value.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::check::ports::{Refusal, Session};
use crate::model::fault::{Fault, FaultKind};

/// Oldest and newest server whose catalog is known.
pub const VERSIONS: std::ops::RangeInclusive<u32> = 13..=18;

/// The first statement: nothing is written, all is of one moment, and names are printed in full.
#[must_use]
pub fn begin(statement_timeout: std::time::Duration, lock_timeout: std::time::Duration) -> String {
    format!(
        "begin isolation level repeatable read read only; \
         set local statement_timeout = {}; set local lock_timeout = {}; \
         set local idle_in_transaction_session_timeout = 0; set local search_path = '';",
        statement_timeout.as_millis(),
        lock_timeout.as_millis()
    )
}

/// What the server and the session are.
#[derive(Debug, Deserialize)]
pub struct About {
    /// `server_version_num`.
    pub version: u32,
    /// The role that asks.
    pub role: String,
    /// Does it pass by row-level security?
    pub bypass: bool,
    /// The schemas that the API serves, where the server tells.
    pub exposed: Option<String>,
}

/// The query of [`About`].
pub const ABOUT: &str = "select json_build_object(
    'version', current_setting('server_version_num')::int,
    'role', current_user,
    'bypass', (select rolsuper or rolbypassrls from pg_catalog.pg_roles where rolname = current_user),
    'exposed', coalesce(
        nullif(current_setting('pgrst.db_schemas', true), ''),
        (select substr(setting, 18) from pg_catalog.pg_db_role_setting s
            join pg_catalog.pg_roles r on r.oid = s.setrole, unnest(s.setconfig) setting
            where r.rolname = 'authenticator' and setting like 'pgrst.db\\_schemas=%'
                and s.setdatabase in (0, (select oid from pg_catalog.pg_database where datname = current_database()))
            order by s.setdatabase desc limit 1)))";

/// A right in an access list: who (empty: everybody), and which.
pub type Grant = (String, String);

/// A role.
#[derive(Debug, Deserialize)]
pub struct RoleRow {
    /// Its name.
    pub name: String,
    /// `BYPASSRLS`.
    pub bypass: bool,
    /// `INHERIT`.
    pub inherit: bool,
    /// `SUPERUSER`.
    pub superuser: bool,
    /// The roles that it is a member of; does it inherit from each? Told since PostgreSQL 16.
    pub member_of: Vec<(String, Option<bool>)>,
}

/// The query of [`RoleRow`].
pub const ROLES: &str = "select json_build_object('name', r.rolname, 'bypass', r.rolbypassrls, 'inherit', r.rolinherit,
    'superuser', r.rolsuper, 'member_of', coalesce((
        select json_agg(json_build_array(g.rolname, (to_jsonb(m) ->> 'inherit_option')::boolean) order by g.rolname)
        from pg_catalog.pg_auth_members m join pg_catalog.pg_roles g on g.oid = m.roleid where m.member = r.oid), '[]'))
    from pg_catalog.pg_roles r";

/// A schema.
#[derive(Debug, Deserialize)]
pub struct SchemaRow {
    /// Its name.
    pub name: String,
    /// Its owner.
    pub owner: String,
}

/// The query of [`SchemaRow`].
pub const SCHEMAS: &str =
    "select json_build_object('name', nspname, 'owner', pg_get_userbyid(nspowner))
    from pg_catalog.pg_namespace where nspname !~ '^pg_(toast|temp)'";

/// A type as a column or an argument has it.
#[derive(Debug, Deserialize)]
pub struct TypeRow {
    /// Its schema.
    pub schema: String,
    /// Its name; of an array, that of its elements.
    pub name: String,
    /// Is it an array?
    pub array: bool,
}

/// A column.
#[derive(Debug, Deserialize)]
pub struct ColumnRow {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: i64,
    /// `NOT NULL`.
    pub not_null: bool,
    /// Rights on it alone.
    pub acl: Vec<Grant>,
}

/// A relation.
#[derive(Debug, Deserialize)]
pub struct RelationRow {
    /// Its identity there.
    pub oid: i64,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// The letter of its kind.
    pub kind: char,
    /// Its owner.
    pub owner: String,
    /// Rights on it.
    pub acl: Vec<Grant>,
    /// `ROW LEVEL SECURITY`.
    pub rls: bool,
    /// `FORCE ROW LEVEL SECURITY`.
    pub force: bool,
    /// Is it a partition?
    pub partition: bool,
    /// `WITH (...)`: `name=value`.
    pub options: Vec<String>,
    /// The extension that it belongs to.
    pub extension: Option<String>,
    /// Its columns.
    pub columns: Vec<ColumnRow>,
    /// The tables that it inherits from.
    pub parents: Vec<i64>,
    /// Its triggers, with their function.
    pub triggers: Vec<(String, i64)>,
    /// What a view's query reads: the relation, and the column where one is named.
    pub reads: Vec<(i64, Option<String>)>,
    /// The functions that a view's query calls.
    pub calls: Vec<i64>,
}

/// The query of [`RelationRow`].
pub const RELATIONS: &str = "select json_build_object('oid', c.oid::bigint, 'schema', n.nspname, 'name', c.relname,
    'kind', c.relkind, 'owner', pg_get_userbyid(c.relowner),
    'acl', coalesce((select json_agg(json_build_array(
            case when a.grantee = 0 then '' else pg_get_userbyid(a.grantee)::text end, lower(a.privilege_type)))
        from aclexplode(coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's'::\"char\" else 'r' end, c.relowner))) a), '[]'),
    'rls', c.relrowsecurity, 'force', c.relforcerowsecurity, 'partition', c.relispartition,
    'options', coalesce(to_json(c.reloptions), '[]'),
    'extension', (select e.extname from pg_catalog.pg_depend d join pg_catalog.pg_extension e on e.oid = d.refobjid
        where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
            and d.refclassid = 'pg_catalog.pg_extension'::regclass limit 1),
    'columns', coalesce((select json_agg(json_build_object('name', a.attname, 'ty', a.atttypid::bigint, 'not_null', a.attnotnull,
            'acl', coalesce((select json_agg(json_build_array(
                    case when g.grantee = 0 then '' else pg_get_userbyid(g.grantee)::text end, lower(g.privilege_type)))
                from aclexplode(a.attacl) g), '[]')) order by a.attnum)
        from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '[]'),
    'parents', coalesce((select json_agg(i.inhparent::bigint order by i.inhseqno)
        from pg_catalog.pg_inherits i where i.inhrelid = c.oid), '[]'),
    'triggers', coalesce((select json_agg(json_build_array(t.tgname, t.tgfoid::bigint) order by t.tgname)
        from pg_catalog.pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal), '[]'),
    'reads', coalesce((select json_agg(distinct jsonb_build_array(d.refobjid::bigint, a.attname))
        from pg_catalog.pg_rewrite w
        join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = w.oid
        left join pg_catalog.pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid and d.refobjsubid > 0
        where w.ev_class = c.oid and c.relkind in ('v', 'm') and d.refclassid = 'pg_catalog.pg_class'::regclass
            and d.refobjid <> c.oid), '[]'),
    'calls', coalesce((select json_agg(distinct d.refobjid::bigint)
        from pg_catalog.pg_rewrite w
        join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = w.oid
        where w.ev_class = c.oid and c.relkind in ('v', 'm') and d.refclassid = 'pg_catalog.pg_proc'::regclass), '[]'))
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and c.relpersistence <> 't'
        and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
    order by n.nspname, c.relname";

/// A type that is no array.
#[derive(Debug, Deserialize)]
pub struct KindRow {
    /// Its identity there.
    pub oid: i64,
    /// What it is.
    #[serde(flatten)]
    pub ty: TypeRow,
    /// Enumeration, domain, composite, range or base type.
    pub kind: char,
    /// The labels of an enumeration.
    pub labels: Vec<String>,
    /// What a domain is over.
    pub base: i64,
}

/// The query of [`KindRow`].
pub const KINDS: &str = "select json_build_object('oid', t.oid::bigint, 'schema', coalesce(en.nspname, n.nspname),
    'name', coalesce(e.typname, t.typname), 'array', e.oid is not null, 'kind', t.typtype, 'base', t.typbasetype::bigint,
    'labels', coalesce((select json_agg(l.enumlabel order by l.enumsortorder)
        from pg_catalog.pg_enum l where l.enumtypid = t.oid), '[]'))
    from pg_catalog.pg_type t join pg_catalog.pg_namespace n on n.oid = t.typnamespace
    left join pg_catalog.pg_type e on e.oid = t.typelem and e.typarray = t.oid
    left join pg_catalog.pg_namespace en on en.oid = e.typnamespace
    where n.nspname !~ '^pg_(toast|temp)'";

/// A constraint.
#[derive(Debug, Deserialize)]
pub struct ConstraintRow {
    /// Its table.
    pub table: i64,
    /// Its name.
    pub name: String,
    /// The letter of its kind.
    pub kind: char,
    /// Its columns.
    pub columns: Vec<String>,
    /// Of a foreign key: the table.
    pub target: i64,
    /// Its columns there.
    pub target_columns: Vec<String>,
    /// The index that it leans on.
    pub index: Option<String>,
    /// The letter of what it does on delete.
    pub on_delete: char,
    /// Is it valid?
    pub valid: bool,
}

/// The query of [`ConstraintRow`].
pub const CONSTRAINTS: &str = "select json_build_object('table', k.conrelid::bigint, 'name', k.conname, 'kind', k.contype,
    'columns', coalesce((select json_agg(a.attname order by u.n) from unnest(k.conkey) with ordinality u (attnum, n)
        join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.attnum), '[]'),
    'target', k.confrelid::bigint,
    'target_columns', coalesce((select json_agg(a.attname order by u.n) from unnest(k.confkey) with ordinality u (attnum, n)
        join pg_catalog.pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.attnum), '[]'),
    'index', (select i.relname from pg_catalog.pg_class i where i.oid = k.conindid),
    'on_delete', k.confdeltype, 'valid', k.convalidated)
    from pg_catalog.pg_constraint k where k.contype in ('p', 'u', 'f', 'c', 'x') and k.conrelid <> 0
    order by k.conrelid, k.conname";

/// An index.
#[derive(Debug, Deserialize)]
pub struct IndexRow {
    /// Its table.
    pub table: i64,
    /// Its name.
    pub name: String,
    /// The access method.
    pub method: String,
    /// `UNIQUE`.
    pub unique: bool,
    /// Is it the primary key's?
    pub primary: bool,
    /// Its columns; an empty name for an expression.
    pub keys: Vec<String>,
    /// `INCLUDE`.
    pub include: Vec<String>,
    /// The statement that makes it.
    pub definition: Option<String>,
    /// Is it a constraint's?
    pub constraint: bool,
}

/// The query of [`IndexRow`].
pub const INDEXES: &str = "select json_build_object('table', x.indrelid::bigint, 'name', c.relname, 'method', m.amname,
    'unique', x.indisunique, 'primary', x.indisprimary,
    'keys', coalesce((select json_agg(coalesce(a.attname, '') order by u.n)
        from unnest(x.indkey::smallint[]) with ordinality u (attnum, n)
        left join pg_catalog.pg_attribute a on a.attrelid = x.indrelid and a.attnum = u.attnum and u.attnum <> 0
        where u.n <= x.indnkeyatts), '[]'),
    'include', coalesce((select json_agg(coalesce(a.attname, '') order by u.n)
        from unnest(x.indkey::smallint[]) with ordinality u (attnum, n)
        left join pg_catalog.pg_attribute a on a.attrelid = x.indrelid and a.attnum = u.attnum and u.attnum <> 0
        where u.n > x.indnkeyatts), '[]'),
    'definition', pg_get_indexdef(c.oid),
    'constraint', exists (select from pg_catalog.pg_constraint k where k.conindid = c.oid and k.contype in ('p', 'u', 'x')))
    from pg_catalog.pg_index x join pg_catalog.pg_class c on c.oid = x.indexrelid join pg_catalog.pg_am m on m.oid = c.relam
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
    order by x.indrelid, c.relname";

/// A policy.
#[derive(Debug, Deserialize)]
pub struct PolicyRow {
    /// Its table.
    pub table: i64,
    /// Its name.
    pub name: String,
    /// `PERMISSIVE`.
    pub permissive: bool,
    /// The letter of its command.
    pub command: char,
    /// The roles; empty: everybody.
    pub roles: Vec<String>,
    /// Has it a `USING`?
    pub has_using: bool,
    /// `USING`, as the server prints it.
    pub using: Option<String>,
    /// Has it a `WITH CHECK`?
    pub has_check: bool,
    /// `WITH CHECK`, as the server prints it.
    pub check: Option<String>,
}

/// The query of [`PolicyRow`].
pub const POLICIES: &str = "select json_build_object('table', p.polrelid::bigint, 'name', p.polname,
    'permissive', p.polpermissive, 'command', p.polcmd,
    'roles', case when 0 = any (p.polroles) then '[]' else (select json_agg(pg_get_userbyid(r) order by n)
        from unnest(p.polroles) with ordinality u (r, n)) end,
    'has_using', p.polqual is not null, 'using', pg_get_expr(p.polqual, p.polrelid),
    'has_check', p.polwithcheck is not null, 'check', pg_get_expr(p.polwithcheck, p.polrelid))
    from pg_catalog.pg_policy p order by p.polrelid, p.polname";

/// A function.
#[derive(Debug, Deserialize)]
pub struct FunctionRow {
    /// Its identity there.
    pub oid: i64,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// The letter of its kind.
    pub kind: char,
    /// The types of its parameters.
    pub types: Vec<i64>,
    /// Their modes; none: all are given by the caller.
    pub modes: Option<Vec<char>>,
    /// Their names.
    pub names: Option<Vec<String>>,
    /// How many of the last have a default.
    pub defaults: usize,
    /// What it returns, and whether it is a set.
    pub returns: (i64, bool),
    /// Its language.
    pub language: String,
    /// `SECURITY DEFINER`.
    pub definer: bool,
    /// The letter of its volatility.
    pub volatility: char,
    /// `SET`: `name=value`.
    pub settings: Vec<String>,
    /// Its body.
    pub source: String,
    /// Its owner.
    pub owner: String,
    /// Rights on it.
    pub acl: Vec<Grant>,
    /// The extension that it belongs to.
    pub extension: Option<String>,
}

/// The query of [`FunctionRow`].
pub const FUNCTIONS: &str = "select json_build_object('oid', p.oid::bigint, 'schema', n.nspname, 'name', p.proname, 'kind', p.prokind,
    'types', (select coalesce(json_agg(t::bigint order by o), '[]')
        from unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) with ordinality u (t, o)),
    'modes', to_json(p.proargmodes::text[]), 'names', to_json(p.proargnames), 'defaults', p.pronargdefaults,
    'returns', json_build_array(p.prorettype::bigint, p.proretset), 'language', l.lanname, 'definer', p.prosecdef,
    'volatility', p.provolatile, 'settings', coalesce(to_json(p.proconfig), '[]'), 'source', coalesce(p.prosrc, ''),
    'owner', pg_get_userbyid(p.proowner),
    'acl', coalesce((select json_agg(json_build_array(
            case when a.grantee = 0 then '' else pg_get_userbyid(a.grantee)::text end, lower(a.privilege_type)))
        from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a), '[]'),
    'extension', (select e.extname from pg_catalog.pg_depend d join pg_catalog.pg_extension e on e.oid = d.refobjid
        where d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
            and d.refclassid = 'pg_catalog.pg_extension'::regclass limit 1))
    from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    join pg_catalog.pg_language l on l.oid = p.prolang
    where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
    order by n.nspname, p.proname, p.oid";

/// A publication.
#[derive(Debug, Deserialize)]
pub struct PublicationRow {
    /// Its name.
    pub name: String,
    /// Is it for all tables?
    pub all: bool,
    /// Its tables.
    pub tables: Vec<i64>,
}

/// The query of [`PublicationRow`].
pub const PUBLICATIONS: &str = "select json_build_object('name', p.pubname, 'all', p.puballtables,
    'tables', coalesce((select json_agg(c.oid::bigint order by c.oid) from pg_catalog.pg_publication_tables t
        join pg_catalog.pg_namespace n on n.nspname = t.schemaname
        join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = t.tablename
        where t.pubname = p.pubname and not p.puballtables), '[]'))
    from pg_catalog.pg_publication p";

/// Rights that new objects get.
#[derive(Debug, Deserialize)]
pub struct DefaultRow {
    /// Whose objects.
    pub owner: String,
    /// In which schema; empty: in all.
    pub schema: String,
    /// The letter of the kind of object.
    pub kind: char,
    /// The rights.
    pub acl: Vec<Grant>,
}

/// The query of [`DefaultRow`].
pub const DEFAULTS: &str = "select json_build_object('owner', pg_get_userbyid(d.defaclrole), 'schema', coalesce(n.nspname, ''),
    'kind', d.defaclobjtype, 'acl', coalesce((select json_agg(json_build_array(
            case when a.grantee = 0 then '' else pg_get_userbyid(a.grantee)::text end, lower(a.privilege_type)))
        from aclexplode(d.defaclacl) a), '[]'))
    from pg_catalog.pg_default_acl d left join pg_catalog.pg_namespace n on n.oid = d.defaclnamespace";

/// A pair of names.
pub type Pair = (String, String);

/// Extensions with their schemas.
pub const EXTENSIONS: &str = "select json_build_array(e.extname, n.nspname)
    from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace";

/// Event triggers with their events.
pub const EVENT_TRIGGERS: &str =
    "select json_build_array(evtname, evtevent) from pg_catalog.pg_event_trigger";

/// What may be seen of the buckets of the storage service.
#[derive(Debug, Deserialize)]
pub struct BucketsRow {
    /// May the columns be read?
    pub readable: bool,
    /// Does row-level security hide rows from the role that asks?
    pub filtered: bool,
}

/// The query of [`BucketsRow`]: no row where there are no buckets.
pub const BUCKETS_SEEN: &str = "select json_build_object(
    'readable', has_schema_privilege(n.oid, 'usage')
        and has_column_privilege(c.oid, 'id', 'select') and has_column_privilege(c.oid, 'public', 'select'),
    'filtered', row_security_active(c.oid))
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'storage' and c.relname = 'buckets' and c.relkind in ('r', 'p')
        and (select count(*) from pg_catalog.pg_attribute a
            where a.attrelid = c.oid and a.attname in ('id', 'public') and not a.attisdropped) = 2";

/// Buckets: the id, and whether everybody may read.
pub const BUCKETS: &str =
    "select json_build_array(id::text, coalesce(public::boolean, false)) from storage.buckets";

/// The rows of a query.
pub fn ask<T: DeserializeOwned>(session: &mut dyn Session, sql: &str) -> Result<Vec<T>, Fault> {
    let rows = session
        .script(sql)
        .map_err(|refusal| refused(session.name(), refusal))?;
    let read = |row: crate::check::ports::Row| {
        let text = row.into_iter().next().flatten().unwrap_or_default();
        serde_json::from_str(&text).map_err(|problem| {
            Fault::new(
                FaultKind::Unparsable,
                format!(
                    "the catalog of {} is not as expected: {problem}",
                    session.name()
                ),
                "report it with the version of the server",
            )
        })
    };
    rows.into_iter().map(read).collect()
}

/// Why the catalog was not read.
pub fn refused(name: &str, refusal: Refusal) -> Fault {
    match refusal {
        Refusal::Lost(fault) => fault,
        Refusal::Server { code, message } => {
            let (kind, cure) = match code.as_str() {
                "57014" => (
                    FaultKind::Timeout,
                    "look at what the server is busy with, or raise `statement_timeout`",
                ),
                "55P03" => (
                    FaultKind::Timeout,
                    "wait until the migration that holds the lock is done, or raise `lock_timeout`",
                ),
                "42501" => (
                    FaultKind::ToolFailed,
                    "connect as a role that may read the catalog",
                ),
                _ => (FaultKind::ToolFailed, "run again; see the server's log"),
            };
            Fault::new(kind, format!("{name}: {message} ({code})"), cure)
        }
    }
}

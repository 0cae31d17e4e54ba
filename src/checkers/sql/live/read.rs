//! Owns the reading of a live database into the same catalog that the fold makes of migrations. Judges nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::super::catalog::acl::{Acl, Rights};
use super::super::catalog::kinds::{Kind, Ty};
use super::super::catalog::relation::{
    Column, Con, ConKind, Index, Policy, RelKind, Relation, Use,
};
use super::super::catalog::routine::{Arg, Function, is_input};
use super::super::catalog::{Bucket, Catalog, Oid, Origin, Role, Schema};
use super::super::fold::Fold;
use super::super::parse::expr::Expr;
use super::super::parse::script::What;
use super::super::parse::split;
use super::super::parse::statement::{Command, Mode, Object, Statement};
use super::super::parse::table::CreateIndex;
use super::super::parse::words::quote;
use super::rows::{
    self, About, BucketsRow, ColumnRow, ConstraintRow, DefaultRow, FunctionRow, Grant, IndexRow,
    KindRow, Pair, PolicyRow, PublicationRow, RelationRow, RoleRow, SchemaRow, ask,
};
use crate::check::ports::Session;
use crate::model::fault::Fault;
use crate::model::place::Span;

/// Where all of a live database was made, as far as it tells.
pub const ORIGIN: Origin = Origin {
    file: None,
    span: Span {
        start: crate::model::place::Point { line: 1, column: 1 },
        end: crate::model::place::Point { line: 1, column: 1 },
    },
};

/// A live database.
#[derive(Debug)]
pub struct Live {
    /// What it holds.
    pub catalog: Catalog,
    /// What the server and the session are.
    pub about: About,
    /// What could not be seen, and why.
    pub unseen: Vec<String>,
}

/// Reads a database, in the transaction that is open.
///
/// # Errors
/// When the server refuses a query, or what it says cannot be understood.
pub fn all(session: &mut dyn Session, about: About) -> Result<Live, Fault> {
    let mut reading = Reading {
        catalog: Catalog::default(),
        types: BTreeMap::new(),
        unseen: Vec::new(),
    };
    reading.roles(ask(session, rows::ROLES)?);
    for row in ask::<SchemaRow>(session, rows::SCHEMAS)? {
        let owner = row.owner;
        reading.catalog.schemas.insert(row.name, Schema { owner });
    }
    reading.kinds(ask(session, rows::KINDS)?);
    let relations: Vec<RelationRow> = ask(session, rows::RELATIONS)?;
    let functions: Vec<FunctionRow> = ask(session, rows::FUNCTIONS)?;
    // The catalog has numbers of its own.
    let oids: BTreeMap<i64, Oid> = relations
        .iter()
        .map(|row| row.oid)
        .chain(functions.iter().map(|row| row.oid))
        .map(|oid| (oid, reading.catalog.oid()))
        .collect();
    let mut tables: BTreeMap<i64, Relation> = BTreeMap::new();
    for row in relations {
        tables.insert(row.oid, reading.relation(row, &oids));
    }
    for row in functions {
        let function = reading.function(row, &oids);
        reading.catalog.add_function(function);
    }
    for row in ask::<IndexRow>(session, rows::INDEXES)? {
        if let Some(table) = tables.get_mut(&row.table) {
            table
                .indexes
                .push(reading.index(row, table.shown().as_str()));
        }
    }
    for row in ask::<ConstraintRow>(session, rows::CONSTRAINTS)? {
        if let Some(table) = tables.get_mut(&row.table) {
            table.constraints.extend(constraint(row, &oids));
        }
    }
    for row in ask::<PolicyRow>(session, rows::POLICIES)? {
        if let Some(table) = tables.get_mut(&row.table) {
            let policy = reading.policy(row, &table.shown());
            table.policies.extend(policy);
        }
    }
    for relation in tables.into_values() {
        reading.catalog.insert(relation);
    }
    for (name, schema) in ask::<Pair>(session, rows::EXTENSIONS)? {
        reading.catalog.extensions.insert(name, schema);
    }
    for (name, event) in ask::<Pair>(session, rows::EVENT_TRIGGERS)? {
        reading.catalog.event_triggers.insert(name, event);
    }
    for row in ask::<PublicationRow>(session, rows::PUBLICATIONS)? {
        let tables = row.tables.iter().filter_map(|oid| oids.get(oid).copied());
        let tables = (!row.all).then(|| tables.collect());
        reading.catalog.publications.insert(row.name, tables);
    }
    for row in ask::<DefaultRow>(session, rows::DEFAULTS)? {
        let kind = match row.kind {
            'r' => "tables",
            'S' => "sequences",
            'f' => "functions",
            'T' => "types",
            'n' => "schemas",
            _ => continue,
        };
        let key = (row.owner, row.schema, kind);
        reading.catalog.defaults.insert(key, acl(&row.acl));
    }
    reading.buckets(session)?;
    let Reading {
        catalog, unseen, ..
    } = reading;
    Ok(Live {
        catalog: with_uses(catalog),
        about,
        unseen,
    })
}

struct Reading {
    catalog: Catalog,
    types: BTreeMap<i64, Ty>,
    unseen: Vec<String>,
}

impl Reading {
    fn roles(&mut self, rows: Vec<RoleRow>) {
        for row in rows {
            // Since PostgreSQL 16 each membership says for itself whether it is inherited.
            let told: Vec<bool> = row
                .member_of
                .iter()
                .filter_map(|(_, inherits)| *inherits)
                .collect();
            let inherit = if told.is_empty() {
                row.inherit
            } else {
                told.contains(&true)
            };
            let member_of: BTreeSet<String> = row
                .member_of
                .into_iter()
                .filter(|(_, inherits)| !inherit || inherits.unwrap_or(true))
                .map(|(name, _)| name)
                .collect();
            let role = Role {
                bypass: row.bypass,
                inherit,
                superuser: row.superuser,
                member_of,
            };
            self.catalog.roles.insert(row.name, role);
        }
    }

    fn kinds(&mut self, rows: Vec<KindRow>) {
        for row in &rows {
            let ty = Ty {
                schema: row.ty.schema.clone(),
                name: row.ty.name.clone(),
                array: row.ty.array,
            };
            self.types.insert(row.oid, ty);
        }
        for row in rows.into_iter().filter(|row| !row.ty.array) {
            let kind = match row.kind {
                'e' => Kind::Enum(row.labels),
                'd' => Kind::Domain(self.ty(row.base)),
                'r' | 'm' => Kind::Other(None),
                _ => continue,
            };
            let key = (row.ty.schema, row.ty.name);
            if key.0 != "pg_catalog" && key.0 != "information_schema" {
                self.catalog.kinds.insert(key, kind);
            }
        }
    }

    fn ty(&self, oid: i64) -> Ty {
        let found = self.types.get(&oid).cloned();
        found.unwrap_or_else(|| Ty::system("unknown"))
    }

    fn relation(&self, row: RelationRow, oids: &BTreeMap<i64, Oid>) -> Relation {
        let kind = match row.kind {
            'p' => RelKind::Partitioned,
            'v' => RelKind::View,
            'm' => RelKind::MaterializedView,
            'f' => RelKind::Foreign,
            'S' => RelKind::Sequence,
            _ => RelKind::Table,
        };
        let own = oids.get(&row.oid).copied().unwrap_or_default();
        let mut relation = Relation::new(own, &row.schema, &row.name, kind, ORIGIN);
        relation.owner = row.owner;
        relation.acl = acl(&row.acl);
        relation.rls = row.rls;
        relation.force = row.force;
        relation.partition = row.partition;
        relation.options = row.options.iter().map(|option| setting(option)).collect();
        relation.extension = row.extension;
        relation.columns = row
            .columns
            .into_iter()
            .map(|column| self.column(column))
            .collect();
        let known = |oid: &i64| oids.get(oid).copied();
        relation.parents = row.parents.iter().filter_map(known).collect();
        relation.triggers = row
            .triggers
            .into_iter()
            .map(|(name, function)| (name, known(&function)))
            .collect();
        let mut uses = BTreeSet::new();
        for (oid, column) in row.reads {
            let Some(oid) = known(&oid) else { continue };
            uses.insert(Use::Relation(oid));
            uses.extend(column.map(|column| Use::Column(oid, column)));
        }
        uses.extend(row.calls.iter().filter_map(known).map(Use::Function));
        relation.uses = uses.into_iter().collect();
        relation
    }

    fn column(&self, row: ColumnRow) -> Column {
        Column {
            ty: self.ty(row.ty),
            name: row.name,
            not_null: row.not_null,
            acl: acl(&row.acl),
            ..Column::default()
        }
    }

    fn function(&self, row: FunctionRow, oids: &BTreeMap<i64, Oid>) -> Function {
        let modes = row.modes.unwrap_or_else(|| vec!['i'; row.types.len()]);
        let names = row.names.unwrap_or_default();
        let mut args: Vec<Arg> = Vec::new();
        for (at, ty) in row.types.iter().enumerate() {
            let mode = match modes.get(at) {
                Some('o') => Mode::Out,
                Some('b') => Mode::InOut,
                Some('v') => Mode::Variadic,
                Some('t') => Mode::Table,
                _ => Mode::In,
            };
            args.push(Arg {
                mode,
                name: names.get(at).filter(|name| !name.is_empty()).cloned(),
                ty: self.ty(*ty),
                default: false,
            });
        }
        let given = args.iter_mut().rev().filter(|arg| is_input(arg.mode));
        for arg in given.take(row.defaults) {
            arg.default = true;
        }
        let object = match row.kind {
            'p' => Object::Procedure,
            'a' => Object::Aggregate,
            _ => Object::Function,
        };
        Function {
            oid: oids.get(&row.oid).copied().unwrap_or_default(),
            schema: row.schema,
            name: row.name,
            returns: (object != Object::Procedure).then(|| (self.ty(row.returns.0), row.returns.1)),
            object,
            args,
            language: row.language,
            definer: row.definer,
            volatility: row.volatility,
            settings: row.settings.iter().map(|text| setting(text)).collect(),
            source: row.source,
            owner: row.owner,
            acl: acl(&row.acl),
            extension: row.extension,
            origin: ORIGIN,
        }
    }

    fn index(&mut self, row: IndexRow, table: &str) -> Index {
        let definition = row.definition.unwrap_or_default();
        let read = match one(&definition) {
            Some(Statement::CreateIndex(read)) => Some(*read),
            _ => None,
        };
        if read.is_none() {
            self.unseen.push(format!(
                "the index {} of {table} is not read: {definition}",
                row.name
            ));
        }
        // All that is said of it beside its name, as the live lint compares it.
        let signature =
            definition.replacen(&format!(" INDEX {} ON ", quote(&row.name)), " INDEX ON ", 1);
        let (items, condition) = read.map_or_else(Default::default, |read: CreateIndex| {
            (read.items, read.condition)
        });
        Index {
            name: row.name,
            method: row.method,
            unique: row.unique,
            primary: row.primary,
            keys: row.keys,
            items,
            include: row.include,
            condition,
            signature,
            constraint: row.constraint,
            origin: ORIGIN,
        }
    }

    fn policy(&mut self, row: PolicyRow, table: &str) -> Option<Policy> {
        let using = self.condition(row.has_using, row.using.as_deref(), &row.name, table);
        let check = self.condition(row.has_check, row.check.as_deref(), &row.name, table);
        let (Ok(using), Ok(check)) = (using, check) else {
            return None;
        };
        let command = match row.command {
            'r' => Command::Select,
            'a' => Command::Insert,
            'w' => Command::Update,
            'd' => Command::Delete,
            _ => Command::All,
        };
        Some(Policy {
            name: row.name,
            permissive: row.permissive,
            command,
            roles: row.roles,
            using,
            check,
            uses: Vec::new(),
            using_uses: Vec::new(),
            check_uses: Vec::new(),
            // The server prints every name with its schema.
            path: Vec::new(),
            origin: ORIGIN,
        })
    }

    fn condition(
        &mut self,
        has: bool,
        text: Option<&str>,
        policy: &str,
        table: &str,
    ) -> Result<Option<Expr>, ()> {
        if !has {
            return Ok(None);
        }
        let sql = format!("create policy p on t using ({})", text.unwrap_or_default());
        if let Some(Statement::CreatePolicy(read)) = one(&sql)
            && read.using.is_some()
        {
            return Ok(read.using);
        }
        self.unseen
            .push(format!("the policy `{policy}` of {table} is not read"));
        Err(())
    }

    fn buckets(&mut self, session: &mut dyn Session) -> Result<(), Fault> {
        let Some(seen) = ask::<BucketsRow>(session, rows::BUCKETS_SEEN)?.pop() else {
            return Ok(());
        };
        if !seen.readable || seen.filtered {
            let why = if seen.readable {
                "row-level security hides rows from this role"
            } else {
                "this role may not read them"
            };
            self.unseen
                .push(format!("the rows of storage.buckets are not seen: {why}"));
            return Ok(());
        }
        for (id, public) in ask::<(String, bool)>(session, rows::BUCKETS)? {
            self.catalog.buckets.insert(id, Bucket { public });
        }
        Ok(())
    }
}

/// What the policies depend on is found as the fold finds it.
fn with_uses(catalog: Catalog) -> Catalog {
    let fold = Fold::over(catalog);
    let mut found: Vec<(Oid, Vec<[Vec<Use>; 2]>)> = Vec::new();
    for relation in fold.catalog.relations.values() {
        let of = |condition: &Option<Expr>| {
            let condition = condition.as_ref();
            condition.map_or_else(Vec::new, |expr| fold.policy_uses(relation.oid, expr))
        };
        let uses = relation
            .policies
            .iter()
            .map(|policy| [of(&policy.using), of(&policy.check)]);
        found.push((relation.oid, uses.collect()));
    }
    let mut catalog = fold.catalog;
    for (oid, uses) in found.into_iter().filter(|(_, uses)| !uses.is_empty()) {
        let Some(relation) = catalog.relation_mut(oid) else {
            continue;
        };
        for (policy, [using, check]) in relation.policies.iter_mut().zip(uses) {
            policy.uses = [using.clone(), check.clone()].concat();
            policy.using_uses = using;
            policy.check_uses = check;
        }
    }
    catalog
}

/// The one statement of a text.
fn one(sql: &str) -> Option<Statement> {
    let script = split::script(sql, |_| Span::at(1, 1));
    let [piece] = <[_; 1]>::try_from(script.pieces).ok()?;
    match piece.what {
        What::Statement(statement) => Some(*statement),
        _ => None,
    }
}

/// `name=value`.
fn setting(text: &str) -> (String, String) {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    (name.to_owned(), value.to_owned())
}

fn acl(grants: &[Grant]) -> Acl {
    let mut acl = Acl::default();
    for (role, right) in grants {
        if let Some(right) = Rights::named(right) {
            acl.grant(role, right);
        }
    }
    acl
}

fn constraint(row: ConstraintRow, oids: &BTreeMap<i64, Oid>) -> Option<Con> {
    let kind = match row.kind {
        'p' => ConKind::Primary,
        'u' => ConKind::Unique,
        'f' => ConKind::Foreign,
        'c' => ConKind::Check,
        'x' => ConKind::Exclude,
        _ => return None,
    };
    let target = oids.get(&row.target).filter(|_| kind == ConKind::Foreign);
    let target = target.map(|oid| {
        let index = row.index.clone().unwrap_or_default();
        (*oid, row.target_columns.clone(), index)
    });
    let on_delete = match row.on_delete {
        'r' => "restrict",
        'c' => "cascade",
        'n' => "set null",
        'd' => "set default",
        _ => "",
    };
    Some(Con {
        name: row.name,
        kind,
        columns: row.columns,
        target,
        on_delete: on_delete.to_owned(),
        not_valid: !row.valid,
        proves: Vec::new(),
        origin: ORIGIN,
    })
}

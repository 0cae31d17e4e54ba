//! Owns what statements do to types and extensions, and how a written type is found.

use std::sync::Arc;

use super::super::catalog::kinds::{Kind, Ty};
use super::super::catalog::relation::{Column, RelKind, Relation};
use super::super::catalog::{Schema, builtin};
use super::super::parse::expr::{Name, TypeName};
use super::super::parse::statement::{Change1, TypeChange, TypeKind};
use super::{Done, Fail, Fold};

impl Fold {
    /// The type that is written.
    pub(super) fn ty(&mut self, written: &TypeName) -> Result<Ty, Fail> {
        let mut ty = self.bare_type(written)?;
        ty.array |= written.dimensions > 0;
        Ok(ty)
    }

    fn bare_type(&mut self, written: &TypeName) -> Result<Ty, Fail> {
        let shown = written.name.join(".");
        if written.of_column {
            let Some((column, table)) = written.name.split_last() else {
                return Err(Fail::Missing(shown));
            };
            let oid = self.relation(&table.to_vec())?;
            return match self.catalog.column_type(oid, column) {
                Some(ty) => Ok(ty),
                None if self.lenient => Ok(Ty::system("unknown")),
                None => Err(Fail::Missing(format!("column {shown}"))),
            };
        }
        if let [name] = written.name.as_slice() {
            if builtin::is_type(name) {
                return Ok(Ty::system(name));
            }
            if let Some(element) = name
                .strip_prefix('_')
                .filter(|element| builtin::is_type(element))
            {
                return Ok(Ty {
                    array: true,
                    ..Ty::system(element)
                });
            }
        }
        if let Some((schema, name)) = self.type_place(&written.name) {
            return Ok(Ty {
                schema,
                name,
                array: false,
            });
        }
        if !self.lenient {
            return Err(Fail::Missing(format!("type {shown}")));
        }
        let (schema, name) = match written.name.as_slice() {
            [.., schema, name] => (schema.clone(), name.clone()),
            _ => ("public".to_owned(), shown),
        };
        Ok(Ty {
            schema,
            name,
            array: false,
        })
    }

    /// Where the type of this name is: one of its own, or a table's.
    fn type_place(&self, name: &Name) -> Option<(String, String)> {
        let there = |schema: &str, name: &str| {
            let key = (schema.to_owned(), name.to_owned());
            let relation = self
                .catalog
                .named(schema, name)
                .and_then(|oid| self.catalog.relation(oid));
            self.catalog.kinds.contains_key(&key)
                || relation
                    .is_some_and(|found| found.name == name && found.kind != RelKind::Sequence)
        };
        match name.as_slice() {
            [name] => {
                let schema = self
                    .session
                    .path
                    .iter()
                    .find(|schema| there(schema, name))?;
                Some((schema.clone(), name.clone()))
            }
            [.., schema, name] => there(schema, name).then(|| (schema.clone(), name.clone())),
            [] => None,
        }
    }

    pub(super) fn create_type(&mut self, name: &Name, kind: &TypeKind) -> Done {
        let (schema, name) = self.place(name)?;
        let key = (schema.clone(), name.clone());
        let is_shell = self.catalog.kinds.get(&key) == Some(&Kind::Other(None));
        let taken = self.catalog.kinds.contains_key(&key) && !is_shell;
        if taken || self.catalog.named(&schema, &name).is_some() {
            return Err(Fail::Exists(format!("type {name}")));
        }
        let kind = match kind {
            TypeKind::Enum(labels) => Kind::Enum(labels.clone()),
            TypeKind::Composite(fields) => {
                let mut all = Vec::new();
                for (field, ty) in fields {
                    all.push((field.clone(), self.ty(ty)?));
                }
                Kind::Composite(all)
            }
            TypeKind::Other => Kind::Other(None),
        };
        self.catalog.kinds.insert(key, kind);
        Ok(())
    }

    pub(super) fn create_domain(&mut self, name: &Name, base: &TypeName) -> Done {
        let (schema, name) = self.place(name)?;
        let key = (schema, name.clone());
        if self.catalog.kinds.contains_key(&key) {
            return Err(Fail::Exists(format!("type {name}")));
        }
        let base = self.ty(base)?;
        self.catalog.kinds.insert(key, Kind::Domain(base));
        Ok(())
    }

    /// The type that a statement changes; leniently, one that is not there is passed over.
    fn changed(&self, name: &Name) -> Result<Option<(String, String)>, Fail> {
        match self.type_place(name) {
            None if !self.lenient => Err(Fail::Missing(format!("type {}", name.join(".")))),
            found => Ok(found),
        }
    }

    pub(super) fn alter_type(&mut self, name: &Name, change: &TypeChange) -> Done {
        let Some(key) = self.changed(name)? else {
            return Ok(());
        };
        let new = match change {
            TypeChange::AddAttribute(field, ty) => Some((field.clone(), self.ty(ty)?)),
            _ => None,
        };
        match (self.catalog.kinds.get_mut(&key), change) {
            (Some(Kind::Enum(labels)), TypeChange::AddValue(value, if_not_exists)) => {
                if !labels.contains(value) {
                    labels.push(value.clone());
                } else if !if_not_exists {
                    return Err(Fail::Exists(format!("label {value}")));
                }
            }
            (Some(Kind::Enum(labels)), TypeChange::RenameValue(from, to)) => {
                let Some(label) = labels.iter_mut().find(|label| *label == from) else {
                    return Err(Fail::Missing(format!("label {from}")));
                };
                label.clone_from(to);
            }
            (Some(Kind::Composite(fields)), TypeChange::DropAttribute(field)) => {
                fields.retain(|(other, _)| other != field);
            }
            (Some(Kind::Composite(fields)), _) => fields.extend(new),
            _ => {}
        }
        Ok(())
    }

    /// A type gets another name or schema: whatever has it follows.
    pub(super) fn change_type(&mut self, name: &Name, change: &Change1) -> Done {
        let Some(key) = self.changed(name)? else {
            return Ok(());
        };
        let to = match change {
            Change1::Rename(to) => (key.0.clone(), to.clone()),
            Change1::Schema(schema) => {
                self.schema(schema)?;
                (schema.clone(), key.1.clone())
            }
            Change1::Owner(_) | Change1::Other => return Ok(()),
        };
        if self.catalog.kinds.contains_key(&to) {
            return Err(Fail::Exists(format!("type {}", to.1)));
        }
        if let Some(kind) = self.catalog.kinds.remove(&key) {
            self.catalog.kinds.insert(to.clone(), kind);
        }
        self.retype(&key, &to);
        Ok(())
    }

    /// Whatever has the one type has the other from now on.
    pub(super) fn retype(&mut self, from: &(String, String), to: &(String, String)) {
        let is = |ty: &Ty| ty.schema == from.0 && ty.name == from.1;
        let change = |ty: &mut Ty| {
            if is(ty) {
                ty.schema.clone_from(&to.0);
                ty.name.clone_from(&to.1);
            }
        };
        for relation in self.catalog.relations.values_mut() {
            if relation.columns.iter().any(|column| is(&column.ty)) {
                let relation = Arc::make_mut(relation);
                relation
                    .columns
                    .iter_mut()
                    .for_each(|column| change(&mut column.ty));
            }
        }
        for function in self.catalog.functions.values_mut() {
            if function.args.iter().any(|arg| is(&arg.ty)) {
                let function = Arc::make_mut(function);
                function.args.iter_mut().for_each(|arg| change(&mut arg.ty));
            }
        }
    }

    pub(super) fn create_extension(
        &mut self,
        name: &str,
        if_not_exists: bool,
        schema: Option<&str>,
    ) -> Done {
        if self.catalog.extensions.contains_key(name) {
            return if if_not_exists {
                Ok(())
            } else {
                Err(Fail::Exists(format!("extension {name}")))
            };
        }
        let known = builtin::extension_named(name);
        let fixed = known.map_or("", |known| known.schema);
        let place = if fixed.is_empty() {
            match schema {
                Some(schema) => {
                    self.schema(schema)?;
                    schema.to_owned()
                }
                None => self.place(&vec![name.to_owned()])?.0,
            }
        } else {
            if schema.is_some_and(|schema| schema != fixed) {
                return Err(Fail::Wrong(format!("{name} must be in {fixed}")));
            }
            self.make_schema(fixed);
            fixed.to_owned()
        };
        if let Some(known) = known {
            if !known.makes.is_empty() {
                self.make_schema(known.makes);
            }
            for ty in known.types {
                let key = (place.clone(), (*ty).to_owned());
                self.catalog
                    .kinds
                    .insert(key, Kind::Other(Some(name.to_owned())));
            }
        }
        self.tables_of(name);
        self.catalog
            .extension_origins
            .insert(name.to_owned(), self.origin);
        self.catalog.extensions.insert(name.to_owned(), place);
        Ok(())
    }

    fn make_schema(&mut self, name: &str) {
        let owner = self.session.role.clone();
        self.catalog
            .schemas
            .entry(name.to_owned())
            .or_insert(Schema { owner });
    }

    /// Tables that an extension brings.
    fn tables_of(&mut self, extension: &str) {
        let tables: &[(&str, &str, &str)] = match extension {
            "pg_cron" => &[
                (
                    "cron",
                    "job",
                    "jobid schedule command nodename nodeport database username active jobname",
                ),
                (
                    "cron",
                    "job_run_details",
                    "jobid runid job_pid database username command status return_message start_time end_time",
                ),
            ],
            "supabase_vault" => &[
                (
                    "vault",
                    "secrets",
                    "id name description secret key_id nonce created_at updated_at",
                ),
                (
                    "vault",
                    "decrypted_secrets",
                    "id name description secret decrypted_secret key_id nonce created_at updated_at",
                ),
            ],
            "pgmq" => &[(
                "pgmq",
                "meta",
                "queue_name is_partitioned is_unlogged created_at",
            )],
            "pgsodium" => &[("pgsodium", "key", "id")],
            _ => &[],
        };
        for (schema, name, columns) in tables {
            let oid = self.catalog.oid();
            let mut table = Relation::new(oid, schema, name, RelKind::Table, self.origin);
            table.owner.clone_from(&self.session.role);
            table.acl = self.catalog.first_acl(&table.owner, schema, "tables");
            table.extension = Some(extension.to_owned());
            let named = |column: &str| Column {
                name: column.to_owned(),
                ..Column::default()
            };
            table.columns = columns.split(' ').map(named).collect();
            self.catalog.insert(table);
        }
    }
}

//! Owns what `GRANT`, `REVOKE` and default privileges do.

use std::sync::Arc;

use super::super::catalog::acl::{Acl, Rights};
use super::super::catalog::relation::RelKind;
use super::super::parse::statement::{DefaultRights, Grant, Object, On};
use super::{Done, Fail, Fold, Oid};

/// Rights on columns: their names, none for the object as a whole.
type Wanted = Vec<(Rights, Vec<String>)>;

fn wanted(grant: &Grant, object: &str) -> Result<Wanted, Fail> {
    if grant.rights.is_empty() {
        return Ok(vec![(Rights::all(object), grant.columns.clone())]);
    }
    let mut all = Vec::new();
    for (name, columns) in &grant.rights {
        if name == "maintain" {
            continue;
        }
        let right = Rights::named(name).ok_or_else(|| Fail::Wrong(format!("no right {name}")))?;
        all.push((right, columns.clone()));
    }
    Ok(all)
}

impl Fold {
    pub(super) fn grant(&mut self, grant: &Grant) -> Done {
        let mut roles = Vec::new();
        for role in &grant.roles {
            roles.push(self.grantee(role)?);
        }
        if grant.option_only {
            return Ok(());
        }
        match &grant.on {
            On::Objects(object, targets) => match object {
                Object::Table | Object::View | Object::Sequence => {
                    let mut oids = Vec::new();
                    for target in targets {
                        oids.push(self.relation(&target.name)?);
                    }
                    for oid in oids {
                        self.grant_on(oid, grant, &roles)?;
                    }
                }
                Object::Function | Object::Procedure | Object::Routine => {
                    let mut oids = Vec::new();
                    for target in targets {
                        match self.routine(target) {
                            // What an extension brings is not kept, and no rule looks at it.
                            Err(Fail::Missing(_)) if self.is_of_extension(&target.name) => {}
                            found => oids.push(found?),
                        }
                    }
                    for oid in oids {
                        self.grant_execute(oid, grant, &roles)?;
                    }
                }
                Object::Schema => {
                    for target in targets {
                        self.schema(target.name.last().map_or("", String::as_str))?;
                    }
                }
                _ => {}
            },
            On::AllIn(object, schemas) => {
                for schema in schemas {
                    self.schema(schema)?;
                }
                self.grant_all(*object, schemas, grant, &roles)?;
            }
        }
        Ok(())
    }

    fn grant_all(
        &mut self,
        object: Object,
        schemas: &[String],
        grant: &Grant,
        roles: &[String],
    ) -> Done {
        if matches!(
            object,
            Object::Function | Object::Procedure | Object::Routine
        ) {
            let all = self.catalog.functions.values();
            let oids: Vec<Oid> = all
                .filter(|f| schemas.contains(&f.schema))
                .filter(|f| match object {
                    Object::Function => f.object != Object::Procedure,
                    Object::Procedure => f.object == Object::Procedure,
                    _ => true,
                })
                .map(|f| f.oid)
                .collect();
            return oids
                .into_iter()
                .try_for_each(|oid| self.grant_execute(oid, grant, roles));
        }
        let sequences = object == Object::Sequence;
        let all = self.catalog.relations.values();
        let oids: Vec<Oid> = all
            .filter(|r| schemas.contains(&r.schema) && (r.kind == RelKind::Sequence) == sequences)
            .map(|r| r.oid)
            .collect();
        oids.into_iter()
            .try_for_each(|oid| self.grant_on(oid, grant, roles))
    }

    fn grant_on(&mut self, oid: Oid, grant: &Grant, roles: &[String]) -> Done {
        let Some(relation) = self.catalog.relation(oid) else {
            return Ok(());
        };
        let object = if relation.kind == RelKind::Sequence {
            "sequences"
        } else {
            "tables"
        };
        let wanted = wanted(grant, object)?;
        for column in wanted.iter().flat_map(|(_, columns)| columns) {
            self.has_column(oid, column)?;
        }
        let Some(relation) = self.catalog.relation_mut(oid) else {
            return Ok(());
        };
        for (rights, columns) in &wanted {
            for role in roles {
                if columns.is_empty() {
                    change(&mut relation.acl, grant.revoke, role, *rights);
                    // Taking a right on the table takes it on every column.
                    if grant.revoke {
                        relation
                            .columns
                            .iter_mut()
                            .for_each(|c| c.acl.revoke(role, *rights));
                    }
                }
                for name in columns {
                    if let Some(column) = relation.column_mut(name) {
                        change(&mut column.acl, grant.revoke, role, *rights);
                    }
                }
            }
        }
        Ok(())
    }

    fn grant_execute(&mut self, oid: Oid, grant: &Grant, roles: &[String]) -> Done {
        let wanted = wanted(grant, "functions")?;
        if let Some(function) = self.catalog.functions.get_mut(&oid) {
            let function = Arc::make_mut(function);
            for (rights, _) in wanted {
                for role in roles {
                    change(&mut function.acl, grant.revoke, role, rights);
                }
            }
        }
        Ok(())
    }

    pub(super) fn grant_role(&mut self, revoke: bool, what: &[String], to: &[String]) -> Done {
        for role in what.iter().chain(to) {
            self.role(role)?;
        }
        for member in to {
            let member = self.grantee(member)?;
            for above in what.iter().filter(|_| !revoke) {
                let key = (member.clone(), above.clone());
                self.catalog.membership_origins.insert(key, self.origin);
            }
            if let Some(role) = self.catalog.roles.get_mut(&member) {
                for above in what {
                    if revoke {
                        role.member_of.remove(above);
                    } else {
                        role.member_of.insert(above.clone());
                    }
                }
            }
        }
        Ok(())
    }

    pub(super) fn default_rights(&mut self, rights: &DefaultRights) -> Done {
        let object = match rights.object {
            Object::Table => "tables",
            Object::Sequence => "sequences",
            Object::Function | Object::Procedure | Object::Routine => "functions",
            Object::Schema => "schemas",
            _ => "types",
        };
        let mut owners = Vec::new();
        for owner in &rights.owners {
            owners.push(self.grantee(owner)?);
        }
        if owners.is_empty() {
            owners.push(self.session.role.clone());
        }
        for schema in &rights.schemas {
            self.schema(schema)?;
        }
        let mut schemas = rights.schemas.clone();
        if schemas.is_empty() {
            schemas.push(String::new());
        }
        let mut roles = Vec::new();
        for role in &rights.grant.roles {
            roles.push(self.grantee(role)?);
        }
        if rights.grant.option_only {
            return Ok(());
        }
        let wanted = wanted(&rights.grant, object)?;
        for owner in &owners {
            for schema in &schemas {
                let key = (owner.clone(), schema.clone(), object);
                let first = if schema.is_empty() {
                    Acl::usual(owner, object)
                } else {
                    Acl::default()
                };
                let acl = self.catalog.defaults.entry(key.clone()).or_insert(first);
                for (rights_, _) in &wanted {
                    for role in &roles {
                        if !rights.grant.revoke && !acl.of(role).has(*rights_) {
                            let key = (key.clone(), role.clone());
                            self.catalog.default_origins.insert(key, self.origin);
                        }
                        change(acl, rights.grant.revoke, role, *rights_);
                    }
                }
            }
        }
        Ok(())
    }
}

fn change(acl: &mut Acl, revoke: bool, role: &str, rights: Rights) {
    if revoke {
        acl.revoke(role, rights);
    } else {
        acl.grant(role, rights);
    }
}

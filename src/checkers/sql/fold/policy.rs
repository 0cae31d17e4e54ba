//! Owns what statements do to policies and triggers.

use super::super::catalog::relation::{Policy, RelKind, Use};
use super::super::parse::expr::Expr;
use super::super::parse::statement::{AlterPolicy, Command, CreatePolicy, CreateTrigger};
use super::{Done, Fail, Fold, Oid, scope};

impl Fold {
    pub(super) fn create_policy(&mut self, policy: &CreatePolicy) -> Done {
        let oid = self.relation(&policy.table)?;
        let Some(relation) = self.catalog.relation(oid) else {
            return Ok(());
        };
        if !matches!(relation.kind, RelKind::Table | RelKind::Partitioned) {
            return Err(Fail::Wrong(format!("{} is no table", relation.name)));
        }
        if relation
            .policies
            .iter()
            .any(|other| other.name == policy.name)
        {
            return Err(Fail::Exists(format!("policy {}", policy.name)));
        }
        let refused = match policy.command {
            Command::Insert => policy.using.is_some(),
            Command::Select | Command::Delete => policy.check.is_some(),
            _ => false,
        };
        if refused {
            return Err(Fail::Wrong(format!(
                "policy {} has a condition that its command does not take",
                policy.name
            )));
        }
        let using_uses = self.conditions(oid, policy.using.as_ref())?;
        let check_uses = self.conditions(oid, policy.check.as_ref())?;
        let roles = self.policy_roles(&policy.roles)?;
        let new = Policy {
            name: policy.name.clone(),
            permissive: policy.permissive,
            command: policy.command,
            roles,
            using: policy.using.clone(),
            check: policy.check.clone(),
            uses: [using_uses.clone(), check_uses.clone()].concat(),
            using_uses,
            check_uses,
            path: self.session.path.clone(),
            origin: self.origin,
        };
        if let Some(relation) = self.catalog.relation_mut(oid) {
            relation.policies.push(new);
        }
        Ok(())
    }

    fn conditions(&self, oid: Oid, condition: Option<&Expr>) -> Result<Vec<Use>, Fail> {
        let (Some(condition), Some(relation)) = (condition, self.catalog.relation(oid)) else {
            return Ok(Vec::new());
        };
        if matches!(condition, Expr::Number(_) | Expr::Array(_) | Expr::Row(_)) {
            return Err(Fail::Wrong("a condition that is no boolean".to_owned()));
        }
        self.uses_of(condition, &[scope::of(relation)])
    }

    /// What a condition of a policy of this table depends on, as far as it is known.
    #[must_use]
    pub fn policy_uses(&self, table: Oid, condition: &Expr) -> Vec<Use> {
        self.conditions(table, Some(condition)).unwrap_or_default()
    }

    /// Roles as a policy keeps them: none for everybody.
    fn policy_roles(&mut self, written: &[String]) -> Result<Vec<String>, Fail> {
        let mut roles = Vec::new();
        for role in written {
            roles.push(self.grantee(role)?);
        }
        if roles.iter().any(String::is_empty) {
            roles.clear();
        }
        Ok(roles)
    }

    pub(super) fn alter_policy(&mut self, alter: &AlterPolicy) -> Done {
        let oid = self.relation(&alter.table)?;
        let using_uses = self.conditions(oid, alter.using.as_ref())?;
        let check_uses = self.conditions(oid, alter.check.as_ref())?;
        let path = self.session.path.clone();
        let roles = if alter.roles.is_empty() {
            None
        } else {
            Some(self.policy_roles(&alter.roles)?)
        };
        let lenient = self.lenient;
        let Some(relation) = self.catalog.relation_mut(oid) else {
            return Ok(());
        };
        if let Some(to) = &alter.rename
            && relation.policies.iter().any(|policy| policy.name == *to)
        {
            return Err(Fail::Exists(format!("policy {to}")));
        }
        let Some(policy) = relation
            .policies
            .iter_mut()
            .find(|policy| policy.name == alter.name)
        else {
            return if lenient && relation.external {
                Ok(())
            } else {
                Err(Fail::Missing(format!("policy {}", alter.name)))
            };
        };
        if let Some(to) = &alter.rename {
            policy.name.clone_from(to);
        }
        if let Some(roles) = roles {
            policy.roles = roles;
        }
        if alter.using.is_some() {
            policy.using.clone_from(&alter.using);
            policy.using_uses = using_uses;
            policy.path.clone_from(&path);
        }
        if alter.check.is_some() {
            policy.check.clone_from(&alter.check);
            policy.check_uses = check_uses;
            policy.path = path;
        }
        policy.uses = [policy.using_uses.clone(), policy.check_uses.clone()].concat();
        Ok(())
    }

    pub(super) fn create_trigger(&mut self, trigger: &CreateTrigger) -> Done {
        let oid = self.relation(&trigger.table)?;
        let function = self.function_named(&trigger.function)?;
        let Some(relation) = self.catalog.relation_mut(oid) else {
            return Ok(());
        };
        let there = relation
            .triggers
            .iter()
            .any(|(name, _)| *name == trigger.name);
        if there && !trigger.replace {
            return Err(Fail::Exists(format!("trigger {}", trigger.name)));
        }
        if !there {
            relation.triggers.push((trigger.name.clone(), function));
        }
        Ok(())
    }
}

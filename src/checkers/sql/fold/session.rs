//! Owns what statements do to the session: settings, roles, transactions.

use super::super::parse::expr::Expr;
use super::super::parse::statement::{Setting, Transaction as Word};
use super::{Done, Fail, Fold, Session, Transaction};

impl Fold {
    /// `SET`, `RESET`.
    pub(super) fn set(&mut self, setting: &Setting) {
        let first = Session::new();
        let values = setting.values.clone().unwrap_or_default();
        match setting.name.as_str() {
            "search_path" => self.session.path = path(&values).unwrap_or(first.path),
            "check_function_bodies" => {
                let off = ["off", "false", "0", "no"];
                let is_off = |value: &String| off.contains(&value.as_str());
                self.session.check_bodies = !values.first().is_some_and(is_off);
            }
            "role" => self.session.role = values.first().cloned().unwrap_or(first.role),
            "all" => self.session = first,
            _ => {}
        }
    }

    /// `SELECT set_config('search_path', '', false)`.
    pub(super) fn set_config(&mut self, args: &[Expr]) {
        if let [Expr::Text(name), Expr::Text(value), ..] = args {
            self.set(&Setting {
                name: name.clone(),
                values: Some(vec![value.clone()]),
            });
        }
    }

    /// `SET ROLE`.
    pub(super) fn set_role(&mut self, role: Option<&String>) -> Done {
        match role {
            Some(role) => {
                self.role(role)?;
                self.session.role.clone_from(role);
            }
            None => self.session.role = Session::new().role,
        }
        Ok(())
    }

    /// `BEGIN`, `COMMIT` and the like.
    pub(super) fn transaction(&mut self, word: &Word) -> Done {
        match word {
            Word::Begin => {
                if self.transaction.is_none() {
                    self.transaction = Some(Transaction {
                        before: Box::new((self.catalog.clone(), self.session.clone())),
                        savepoints: Vec::new(),
                        failed: false,
                    });
                }
            }
            Word::Commit => {
                if let Some(open) = self.transaction.take()
                    && open.failed
                {
                    (self.catalog, self.session) = *open.before;
                    self.remark("the transaction failed and was rolled back".to_owned(), &[]);
                }
            }
            Word::Rollback => {
                if let Some(open) = self.transaction.take() {
                    (self.catalog, self.session) = *open.before;
                }
            }
            Word::Savepoint(name) => {
                let now = self.catalog.clone();
                if let Some(open) = &mut self.transaction {
                    open.savepoints.push((name.clone(), now));
                }
            }
            Word::RollbackTo(name) => {
                let Some(open) = &mut self.transaction else {
                    return Ok(());
                };
                let found = open.savepoints.iter().rposition(|(other, _)| other == name);
                let Some(at) = found else {
                    return Err(Fail::Missing(format!("savepoint {name}")));
                };
                self.catalog = open.savepoints[at].1.clone();
                open.savepoints.truncate(at + 1);
                open.failed = false;
            }
            Word::Release(_) | Word::Other => {}
        }
        Ok(())
    }
}

/// A search path as it is used; `None` where it is set back.
pub(super) fn path(values: &[String]) -> Option<Vec<String>> {
    if values.is_empty() {
        return None;
    }
    let all = values.iter().flat_map(|value| value.split(','));
    let all = all.map(|part| part.trim().trim_matches('"'));
    let used = all.filter(|part| !part.is_empty() && *part != "$user");
    Some(used.map(str::to_owned).collect())
}

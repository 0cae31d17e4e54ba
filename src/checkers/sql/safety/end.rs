//! Owns what is said when the whole set was seen, and of names that were cut.

use super::super::catalog::Origin;
use super::super::fold::Fold;
use super::super::lints::Hit;
use super::super::parse::expr::Name;
use super::super::parse::statement::Statement;
use super::super::parse::table::Action;
use super::super::sources::{Down, Kind, MigrationSet};
use super::Safety;

/// The longest name, in bytes: the server cuts what is longer.
const LONGEST: usize = 63;

impl Safety {
    /// Says what the set as a whole tells.
    pub(super) fn conclude(&mut self, fold: &Fold, set: &MigrationSet) {
        self.null_on_delete(fold);
        self.endless_waits();
        self.irreversible(set);
    }

    /// A row cannot go when what refers to it cannot become null.
    fn null_on_delete(&mut self, fold: &Fold) {
        for relation in fold.catalog.sorted() {
            for con in &relation.constraints {
                let judged = con.origin.file.is_some_and(|file| self.is_judged(file));
                let Some(rest) = con.on_delete.strip_prefix("set null").filter(|_| judged) else {
                    continue;
                };
                let is_set = |column: &&String| {
                    let named = rest.trim_start_matches(" (").trim_end_matches(')');
                    rest.is_empty() || named.split(", ").any(|name| name == *column)
                };
                let stuck = con.columns.iter().filter(is_set).find(|name| {
                    let column = relation.column(name);
                    column.is_some_and(|column| column.not_null)
                });
                if let Some(column) = stuck {
                    let shown = relation.shown();
                    let name = &con.name;
                    let headline = format!(
                        "the foreign key {name} sets {shown}.{column} to null, which is NOT NULL: what it refers to cannot be deleted"
                    );
                    self.push(
                        "set_null_on_not_null_column",
                        &shown,
                        name,
                        headline,
                        con.origin,
                    );
                }
            }
        }
    }

    /// One finding for a set: it is one habit.
    fn endless_waits(&mut self) {
        // The tool sets one itself.
        let own = self.kind == Kind::Supabase;
        let (Some(at), count) = self.endless else {
            return;
        };
        if own {
            return;
        }
        let headline = if count == 1 {
            "it waits for a lock on a table in use without an end, and everybody behind it waits too"
                .to_owned()
        } else {
            format!(
                "{count} migrations wait for a lock on a table in use without an end, this one last; everybody behind them waits too"
            )
        };
        self.push("require_lock_timeout", "the session", "", headline, at);
    }

    fn irreversible(&mut self, set: &MigrationSet) {
        if !set.kind.knows_down() {
            return;
        }
        // Where no file of the set has a way back, and the tool does not ask for one, it is not the way of the set.
        let any = set
            .migrations
            .iter()
            .any(|migration| migration.down != Down::None);
        if !any && matches!(set.kind, Kind::Plain | Kind::Flyway | Kind::Sqlx) {
            return;
        }
        for (number, migration) in set.migrations.iter().enumerate() {
            let file = u32::try_from(number).unwrap_or(u32::MAX);
            let empty = match migration.down {
                Down::None => false,
                Down::Empty(_) => true,
                Down::InFile(_) | Down::File(_) => continue,
            };
            if !self.is_judged(file) {
                continue;
            }
            let headline = if empty {
                "what takes the migration back is empty".to_owned()
            } else {
                format!(
                    "nothing takes the migration back, and {} could run it",
                    set.kind.name()
                )
            };
            let Some(Some(span)) = self.firsts.get(number).copied() else {
                continue;
            };
            let origin = Origin {
                file: Some(file),
                span,
            };
            self.push(
                "irreversible_migration",
                "the migration",
                "",
                headline,
                origin,
            );
        }
    }

    fn push(
        &mut self,
        lint: &'static str,
        object: &str,
        what: &str,
        headline: String,
        origin: Origin,
    ) {
        let hit = Hit {
            lint,
            key: format!("{lint} {object} {what}"),
            object: object.to_owned(),
            headline,
            origin,
        };
        self.hits.push((hit, false));
    }
}

/// A statement failed because its name is taken, and the name is one that the server cut.
pub fn too_long(fold: &Fold, statement: &Statement) -> Option<Hit> {
    let last = |name: &Name| name.last().cloned();
    let mut names: Vec<String> = match statement {
        Statement::CreateTable(table) => last(&table.name).into_iter().collect(),
        Statement::CreateIndex(index) => index.name.clone().into_iter().collect(),
        Statement::CreateView(view) => last(&view.name).into_iter().collect(),
        Statement::AlterTable(alter) => {
            let name = |action: &Action| match action {
                Action::AddConstraint(constraint) => constraint.name.clone(),
                Action::AddColumn(column, _) => Some(column.name.clone()),
                Action::Rename(to)
                | Action::RenameConstraint(_, to)
                | Action::RenameColumn(_, to) => Some(to.clone()),
                _ => None,
            };
            alter.actions.iter().filter_map(name).collect()
        }
        _ => Vec::new(),
    };
    names.retain(|name| name.len() >= LONGEST - 2);
    let name = names.into_iter().next()?;
    Some(Hit {
        lint: "identifier_too_long",
        key: format!("identifier_too_long {name}"),
        headline: format!("the name {name} is taken: the server keeps {LONGEST} bytes of a name"),
        object: name,
        origin: fold.at(),
    })
}

//! Owns doubts: what a statement may have changed that was not followed, so that rules which ask for it are not decided.

use super::super::parse::statement::{Object, Statement};

/// What a statement that was not followed may have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// Rights on functions.
    FunctionRights,
    /// Rights on tables and views.
    TableRights,
    /// Policies.
    Policies,
    /// Whether row-level security is on.
    RowSecurity,
    /// Functions and their settings.
    Functions,
    /// Indexes and constraints.
    Indexes,
    /// Tables and their columns.
    Tables,
    /// Roles and who is a member of them.
    Roles,
    /// Extensions.
    Extensions,
    /// Rows that rules read, such as those of storage buckets.
    Rows,
    /// What the statement does while it runs: which locks it takes, and how long.
    Statements,
    /// Everything.
    Everything,
}

impl Doubt {
    /// All that is to know of a table.
    pub const TABLE: &[Self] = &[
        Self::Tables,
        Self::TableRights,
        Self::Policies,
        Self::RowSecurity,
        Self::Indexes,
    ];

    /// All that depends on roles.
    pub const ROLE: &[Self] = &[
        Self::Roles,
        Self::TableRights,
        Self::FunctionRights,
        Self::Policies,
    ];

    /// What a statement changes, where it is not known whether it did.
    #[must_use]
    pub const fn of(statement: &Statement) -> &'static [Self] {
        match statement {
            Statement::CreateTable(_)
            | Statement::CreateTableAs(..)
            | Statement::AlterTable(_)
            | Statement::CreateView(_) => Self::TABLE,
            Statement::CreateIndex(_) => &[Self::Indexes],
            Statement::CreateFunction(_) | Statement::AlterFunction(..) => {
                &[Self::Functions, Self::FunctionRights]
            }
            Statement::CreatePolicy(_) | Statement::AlterPolicy(_) => &[Self::Policies],
            Statement::CreateRole(..) | Statement::AlterRole(..) | Statement::GrantRole(..) => {
                Self::ROLE
            }
            Statement::Grant(_) | Statement::DefaultRights(_) => {
                &[Self::TableRights, Self::FunctionRights]
            }
            Statement::Alter(object, ..) | Statement::Drop(object, ..) => Self::of_object(*object),
            Statement::Bulk(_) => &[Self::Rows],
            Statement::Truncate(..)
            | Statement::Refresh(..)
            | Statement::Comment(..)
            | Statement::CreateTrigger(_)
            | Statement::CreateRule(..)
            | Statement::CreatePublication(..)
            | Statement::AlterPublication(..)
            | Statement::Other(_) => &[],
            _ => &[Self::Everything],
        }
    }

    /// What is not known, in words that follow "not known are".
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::FunctionRights => "rights on functions",
            Self::TableRights => "rights on tables and views",
            Self::Policies => "policies",
            Self::RowSecurity => "where row-level security is on",
            Self::Functions => "functions",
            Self::Indexes => "indexes and constraints",
            Self::Tables => "tables and columns",
            Self::Roles => "roles",
            Self::Extensions => "extensions",
            Self::Rows => "rows that rules read",
            Self::Statements => "the locks that it takes",
            Self::Everything => "all that it may have changed",
        }
    }

    const fn of_object(object: Object) -> &'static [Self] {
        match object {
            Object::Table
            | Object::View
            | Object::MaterializedView
            | Object::ForeignTable
            | Object::Column => Self::TABLE,
            Object::Index | Object::Constraint => &[Self::Indexes],
            Object::Function | Object::Procedure | Object::Routine | Object::Aggregate => {
                &[Self::Functions, Self::FunctionRights]
            }
            Object::Policy => &[Self::Policies],
            Object::Role => Self::ROLE,
            Object::Extension => &[Self::Extensions, Self::Functions, Self::Tables],
            Object::Trigger | Object::Rule | Object::Publication => &[],
            _ => &[Self::Everything],
        }
    }
}

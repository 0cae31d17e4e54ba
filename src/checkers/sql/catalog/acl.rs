//! Owns access lists: who has which right. Who gave it does not count: here the owner did.

use std::collections::BTreeMap;

/// Everybody.
pub const PUBLIC: &str = "";

/// A set of rights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights(pub u16);

/// `SELECT`.
pub const SELECT: Rights = Rights(1);
/// `INSERT`.
pub const INSERT: Rights = Rights(2);
/// `UPDATE`.
pub const UPDATE: Rights = Rights(4);
/// `DELETE`.
pub const DELETE: Rights = Rights(8);
/// `EXECUTE`.
pub const EXECUTE: Rights = Rights(0x80);
/// `USAGE`.
pub const USAGE: Rights = Rights(0x100);

/// Every right by its name.
pub const NAMES: [(&str, Rights); 10] = [
    ("select", SELECT),
    ("insert", INSERT),
    ("update", UPDATE),
    ("delete", DELETE),
    ("truncate", Rights(0x10)),
    ("references", Rights(0x20)),
    ("trigger", Rights(0x40)),
    ("execute", EXECUTE),
    ("usage", USAGE),
    ("create", Rights(0x200)),
];

impl Rights {
    /// Are all of `other` among them?
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0 && other.0 != 0
    }

    /// All rights on a kind of object.
    #[must_use]
    pub fn all(object: &str) -> Self {
        match object {
            "tables" => Self(0x7f),
            "sequences" => Self(SELECT.0 | UPDATE.0 | USAGE.0),
            "functions" => EXECUTE,
            "schemas" => Self(USAGE.0 | 0x200),
            _ => USAGE,
        }
    }

    /// The right of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        NAMES
            .iter()
            .find(|(other, _)| *other == name)
            .map(|(_, right)| *right)
    }
}

/// An access list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acl(BTreeMap<String, Rights>);

impl Acl {
    /// The list that the server takes where nothing was granted.
    #[must_use]
    pub fn usual(owner: &str, object: &str) -> Self {
        let mut acl = Self::default();
        acl.grant(owner, Rights::all(object));
        if matches!(object, "functions" | "types") {
            acl.grant(PUBLIC, Rights::all(object));
        }
        acl
    }

    /// Gives rights.
    pub fn grant(&mut self, role: &str, rights: Rights) {
        self.0.entry(role.to_owned()).or_default().0 |= rights.0;
    }

    /// Takes rights.
    pub fn revoke(&mut self, role: &str, rights: Rights) {
        if let Some(held) = self.0.get_mut(role) {
            held.0 &= !rights.0;
            if held.0 == 0 {
                self.0.remove(role);
            }
        }
    }

    /// The rights of this role by name.
    #[must_use]
    pub fn of(&self, role: &str) -> Rights {
        self.0.get(role).copied().unwrap_or_default()
    }

    /// Adds all of another list.
    pub fn merge(&mut self, other: &Self) {
        for (role, rights) in &other.0 {
            self.grant(role, *rights);
        }
    }

    /// All roles with their rights.
    pub fn entries(&self) -> impl Iterator<Item = (&str, Rights)> {
        self.0.iter().map(|(role, rights)| (role.as_str(), *rights))
    }

    /// Another role takes the place of the owner.
    pub fn reown(&mut self, from: &str, to: &str) {
        if let Some(rights) = self.0.remove(from) {
            self.grant(to, rights);
        }
    }

    /// Forgets a role.
    pub fn forget(&mut self, role: &str) {
        self.0.remove(role);
    }
}

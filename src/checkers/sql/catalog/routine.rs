//! Owns functions, procedures and aggregates.

use super::super::parse::statement::{Mode, Object};
use super::super::parse::words::quote;
use super::acl::Acl;
use super::kinds::Ty;
use super::{Oid, Origin};

/// A parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arg {
    /// Its mode.
    pub mode: Mode,
    /// Its name.
    pub name: Option<String>,
    /// Its type.
    pub ty: Ty,
    /// Has it a default?
    pub default: bool,
}

/// A function.
#[derive(Clone, Debug)]
pub struct Function {
    /// What identifies it.
    pub oid: Oid,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Function, procedure or aggregate.
    pub object: Object,
    /// Its parameters.
    pub args: Vec<Arg>,
    /// What it returns.
    pub returns: Option<(Ty, bool)>,
    /// Its language.
    pub language: String,
    /// `SECURITY DEFINER`.
    pub definer: bool,
    /// The first letter of the volatility.
    pub volatility: char,
    /// `SET`: names with values.
    pub settings: Vec<(String, String)>,
    /// The text of its body.
    pub source: String,
    /// Its owner.
    pub owner: String,
    /// Rights on it.
    pub acl: Acl,
    /// The extension that it belongs to.
    pub extension: Option<String>,
    /// Where it was made.
    pub origin: Origin,
}

impl Function {
    /// The types by which it is told from others of its name.
    #[must_use]
    pub fn signature(&self) -> Vec<&Ty> {
        self.args
            .iter()
            .filter(|arg| is_input(arg.mode))
            .map(|arg| &arg.ty)
            .collect()
    }

    /// Its arguments as the server prints them to identify it.
    #[must_use]
    pub fn identity(&self) -> String {
        let shown = |arg: &Arg| {
            let mode = match arg.mode {
                Mode::InOut => "INOUT ",
                Mode::Variadic => "VARIADIC ",
                Mode::Out => "OUT ",
                Mode::Table => return None,
                Mode::In => "",
            };
            let name = arg
                .name
                .as_ref()
                .filter(|name| !name.is_empty())
                .map(|name| format!("{} ", quote(name)))
                .unwrap_or_default();
            Some(format!("{mode}{name}{}", arg.ty.shown()))
        };
        let all: Vec<String> = self.args.iter().filter_map(shown).collect();
        all.join(", ")
    }
}

/// Is it given by the caller?
#[must_use]
pub const fn is_input(mode: Mode) -> bool {
    matches!(mode, Mode::In | Mode::InOut | Mode::Variadic)
}

//! Owns what statements do to functions.

use std::sync::Arc;

use super::super::catalog::Oid;
use super::super::catalog::acl::Acl;
use super::super::catalog::kinds::Ty;
use super::super::catalog::known;
use super::super::catalog::routine::{Arg, Function, is_input};
use super::super::parse::expr::Name;
use super::super::parse::statement::{
    Change1, CreateFunction, FunctionChange, Mode, Object, Setting, Statement, Target,
};
use super::{Done, Doubt, Fail, Fold};

impl Fold {
    pub(super) fn create_function(&mut self, function: &CreateFunction) -> Done {
        let (schema, name) = self.place(&function.name)?;
        let mut args = Vec::new();
        for param in &function.params {
            args.push(Arg {
                mode: param.mode,
                name: param.name.clone(),
                ty: self.ty(&param.kind)?,
                default: param.default.is_some(),
            });
        }
        let returns = match &function.returns {
            Some(written) => Some((self.ty(written)?, written.setof)),
            None => None,
        };
        let plain = !function.standard && function.object != Object::Aggregate;
        if function.language.is_none() && plain {
            return Err(Fail::Wrong("no language".to_owned()));
        }
        let inputs: Vec<Ty> = args
            .iter()
            .filter(|arg| is_input(arg.mode))
            .map(|arg| arg.ty.clone())
            .collect();
        let key = vec![schema.clone(), name.clone()];
        let named = self.catalog.functions_named(&key, &[]);
        let old = named
            .into_iter()
            .find(|other| other.signature().into_iter().eq(inputs.iter()))
            .cloned();
        if let Some(old) = &old {
            replaceable(old, function, &args, returns.as_ref())?;
        }
        let settings = self.settings(&function.settings, Vec::new());
        let before = self.session.path.clone();
        if let Some((_, path)) = settings.iter().find(|(name, _)| name == "search_path") {
            // The server looks into a body under the function's own settings.
            self.session.path =
                super::session::path(std::slice::from_ref(path)).unwrap_or_default();
        }
        let checked = self.check_body(function);
        self.session.path = before;
        checked?;
        let mut new = Function {
            oid: 0,
            schema,
            name,
            object: function.object,
            args,
            returns,
            language: function
                .language
                .clone()
                .unwrap_or_else(|| "sql".to_owned()),
            definer: function.definer,
            volatility: function.volatility,
            settings,
            source: function.source.clone(),
            owner: self.session.role.clone(),
            acl: Acl::default(),
            extension: None,
            origin: self.origin,
        };
        if let Some(old) = old {
            new.oid = old.oid;
            new.owner = old.owner;
            new.acl = old.acl;
            self.catalog.functions.insert(new.oid, Arc::new(new));
        } else {
            new.oid = self.catalog.oid();
            new.acl = self.catalog.first_acl(&new.owner, &new.schema, "functions");
            self.catalog.add_function(new);
        }
        Ok(())
    }

    /// The server looks into bodies when they are made.
    fn check_body(&mut self, function: &CreateFunction) -> Done {
        if !self.session.check_bodies {
            return Ok(());
        }
        if let Some(block) = &function.block {
            if !block.is_read() {
                // The server refuses what is no syntax; whether it is one, this reader may be wrong about.
                if !self.lenient {
                    return Err(Fail::Wrong("a body that is not understood".to_owned()));
                }
                let doubts = &[Doubt::Functions, Doubt::FunctionRights];
                self.remark("a body that is not understood".to_owned(), doubts);
            }
            if function.language.as_deref() == Some("plpgsql") {
                for (_, ty, _) in &block.variables {
                    // A type that is not there stops the compiler; rows of relations too.
                    if ty.modifiers.iter().any(|word| word == "rowtype") {
                        self.read_from(&ty.name)?;
                    } else {
                        self.ty(ty)?;
                    }
                }
            }
        }
        for statement in &function.queries {
            match statement {
                Statement::Query(query) => self.check_body_query(query)?,
                Statement::Bulk(change) => self.read_from(&change.table)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Settings of a function after some more.
    fn settings(&self, more: &[Setting], mut all: Vec<(String, String)>) -> Vec<(String, String)> {
        for setting in more {
            all.retain(|(name, _)| *name != setting.name);
            match &setting.values {
                Some(values) if values.is_empty() => {}
                Some(values) => all.push((setting.name.clone(), values.join(", "))),
                None => all.push((setting.name.clone(), self.session.path.join(", "))),
            }
        }
        all
    }

    /// The function that a statement names, with or without its arguments.
    pub(super) fn routine(&mut self, target: &Target) -> Result<Oid, Fail> {
        let shown = target.name.join(".");
        let mut wanted = None;
        if let Some(args) = &target.args {
            let mut all = Vec::new();
            for arg in args {
                all.push(self.ty(arg)?);
            }
            wanted = Some(all);
        }
        let found = self
            .catalog
            .functions_named(&target.name, &self.session.path);
        let fits = |function: &&Function| {
            let Some(wanted) = &wanted else { return true };
            let all = function
                .args
                .iter()
                .filter(|arg| arg.mode != Mode::Table)
                .map(|arg| &arg.ty);
            function.signature().into_iter().eq(wanted.iter())
                || function.object == Object::Procedure && all.eq(wanted.iter())
        };
        let fits: Vec<Oid> = found
            .into_iter()
            .filter(fits)
            .map(|function| function.oid)
            .collect();
        match fits.as_slice() {
            [] => Err(Fail::Missing(format!("function {shown}"))),
            [only] => Ok(*only),
            [first, ..] if wanted.is_some() => Ok(*first),
            _ => Err(Fail::Wrong(format!("function {shown} is not unique"))),
        }
    }

    /// The function of a trigger, by its bare name.
    pub(super) fn function_named(&self, name: &Name) -> Result<Option<Oid>, Fail> {
        let found = self.catalog.functions_named(name, &self.session.path);
        match found.first() {
            Some(function) => Ok(Some(function.oid)),
            None if self.lenient || self.is_brought(name) => Ok(None),
            None => Err(Fail::Missing(format!("function {}", name.join(".")))),
        }
    }

    /// Is the name one that an extension or the server brings?
    fn is_brought(&self, name: &Name) -> bool {
        const OWN: [&str; 4] = [
            "tsvector_update_trigger",
            "tsvector_update_trigger_column",
            "suppress_redundant_updates_trigger",
            "lo_manage",
        ];
        let last = name.last().map_or("", String::as_str);
        let by = |extension: &String| known::brings(extension, last) == Some(true);
        OWN.contains(&last) || self.catalog.extensions.keys().any(by)
    }

    /// Does an extension bring a function of this name, in that schema or along the path?
    pub(super) fn is_of_extension(&self, name: &Name) -> bool {
        let last = name.last().map_or("", String::as_str);
        let here = |schema: &String| match name.as_slice() {
            [_] => self.session.path.contains(schema),
            [.., own, _] => own == schema,
            [] => false,
        };
        let mut all = self.catalog.extensions.iter();
        all.any(|(extension, schema)| here(schema) && known::brings(extension, last) != Some(false))
    }

    pub(super) fn alter_function(
        &mut self,
        _: Object,
        target: &Target,
        change: &FunctionChange,
    ) -> Done {
        let oid = self.routine(target)?;
        let Some(function) = self.catalog.functions.get(&oid) else {
            return Ok(());
        };
        let mut settings = function.settings.clone();
        for name in &change.resets {
            settings.retain(|(other, _)| !name.is_empty() && other != name);
        }
        let settings = self.settings(&change.settings, settings);
        if let Some(function) = self.catalog.functions.get_mut(&oid) {
            let function = Arc::make_mut(function);
            function.settings = settings;
            function.definer = change.definer.unwrap_or(function.definer);
            function.volatility = change.volatility.unwrap_or(function.volatility);
        }
        Ok(())
    }

    /// Another name, owner or schema for a function.
    pub(super) fn change_function(&mut self, oid: Oid, change: &Change1) -> Done {
        let Some(function) = self.catalog.functions.get(&oid) else {
            return Ok(());
        };
        let mut new = function.as_ref().clone();
        match change {
            Change1::Owner(owner) => {
                let owner = self.grantee(owner)?;
                new.acl.reown(&new.owner, &owner);
                new.owner = owner;
                self.catalog.functions.insert(oid, Arc::new(new));
                return Ok(());
            }
            Change1::Rename(to) => new.name.clone_from(to),
            Change1::Schema(schema) => {
                self.schema(schema)?;
                new.schema.clone_from(schema);
            }
            Change1::Other => return Ok(()),
        }
        let key = vec![new.schema.clone(), new.name.clone()];
        let mut others = self.catalog.functions_named(&key, &[]).into_iter();
        if others.any(|other| other.oid != oid && other.signature() == new.signature()) {
            return Err(Fail::Exists(format!("function {}", new.name)));
        }
        self.catalog.remove_function(oid);
        self.catalog.add_function(new);
        Ok(())
    }
}

/// May a function take the place of another?
fn replaceable(
    old: &Function,
    new: &CreateFunction,
    args: &[Arg],
    returns: Option<&(Ty, bool)>,
) -> Done {
    let name = &old.name;
    if !new.replace {
        return Err(Fail::Exists(format!("function {name}")));
    }
    if old.object != new.object {
        return Err(Fail::Wrong(format!("{name} is of another kind")));
    }
    let outputs = |args: &[Arg]| -> Vec<(Option<String>, Ty)> {
        let given = args
            .iter()
            .filter(|arg| matches!(arg.mode, Mode::Out | Mode::InOut | Mode::Table));
        given
            .map(|arg| (arg.name.clone(), arg.ty.clone()))
            .collect()
    };
    let (before, after) = (outputs(&old.args), outputs(args));
    let same_type = match (&old.returns, returns) {
        (Some(old), Some(new)) => old == new,
        (None, None) => true,
        // The type may be said or follow from the parameters.
        _ => !after.is_empty() && !before.is_empty(),
    };
    if before != after || !same_type {
        return Err(Fail::Wrong(format!("{name} would return another type")));
    }
    let inputs = |args: &[Arg]| -> Vec<Arg> {
        args.iter()
            .filter(|arg| is_input(arg.mode))
            .cloned()
            .collect()
    };
    for (old, new) in inputs(&old.args).iter().zip(inputs(args)) {
        let named = |arg: &Arg| arg.name.clone().unwrap_or_default();
        if !named(old).is_empty() && named(old) != named(&new) {
            return Err(Fail::Wrong(format!("{name} would rename a parameter")));
        }
        if old.default && !new.default {
            return Err(Fail::Wrong(format!("{name} would lose a default")));
        }
    }
    Ok(())
}

//! Owns the comparison of functions and enumerations.

use std::collections::{BTreeMap, BTreeSet};

use super::super::super::catalog::Catalog;
use super::super::super::catalog::kinds::{Kind, Ty};
use super::super::super::catalog::routine::Function;
use super::super::super::fold::Doubt;
use super::{Comparison, Named, Side, is_own};

impl Comparison<'_> {
    pub(super) fn functions(&mut self) {
        let (made, live) = (functions(self.made), functions(self.live));
        let made: Named<'_, Function> = made.into_iter().collect();
        let live: Named<'_, Function> = live.into_iter().collect();
        for (name, function) in made.iter().filter(|(name, _)| !live.contains_key(*name)) {
            let what = format!("the function {name}");
            self.add(
                name,
                what,
                Side::Migrations,
                Doubt::Functions,
                Some(function.origin),
            );
        }
        for name in live.keys().filter(|name| !made.contains_key(*name)) {
            self.add(
                name,
                format!("the function {name}"),
                Side::Database,
                Doubt::Functions,
                None,
            );
        }
        for (name, made) in &made {
            if let Some(live) = live.get(name) {
                self.function(name, made, live);
            }
        }
    }

    fn function(&mut self, name: &str, made: &Function, live: &Function) {
        let mut detail = Vec::new();
        if made.definer != live.definer {
            let runs = |definer: bool| if definer { "its owner" } else { "its caller" };
            detail.push(format!(
                "it runs with the rights of {} in the database, and of {} by the migrations",
                runs(live.definer),
                runs(made.definer)
            ));
        }
        let names = |function: &Function| -> BTreeSet<String> {
            let all = function
                .settings
                .iter()
                .map(|(name, _)| name.to_lowercase());
            all.collect()
        };
        let (is, should) = (names(live), names(made));
        if is != should {
            let list = |all: BTreeSet<String>| {
                let all: Vec<String> = all.into_iter().collect();
                if all.is_empty() {
                    "nothing".to_owned()
                } else {
                    all.join(", ")
                }
            };
            detail.push(format!(
                "it sets {} in the database, and {} by the migrations",
                list(is),
                list(should)
            ));
        }
        if made.source != live.source {
            detail.push("its body is another one in the database".to_owned());
        }
        let origin = Some(made.origin);
        if !detail.is_empty() {
            let what = format!("the function {name}");
            self.differs(
                name,
                what,
                Side::Both,
                detail.join("; "),
                Doubt::Functions,
                origin,
            );
        }
        let owners = [made.owner.as_str(), live.owner.as_str()];
        let acls = (&made.acl, &live.acl);
        self.rights(name, name, acls, owners, Doubt::FunctionRights, origin);
    }

    pub(super) fn enums(&mut self) {
        let of = |catalog: &Catalog| -> BTreeMap<String, Vec<String>> {
            let all = catalog.kinds.iter().filter(|(key, _)| is_own(&key.0));
            all.filter_map(|((schema, name), kind)| match kind {
                Kind::Enum(labels) => Some((format!("{schema}.{name}"), labels.clone())),
                _ => None,
            })
            .collect()
        };
        let (made, live) = (of(self.made), of(self.live));
        let names: BTreeSet<&String> = made.keys().chain(live.keys()).collect();
        for name in names {
            let what = format!("the type {name}");
            match (made.get(name), live.get(name)) {
                (Some(_), None) => {
                    self.add(name, what, Side::Migrations, Doubt::Tables, None);
                }
                (None, Some(_)) => self.add(name, what, Side::Database, Doubt::Tables, None),
                (Some(should), Some(is)) if should != is => {
                    let detail = format!(
                        "its labels are {} in the database, and {} by the migrations",
                        is.join(", "),
                        should.join(", ")
                    );
                    self.differs(name, what, Side::Both, detail, Doubt::Tables, None);
                }
                _ => {}
            }
        }
    }
}

fn functions(catalog: &Catalog) -> Vec<(String, &Function)> {
    let all = catalog.functions.values().map(std::sync::Arc::as_ref);
    let own = all.filter(|function| is_own(&function.schema) && function.extension.is_none());
    own.map(|function| {
        let types: Vec<String> = function.signature().into_iter().map(Ty::shown).collect();
        let name = format!(
            "{}.{}({})",
            function.schema,
            function.name,
            types.join(", ")
        );
        (name, function)
    })
    .collect()
}

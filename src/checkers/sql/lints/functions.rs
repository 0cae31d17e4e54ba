//! Owns the lints on functions.

use md5::{Digest as _, Md5};

use super::super::catalog::acl::EXECUTE;
use super::View;
use crate::base::ascii::hex;

impl View<'_> {
    /// Functions without a search path of their own, and those that run with their owner's rights for everybody.
    pub(super) fn functions(&mut self) {
        for function in self.catalog.functions.values() {
            let (schema, name) = (&function.schema, &function.name);
            let own = function.extension.is_none() && !Self::is_platform(schema);
            let object = format!("{schema}.{name}({})", function.identity());
            if own
                && !function
                    .settings
                    .iter()
                    .any(|(setting, _)| setting == "search_path")
            {
                let sum = hex(&Md5::digest(function.source.as_bytes()));
                let key = format!("function_search_path_mutable_{schema}_{name}_{sum}");
                let headline =
                    format!("the function {object} looks names up along its caller's search path");
                self.hit(
                    "function_search_path_mutable",
                    key,
                    object.clone(),
                    headline,
                    function.origin,
                );
            }
            if !function.definer || !self.is_exposed(schema) {
                continue;
            }
            for (role, lint) in [
                ("anon", "anon_security_definer_function_executable"),
                (
                    "authenticated",
                    "authenticated_security_definer_function_executable",
                ),
            ] {
                if self.has(role)
                    && self
                        .catalog
                        .holds(role, &function.owner, &function.acl, EXECUTE)
                {
                    let key = format!("{lint}_{schema}_{name}_{}", function.identity());
                    let headline = format!("{role} may run {object} with the rights of its owner");
                    self.hit(lint, key, object.clone(), headline, function.origin);
                }
            }
        }
    }
}

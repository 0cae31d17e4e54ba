//! Owns the imports of Go.

use tree_sitter::Tree;

use crate::checkers::modules::facts::{Facts, When};

use super::{Next, import, literal, text, walk};

pub fn read(facts: &mut Facts, tree: &Tree, bytes: &[u8]) {
    walk(tree, |node| match node.kind() {
        "source_file" | "import_declaration" | "import_spec_list" => Next::Into,
        "package_clause" => {
            let name = node.named_child(0).map(|name| text(name, bytes));
            name.unwrap_or_default().clone_into(&mut facts.package);
            facts.is_entry |= facts.package == "main";
            Next::Over
        }
        "import_spec" => {
            let path = node.child_by_field_name("path");
            if let Some(target) = path.and_then(|path| literal(path, bytes)) {
                facts.import(import(node, target, Vec::new(), When::Start));
            }
            Next::Over
        }
        _ => Next::Over,
    });
}

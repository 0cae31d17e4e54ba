//! Owns the package and the imports of Java.

use tree_sitter::Tree;

use crate::checkers::modules::facts::{Facts, When};

use super::{Next, dense, import, text, walk};

pub fn read(facts: &mut Facts, tree: &Tree, bytes: &[u8]) {
    walk(tree, |node| match node.kind() {
        "program" => Next::Into,
        "package_declaration" => {
            let mut cursor = node.walk();
            let name = node
                .named_children(&mut cursor)
                .find(|node| matches!(node.kind(), "scoped_identifier" | "identifier"));
            facts.package = name.map(|name| dense(name, bytes)).unwrap_or_default();
            Next::Over
        }
        "import_declaration" => {
            let said = text(node, bytes);
            let is_static = said.split_whitespace().nth(1) == Some("static");
            let mut cursor = node.walk();
            let mut parts = node.named_children(&mut cursor);
            let all = said.contains('*');
            let name = parts.find(|node| matches!(node.kind(), "scoped_identifier" | "identifier"));
            if let Some(name) = name {
                let whole = dense(name, bytes);
                // The member of a type is no name of a file.
                let class = whole.rsplit_once('.').filter(|_| is_static && !all);
                let target = class.map_or(whole.as_str(), |(class, _)| class);
                let names = if all && !is_static {
                    vec!["*".to_owned()]
                } else {
                    Vec::new()
                };
                facts.import(import(node, target, names, When::Start));
            }
            Next::Over
        }
        _ => Next::Over,
    });
}

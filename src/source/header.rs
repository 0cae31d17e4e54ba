//! Owns headers whose name says C and whose text is C++: they are read as what they are.

use super::file::parse;
use super::language::Language;

/// The tree of a header that is C++ and not C, as its name says.
#[must_use]
pub fn as_cpp(
    language: Language,
    tree: &tree_sitter::Tree,
    bytes: &[u8],
) -> Option<tree_sitter::Tree> {
    if language != Language::C || !tree.root_node().has_error() {
        return None;
    }
    let says_so = bytes.split(|byte| *byte == b'\n').any(|line| {
        let line = line.trim_ascii_start();
        [
            "template <",
            "template<",
            "namespace ",
            "class ",
            "public:",
            "using namespace",
        ]
        .iter()
        .any(|start| line.starts_with(start.as_bytes()))
    });
    parse(Language::Cpp, bytes).filter(|tree| says_so || !tree.root_node().has_error())
}

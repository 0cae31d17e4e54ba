//! Owns a call as the matchers see it: whom it calls, on what, with which arguments.

use tree_sitter::Node;

use super::value::Value;

/// An argument.
#[derive(Clone, Copy, Debug)]
pub struct Arg<'t> {
    /// Its name, where it is given by name.
    pub name: Option<&'t str>,
    /// What stands there.
    pub node: Node<'t>,
    /// What is known of it.
    pub value: Value<'t>,
}

/// A call.
#[derive(Debug)]
pub struct Call<'t> {
    /// All of it.
    pub node: Node<'t>,
    /// The dotted path of what is called, imports resolved.
    pub path: String,
    /// The last name of the path.
    pub name: &'t str,
    /// What it is called on.
    pub object: Option<Node<'t>>,
    /// What is known of what it is called on.
    pub receiver: Option<Value<'t>>,
    /// The arguments.
    pub args: Vec<Arg<'t>>,
}

impl<'t> Call<'t> {
    /// Is it a call of one of these? A path of one name must be all there is; a longer one may be the end.
    #[must_use]
    pub fn is(&self, paths: &[&str]) -> bool {
        paths.iter().any(|path| self.is_path(path))
    }

    fn is_path(&self, path: &str) -> bool {
        if !path.contains('.') {
            return self.path == path;
        }
        // Most differ in the last letter.
        if self.path.as_bytes().last() != path.as_bytes().last() {
            return false;
        }
        self.path
            .strip_suffix(path)
            .is_some_and(|before| before.is_empty() || before.ends_with(['.', '/', ')']))
    }

    /// Is its last name one of these?
    #[must_use]
    pub fn named(&self, names: &[&str]) -> bool {
        names.contains(&self.name)
    }

    /// The argument at this place, or of this name.
    #[must_use]
    pub fn arg(&self, at: usize, name: &str) -> Option<&Arg<'t>> {
        self.keyword(name).or_else(|| self.at(at))
    }

    /// The argument at this place.
    #[must_use]
    pub fn at(&self, at: usize) -> Option<&Arg<'t>> {
        self.args.iter().filter(|arg| arg.name.is_none()).nth(at)
    }

    /// The argument of this name.
    #[must_use]
    pub fn keyword(&self, name: &str) -> Option<&Arg<'t>> {
        self.args.iter().find(|arg| arg.name == Some(name))
    }

    /// Is the argument of this name this text?
    #[must_use]
    pub fn sets(&self, name: &str, texts: &[&str]) -> bool {
        self.keyword(name)
            .and_then(|arg| arg.value.text)
            .is_some_and(|text| texts.contains(&text))
    }
}

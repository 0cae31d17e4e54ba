//! Owns the reading of a GitHub workflow or composite action: its events, jobs and steps, with their places. Knows no rule.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use crate::source::expression::{self, Expr};
use crate::source::workflow::{Script, scripts_of};
use crate::source::yaml::{Document, Id};

/// The most steps of one job that are read.
const MOST_STEPS: usize = 1_000;

/// A workflow, or an action.
pub struct Flow<'a> {
    pub doc: &'a Document,
    pub text: &'a str,
    pub root: Id,
    /// Is it an action? Then it has one job, and that is its `runs`.
    pub action: bool,
    pub events: Vec<Event<'a>>,
    pub jobs: Vec<Job<'a>>,
    scripts: BTreeMap<Id, Script>,
    /// Did a job have more steps than are read?
    cut: bool,
    /// The expressions of the nodes that were asked for.
    parsed: RefCell<BTreeMap<Id, Expressions>>,
    /// How many values may still be followed for one question, and for all.
    fuel: Cell<usize>,
    tank: Cell<usize>,
}

/// The good expressions of a node, each with the bytes that it takes in the file.
pub type Expressions = Rc<Vec<(Expr, Range<usize>)>>;

/// An event that starts the workflow.
pub struct Event<'a> {
    pub name: &'a str,
    pub node: Id,
    pub config: Option<Id>,
}

/// A job.
pub struct Job<'a> {
    pub id: &'a str,
    pub key: Id,
    pub node: Id,
    pub steps: Vec<Step<'a>>,
    pub needs: Vec<(Id, &'a str)>,
    /// The reusable workflow that it calls.
    pub uses: Option<(Id, &'a str)>,
}

/// A step.
#[derive(Clone)]
pub struct Step<'a> {
    pub node: Id,
    pub id: Option<(Id, &'a str)>,
    pub uses: Option<(Id, &'a str)>,
    pub run: Option<Id>,
}

/// What a `uses:` names.
#[derive(Debug, PartialEq, Eq)]
pub enum Uses<'a> {
    /// `./path`: a path of the runner's work folder, where a checkout put it.
    Local(&'a str),
    /// `$/path`: a path of this repository, at the commit of the workflow.
    Own(&'a str),
    /// `docker://image`
    Image(&'a str),
    /// `owner/name/path@reference`
    Action {
        /// `owner/name`
        slug: &'a str,
        /// What stands behind it, without the slash; empty where there is nothing.
        path: &'a str,
        /// `None`: it names no reference.
        reference: Option<&'a str>,
    },
}

impl<'a> Uses<'a> {
    /// Reads a `uses:` value.
    pub fn of(text: &'a str) -> Self {
        let text = text.trim();
        if let Some(image) = text.strip_prefix("docker://") {
            return Self::Image(image);
        }
        if text.starts_with("./") || text.starts_with("../") || text == "." {
            return Self::Local(text);
        }
        if let Some(path) = text.strip_prefix("$/") {
            return Self::Own(path);
        }
        let (name, reference) = match text.rsplit_once('@') {
            Some((name, reference)) => (name, Some(reference)),
            None => (text, None),
        };
        let mut slashes = name.match_indices('/').map(|(at, _)| at);
        let end = slashes.nth(1).unwrap_or(name.len());
        Self::Action {
            slug: &name[..end],
            path: name[end..].trim_start_matches('/'),
            reference,
        }
    }

    /// Is it the action `owner/name`, in lower case?
    pub fn is(&self, name: &str) -> bool {
        matches!(self, Self::Action { slug, .. } if slug.eq_ignore_ascii_case(name))
    }
}

/// Is it the hash of a commit?
pub fn is_hash(reference: &str) -> bool {
    matches!(reference.len(), 40 | 64) && reference.bytes().all(|b| b.is_ascii_hexdigit())
}

impl<'a> Flow<'a> {
    /// Reads a document; `None` when it is neither a workflow nor an action.
    pub fn of(doc: &'a Document, text: &'a str) -> Option<Self> {
        let root = doc.root()?;
        let mut flow = Self {
            doc,
            text,
            root,
            action: false,
            events: Vec::new(),
            jobs: Vec::new(),
            scripts: scripts_of(doc, text)
                .into_iter()
                .map(|script| (script.run, script))
                .collect(),
            cut: false,
            parsed: RefCell::new(BTreeMap::new()),
            fuel: Cell::new(0),
            tank: Cell::new(100_000),
        };
        if let Some(runs) = doc
            .get(root, "runs")
            .filter(|&runs| doc.get(runs, "using").is_some())
        {
            flow.action = true;
            flow.jobs.push(flow.job("runs", runs, runs));
            return Some(flow);
        }
        let jobs = doc.get(root, "jobs")?;
        let listed = doc.entries(jobs).iter();
        flow.jobs = listed
            .filter_map(|&(key, node)| Some(flow.job(doc.text(key)?, key, node)))
            .collect();
        if flow.jobs.is_empty() && !doc.items(jobs).is_empty() {
            return None;
        }
        flow.cut = flow.jobs.iter().any(|job| {
            let steps = doc.get(job.node, "steps");
            steps.is_some_and(|steps| doc.items(steps).len() > MOST_STEPS)
        });
        flow.events = flow.read_events();
        Some(flow)
    }

    /// Begins a question that follows values.
    pub fn refuel(&self) {
        self.fuel.set(200);
    }

    /// May one more value be followed? Each may name many others.
    pub fn spend(&self) -> bool {
        let (fuel, tank) = (self.fuel.get(), self.tank.get());
        self.fuel.set(fuel.saturating_sub(1));
        self.tank.set(tank.saturating_sub(1));
        fuel > 0 && tank > 0
    }

    /// Why not all of it was read, if so.
    pub fn unread(&self) -> Option<&'static str> {
        if self.cut {
            return Some("a job has more steps than are read");
        }
        (self.tank.get() == 0).then_some("its values are too intricate to be followed")
    }

    fn read_events(&self) -> Vec<Event<'a>> {
        let doc = self.doc;
        // A YAML 1.1 tool may have written the key `on` as a boolean.
        let Some(on) = doc
            .get(self.root, "on")
            .or_else(|| doc.get(self.root, "true"))
        else {
            return Vec::new();
        };
        let bare = |node: Id| {
            Some(Event {
                name: doc.text(node)?,
                node,
                config: None,
            })
        };
        let mut events: Vec<Event<'a>> = bare(on).into_iter().collect();
        events.extend(doc.items(on).iter().filter_map(|&item| bare(item)));
        events.extend(doc.entries(on).iter().filter_map(|&(key, value)| {
            Some(Event {
                name: doc.text(key)?,
                node: key,
                config: Some(value),
            })
        }));
        events
    }

    fn job(&self, id: &'a str, key: Id, node: Id) -> Job<'a> {
        let doc = self.doc;
        let steps = doc
            .get(node, "steps")
            .map_or(&[][..], |steps| doc.items(steps));
        let steps = &steps[..steps.len().min(MOST_STEPS)];
        let mut read = Vec::new();
        for &step in steps {
            read.push(self.step(step));
            // Steps that run beside each other.
            if let Some(parallel) = doc.get(step, "parallel") {
                read.extend(doc.items(parallel).iter().map(|&step| self.step(step)));
            }
        }
        let needs = doc.get(node, "needs").map_or_else(Vec::new, |needs| {
            let listed = doc.items(needs).iter().copied();
            listed
                .chain([needs])
                .filter_map(|need| Some((need, doc.text(need)?)))
                .collect()
        });
        Job {
            id,
            key,
            node,
            steps: read,
            needs,
            uses: self.field(node, "uses"),
        }
    }

    fn step(&self, node: Id) -> Step<'a> {
        Step {
            node,
            id: self.field(node, "id"),
            uses: self.field(node, "uses"),
            run: self.doc.get(node, "run"),
        }
    }

    /// The scalar at `key`, and its text.
    pub fn field(&self, node: Id, key: &str) -> Option<(Id, &'a str)> {
        let value = self.doc.get(node, key)?;
        Some((value, self.doc.text(value)?))
    }

    /// The text at a path of keys.
    pub fn text_at(&self, node: Id, keys: &[&str]) -> Option<&'a str> {
        self.doc.text(self.doc.at(node, keys)?)
    }

    /// The script of a step.
    pub fn script(&self, step: &Step<'_>) -> Option<&Script> {
        self.scripts.get(&step.run?)
    }

    /// The bytes of a node.
    pub fn range(&self, node: Id) -> Range<usize> {
        self.doc.range(node).unwrap_or(0..0)
    }

    /// Is the workflow started by one of these events?
    pub fn has_event(&self, names: &[&str]) -> bool {
        self.events.iter().any(|event| names.contains(&event.name))
    }

    /// The event of this name.
    pub fn event(&self, name: &str) -> Option<&Event<'a>> {
        self.events.iter().find(|event| event.name == name)
    }

    /// The job of this id.
    pub fn job_of(&self, id: &str) -> Option<&Job<'a>> {
        self.jobs.iter().find(|job| job.id.eq_ignore_ascii_case(id))
    }

    /// The good expressions in a scalar.
    pub fn expressions(&self, node: Id) -> Expressions {
        if let Some(known) = self.parsed.borrow().get(&node) {
            return Rc::clone(known);
        }
        let read = Rc::new(self.read_expressions(node));
        self.parsed.borrow_mut().insert(node, Rc::clone(&read));
        read
    }

    fn read_expressions(&self, node: Id) -> Vec<(Expr, Range<usize>)> {
        let Some(text) = self.doc.text(node).filter(|text| text.contains("${{")) else {
            return Vec::new();
        };
        let Some(region) = self.doc.region(node, self.text) else {
            return Vec::new();
        };
        let ranges = expression::ranges(text).into_iter();
        ranges
            .filter_map(|range| {
                let expr = Expr::parse(&text[range.start + 3..range.end - 2]).ok()?;
                let place = region.place(range.start)..region.place(range.end - 1) + 1;
                Some((expr, place))
            })
            .collect()
    }

    /// The condition of a job or step, if it can be read.
    pub fn condition(&self, node: Id) -> Option<Expr> {
        let (_, text) = self.field(node, "if")?;
        condition(text)
    }
}

/// The expression that an `if:` holds; `None` when it is none, or text stands around it.
pub fn condition(text: &str) -> Option<Expr> {
    let text = text.trim();
    let inner = match expression::ranges(text).as_slice() {
        [] => text,
        [range] if *range == (0..text.len()) => &text[3..text.len() - 2],
        _ => return None,
    };
    Expr::parse(inner).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses() {
        let action = |slug, path, reference| Uses::Action {
            slug,
            path,
            reference,
        };
        assert_eq!(Uses::of("a/b@v1"), action("a/b", "", Some("v1")));
        assert_eq!(Uses::of("a/b/c/d@v1"), action("a/b", "c/d", Some("v1")));
        assert_eq!(Uses::of("a/b"), action("a/b", "", None));
        assert_eq!(Uses::of("./x"), Uses::Local("./x"));
        assert_eq!(Uses::of("$/x"), Uses::Own("x"));
        assert_eq!(Uses::of("docker://x:1"), Uses::Image("x:1"));
        assert!(Uses::of("Actions/Checkout@v1").is("actions/checkout"));
    }
}

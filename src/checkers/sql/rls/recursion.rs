//! Owns the rule on policies that ask for each other. It goes the way of PostgreSQL's rewriter: the policies of a table that hold a
//! query are expanded, and a table that is met again while it is expanded ends the query with the error 42P17. A function is
//! no part of that: its body is expanded when it runs, so that a way back through one ends at the depth of the stack, 54001.

use std::collections::{BTreeMap, BTreeSet};

use super::super::catalog::relation::{Policy, RelKind, Relation, Use};
use super::super::catalog::{Catalog, Oid};
use super::super::fold::scope;
use super::super::lints::Hit;
use super::super::parse::expr::Expr;
use super::super::parse::statement::Command;
use super::gather::{Gather, Named};
use super::who;

/// How a query ends that leads back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// The rewriter refuses it: 42P17.
    Refused,
    /// A function calls itself through a policy until the stack is full: 54001, as soon as there is a row.
    Deep,
}

/// A policy on a way back, by its table and its name.
pub type Blamed = (Oid, String);

/// Policies on a way that leads back to their own table.
#[must_use]
pub fn all(catalog: &Catalog) -> Vec<Hit> {
    let mut found: BTreeMap<Blamed, End> = BTreeMap::new();
    let mut bodies = Bodies::default();
    for role in kinds(catalog) {
        for relation in catalog.relations.values().filter(|relation| relation.rls) {
            let asks = |policy: &Policy| {
                let deep = |used: &Use| matches!(used, Use::Relation(_) | Use::Function(_));
                policy.uses.iter().any(deep) && who::applies(catalog, policy, role)
            };
            if !relation.policies.iter().any(asks) {
                continue;
            }
            for command in who::COMMANDS {
                for (blamed, end) in of(catalog, &mut bodies, role, relation.oid, command) {
                    let known = found.entry(blamed).or_insert(end);
                    *known = end.min(*known);
                }
            }
        }
    }
    let hits = found.into_iter().filter_map(|((oid, name), end)| {
        let relation = catalog.relation(oid)?;
        let policy = relation
            .policies
            .iter()
            .find(|policy| policy.name == name)?;
        Some(hit(relation, policy, end))
    });
    hits.collect()
}

/// Roles that row-level security binds, one of each kind: those whom the same policies are for and who own the same.
fn kinds(catalog: &Catalog) -> Vec<&str> {
    let mut named: BTreeSet<&str> = BTreeSet::new();
    for relation in catalog.relations.values() {
        if relation.rls || relation.kind == RelKind::View {
            named.insert(&relation.owner);
        }
        let roles = relation.policies.iter().flat_map(|policy| &policy.roles);
        named.extend(roles.map(String::as_str));
    }
    let mut kinds = BTreeMap::new();
    for role in catalog
        .roles
        .keys()
        .filter(|role| !who::is_free(catalog, role))
    {
        let mut acts = catalog.acts_as(role);
        acts.retain(|role| named.contains(role.as_str()));
        kinds.entry(acts).or_insert(role.as_str());
    }
    kinds.into_values().collect()
}

/// How a command of a role on a table ends, with the policies that lead back; empty: it does not lead back.
pub fn of(
    catalog: &Catalog,
    bodies: &mut Bodies,
    role: &str,
    table: Oid,
    command: Command,
) -> BTreeMap<Blamed, End> {
    let mut walk = Walk {
        catalog,
        bodies,
        way: Vec::new(),
        clean: BTreeSet::new(),
        found: BTreeMap::new(),
    };
    walk.relation(table, command, role, role, &[]);
    walk.found
}

fn hit(relation: &Relation, policy: &Policy, end: End) -> Hit {
    let (table, name) = (relation.shown(), &policy.name);
    let what = match end {
        End::Refused => format!(
            "the policy `{name}` of {table} reads a table whose policies lead back to {table}"
        ),
        End::Deep => format!(
            "the policy `{name}` of {table} calls a function that reads {table} with its caller's rights, and so calls itself"
        ),
    };
    Hit {
        lint: "rls_recursion",
        key: format!("rls_recursion_{}_{}_{name}", relation.schema, relation.name),
        object: format!("{table}: {name}"),
        headline: what,
        origin: policy.origin,
    }
}

/// What bodies of functions name, each read once.
#[derive(Debug, Default)]
pub struct Bodies(BTreeMap<Oid, Option<Named>>);

impl Bodies {
    fn of(&mut self, catalog: &Catalog, oid: Oid) -> Option<&Named> {
        let read = || Gather::of_function(catalog, catalog.functions.get(&oid)?);
        self.0.entry(oid).or_insert_with(read).as_ref()
    }
}

/// A table whose policies are asked.
struct Step {
    oid: Oid,
    /// As whom.
    user: String,
    command: Command,
    /// The policy that is followed.
    policy: String,
    /// How many functions were entered before.
    depth: usize,
}

struct Walk<'a> {
    catalog: &'a Catalog,
    bodies: &'a mut Bodies,
    way: Vec<Step>,
    clean: BTreeSet<(Oid, Command, String, String)>,
    found: BTreeMap<Blamed, End>,
}

/// What is expanded at the moment, in the query at hand.
type Active = [Oid];

impl Walk<'_> {
    fn depth(&self) -> usize {
        self.way.last().map_or(0, |step| step.depth)
    }

    /// A relation of a query. `user` is whose rights count for it, `caller` who runs functions.
    fn relation(&mut self, oid: Oid, command: Command, user: &str, caller: &str, active: &Active) {
        let catalog = self.catalog;
        let Some(relation) = catalog.relation(oid) else {
            return;
        };
        if relation.kind == RelKind::View {
            // A view that leads back to itself cannot be made.
            if active.contains(&oid) {
                return;
            }
            // Such a view has the rights of who runs the query, in whatever other view it stands.
            let inside = if relation.is_invoker() {
                caller
            } else {
                &relation.owner
            };
            let inner = [active, &[oid]].concat();
            self.follow(&relation.uses, inside, caller, &inner);
            return;
        }
        if !who::is_bound(catalog, relation, user) {
            return;
        }
        let clauses = clauses(catalog, relation, user, command);
        let inner = if clauses.iter().any(|clause| clause.query) {
            if active.contains(&oid) {
                self.blame(oid, End::Refused, |step| step.oid == oid);
                return;
            }
            [active, &[oid]].concat()
        } else {
            active.to_vec()
        };
        let before =
            |step: &Step| step.oid == oid && step.user == user && (step.command == command);
        if self
            .way
            .iter()
            .any(|step| before(step) && step.depth < self.depth())
        {
            self.blame(oid, End::Deep, before);
            return;
        }
        let key = (oid, command, user.to_owned(), caller.to_owned());
        if self.clean.contains(&key) {
            return;
        }
        let blamed = self.found.len();
        for clause in clauses {
            self.way.push(Step {
                oid,
                user: user.to_owned(),
                command,
                policy: clause.policy.name.clone(),
                depth: self.depth(),
            });
            self.follow(clause.uses, user, caller, &inner);
            self.way.pop();
        }
        if self.found.len() == blamed {
            self.clean.insert(key);
        }
    }

    fn follow(&mut self, all: &[Use], user: &str, caller: &str, active: &Active) {
        for used in all {
            match used {
                Use::Relation(oid) => self.relation(*oid, Command::Select, user, caller, active),
                Use::Function(oid) => self.function(*oid, caller),
                Use::Column(..) => {}
            }
        }
    }

    fn function(&mut self, oid: Oid, caller: &str) {
        /// Deeper than any real history goes.
        const DEEPEST: usize = 40;
        let catalog = self.catalog;
        let Some(function) = catalog.functions.get(&oid) else {
            return;
        };
        let settles = function
            .settings
            .iter()
            .any(|(name, _)| name == "row_security");
        if self.way.is_empty() || settles || self.depth() >= DEEPEST {
            return;
        }
        let user = if function.definer {
            function.owner.clone()
        } else {
            caller.to_owned()
        };
        let Some(named) = self.bodies.of(catalog, oid).cloned() else {
            return;
        };
        let depth = self.depth() + 1;
        let Some(last) = self.way.last() else { return };
        // The body is expanded anew, with nothing that is being expanded.
        let step = Step {
            oid: last.oid,
            user: last.user.clone(),
            command: last.command,
            policy: last.policy.clone(),
            depth,
        };
        self.way.push(step);
        for (relation, command) in &named.relations {
            self.relation(*relation, *command, &user, &user, &[]);
        }
        for inner in &named.functions {
            if *inner != oid {
                self.function(*inner, &user);
            }
        }
        self.way.pop();
    }

    /// All policies on the way since the table was first met.
    fn blame(&mut self, oid: Oid, end: End, first: impl Fn(&Step) -> bool) {
        let Some(at) = self.way.iter().position(first) else {
            return;
        };
        debug_assert!(self.way[at].oid == oid, "the way starts where it ends");
        for step in &self.way[at..] {
            let blamed = (step.oid, step.policy.clone());
            let known = self.found.entry(blamed).or_insert(end);
            *known = end.min(*known);
        }
    }
}

/// A condition that is asked, with what it uses.
struct Clause<'a> {
    policy: &'a Policy,
    uses: &'a [Use],
    /// Holds the policy a query, in any of its conditions?
    query: bool,
}

/// The conditions that a command of a role asks. Where nothing allows, nothing that restricts is asked.
fn clauses<'a>(
    catalog: &Catalog,
    relation: &'a Relation,
    role: &str,
    command: Command,
) -> Vec<Clause<'a>> {
    let mut all = Vec::new();
    let mut add = |command: Command, check: bool| {
        let (allow, restrict) = who::asked(catalog, relation, role, command);
        let clause = |policy: &'a Policy| {
            let by_check = check && policy.check.is_some();
            let expr = if by_check {
                policy.check.as_ref()
            } else {
                policy.using.as_ref()
            };
            expr?;
            let both = policy.using.iter().chain(&policy.check);
            Some(Clause {
                policy,
                uses: if by_check {
                    &policy.check_uses
                } else {
                    &policy.using_uses
                },
                query: both.into_iter().any(has_query),
            })
        };
        let allow: Vec<_> = allow.into_iter().filter_map(clause).collect();
        if !allow.is_empty() {
            all.extend(allow);
            all.extend(restrict.into_iter().filter_map(clause));
        }
    };
    match command {
        Command::Select | Command::All => add(Command::Select, false),
        Command::Insert => add(Command::Insert, true),
        // What is changed must be found first.
        Command::Update => {
            add(Command::Update, false);
            add(Command::Update, true);
            add(Command::Select, false);
        }
        Command::Delete => {
            add(Command::Delete, false);
            add(Command::Select, false);
        }
    }
    all
}

/// Is there a query anywhere in it?
fn has_query(expr: &Expr) -> bool {
    let mut found = false;
    let mut below = Vec::new();
    scope::children(expr, &mut |child| below.push(child), &mut |_| found = true);
    found || below.into_iter().any(has_query)
}

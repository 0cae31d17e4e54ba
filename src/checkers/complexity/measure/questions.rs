//! Owns how many operators of a boolean expression ask something new: a list that asks the same of the same (one value against
//! many, pairs of fields, flags of one thing) reads as one question, however long it is.

use std::collections::BTreeMap;
use std::ops::Range;

use tree_sitter::Node;

use super::class::{Class, Op, Table};

/// An expression with more nodes than this is not looked into.
const MOST_NODES: usize = 4_000;

/// Groups nested deeper than this are not looked into.
const DEEPEST: u32 = 40;

/// An operand longer than this, in bytes, is like no other.
const LONGEST: usize = 300;

/// A list of alike questions begins with this many.
const LIST: u32 = 3;

/// What an operand asks.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Ask {
    /// Something of one subject, and the number that it is compared with, or the function that it is handed to.
    Of(String, String),
    /// Whether two things of the same name are equal.
    Pair,
    /// A flag: a field of a thing, or a name alone; the thing, and the field.
    Flag(String, String),
    /// Whether something is there.
    There,
    /// What is like nothing else.
    Other,
}

/// Operands of one kind, and how many.
struct Asked {
    ask: Ask,
    count: u32,
}

/// A run of one operator.
#[derive(Default)]
struct Group {
    /// How many of its operators ask something new.
    cost: u32,
    /// What all of it asks, where that is one thing.
    whole: Option<Asked>,
    /// The kinds of its operands, in their order.
    shape: String,
}

/// The operands of a run, as they are found.
#[derive(Default)]
struct Operands {
    asked: Vec<Asked>,
    /// How many are like nothing else.
    others: u32,
    /// Operators within these.
    within: u32,
    /// Runs of the other operator that ask more than one thing.
    groups: Vec<Group>,
    shape: String,
}

struct Reader<'a> {
    table: &'a Table,
    bytes: &'a [u8],
    left: usize,
}

/// How many operators of the expression ask something new; `None` where it is too large to tell.
#[must_use]
pub fn of(table: &Table, node: Node<'_>, bytes: &[u8]) -> Option<u32> {
    let left = MOST_NODES;
    let mut reader = Reader { table, bytes, left };
    reader.group(node, 0).map(|group| group.cost)
}

impl Reader<'_> {
    fn group(&mut self, node: Node<'_>, depth: u32) -> Option<Group> {
        if depth > DEEPEST {
            return None;
        }
        let op = self.op(node);
        let mut operands = Operands::default();
        let mut open = vec![node];
        while let Some(at) = open.pop() {
            self.left = self.left.checked_sub(1)?;
            let inner = self.bare(at);
            let own = self.op(inner);
            if own.is_some() && own == op && !self.is_negated(at) {
                let mut cursor = inner.walk();
                let children = inner.named_children(&mut cursor);
                open.extend(children.filter(|child| !self.is_comment(*child)));
            } else if own.is_some() {
                let group = self.group(inner, depth + 1)?;
                operands.take(group);
            } else {
                let within = self.operators_in(inner)?;
                let ask = if within > 0 {
                    Ask::Other
                } else {
                    self.ask(inner)
                };
                operands.add(ask, within);
            }
        }
        Some(operands.summed(op))
    }

    fn op(&self, node: Node<'_>) -> Option<Op> {
        let of = |token: Node<'_>| self.table.op(token.kind_id()).filter(|op| *op != Op::Null);
        match self.table.class(node.kind_id()) {
            Class::Binary => {
                let field = self.table.fields.operator?;
                node.child_by_field_id(field.get()).and_then(of)
            }
            Class::Chain => {
                let mut cursor = node.walk();
                node.children(&mut cursor).find_map(of)
            }
            _ => None,
        }
    }

    fn is_comment(&self, node: Node<'_>) -> bool {
        self.table.class(node.kind_id()) == Class::Comment
    }

    /// What stands in parentheses and behind negations.
    fn bare<'t>(&self, node: Node<'t>) -> Node<'t> {
        let mut at = node;
        for _ in 0..DEEPEST {
            let kind = at.kind();
            let is_around = self.table.class(at.kind_id()) == Class::Paren || is_negation(at);
            if !is_around && kind != "await" && kind != "await_expression" {
                break;
            }
            let mut cursor = at.walk();
            let mut inside = at.named_children(&mut cursor);
            match (inside.find(|child| !self.is_comment(*child)), inside.next()) {
                (Some(only), None) => at = only,
                _ => break,
            }
        }
        at
    }

    /// Does a negation stand before it, outside of its parentheses or within?
    fn is_negated(&self, node: Node<'_>) -> bool {
        let mut at = node;
        for _ in 0..DEEPEST {
            if is_negation(at) {
                return true;
            }
            if self.table.class(at.kind_id()) != Class::Paren {
                return false;
            }
            let Some(inside) = at.named_child(0) else {
                return false;
            };
            at = inside;
        }
        false
    }

    /// Boolean operators in an operand, as in the arguments of a call.
    fn operators_in(&mut self, node: Node<'_>) -> Option<u32> {
        let mut found = 0;
        let mut open = vec![node];
        while let Some(at) = open.pop() {
            self.left = self.left.checked_sub(1)?;
            match self.table.class(at.kind_id()) {
                Class::Boundary
                | Class::Closure
                | Class::Function
                | Class::Object
                | Class::Scope => {
                    continue;
                }
                _ => {}
            }
            let mut cursor = at.walk();
            for child in at.children(&mut cursor) {
                if child.is_named() {
                    open.push(child);
                } else if self
                    .table
                    .op(child.kind_id())
                    .is_some_and(|op| op != Op::Null)
                {
                    found += 1;
                }
            }
        }
        Some(found)
    }

    fn text(&self, node: Node<'_>) -> String {
        self.part(node.byte_range())
    }

    fn part(&self, range: Range<usize>) -> String {
        let bytes = self.bytes.get(range).unwrap_or_default();
        let bytes = bytes.iter().filter(|byte| !byte.is_ascii_whitespace());
        String::from_utf8_lossy(&bytes.copied().collect::<Vec<_>>()).into_owned()
    }

    /// What an operand without boolean operators asks.
    fn ask(&self, node: Node<'_>) -> Ask {
        if node.byte_range().len() > LONGEST {
            return Ask::Other;
        }
        if let Some((left, right)) = comparison(node) {
            return self.compared(self.bare(left), self.bare(right));
        }
        if let Some(arguments) = arguments(node) {
            return self.called(node.start_byte()..arguments.start_byte(), arguments);
        }
        let text = self.text(node);
        if is_path(&text) {
            return flag(&text);
        }
        Ask::Other
    }

    fn compared(&self, left: Node<'_>, right: Node<'_>) -> Ask {
        let (left, right) = (self.text(left), self.text(right));
        match (is_nothing(&left), is_nothing(&right)) {
            (false, true) | (true, false) => return Ask::There,
            _ => {}
        }
        if !is_constant(&left) && !is_constant(&right) && last(&left) == last(&right) {
            return Ask::Pair;
        }
        let is_reversed = is_literal(&left) || is_constant(&left) && !is_literal(&right);
        let (subject, limit) = if is_reversed {
            (right, left)
        } else {
            (left, right)
        };
        let limit = limit.trim_start_matches(['-', '+']);
        let limit = if is_constant(limit) { limit } else { "" };
        Ask::Of(subject_of(&subject).to_owned(), limit.to_owned())
    }

    fn called(&self, callee: Range<usize>, arguments: Node<'_>) -> Ask {
        let mut cursor = arguments.walk();
        let mut given = arguments.named_children(&mut cursor);
        let all: Vec<String> = given.by_ref().take(3).map(|one| self.text(one)).collect();
        let callee = self.part(callee);
        let receiver = receiver_of(&callee).filter(|receiver| !is_type(receiver));
        if all.is_empty() {
            // A question without arguments is a flag of what it is asked of.
            let Some(receiver) = receiver else {
                return Ask::Other;
            };
            let thing = receiver_of(receiver).unwrap_or_default().to_owned();
            return Ask::Flag(thing, last(&callee).to_owned());
        }
        let subjects = receiver.into_iter().chain(all.iter().map(String::as_str));
        let subjects: Vec<&str> = subjects.filter(|one| !is_constant(one)).collect();
        match subjects.as_slice() {
            [] => Ask::Other,
            [one, other] if last(one) == last(other) => Ask::Pair,
            // Calls of one function are a list as well as those that ask of one thing.
            [first, ..] => Ask::Of(subject_of(first).to_owned(), callee.clone()),
        }
    }
}

impl Operands {
    fn add(&mut self, ask: Ask, within: u32) {
        self.within += within;
        self.shape.push(ask.letter());
        if ask == Ask::Other {
            self.others += 1;
        } else {
            self.asked.push(Asked { ask, count: 1 });
        }
    }

    fn take(&mut self, group: Group) {
        self.shape.push('g');
        match group.whole {
            Some(asked) => self.asked.push(asked),
            None => self.groups.push(group),
        }
    }

    /// Counts the operators between what is asked: a list of alike operands is two.
    fn summed(self, op: Option<Op>) -> Group {
        let mut kinds: Vec<Asked> = Vec::new();
        for Asked { ask, count } in self.asked {
            match kinds.iter_mut().find(|kind| kind.ask.is_like(&ask)) {
                Some(kind) => kind.count += count,
                None => kinds.push(Asked { ask, count }),
            }
        }
        let mut shapes: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
        for group in &self.groups {
            let (count, cost) = shapes.entry(&group.shape).or_default();
            *count += 1;
            *cost = (*cost).max(group.cost);
        }
        let alike = shapes.values().map(|(count, cost)| {
            let count = (*count).min(LIST - 1);
            (count, cost * count)
        });
        let (groups, inside) = alike.fold((0, self.within), |(all, sum), (count, cost)| {
            (all + count, sum + cost)
        });
        let units = within_limits(&kinds) + groups + self.others;
        let is_one = self.others == 0 && groups == 0 && kinds.len() == 1;
        let whole = kinds.pop();
        let whole = whole.filter(|one| is_one && matches!(one.ask, Ask::Of(..) | Ask::Pair));
        let sign = if op == Some(Op::And) { '&' } else { '|' };
        let mut shape = self.shape;
        shape.push(sign);
        Group {
            cost: inside + units.saturating_sub(1),
            whole,
            shape,
        }
    }
}

/// How many questions there are. Several subjects that are compared with one number, handed to one function or asked for one
/// field are one list, too.
fn within_limits(kinds: &[Asked]) -> u32 {
    let mut limits: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    let mut units = 0;
    for kind in kinds {
        let own = kind.count.min(LIST - 1);
        match &kind.ask {
            Ask::Of(_, limit) | Ask::Flag(_, limit) if !limit.is_empty() => {
                let (count, sum) = limits.entry(limit).or_default();
                *count += kind.count;
                *sum += own;
            }
            _ => units += own,
        }
    }
    let of_limits = limits
        .values()
        .map(|(count, sum)| if *count >= LIST { LIST - 1 } else { *sum });
    units + of_limits.sum::<u32>()
}

impl Ask {
    const fn letter(&self) -> char {
        match self {
            Self::Of(..) => 'o',
            Self::Pair => 'p',
            Self::Flag(..) => 'f',
            Self::There => 't',
            Self::Other => 'x',
        }
    }

    /// Is it one list with another one?
    fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Of(one, _), Self::Of(other, _)) | (Self::Flag(one, _), Self::Flag(other, _)) => {
                one == other
            }
            _ => self == other,
        }
    }
}

fn is_negation(node: Node<'_>) -> bool {
    matches!(
        node.kind(),
        "not_operator"
            | "unary_expression"
            | "unary"
            | "unary_op_expression"
            | "prefix_unary_expression"
    ) && node
        .child(0)
        .is_some_and(|token| matches!(token.kind(), "!" | "not"))
}

/// The two sides of a comparison.
fn comparison(node: Node<'_>) -> Option<(Node<'_>, Node<'_>)> {
    let mut cursor = node.walk();
    let compares = node.children(&mut cursor).any(|token| {
        !token.is_named()
            && matches!(
                token.kind(),
                "==" | "!="
                    | "==="
                    | "!=="
                    | "<"
                    | ">"
                    | "<="
                    | ">="
                    | "is"
                    | "in"
                    | "instanceof"
                    | "is not"
                    | "not in"
                    | "<>"
                    | "=~"
                    | "not"
                    | "!in"
                    | "!is"
                    | "as"
                    | "="
                    | "-eq"
                    | "-ne"
            )
    });
    let count = u32::try_from(node.named_child_count()).ok()?;
    (compares && count >= 2).then(|| Some((node.named_child(0)?, node.named_child(count - 1)?)))?
}

/// The arguments of a call.
fn arguments(node: Node<'_>) -> Option<Node<'_>> {
    node.child_by_field_name("arguments").or_else(|| {
        let is_call = node.kind() == "call_expression";
        let last = node.named_child(
            u32::try_from(node.named_child_count())
                .ok()?
                .checked_sub(1)?,
        );
        last.filter(|last| is_call && last.kind() == "value_arguments")
    })
}

fn flag(text: &str) -> Ask {
    match receiver_of(text) {
        Some(thing) => Ask::Flag(thing.to_owned(), last(text).to_owned()),
        None => Ask::Flag(String::new(), String::new()),
    }
}

/// Names with dots, arrows and colons between them.
fn is_path(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.$@?!:>-&*".contains(&byte))
        && !text.starts_with(|first: char| first.is_ascii_digit())
}

/// What stands before the last name of a path.
fn receiver_of(text: &str) -> Option<&str> {
    let at = text.rfind(['.', '>', ':'])?;
    Some(text[..at].trim_end_matches(['.', '-', '>', ':', '?', '!']))
}

/// The last name of a path or of a call.
fn last(text: &str) -> &str {
    let text = text.split('(').next().unwrap_or(text);
    let at = text.rfind(['.', '>', ':']).map_or(0, |at| at + 1);
    &text[at..]
}

/// A subject without an index, arguments or a number at its end: the parts of an array, and `c1` and `c2`, are one thing.
fn subject_of(text: &str) -> &str {
    let name = text.split(['[', '(']).next().unwrap_or(text);
    name.trim_end_matches(|last: char| last.is_ascii_digit())
}

fn is_nothing(text: &str) -> bool {
    matches!(
        text,
        "null"
            | "nil"
            | "None"
            | "NULL"
            | "undefined"
            | "nullptr"
            | "\"undefined\""
            | "'undefined'"
    )
}

/// A number, a text, a truth, a constant, or something of a type's.
fn is_constant(text: &str) -> bool {
    is_literal(text) || is_type(text.trim_start_matches(['-', '+', '&', '(']))
}

/// A number, a text, a truth or nothing.
fn is_literal(text: &str) -> bool {
    let bare = text.trim_start_matches(['-', '+', '&', '(']);
    let begins = |first: char| first.is_ascii_digit() || "\"'`[{:".contains(first);
    let is_text = ["b'", "b\"", "r\"", "f\"", "f'", "L'", "@\""];
    bare.starts_with(begins)
        || is_text.iter().any(|start| bare.starts_with(start))
        || matches!(bare, "true" | "false" | "True" | "False")
        || is_nothing(bare)
}

/// Does its name begin as types and constants do?
fn is_type(text: &str) -> bool {
    let first = text.trim_start_matches(['(', '&', '*', '-', '\\', ':']);
    first.starts_with(|first: char| first.is_ascii_uppercase())
        || last(text)
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

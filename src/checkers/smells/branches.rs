//! Owns chains of conditions: a condition that was asked before, and branches that all do the same.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use tree_sitter::{Node, Tree};

use crate::source::language::Language;

use super::facts::{Kind, Sink};
use super::table::is_comment;

/// Words of functions that give something else each time: a condition with one of them may be asked twice.
const CHANGING: [&str; 26] = [
    "accept", "advance", "await", "consume", "eat", "expect", "fetch", "get_next", "lock", "match",
    "next", "poll", "pop", "rand", "read", "recv", "scan", "shift", "skip", "take", "try", "wait",
    "yield", ":=", "++", "--",
];

/// Chains of conditions in one file.
pub struct Chains<'b> {
    language: Language,
    bytes: &'b [u8],
    /// Conditions that go on with a chain that was looked at.
    seen: HashSet<usize>,
    /// How many bytes may still be compared: branches in branches are compared again and again.
    budget: usize,
}

/// A branch: what is asked, and what is done.
struct Arm<'t> {
    condition: Option<Node<'t>>,
    before: Option<Node<'t>>,
    body: Option<Node<'t>>,
}

impl<'b> Chains<'b> {
    /// None looked at yet.
    pub fn new(language: Language, bytes: &'b [u8]) -> Self {
        Self {
            language,
            bytes,
            seen: HashSet::new(),
            budget: 64 * 1024 + 8 * bytes.len(),
        }
    }

    /// Looks at the chain that this condition begins.
    pub fn look(&mut self, node: Node<'_>, sink: &mut Sink<'_>) {
        if self.seen.remove(&node.id()) {
            return;
        }
        let alternative = node.child_by_field_name("alternative");
        if alternative.is_none() || node.has_error() {
            return;
        }
        let arms = self.arms(node);
        self.conditions(&arms, sink);
        let ends = arms.last().is_some_and(|arm| arm.condition.is_none());
        let bodies: Option<Vec<Node<'_>>> = arms.iter().map(|arm| arm.body).collect();
        if let Some(bodies) = bodies.filter(|_| ends) {
            self.compare(
                &bodies,
                node,
                "all branches of this condition do the same",
                sink,
            );
        }
    }

    /// Looks at the conditional expressions, most of which stand on one line, where the walk does not come by.
    pub fn look_at_conditionals(
        &mut self,
        tree: &Tree,
        tests: &[Range<usize>],
        sink: &mut Sink<'_>,
    ) {
        let sign: &[u8] = match self.language {
            Language::Python => b" else ",
            Language::Bash | Language::Go | Language::Kotlin | Language::Rust => return,
            _ => b"?",
        };
        let bytes = self.bytes;
        for at in memchr::memmem::find_iter(bytes, sign) {
            // The token itself, without the blank before it.
            let at = at + usize::from(sign.len() > 1);
            let next = bytes.get(at + 1);
            if sign == b"?" && next.is_none_or(|b| b"?.:),(=>;".contains(b)) {
                continue;
            }
            let node = tree.root_node().descendant_for_byte_range(at, at + 1);
            let node = node
                .filter(|node| !node.is_named())
                .and_then(|token| token.parent());
            let is_conditional = |node: &Node<'_>| {
                matches!(
                    node.kind(),
                    "conditional_expression" | "ternary_expression" | "conditional"
                )
            };
            if let Some(node) = node.filter(is_conditional)
                && !tests.iter().any(|range| range.contains(&at))
            {
                self.look_at_conditional(node, sink);
            }
        }
    }

    fn look_at_conditional(&mut self, node: Node<'_>, sink: &mut Sink<'_>) {
        let sides = if self.language == Language::Python {
            [node.named_child(0), node.named_child(2)]
        } else {
            let side = |field| node.child_by_field_name(field);
            let yes = ["consequence", "body"].into_iter().find_map(side);
            [yes, side("alternative")]
        };
        if let [Some(yes), Some(no)] = sides
            && !node.has_error()
        {
            let what = "both sides of this conditional are the same";
            self.compare(&[yes, no], node, what, sink);
        }
    }

    fn compare(&mut self, bodies: &[Node<'_>], node: Node<'_>, what: &str, sink: &mut Sink<'_>) {
        let [first, others @ ..] = bodies else { return };
        if others.is_empty() || is_empty(*first) {
            return;
        }
        let text = self.text(first.byte_range());
        let is_same = |chains: &mut Self, other: &Node<'_>| {
            // Lengths that differ by more than white space does are not the same.
            let range = other.byte_range();
            text.is_some() && chains.text(range) == text
        };
        if others.iter().all(|other| is_same(self, other)) {
            let start = node.start_byte();
            sink.add(Kind::IdenticalBranches, start..first.start_byte(), what);
        }
    }

    fn conditions(&mut self, arms: &[Arm<'_>], sink: &mut Sink<'_>) {
        let mut asked: HashMap<Vec<u8>, u32> = HashMap::new();
        for arm in arms {
            let Some(condition) = arm.condition else {
                continue;
            };
            let Some(mut text) = self.text(condition.byte_range()) else {
                return;
            };
            if let Some(before) = arm.before {
                let Some(before) = self.text(before.byte_range()) else {
                    return;
                };
                text.push(b';');
                text.extend(before);
            }
            if text.is_empty() || may_change(&text) {
                continue;
            }
            let line = sink.file.point(condition.start_byte()).line;
            if let Some(first) = asked.get(&text) {
                let what = format!("line {first}");
                sink.add(Kind::DuplicateCondition, condition.byte_range(), what);
            } else {
                asked.insert(text, line);
            }
        }
    }

    /// The branches of a chain.
    fn arms<'t>(&mut self, node: Node<'t>) -> Vec<Arm<'t>> {
        let mut arms = vec![arm(node)];
        let mut at = node;
        loop {
            let mut cursor = at.walk();
            let alternatives: Vec<Node<'t>> = at
                .children_by_field_name("alternative", &mut cursor)
                .collect();
            let Some(last) = alternatives.last().copied() else {
                return arms;
            };
            for clause in &alternatives {
                match clause.kind() {
                    "elif_clause" | "else_if_clause" | "elsif" => arms.push(arm(*clause)),
                    "else_clause" | "else" => {}
                    kind if kind == node.kind() => {}
                    _ => arms.push(body_alone(*clause)),
                }
            }
            let goes_on = match last.kind() {
                "elsif" => Some(last),
                "else_clause" if self.language != Language::Python => {
                    let mut cursor = last.walk();
                    let mut inner = last
                        .named_children(&mut cursor)
                        .filter(|child| !is_comment(*child));
                    let only = inner.next().filter(|_| inner.next().is_none());
                    if only.is_some_and(|only| only.kind() == node.kind()) {
                        only
                    } else {
                        arms.push(only.map_or_else(|| body_alone(last), body_alone));
                        None
                    }
                }
                "else_clause" => {
                    let body = last.child_by_field_name("body");
                    arms.push(body_alone(body.unwrap_or(last)));
                    None
                }
                "else" => {
                    arms.push(body_alone(last));
                    None
                }
                kind if kind == node.kind() => Some(last),
                _ => None,
            };
            let Some(next) = goes_on else { return arms };
            if next.kind() == node.kind() {
                self.seen.insert(next.id());
                arms.push(arm(next));
            }
            at = next;
        }
    }

    /// The text with its white space folded; `None` when too much was compared already.
    fn text(&mut self, range: Range<usize>) -> Option<Vec<u8>> {
        self.budget = self.budget.checked_sub(range.len())?;
        let text = self.bytes.get(range)?;
        let words = text
            .split(u8::is_ascii_whitespace)
            .filter(|word| !word.is_empty());
        let mut folded = words.collect::<Vec<_>>().join(&b' ');
        // The branches of Ruby have their keyword in them.
        for keyword in [&b"then "[..], b"else "] {
            if folded.starts_with(keyword) {
                folded.drain(..keyword.len());
            }
        }
        Some(folded)
    }
}

fn arm(node: Node<'_>) -> Arm<'_> {
    let field = |name| node.child_by_field_name(name);
    Arm {
        condition: field("condition"),
        before: field("initializer"),
        body: field("consequence").or_else(|| field("body")),
    }
}

const fn body_alone(node: Node<'_>) -> Arm<'_> {
    Arm {
        condition: None,
        before: None,
        body: Some(node),
    }
}

/// Does nothing stand in the branch but, at most, a comment or `pass`?
fn is_empty(node: Node<'_>) -> bool {
    let is_block = matches!(
        node.kind(),
        "block"
            | "statement_block"
            | "compound_statement"
            | "then"
            | "else"
            | "empty_statement"
            | "colon_block"
    );
    let mut cursor = node.walk();
    is_block
        && node
            .named_children(&mut cursor)
            .all(|child| is_comment(child) || child.kind() == "pass_statement")
}

/// May the condition be another one each time it is asked?
fn may_change(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text).to_ascii_lowercase();
    let calls =
        text.contains('(') || text.contains("++") || text.contains("--") || text.contains(":=");
    let assigns = text.match_indices('=').any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let behind = text[at + 1..].chars().next();
        !matches!(before, Some('=' | '!' | '<' | '>' | '~'))
            && !matches!(behind, Some('=' | '~' | '>'))
    });
    // `if let Some(x) = y` asks of a pattern.
    (calls && CHANGING.iter().any(|word| text.contains(word)))
        || (assigns && !text.starts_with("let "))
}

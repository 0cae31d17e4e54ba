//! Owns the rules on conditions: those that hold always, and those that a stranger can make hold.

use crate::model::rule::Severity;
use crate::source::expression::{self, Expr};

use super::flow::{Flow, condition};
use super::hit::Sink;
use super::rules::{SPOOFABLE_CONDITION, UNSOUND_CONDITION};

/// Looks at every `if:`, and at what is written like one.
pub fn check(flow: &Flow<'_>, sink: &mut Sink<'_>) {
    for job in &flow.jobs {
        one(flow, job.node, sink);
        for step in &job.steps {
            sink.around = flow.range(step.node);
            one(flow, step.node, sink);
            sink.around = 0..0;
        }
    }
    ternaries(flow, sink);
}

fn one(flow: &Flow<'_>, node: usize, sink: &mut Sink<'_>) {
    let Some((value, text)) = flow.field(node, "if") else {
        return;
    };
    let at = flow.range(value);
    let ranges = expression::ranges(text);
    let whole = |text: &str| matches!(ranges.as_slice(), [range] if *range == (0..text.len()));
    if !ranges.is_empty() && !whole(text) {
        let headline = if text.trim_end() != text
            && ranges.len() == 1
            && ranges[0].start == 0
            && ranges[0].end == text.trim_end().len()
        {
            "the condition always holds: a line feed stands behind the expression, and a text is true"
        } else {
            "the condition always holds: what stands beside `${{ }}` makes it a text, and a text is true"
        };
        sink.tell(
            &UNSOUND_CONDITION,
            at,
            headline,
            "write the whole condition without `${{ }}`",
        );
        return;
    }
    let Some(expr) = condition(text) else { return };
    if holds_always(&expr) {
        sink.tell(
            &UNSOUND_CONDITION,
            at.clone(),
            "the condition always holds: a text that is not empty is true",
            "compare the value on both sides of `||`",
        );
    }
    let mut contains = None;
    expr.walk(&mut |part| {
        if let Expr::Call(call) = part
            && call.name.eq_ignore_ascii_case("contains")
            && let [Expr::Text(all), Expr::Path(path)] = call.arguments.as_slice()
        {
            let dotted = path.dotted();
            if matches!(
                dotted.as_str(),
                "github.ref"
                    | "github.ref_name"
                    | "github.head_ref"
                    | "github.base_ref"
                    | "github.actor"
                    | "github.triggering_actor"
                    | "github.event.pull_request.head.ref"
                    | "github.event.pull_request.user.login"
            ) && all.contains([' ', ','])
            {
                contains = Some(dotted);
            }
        }
    });
    if let Some(what) = contains {
        sink.tell(
            &UNSOUND_CONDITION,
            at.clone(),
            format!("`contains` looks for a part of a text: any part of the list fits {what}"),
            "search a list: contains(fromJSON('[\"a\", \"b\"]'), x)",
        )
        .graded(Severity::Medium);
    }
    if let Some((what, bot)) = spoofable(&expr) {
        // A stranger can make these act on a pull request.
        let serves = [
            "dependabot[bot]",
            "renovate[bot]",
            "github-actions[bot]",
            "pre-commit-ci[bot]",
            "49699333",
            "29139614",
        ];
        let rights = flow.has_event(super::taint::RIGHTS) && serves.contains(&bot.as_str());
        sink.tell(
            &SPOOFABLE_CONDITION,
            at,
            format!(
                "the condition trusts {what}, which is who acted last, not who wrote what runs"
            ),
            "ask github.event.pull_request.user.login for the author of the pull request",
        )
        .graded(if rights {
            Severity::High
        } else {
            Severity::Low
        });
    }
}

/// Is one side of an `||` a text, where only true and false are asked for?
fn holds_always(expr: &Expr) -> bool {
    let is_text = |expr: &Expr| matches!(expr, Expr::Text(text) if !text.is_empty());
    match expr {
        Expr::Or(a, b) => is_text(a) || is_text(b) || holds_always(a) || holds_always(b),
        Expr::And(a, b) => (holds_always(a) || is_text(a)) && (holds_always(b) || is_text(b)),
        _ => false,
    }
}

/// The context of the actor that is compared with the name of a bot, where that lets a run go on; and the bot.
fn spoofable(expr: &Expr) -> Option<(String, String)> {
    let actor = |expr: &Expr| match expr {
        Expr::Path(path) => Some(path.dotted()).filter(|dotted| {
            matches!(
                dotted.as_str(),
                "github.actor"
                    | "github.triggering_actor"
                    | "github.event.sender.login"
                    | "github.actor_id"
                    | "github.event.sender.id"
            )
        }),
        _ => None,
    };
    let bot = |expr: &Expr| match expr {
        Expr::Text(text)
            if text.ends_with("[bot]") || matches!(text.as_str(), "49699333" | "29139614") =>
        {
            Some(text.clone())
        }
        _ => None,
    };
    match expr {
        Expr::And(a, b) | Expr::Or(a, b) => spoofable(a).or_else(|| spoofable(b)),
        Expr::Compare("==", a, b) => actor(a).zip(bot(b)).or_else(|| actor(b).zip(bot(a))),
        Expr::Call(call)
            if matches!(
                call.name.to_ascii_lowercase().as_str(),
                "contains" | "endswith"
            ) =>
        {
            let [list, text] = call.arguments.as_slice() else {
                return None;
            };
            actor(list).zip(bot(text))
        }
        _ => None,
    }
}

/// `a && '' || b` is always `b`.
fn ternaries(flow: &Flow<'_>, sink: &mut Sink<'_>) {
    let nodes: Vec<usize> = flow
        .doc
        .scalars()
        .filter(|(_, text)| text.contains("&&") && text.contains("||") && text.contains("${{"))
        .map(|(id, _)| id)
        .collect();
    for node in nodes {
        for (expr, range) in flow.expressions(node).iter() {
            let mut lost = false;
            expr.walk(&mut |part| {
                if let Expr::Or(first, second) = part
                    && let Expr::And(_, value) = &**first
                    && is_false(value)
                    && !is_false(second)
                {
                    lost = true;
                }
            });
            if lost {
                sink.tell(
                    &UNSOUND_CONDITION,
                    range.clone(),
                    "the value behind `&&` is false, so that the one behind `||` is always taken",
                    "turn the condition around: !a && b || c",
                )
                .graded(Severity::Medium);
            }
        }
    }
}

fn is_false(expr: &Expr) -> bool {
    match expr {
        Expr::Null | Expr::Bool(false) => true,
        Expr::Text(text) => text.is_empty(),
        Expr::Number(text) => text == "0",
        _ => false,
    }
}

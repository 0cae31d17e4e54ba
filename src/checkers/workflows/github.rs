//! Owns what is asked of a GitHub workflow or action.

use super::flow::Flow;
use super::hit::Sink;
use super::options::Options;
use super::{conditions, contexts, images, injection, rights, shape, steps, triggers, uses};

/// Looks at a flow.
pub fn check(flow: &Flow<'_>, options: &Options, sink: &mut Sink<'_>) {
    injection::check(flow, sink);
    uses::check(flow, options, sink);
    rights::check(flow, sink);
    conditions::check(flow, sink);
    images::check(flow, sink);
    steps::check(flow, sink);
    steps::tokens(flow, &options.tokens, sink);
    shape::check(flow, sink);
    contexts::check(flow, sink);
    if !flow.action {
        triggers::check(flow, sink);
    }
}

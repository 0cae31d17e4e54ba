//! Owns groups: the longest runs of tokens that stand at several places. Pure; knows no file.
//!
//! A group is maximal: not all of its places have the same token before it, and not all have the same behind it. Places of a
//! group never overlap each other: of those that would, the first one stays.

use super::windows::Classes;

/// Places at which the same tokens stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// How many tokens.
    pub length: usize,
    /// Where the runs begin, in order; two or more.
    pub places: Vec<u32>,
}

/// The groups of some tokens.
#[derive(Debug, Default)]
pub struct Groups {
    /// The groups, in no order that means anything.
    pub found: Vec<Group>,
    /// Was the search given up? Only texts that somebody made for it take so many steps.
    pub gave_up: bool,
}

/// Steps that the search may take for each token.
const STEPS: usize = 64;

impl Groups {
    /// The groups of the windows of `size` tokens.
    #[must_use]
    pub fn new(tokens: &[u32], classes: &Classes, size: usize) -> Self {
        let mut groups = Self::default();
        let mut steps = tokens.len().saturating_mul(STEPS) + 100_000;
        for members in classes.iter() {
            // Where all have the same token before them, the group is found from there.
            if !differ(tokens, members.iter().map(|at| *at as usize - 1)) {
                continue;
            }
            let mut open = vec![Run::new(members, size)];
            while let Some(Run {
                places,
                mut length,
                limit,
            }) = open.pop()
            {
                let behind = |length| places.iter().map(move |at| *at as usize + length);
                while length < limit && !differ(tokens, behind(length)) {
                    length += 1;
                    steps = steps.saturating_sub(places.len());
                }
                steps = steps.saturating_sub(places.len());
                if steps == 0 {
                    groups.gave_up = true;
                    return groups;
                }
                if length == limit {
                    open.push(Run::new(&places, length));
                    continue;
                }
                for places in parts(tokens, &places, length) {
                    if differ(tokens, places.iter().map(|at| *at as usize - 1)) {
                        open.push(Run {
                            places,
                            length,
                            limit,
                        });
                    }
                }
                let places = apart(&places, length);
                if places.len() > 1 {
                    groups.found.push(Group { length, places });
                }
            }
        }
        groups
    }
}

/// Places at which the same tokens stand, as far as is known.
struct Run {
    places: Vec<u32>,
    /// So many tokens are the same.
    length: usize,
    /// When so many are, the places are thinned again.
    limit: usize,
}

impl Run {
    /// Places of runs of this length. Where they overlap in a chain, as in a row of zeros, those between its ends are thinned
    /// out: what stands before the first and behind the last may go on elsewhere, the rest only repeats itself.
    fn new(places: &[u32], length: usize) -> Self {
        let mut kept: Vec<u32> = Vec::with_capacity(places.len());
        for (at, &place) in places.iter().enumerate() {
            let is_far = |other: u32| place.abs_diff(other) as usize >= length;
            let is_last = places.get(at + 1).is_none_or(|next| is_far(*next));
            if is_last || kept.last().is_none_or(|last| is_far(*last)) {
                kept.push(place);
            }
        }
        Self {
            places: kept,
            length,
            limit: length * 2,
        }
    }
}

/// Are these tokens not all the same?
fn differ(tokens: &[u32], mut at: impl Iterator<Item = usize>) -> bool {
    let first = at.next().map(|at| tokens[at]);
    at.any(|at| Some(tokens[at]) != first)
}

/// The places without those at which a run of this length would overlap the one before.
fn apart(places: &[u32], length: usize) -> Vec<u32> {
    let mut kept: Vec<u32> = Vec::with_capacity(places.len());
    for &place in places {
        if kept
            .last()
            .is_none_or(|last| (place - last) as usize >= length)
        {
            kept.push(place);
        }
    }
    kept
}

/// The places parted by the token that stands behind a run of this length; those that stand alone are left out.
fn parts(tokens: &[u32], places: &[u32], length: usize) -> Vec<Vec<u32>> {
    let mut sorted: Vec<(u32, u32)> = places
        .iter()
        .map(|&at| (tokens[at as usize + length], at))
        .collect();
    sorted.sort_unstable();
    sorted
        .chunk_by(|a, b| a.0 == b.0)
        .filter(|part| part.len() > 1)
        .map(|part| part.iter().map(|(_, at)| *at).collect())
        .collect()
}

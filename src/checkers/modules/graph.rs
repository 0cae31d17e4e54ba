//! Owns the graph of modules: which imports which, where, and when; its circles, and how much of it each module reaches.
//! Knows no language.

use std::collections::{BTreeMap, VecDeque};

use super::facts::When;

/// A graph of modules, which are numbered in the order of their names.
#[derive(Debug, Default)]
pub struct Graph {
    /// What each module imports.
    edges: Vec<BTreeMap<usize, Edge>>,
}

/// That one module imports another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// The earliest time that it is loaded.
    pub when: When,
    /// The file.
    pub file: usize,
    /// Which of the file's imports it is.
    pub import: usize,
}

/// Modules that import each other in a circle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circle {
    /// How many they are.
    pub size: usize,
    /// All of them, by name.
    pub members: Vec<usize>,
    /// The shortest way round, from the first module by name.
    pub way: Vec<usize>,
}

/// At most so many steps are spent to find the shortest ways round.
const MOST_STEPS: usize = 2_000_000;

/// So many words of 64 modules each are reckoned with at once.
const WORDS: usize = 64;

impl Graph {
    /// A graph of so many modules.
    pub fn new(size: usize) -> Self {
        Self {
            edges: vec![BTreeMap::new(); size],
        }
    }

    /// Adds an import; of several between two modules the one that is loaded first is kept.
    pub fn add(&mut self, from: usize, to: usize, edge: Edge) {
        if from != to {
            let kept = self.edges[from].entry(to).or_insert(edge);
            *kept = edge.min(*kept);
        }
    }

    /// What a module imports.
    pub fn of(&self, from: usize) -> &BTreeMap<usize, Edge> {
        &self.edges[from]
    }

    /// How many imports there are between modules.
    pub fn len(&self) -> usize {
        self.edges.iter().map(BTreeMap::len).sum()
    }

    fn kept(&self, from: usize, until: When) -> impl Iterator<Item = usize> + '_ {
        let kept = self.edges[from].iter();
        kept.filter(move |(_, edge)| edge.when <= until)
            .map(|(to, _)| *to)
    }

    /// The modules in the groups in which each reaches each other, by imports that are loaded until then; groups that are
    /// reached come before those that reach them.
    pub fn components(&self, until: When) -> Vec<Vec<usize>> {
        const UNSEEN: usize = usize::MAX;
        let size = self.edges.len();
        let mut index = vec![UNSEEN; size];
        let mut low = vec![0; size];
        let mut is_on_stack = vec![false; size];
        let (mut stack, mut components, mut next) = (Vec::new(), Vec::new(), 0);
        for root in 0..size {
            if index[root] != UNSEEN {
                continue;
            }
            let mut path: Vec<(usize, Vec<usize>)> = vec![(root, self.kept(root, until).collect())];
            index[root] = next;
            low[root] = next;
            next += 1;
            stack.push(root);
            is_on_stack[root] = true;
            while let Some((at, left)) = path.last_mut() {
                let at = *at;
                if let Some(to) = left.pop() {
                    if index[to] == UNSEEN {
                        index[to] = next;
                        low[to] = next;
                        next += 1;
                        stack.push(to);
                        is_on_stack[to] = true;
                        path.push((to, self.kept(to, until).collect()));
                    } else if is_on_stack[to] {
                        low[at] = low[at].min(index[to]);
                    }
                    continue;
                }
                path.pop();
                if let Some((above, _)) = path.last() {
                    low[*above] = low[*above].min(low[at]);
                }
                if low[at] == index[at] {
                    let start = stack.iter().rposition(|one| *one == at).unwrap_or(0);
                    let mut component = stack.split_off(start);
                    for one in &component {
                        is_on_stack[*one] = false;
                    }
                    component.sort_unstable();
                    components.push(component);
                }
            }
        }
        components
    }

    /// The circles of imports that are loaded until then, by the first module of each.
    pub fn circles(&self, until: When) -> Vec<Circle> {
        let mut steps = 0;
        let components = self.components(until).into_iter();
        let components = components.filter(|component| component.len() > 1);
        let mut circles: Vec<Circle> = components
            .map(|component| Circle {
                size: component.len(),
                way: self.shortest(&component, until, &mut steps),
                members: component,
            })
            .collect();
        circles.sort_by(|a, b| a.way.cmp(&b.way));
        circles
    }

    /// The shortest way round in a component; of several the one that comes first by name.
    fn shortest(&self, component: &[usize], until: When, steps: &mut usize) -> Vec<usize> {
        let mut best: Option<Vec<usize>> = None;
        for &start in component {
            let most = best.as_ref().map_or(usize::MAX, Vec::len);
            if most == 2 || (best.is_some() && *steps > MOST_STEPS) {
                break;
            }
            if let Some(way) = self.round(start, component, until, most, steps) {
                best = Some(way);
            }
        }
        let mut way = best.unwrap_or_default();
        let first = way.iter().enumerate().min_by_key(|(_, one)| **one);
        let first = first.map_or(0, |(at, _)| at);
        way.rotate_left(first);
        way
    }

    /// The shortest way from a module back to it that has fewer than `most` modules.
    fn round(
        &self,
        start: usize,
        component: &[usize],
        until: When,
        most: usize,
        steps: &mut usize,
    ) -> Option<Vec<usize>> {
        let mut before: BTreeMap<usize, usize> = BTreeMap::new();
        let mut waiting = VecDeque::from([(start, 1)]);
        while let Some((at, length)) = waiting.pop_front() {
            if length >= most {
                return None;
            }
            for to in self.kept(at, until) {
                *steps += 1;
                if to == start {
                    let mut way = vec![at];
                    let mut at = at;
                    while let Some(&from) = before.get(&at).filter(|_| at != start) {
                        way.push(from);
                        at = from;
                    }
                    way.reverse();
                    return Some(way);
                }
                if component.binary_search(&to).is_ok() && !before.contains_key(&to) {
                    before.insert(to, at);
                    waiting.push_back((to, length + 1));
                }
            }
        }
        None
    }

    /// How many pairs of modules there are of which the first reaches the second over imports.
    pub fn reached(&self) -> u64 {
        let components = self.components(When::Never);
        let mut component_of = vec![0; self.edges.len()];
        for (at, component) in components.iter().enumerate() {
            for &module in component {
                component_of[module] = at;
            }
        }
        let next: Vec<Vec<usize>> = components
            .iter()
            .enumerate()
            .map(|(at, component)| {
                let all = component
                    .iter()
                    .flat_map(|&module| self.edges[module].keys());
                let mut all: Vec<usize> = all.map(|&to| component_of[to]).collect();
                all.sort_unstable();
                all.dedup();
                all.retain(|&to| to != at);
                all
            })
            .collect();
        let mut pairs = 0;
        for first in (0..self.edges.len()).step_by(WORDS * 64) {
            // Which of the modules from `first` on each component reaches, itself included.
            let mut reached: Vec<[u64; WORDS]> = Vec::with_capacity(components.len());
            for (at, component) in components.iter().enumerate() {
                let mut own = [0; WORDS];
                for &module in component {
                    if let Some(bit) = module.checked_sub(first).filter(|bit| *bit < WORDS * 64) {
                        own[bit / 64] |= 1 << (bit % 64);
                    }
                }
                for &to in &next[at] {
                    for (word, more) in own.iter_mut().zip(&reached[to]) {
                        *word |= more;
                    }
                }
                let count: u64 = own.iter().map(|word| u64::from(word.count_ones())).sum();
                pairs += count * component.len() as u64;
                reached.push(own);
            }
        }
        // Each module reaches itself; that is no pair.
        pairs - self.edges.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(usize, usize)]) -> Graph {
        let size = edges.iter().map(|(a, b)| a.max(b) + 1).max().unwrap_or(0);
        let mut graph = Graph::new(size);
        for &(from, to) in edges {
            let edge = Edge {
                when: When::Start,
                file: from,
                import: 0,
            };
            graph.add(from, to, edge);
        }
        graph
    }

    fn check(edges: &[(usize, usize)], expected: &[(usize, &[usize])], reached: u64) {
        let graph = graph(edges);
        let circles = graph.circles(When::Start);
        let circles: Vec<(usize, &[usize])> = circles
            .iter()
            .map(|circle| (circle.size, circle.way.as_slice()))
            .collect();
        assert_eq!(circles, expected, "{edges:?}");
        assert_eq!(graph.reached(), reached, "{edges:?}");
    }

    #[test]
    fn circles_and_reach() {
        check(&[(0, 1), (1, 2)], &[], 3);
        check(&[(0, 0), (0, 1)], &[], 1);
        check(&[(1, 0), (0, 1)], &[(2, &[0, 1])], 2);
        check(&[(2, 1), (1, 0), (0, 2)], &[(3, &[0, 2, 1])], 6);
        // The shortest way round leaves the first module out.
        check(
            &[(0, 1), (1, 2), (2, 3), (3, 0), (2, 1)],
            &[(4, &[1, 2])],
            12,
        );
        check(
            &[(0, 1), (1, 0), (2, 3), (3, 2), (1, 2)],
            &[(2, &[0, 1]), (2, &[2, 3])],
            2 + 2 + 4,
        );
    }

    #[test]
    fn what_is_loaded_later_is_left_out() {
        let mut graph = graph(&[(0, 1)]);
        let later = Edge {
            when: When::Later,
            file: 1,
            import: 0,
        };
        graph.add(1, 0, later);
        assert!(graph.circles(When::Start).is_empty());
        assert_eq!(graph.circles(When::Later).len(), 1);
    }

    #[test]
    fn long_chains_and_wide_graphs_end() {
        let chain: Vec<(usize, usize)> = (0..3_000).map(|n| (n, (n + 1) % 3_000)).collect();
        let graph = graph(&chain);
        assert_eq!(graph.circles(When::Start)[0].size, 3_000);
        assert_eq!(graph.reached(), 3_000 * 2_999);
    }
}

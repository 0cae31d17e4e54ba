//! Owns the search: from the tokens of all files to the groups that are told, and the lines that are duplicated.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use foldhash::fast::RandomState;

use crate::base::digest::Digest;

use super::facts::Code;
use super::groups::{Group, Groups};
use super::lines::{Lines, Stretch};
use super::options::Options;
use super::tokens::Class;
use super::windows::{Classes, Row};

/// Code that stands at several places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clone {
    /// How many tokens.
    pub tokens: usize,
    /// Where it stands: two or more places, in order.
    pub places: Vec<Place>,
    /// What tells it when lines move: a digest of its tokens.
    pub anchor: String,
    /// Are the places the same to the letter? Otherwise only names and values differ.
    pub is_same: bool,
}

/// A place of a clone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The number of the file.
    pub file: usize,
    /// Its lines.
    pub lines: Stretch,
    /// Is most of it told with no longer clone?
    pub is_told: bool,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// The clones, the longest first.
    pub clones: Vec<Clone>,
    /// The lines of each file that stand in some clone, by the file's number.
    pub lines: BTreeMap<usize, BTreeSet<u32>>,
    /// Groups that are tables of data.
    pub data: usize,
    /// Was the search given up?
    pub gave_up: bool,
}

/// More tokens than this are not searched: places are counted in 32 bits.
const MOST: usize = u32::MAX as usize - 1_000_000;

/// The tokens of all files.
struct Corpus<'a> {
    files: &'a [&'a Code],
    /// The tokens as numbers of texts; a number beyond the texts separates files.
    tokens: Vec<u32>,
    /// What each text is, and its digest.
    texts: Vec<(Class, u64)>,
    /// Where each file begins.
    starts: Vec<usize>,
}

impl<'a> Corpus<'a> {
    fn new(files: &'a [&'a Code]) -> Self {
        let mut known: HashMap<(Class, u64), u32, RandomState> = HashMap::default();
        let mut texts = Vec::new();
        let mut tokens = Vec::new();
        let mut starts = Vec::new();
        let mut ends = Vec::new();
        for code in files {
            let numbers: Vec<u32> = code
                .texts()
                .map(|text| {
                    *known.entry(text).or_insert_with(|| {
                        texts.push(text);
                        number(texts.len() - 1)
                    })
                })
                .collect();
            ends.push(tokens.len());
            tokens.push(0);
            starts.push(tokens.len());
            let local = code.tokens();
            tokens.extend(local.filter_map(|token| numbers.get(token as usize).copied()));
        }
        ends.push(tokens.len());
        tokens.push(0);
        for (file, end) in ends.into_iter().enumerate() {
            tokens[end] = number(texts.len() + file);
        }
        Self {
            files,
            tokens,
            texts,
            starts,
        }
    }

    /// The tokens in which names are one, and values of a kind are one.
    fn blurred(&self) -> Vec<u32> {
        // The first text of its class stands for all of them.
        let mut first: BTreeMap<Class, u32> = BTreeMap::new();
        let blur: Vec<u32> = (0..)
            .zip(&self.texts)
            .map(|(own, (class, _))| match class {
                Class::Word | Class::Mark => own,
                class => *first.entry(class.blurred()).or_insert(own),
            })
            .collect();
        let blurred = |token: &u32| blur.get(*token as usize).copied().unwrap_or(*token);
        self.tokens.iter().map(blurred).collect()
    }

    fn file_of(&self, place: u32) -> usize {
        self.starts
            .partition_point(|start| *start <= place as usize)
            - 1
    }

    /// Is it a table of data: nearly all of its words are values and their keys?
    fn is_data(&self, group: &Group) -> bool {
        let (mut code, mut data) = (0, 0);
        let from = group.places[0] as usize;
        for token in &self.tokens[from..from + group.length] {
            match self.texts.get(*token as usize).map(|(class, _)| class) {
                Some(Class::Name | Class::Word) => code += 1,
                Some(Class::Number | Class::Text | Class::Key) => data += 1,
                Some(Class::Mark) | None => {}
            }
        }
        code * DATA < data
    }

    /// What tells a run of tokens again, whatever else there is.
    fn anchor(&self, run: &[u32], is_blurred: bool) -> String {
        let digest = |token: &u32| match self.texts.get(*token as usize) {
            None => 0,
            Some((Class::Word | Class::Mark, digest)) => *digest,
            Some((class, _)) if is_blurred => u64::from(class.blurred().code()),
            Some((_, digest)) => *digest,
        };
        let bytes: Vec<u8> = run.iter().map(digest).flat_map(u64::to_le_bytes).collect();
        Digest::of(&bytes).short()
    }
}

/// So many times as many values as names and words make a table.
const DATA: usize = 4;

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Searches the files, which come in the order of their paths.
#[must_use]
pub fn find(files: &[&Code], options: &Options) -> Found {
    if files.iter().map(|code| code.size()).sum::<usize>() > MOST {
        return Found {
            gave_up: true,
            ..Found::default()
        };
    }
    let corpus = Corpus::new(files);
    let blurred = options.similar.then(|| corpus.blurred());
    let tokens = blurred.as_deref().unwrap_or(&corpus.tokens);
    let row = Row {
        tokens,
        texts: number(corpus.texts.len()),
    };
    let classes = Classes::new(&row, options.min_tokens);
    let groups = Groups::new(tokens, &classes, options.min_tokens);
    drop(classes);
    let mut found = Found {
        gave_up: groups.gave_up,
        ..Found::default()
    };
    let mut lines: BTreeMap<usize, Lines> = BTreeMap::new();
    let mut clones = Vec::new();
    for group in groups.found {
        if corpus.is_data(&group) {
            found.data += 1;
            continue;
        }
        let place = |&at: &u32| {
            let file = corpus.file_of(at);
            let from = at as usize - corpus.starts[file];
            let lines = lines
                .entry(file)
                .or_insert_with(|| Lines::of(corpus.files[file]));
            let stretch = lines.stretch(from, from + group.length);
            let is_long = stretch.code >= options.min_lines;
            is_long.then_some((at, file, stretch))
        };
        let places: Vec<_> = group.places.iter().filter_map(place).collect();
        if places.len() < 2 {
            continue;
        }
        for &(at, file, _) in &places {
            let from = at as usize - corpus.starts[file];
            let known = found.lines.entry(file).or_default();
            lines[&file].each(from, from + group.length, |line| {
                known.insert(line);
            });
        }
        clones.push((group.length, places));
    }
    clones.sort_by(|a, b| (b.0, b.1.len(), &a.1[0].0).cmp(&(a.0, a.1.len(), &b.1[0].0)));
    let mut told = Told::new(tokens.len());
    for (length, places) in clones {
        let exact = |at: u32| &corpus.tokens[at as usize..at as usize + length];
        let first = places[0].0;
        let run = &tokens[first as usize..first as usize + length];
        let clone = Clone {
            tokens: length,
            places: places
                .iter()
                .map(|&(at, file, lines)| Place {
                    file,
                    lines,
                    is_told: told.untold(at, length) * 2 < length,
                })
                .collect(),
            anchor: corpus.anchor(run, options.similar),
            is_same: places.iter().all(|place| exact(place.0) == exact(first)),
        };
        if clone.places.iter().all(|place| place.is_told) {
            continue;
        }
        for (&(at, ..), place) in places.iter().zip(&clone.places) {
            if !place.is_told {
                told.tell(at, length);
            }
        }
        found.clones.push(clone);
    }
    found
}

/// The tokens that are told already.
struct Told(Vec<bool>);

impl Told {
    fn new(tokens: usize) -> Self {
        Self(vec![false; tokens])
    }

    fn untold(&self, at: u32, length: usize) -> usize {
        let run = &self.0[at as usize..at as usize + length];
        run.iter().filter(|told| !**told).count()
    }

    fn tell(&mut self, at: u32, length: usize) {
        self.0[at as usize..at as usize + length].fill(true);
    }
}

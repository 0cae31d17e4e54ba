//! Owns the truth: which findings of a head were there on the base, from what the generator did. Where several are alike it
//! knows numbers only.

use std::collections::{BTreeMap, BTreeSet};

use super::world::{Told, World, is_script};

/// A place of a finding: rule, path and line; line 0 is the file as a whole.
pub type Spot = (String, String, usize);

/// All findings of a head, and whether each was called new.
pub type Seen = BTreeMap<Spot, bool>;

/// Added and changed lines of each path of the head; a path that is not here was not touched.
pub type Touched = BTreeMap<String, BTreeSet<usize>>;

/// A line of a world with a finding.
struct Found<'a> {
    spot: Spot,
    id: u32,
    told: Told,
    copied: bool,
    origin: Option<&'a str>,
}

impl Found<'_> {
    fn key(&self) -> (u32, String) {
        (self.id, self.spot.0.clone())
    }
}

fn lines(world: &World) -> Vec<Found<'_>> {
    let mut all = Vec::new();
    for (path, file) in &world.files {
        for (at, line) in file.items.iter().flatten().enumerate() {
            all.extend(line.rules(path).into_iter().map(|rule| Found {
                spot: (rule.to_owned(), path.clone(), at + 1),
                id: line.id,
                told: line.told,
                copied: line.copied,
                origin: file.origin.as_deref(),
            }));
        }
    }
    all
}

fn wholes(world: &World) -> Vec<(Spot, Option<&str>)> {
    let files = world.files.iter();
    let of = |(path, file): (&String, &'_ super::world::File)| {
        let rules = file.rules().into_iter();
        rules
            .map(|rule| (rule.to_owned(), path.clone(), 0))
            .collect::<Vec<_>>()
    };
    files
        .flat_map(|entry| {
            let origin = entry.1.origin.as_deref();
            of(entry).into_iter().map(move |spot| (spot, origin))
        })
        .collect()
}

/// All that is to be found in a world.
pub fn spots(world: &World) -> Vec<Spot> {
    let lines = lines(world).into_iter().map(|found| found.spot);
    lines
        .chain(wholes(world).into_iter().map(|(spot, _)| spot))
        .collect()
}

/// What is wrong with what was called new: against a base with `touched` lines, or against a baseline, which knows neither
/// lines nor other renames than those of a file that is gone and another one of its name.
pub fn wrong(base: &World, head: &World, seen: &Seen, touched: Option<&Touched>) -> Vec<String> {
    let before = lines(base).into_iter();
    let mut judge = Judge {
        seen,
        touched,
        before: before.map(|found| (found.key(), found)).collect(),
        now: lines(head),
        wrong: Vec::new(),
    };
    judge.texts();
    judge.twins();
    match touched {
        Some(_) => judge.braces(),
        None => judge.counted_braces(base, head),
    }
    judge.wholes(base, head);
    judge.wrong
}

struct Judge<'a> {
    seen: &'a Seen,
    touched: Option<&'a Touched>,
    before: BTreeMap<(u32, String), Found<'a>>,
    now: Vec<Found<'a>>,
    wrong: Vec<String>,
}

impl Judge<'_> {
    fn expect(&mut self, spot: &Spot, new: bool) {
        if self.seen[spot] != new {
            let (rule, path, line) = spot;
            let truth = if new { "is new" } else { "was there" };
            self.wrong.push(format!("{path}:{line} {rule} {truth}"));
        }
    }

    fn expect_known(&mut self, what: &str, spots: &[Spot], expected: usize) {
        let known = spots.iter().filter(|spot| !self.seen[*spot]).count();
        if known != expected {
            let wrong = format!("{what}: {known} of {spots:?} known, not {expected}");
            self.wrong.push(wrong);
        }
    }

    fn was_there(&self, found: &Found) -> bool {
        self.before.contains_key(&found.key())
    }

    /// Is it where it was, as far as file names tell?
    fn stays(&self, found: &Found) -> bool {
        let path = match self.touched {
            Some(_) => found.origin,
            None => Some(found.spot.1.as_str()),
        };
        let home = self.before.get(&found.key());
        !found.copied && home.is_some_and(|home| path == Some(&home.spot.1))
    }

    fn is_touched(&self, spot: &Spot) -> bool {
        let lines = self.touched.and_then(|touched| touched.get(&spot.1));
        lines.is_some_and(|lines| lines.contains(&spot.2))
    }

    fn spots_now(&self, wanted: impl Fn(&Found) -> bool) -> Vec<Spot> {
        let found = self.now.iter().filter(|found| wanted(found));
        found.map(|found| found.spot.clone()).collect()
    }

    /// Of a line and its copies the one that stays was there, or else one of them.
    fn texts(&mut self) {
        let mut groups: BTreeMap<(u32, String), Vec<Spot>> = BTreeMap::new();
        let mut homes: BTreeMap<(u32, String), Spot> = BTreeMap::new();
        for found in self.now.iter().filter(|found| found.told == Told::Text) {
            let group = groups.entry(found.key()).or_default();
            group.push(found.spot.clone());
            if self.stays(found) {
                homes.insert(found.key(), found.spot.clone());
            }
        }
        for (key, group) in groups {
            if let Some(home) = homes.get(&key) {
                for spot in &group {
                    self.expect(spot, spot != home);
                }
            } else {
                let was = self.before.contains_key(&key);
                self.expect_known("of a line", &group, usize::from(was));
            }
        }
    }

    /// Of twins the number is right, and one that was not touched was there.
    fn twins(&mut self) {
        // Those of scripts are not like those of texts.
        let kinds = [
            ("trailing-whitespace", false),
            ("trailing-whitespace", true),
            ("echo-variable", true),
        ];
        for (rule, script) in kinds {
            let is_it = |found: &Found| {
                let here = is_script(&found.spot.1) == script && found.spot.0 == rule;
                here && found.told == Told::Twin
            };
            let was = self.before.values().filter(|found| is_it(found)).count();
            let twins = self.spots_now(is_it);
            self.expect_known("twins", &twins, was.min(twins.len()));
        }
        if self.touched.is_some() {
            let alike = self.spots_now(|found| {
                let is_untouched = !self.is_touched(&found.spot);
                is_untouched && (found.told != Told::Text || self.was_there(found))
            });
            for spot in &alike {
                self.expect(spot, false);
            }
        }
    }

    /// A brace was there where it stayed, or moved with its block.
    fn braces(&mut self) {
        let is_brace = |found: &&Found| found.told == Told::Place;
        let braces: Vec<&Found> = self.now.iter().filter(is_brace).collect();
        let kept = braces.iter().filter(|f| self.was_there(f) && !f.copied);
        let kept: Vec<&&Found> = kept.collect();
        // Git may take a brace for another one that stood there, of which then nobody knows that it moved.
        let is_thief = |found: &&&Found| !self.stays(found) && !self.is_touched(&found.spot);
        let thieves = braces.iter().filter(is_thief).count();
        let known = braces.iter().filter(|f| !self.seen[&f.spot]).count();
        let missing = kept.len().saturating_sub(known + thieves);
        let is_alone = |found: &Found| braces.iter().filter(|f| f.id == found.id).count() == 1;
        let certain = kept.iter().filter(|f| is_alone(f) || self.stays(f));
        let certain = certain.filter(|_| thieves == 0);
        let certain: Vec<Spot> = certain.map(|found| found.spot.clone()).collect();
        let fresh = self.spots_now(|found| {
            is_brace(&found) && !self.was_there(found) && self.is_touched(&found.spot)
        });
        if missing > 0 {
            self.wrong.push(format!("{missing} braces are called new"));
        }
        for spot in &certain {
            self.expect(spot, false);
        }
        for spot in &fresh {
            self.expect(spot, true);
        }
    }

    /// A baseline counts braces, in each file, and those of files that are gone.
    fn counted_braces(&mut self, base: &World, head: &World) {
        let braces = self.spots_now(|found| found.told == Told::Place);
        let (mut known, mut gone, mut more) = (0, 0, 0);
        let paths: BTreeSet<&String> = base.files.keys().chain(head.files.keys()).collect();
        for path in paths {
            let old = self.before.values().filter(|f| f.told == Told::Place);
            let was = old.filter(|found| found.spot.1 == *path).count();
            let is = braces.iter().filter(|spot| spot.1 == *path).count();
            known += was.min(is);
            more += is.saturating_sub(was);
            if !head.files.contains_key(path) {
                gone += was;
            }
        }
        self.expect_known("braces", &braces, known + more.min(gone));
    }

    /// A finding of a file as a whole goes with the file.
    fn wholes(&mut self, base: &World, head: &World) {
        let whole: BTreeSet<Spot> = wholes(base).into_iter().map(|(spot, _)| spot).collect();
        let name = |path: &str| path.rsplit('/').next().map(str::to_owned);
        for (spot, origin) in wholes(head) {
            let known = match (self.touched, origin) {
                (Some(_), None) => false,
                (Some(_), Some(origin)) => whole.contains(&(spot.0.clone(), origin.to_owned(), 0)),
                (None, _) => whole.iter().any(|(rule, path, _)| {
                    let is_gone = !head.files.contains_key(path);
                    let is_same = *path == spot.1 || is_gone && name(path) == name(&spot.1);
                    *rule == spot.0 && is_same
                }),
            };
            self.expect(&spot, !known);
        }
    }
}

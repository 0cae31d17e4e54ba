//! Owns the order of PEP 440. Older spellings that it does not know have no order.

use std::cmp::{Ordering, Reverse};

use super::number::{Number, Part};

/// A version. The fields are in the order that decides.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    epoch: Number,
    /// Without zeros at its end.
    release: Vec<Number>,
    pre: Pre,
    /// None comes first.
    post: Option<Number>,
    dev: Dev,
    /// Words before numbers; none comes first.
    local: Vec<Local>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Pre {
    /// A development release of what has no other mark comes before all its pre-releases.
    Dev,
    Alpha(Number),
    Beta(Number),
    Candidate(Number),
    Final,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Dev {
    Some(Number),
    None,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Local(Part);

impl Ord for Local {
    fn cmp(&self, other: &Self) -> Ordering {
        let kind = |local: &Self| Reverse(matches!(local.0, Part::Word(_)));
        kind(self)
            .cmp(&kind(other))
            .then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Local {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Version {
    /// Reads a version.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let text = text.strip_prefix('v').unwrap_or(&text);
        let (text, local) = match text.split_once('+') {
            Some((text, local)) => (text, read_local(local)?),
            None => (text, Vec::new()),
        };
        let (epoch, text) = match text.split_once('!') {
            Some((epoch, text)) => (Number::read(epoch)?, text),
            None => (Number::ZERO, text),
        };
        let mut rest = Rest(text);
        let mut release = vec![rest.number()?];
        while let Some(number) = rest.dotted() {
            release.push(number);
        }
        while release.len() > 1 && release.last() == Some(&Number::ZERO) {
            release.pop();
        }
        let pre = rest.pre();
        let post = rest.post();
        let dev = rest.marked(&["dev"]).map_or(Dev::None, Dev::Some);
        if !rest.0.is_empty() {
            return None;
        }
        let pre = match (pre, &post, &dev) {
            (Some(pre), ..) => pre,
            (None, None, Dev::Some(_)) => Pre::Dev,
            (None, ..) => Pre::Final,
        };
        Some(Self {
            epoch,
            release,
            pre,
            post,
            dev,
            local,
        })
    }
}

fn read_local(text: &str) -> Option<Vec<Local>> {
    let read = |part: &str| {
        let good = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
        good.then(|| Local(Part::read(part)))
    };
    text.split(['.', '-', '_']).map(read).collect()
}

/// What is not read yet.
struct Rest<'a>(&'a str);

impl Rest<'_> {
    fn number(&mut self) -> Option<Number> {
        let end = self.0.find(|letter: char| !letter.is_ascii_digit());
        let (digits, rest) = self.0.split_at(end.unwrap_or(self.0.len()));
        let number = Number::read(digits)?;
        self.0 = rest;
        Some(number)
    }

    fn dotted(&mut self) -> Option<Number> {
        let mut after = Rest(self.0.strip_prefix('.')?);
        let number = after.number()?;
        self.0 = after.0;
        Some(number)
    }

    fn pre(&mut self) -> Option<Pre> {
        let alpha = self.marked(&["alpha", "a"]).map(Pre::Alpha);
        let beta = alpha.or_else(|| self.marked(&["beta", "b"]).map(Pre::Beta));
        beta.or_else(|| {
            let number = self.marked(&["preview", "pre", "rc", "c"]);
            number.map(Pre::Candidate)
        })
    }

    fn post(&mut self) -> Option<Number> {
        if let Some(after) = self.0.strip_prefix('-') {
            let mut after = Rest(after);
            if let Some(number) = after.number() {
                self.0 = after.0;
                return Some(number);
            }
        }
        self.marked(&["post", "rev", "r"])
    }

    /// One of the words with its number; no number is 0.
    fn marked(&mut self, words: &[&str]) -> Option<Number> {
        let text = self.0.strip_prefix(['.', '-', '_']).unwrap_or(self.0);
        let text = words.iter().find_map(|word| text.strip_prefix(word))?;
        let mut after = Rest(text.strip_prefix(['.', '-', '_']).unwrap_or(text));
        if let Some(number) = after.number() {
            self.0 = after.0;
            return Some(number);
        }
        self.0 = text;
        Some(Number::ZERO)
    }
}

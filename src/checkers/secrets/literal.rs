//! Owns the search for short words in one pass: the words that open a password, a URL with credentials, a header or a hash.

use std::sync::LazyLock;

use aho_corasick::packed::{Config, MatchKind, Searcher};

/// What a word opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// A name of a secret.
    Name,
    /// `://`.
    Url,
    /// `Basic `.
    Basic,
    /// `Bearer `.
    Bearer,
    /// ` -u `.
    User,
    /// `IDENTIFIED BY `.
    Identified,
    /// `$2b$` and its like.
    Hash,
}

const WORDS: [(&str, Word); 25] = [
    ("pass", Word::Name),
    ("PASS", Word::Name),
    ("Pass", Word::Name),
    ("pwd", Word::Name),
    ("PWD", Word::Name),
    ("Pwd", Word::Name),
    ("ecret", Word::Name),
    ("ECRET", Word::Name),
    ("_KEY'", Word::Name),
    ("_SALT'", Word::Name),
    ("://", Word::Url),
    ("Basic ", Word::Basic),
    ("basic ", Word::Basic),
    ("Bearer ", Word::Bearer),
    ("bearer ", Word::Bearer),
    (" -u ", Word::User),
    ("IDENTIFIED BY ", Word::Identified),
    ("identified by ", Word::Identified),
    ("$2a$", Word::Hash),
    ("$2b$", Word::Hash),
    ("$2y$", Word::Hash),
    ("$6$", Word::Hash),
    ("$5$", Word::Hash),
    ("$apr1$", Word::Hash),
    ("$argon2", Word::Hash),
];

static SEARCHER: LazyLock<Option<Searcher>> = LazyLock::new(|| {
    Config::new()
        .match_kind(MatchKind::LeftmostFirst)
        .builder()
        .extend(WORDS.iter().map(|(word, _)| word.as_bytes()))
        .build()
});

/// Calls `each` with every word and where it stands, in order.
pub fn each(bytes: &[u8], mut each: impl FnMut(Word, usize)) {
    match &*SEARCHER {
        Some(searcher) => {
            for found in searcher.find_iter(bytes) {
                each(WORDS[found.pattern().as_usize()].1, found.start());
            }
        }
        // A machine without vector instructions.
        None => slowly(bytes, each),
    }
}

fn slowly(bytes: &[u8], mut each: impl FnMut(Word, usize)) {
    let mut at = 0;
    while at < bytes.len() {
        let here = WORDS
            .iter()
            .find(|(word, _)| bytes[at..].starts_with(word.as_bytes()));
        match here {
            Some((text, word)) => {
                each(*word, at);
                at += text.len();
            }
            None => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_find_the_same() {
        let text = b"pass PASSWD://x:Basic  -u $2b$ ecret Secret bearer Bearer x pwd".repeat(3);
        let (mut fast, mut slow) = (Vec::new(), Vec::new());
        each(&text, |word, at| fast.push((word, at)));
        slowly(&text, |word, at| slow.push((word, at)));
        assert_eq!(fast, slow);
        assert!(fast.len() > 20);
    }
}

//! Owns the asking of registries for releases, through the HTTP port, a few packages at a time: an answer may be large.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::told;
use crate::check::ports::{Ask, Http};
use crate::checkers::dependencies::inventory::Ecosystem;
use crate::checkers::dependencies::outdated::ask::Missing;
use crate::checkers::dependencies::outdated::latest::Latest;
use crate::checkers::dependencies::outdated::registry;

/// The longest answer: a package with thousands of releases.
const MOST: usize = 128 << 20;
/// So many answers are held at once.
const AT_ONCE: usize = 16;

/// A release: its ecosystem, the package's normal name, the version.
pub type Key = (Ecosystem, String, String);

/// Asks the registries of these releases; `bases` has those that are not the public ones.
pub fn ask(
    http: &dyn Http,
    wanted: &BTreeSet<Key>,
    bases: &BTreeMap<Ecosystem, String>,
    timeout: Duration,
    into: &mut Latest,
) -> Missing {
    let mut missing = Missing::default();
    let mut about: BTreeMap<String, Vec<&Key>> = BTreeMap::new();
    for key in wanted {
        let (ecosystem, name, version) = key;
        let base = bases
            .get(ecosystem)
            .map_or(registry::public(*ecosystem), String::as_str);
        match told::url(*ecosystem, base, name, version) {
            Some(url) => about.entry(url).or_default().push(key),
            None => missing.tell(
                *ecosystem,
                name,
                "no registry tells of its releases".to_owned(),
            ),
        }
    }
    let urls: Vec<String> = about.keys().cloned().collect();
    for some in urls.chunks(AT_ONCE) {
        let one = |url: &String| Ask {
            url: url.clone(),
            accept: "application/json",
            body: None,
            most: MOST,
            timeout,
        };
        let asks: Vec<Ask> = some.iter().map(one).collect();
        for (url, answer) in some.iter().zip(http.ask(&asks)) {
            let body = match answer {
                Err(fault) => Err(fault.what),
                Ok(answer) if answer.status == 404 => {
                    Err("the registry does not have it".to_owned())
                }
                Ok(answer) if answer.status != 200 => Err(format!(
                    "the registry answered with status {}",
                    answer.status
                )),
                Ok(answer) => Ok(answer.body),
            };
            for &(ecosystem, ref name, ref version) in about[url].iter().copied() {
                let told = body.as_deref().map_err(Clone::clone);
                match told.and_then(|body| told::release(ecosystem, name, version, body)) {
                    Ok(release) => {
                        into.put_release((ecosystem, name.clone(), version.clone()), release);
                    }
                    Err(why) => missing.tell(ecosystem, name, why),
                }
            }
        }
    }
    missing
}

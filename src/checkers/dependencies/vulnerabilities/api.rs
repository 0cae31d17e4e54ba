//! Owns the OSV query API: which questions it is asked, and what of its answers can be relied on. Only an option lets it be asked:
//! it learns the dependencies. Any answer that is missing is told as such.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::judge::Pin;
use crate::check::ports::{Answer, Ask, Http};
use crate::checkers::dependencies::inventory::Ecosystem;
use crate::checkers::dependencies::osv::advisory::Advisory;
use crate::checkers::dependencies::osv::record::Record;
use crate::model::fault::Fault;

/// The server takes so many questions at once.
const BATCH: usize = 1_000;

/// The server cuts answers of more than this.
const MOST: usize = 32 << 20;

/// Nobody has so many pages for one package.
const MOST_PAGES: usize = 100;

/// The advisories of an ecosystem, by normal name.
pub type Own = BTreeMap<Ecosystem, BTreeMap<String, Vec<Advisory>>>;

/// What the server told.
#[derive(Debug, Default)]
pub struct Told {
    /// The advisories.
    pub own: Own,
    /// How many records.
    pub records: usize,
    /// What it did not tell, one line each.
    pub missing: Vec<String>,
}

#[derive(Serialize)]
struct Questions<'a> {
    queries: Vec<Question<'a>>,
}

#[derive(Clone, Serialize)]
struct Question<'a> {
    package: Named<'a>,
    version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_token: Option<String>,
}

#[derive(Clone, Serialize)]
struct Named<'a> {
    ecosystem: &'static str,
    name: &'a str,
}

#[derive(Deserialize)]
struct Results {
    results: Vec<Option<Found>>,
}

#[derive(Default, Deserialize)]
struct Found {
    #[serde(default)]
    vulns: Vec<Id>,
    #[serde(default)]
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

/// Asks the server at `base` of these packages.
pub fn ask(
    http: &dyn Http,
    base: &str,
    wanted: &BTreeMap<Ecosystem, BTreeSet<Pin>>,
    timeout: Duration,
) -> Told {
    let mut told = Told::default();
    let base = base.trim_end_matches('/');
    let mut ids: BTreeSet<String> = BTreeSet::new();
    let pins = wanted
        .iter()
        .flat_map(|(ecosystem, pins)| pins.iter().map(move |pin| (*ecosystem, pin)));
    let mut open: Vec<Question<'_>> = pins
        .map(|(ecosystem, (name, version))| Question {
            package: Named {
                ecosystem: ecosystem.name(),
                name,
            },
            version,
            page_token: None,
        })
        .collect();
    for _ in 0..MOST_PAGES {
        if open.is_empty() {
            break;
        }
        open = round(http, base, &open, timeout, &mut ids, &mut told.missing);
    }
    if !open.is_empty() {
        told.missing.push(format!(
            "{base} has more than {MOST_PAGES} pages for a package"
        ));
    }
    records(http, base, &ids, timeout, &mut told);
    told
}

/// One round of questions; those that have a further page.
fn round<'a>(
    http: &dyn Http,
    base: &str,
    open: &[Question<'a>],
    timeout: Duration,
    ids: &mut BTreeSet<String>,
    missing: &mut Vec<String>,
) -> Vec<Question<'a>> {
    let batches: Vec<&[Question<'a>]> = open.chunks(BATCH).collect();
    let asks: Vec<Ask> = batches
        .iter()
        .map(|batch| {
            let questions = Questions {
                queries: batch.to_vec(),
            };
            let body = serde_json::to_string(&questions).expect("its keys are text");
            question(format!("{base}/v1/querybatch"), Some(body), timeout)
        })
        .collect();
    let mut more = Vec::new();
    for (batch, answer) in batches.into_iter().zip(http.ask(&asks)) {
        let results = read::<Results>(answer).and_then(|results| {
            let (found, asked) = (results.results.len(), batch.len());
            let strange = || format!("it has {found} answers to {asked} questions");
            (found == asked)
                .then_some(results.results)
                .ok_or_else(strange)
        });
        match results {
            Err(why) => missing.push(format!(
                "{} packages from {}: {why}",
                batch.len(),
                batch[0].package.name
            )),
            Ok(results) => {
                for (question, found) in batch.iter().zip(results) {
                    let found = found.unwrap_or_default();
                    ids.extend(found.vulns.into_iter().map(|vuln| vuln.id));
                    let token = found.next_page_token.filter(|token| !token.is_empty());
                    if token.is_some() && token == question.page_token {
                        missing.push(format!(
                            "{}: the next page is the same one",
                            question.package.name
                        ));
                    } else if token.is_some() {
                        more.push(Question {
                            page_token: token,
                            ..question.clone()
                        });
                    }
                }
            }
        }
    }
    more
}

/// Fetches each record once.
fn records(
    http: &dyn Http,
    base: &str,
    ids: &BTreeSet<String>,
    timeout: Duration,
    told: &mut Told,
) {
    let plain = |id: &&String| {
        id.chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.:".contains(c))
    };
    let (good, bad): (Vec<&String>, Vec<&String>) = ids.iter().partition(plain);
    told.missing.extend(
        bad.into_iter()
            .map(|id| format!("`{id}` is no id of a record")),
    );
    let asks: Vec<Ask> = good
        .iter()
        .map(|id| question(format!("{base}/v1/vulns/{id}"), None, timeout))
        .collect();
    for (id, answer) in good.into_iter().zip(http.ask(&asks)) {
        let record = body(answer).and_then(|body| Record::of_json(&body));
        match record {
            Err(why) => told.missing.push(format!("{id}: {why}")),
            Ok(record) if record.id != *id => told
                .missing
                .push(format!("{id}: the answer is of {}", record.id)),
            Ok(record) => {
                told.records += 1;
                if record.withdrawn.is_some() {
                    continue;
                }
                for (ecosystem, name, advisory) in Advisory::of(&record) {
                    let names = told.own.entry(ecosystem).or_default();
                    names.entry(name).or_default().push(advisory);
                }
            }
        }
    }
}

fn question(url: String, body: Option<String>, timeout: Duration) -> Ask {
    Ask {
        url,
        accept: "application/json",
        body,
        most: MOST,
        timeout,
    }
}

fn body(answer: Result<Answer, Fault>) -> Result<Vec<u8>, String> {
    match answer {
        Err(fault) => Err(fault.what),
        Ok(answer) if answer.status != 200 => {
            Err(format!("it answered with status {}", answer.status))
        }
        Ok(answer) => Ok(answer.body),
    }
}

fn read<T: serde::de::DeserializeOwned>(answer: Result<Answer, Fault>) -> Result<T, String> {
    let body = body(answer)?;
    serde_json::from_slice(&body).map_err(|_| "its answer is not that of such a server".to_owned())
}

//! Gate files as users write them: what a good one comes down to, and what each broken one is told.

#[path = "config/broken.rs"]
mod broken;
#[path = "config/good.rs"]
mod good;
#[path = "config/shipped.rs"]
mod shipped;
#[path = "config/toy.rs"]
mod toy;

use std::collections::BTreeMap;

use qgate::base::node::Problem;
use qgate::config::load::load_with;
use qgate::config::plan::Plan;
use qgate::config::{GateFiles, Request, render};

/// Files in memory.
#[derive(Default)]
pub struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    fn of(files: &[(&str, &str)]) -> Self {
        let owned = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()));
        Self(owned.collect())
    }
}

impl GateFiles for Files {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        Ok(self.0.get(path).cloned())
    }
}

fn variable(name: &str) -> Option<String> {
    match name {
        "API_URL" => Some("http://api.test".to_owned()),
        "ATTEMPTS" => Some("7".to_owned()),
        "TOKEN" => Some("hunter2-hunter2".to_owned()),
        _ => None,
    }
}

fn load(files: &Files, request: &Request) -> Result<Plan, Vec<Problem>> {
    load_with(toy::CHECKERS, request, files, &variable)
}

/// What the user is shown; plain ASCII always.
fn told(problems: &[Problem]) -> String {
    let text = render(problems);
    let plain = |b: u8| b == b'\n' || (b' '..=b'~').contains(&b);
    assert!(text.bytes().all(plain), "not plain ASCII: {text:?}");
    text
}

//! Owns `qgate advisories status` and `verify`.

use super::{Format, StatusArgs, today};
use crate::base::ascii::escape;
use crate::check::ports::Advisories as _;
use crate::checkers::dependencies::index::segment::Index;
use crate::checkers::dependencies::inventory::Ecosystem;
use crate::checkers::dependencies::vulnerabilities::CURE;
use crate::checkers::dependencies::vulnerabilities::data::Supply;
use crate::cli::output::Console;
use crate::host::advisories::Folder;
use crate::model::outcome::Exit;

/// Says what is here. `deep` reads all of it.
pub(super) fn run(args: &StatusArgs, deep: bool, console: &mut Console) -> anyhow::Result<Exit> {
    let folder = Folder::of_user();
    let today = today()?;
    let mut rows = Vec::new();
    let mut all_good = true;
    for &ecosystem in Ecosystem::ALL {
        let (supply, there) = match folder.index(ecosystem.name()) {
            Ok(None) => continue,
            Ok(Some(bytes)) => (open(bytes, ecosystem, args, today, deep), true),
            Err(fault) => (broken(fault.what), false),
        };
        all_good &= supply.doubts.is_empty() && there;
        rows.push((ecosystem, supply));
    }
    let place = folder.path()?.display().to_string();
    if args.format == Format::Json {
        let rows: Vec<serde_json::Value> = rows.iter().map(json).collect();
        let answer = serde_json::json!({ "folder": place, "indexes": rows });
        console.json(&answer)?;
    } else if !rows.is_empty() {
        let mut text = format!("in {}\n\n", escape(&place));
        for (ecosystem, supply) in &rows {
            text.push_str(&told(*ecosystem, supply, today, deep));
        }
        console.out(&text)?;
    }
    if rows.is_empty() {
        console.say(&format!(
            "no advisories in {}\n  help: {CURE}\n",
            escape(&place)
        ));
        return Ok(Exit::Unknown);
    }
    Ok(if all_good { Exit::Pass } else { Exit::Unknown })
}

fn open(
    bytes: Vec<u8>,
    ecosystem: Ecosystem,
    args: &StatusArgs,
    today: jiff::civil::Date,
    deep: bool,
) -> Supply {
    let index = match Index::open(bytes) {
        Ok(index) => index,
        Err(flaw) => return broken(flaw.to_string()),
    };
    let flaw = if deep { index.verify().err() } else { None };
    let foreign = index.ecosystem() != ecosystem;
    let mut supply = Supply::of(index, today, args.max_age.limit());
    supply.doubts.extend(flaw.map(|flaw| flaw.to_string()));
    if foreign {
        supply.doubts.push("it is of another ecosystem".to_owned());
    }
    supply
}

fn broken(why: String) -> Supply {
    Supply {
        index: None,
        doubts: vec![why],
    }
}

fn told(ecosystem: Ecosystem, supply: &Supply, today: jiff::civil::Date, deep: bool) -> String {
    let state = match (supply.doubts.is_empty(), deep) {
        (true, false) => "can be relied on",
        (true, true) => "whole and right",
        (false, _) => "cannot be relied on",
    };
    let mut text = format!("{:<10} {state}\n", ecosystem.name());
    for doubt in &supply.doubts {
        text.push_str(&format!("    problem: {}\n", escape(doubt)));
    }
    let Some(index) = &supply.index else {
        return text;
    };
    let manifest = index.manifest();
    let day = manifest
        .day()
        .map_or_else(|| "an unknown day".to_owned(), |day| day.to_string());
    let age = manifest
        .age(today)
        .map_or_else(String::new, |age| format!(", {age} days ago"));
    text.push_str(&format!(
        "    of {day}{age}, by {}\n    {} advisories on {} packages, {} withdrawn, {} bad\n    from {}\n",
        escape(&manifest.as_of_by),
        manifest.records - manifest.withdrawn.min(manifest.records),
        manifest.names,
        manifest.withdrawn,
        manifest.bad,
        escape(&manifest.source),
    ));
    if manifest.subset {
        text.push_str("    a part of all advisories, on purpose\n");
    }
    for bad in &manifest.bad_listed {
        text.push_str(&format!("    bad: {}\n", escape(bad)));
    }
    text
}

fn json((ecosystem, supply): &(Ecosystem, Supply)) -> serde_json::Value {
    let manifest = supply.index.as_ref().map(Index::manifest);
    serde_json::json!({
        "ecosystem": ecosystem.name(),
        "reliable": supply.doubts.is_empty(),
        "problems": supply.doubts,
        "as_of": manifest.and_then(crate::checkers::dependencies::index::manifest::Manifest::day).map(|day| day.to_string()),
        "as_of_by": manifest.map(|manifest| &manifest.as_of_by),
        "source": manifest.map(|manifest| &manifest.source),
        "sha256": manifest.map(|manifest| &manifest.sha256),
        "records": manifest.map(|manifest| manifest.records),
        "withdrawn": manifest.map(|manifest| manifest.withdrawn),
        "bad": manifest.map(|manifest| &manifest.bad_listed),
        "packages": manifest.map(|manifest| manifest.names),
        "subset": manifest.map(|manifest| manifest.subset),
    })
}

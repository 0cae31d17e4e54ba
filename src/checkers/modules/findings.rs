//! Owns what the map shows: circles, modules that import too many others, and what was not read.

use crate::base::words;
use crate::model::evidence::Evidence;
use crate::model::finding::Finding;
use crate::model::place::{Place, Span};
use crate::model::rule::Severity;
use crate::source::language::Language;

use super::facts::When;
use super::graph::{Circle, Edge};
use super::map::Map;
use super::options::Options;
use super::{HIGH_FAN_OUT, IMPORT_CYCLE};

/// At most so many modules of a circle are named.
const NAMED: usize = 12;

/// At most so many files are listed.
const LISTED: usize = 20;

/// Modules that import each other.
pub fn circles(map: &Map<'_>, evidence: &mut Evidence) {
    let real = map.graph.circles(When::Start);
    let mut is_in_real = vec![false; map.modules.len()];
    for circle in &real {
        for &module in &circle.members {
            is_in_real[module] = true;
        }
        push(map, circle, When::Start, evidence);
    }
    for circle in map.graph.circles(When::Never) {
        if !circle.members.iter().any(|&module| is_in_real[module]) {
            push(map, &circle, When::Never, evidence);
        }
    }
}

fn push(map: &Map<'_>, circle: &Circle, until: When, evidence: &mut Evidence) {
    // The modules of a crate are one whole: they may use each other.
    let languages = circle
        .way
        .iter()
        .map(|&module| map.modules[module].language);
    if languages.clone().any(|language| language == Language::Rust) {
        return;
    }
    let next = circle.way.iter().cycle().skip(1);
    let edges: Vec<Edge> = circle
        .way
        .iter()
        .zip(next)
        .filter_map(|(from, to)| map.graph.of(*from).get(to).copied())
        .collect();
    let Some(first) = edges.first() else { return };
    let mut way: Vec<String> = edges
        .iter()
        .take(NAMED)
        .map(|edge| map.shown(*edge))
        .collect();
    if edges.len() > NAMED {
        way.push(format!("{} more", edges.len() - NAMED));
    }
    way.push(map.modules[circle.way[0]].name.clone());
    let count = words::count(circle.size, "module");
    let short = if circle.size == circle.way.len() {
        String::new()
    } else {
        "; the shortest way round".to_owned()
    };
    let (headline, help) = if until == When::Start {
        (
            format!(
                "{count} import each other in a circle{short}: {}",
                way.join(" -> ")
            ),
            "break it at one of these imports: move what both sides need into a module that imports neither",
        )
    } else {
        (
            format!(
                "{count} import each other in a circle, though not when they are loaded{short}: {}",
                way.join(" -> ")
            ),
            "nothing breaks; move what both sides need into a module of its own if they should stand alone",
        )
    };
    let mut finding = Finding::new(&IMPORT_CYCLE, place(map, *first), headline, help)
        .anchored("import cycle")
        .of_amount(circle.size as u64);
    if until != When::Start {
        finding = finding.graded(Severity::Info);
    }
    evidence.findings.push(finding);
}

/// Where an import stands.
pub fn place(map: &Map<'_>, edge: Edge) -> Place {
    let file = &map.files[edge.file];
    let import = &file.facts.imports[edge.import];
    Place::Part(file.meta.path.clone(), Span::at(import.line, import.column))
}

/// Modules that import more others than the limit.
pub fn fan_out(map: &Map<'_>, options: &Options, evidence: &mut Evidence) {
    if options.max_fan_out == 0 {
        return;
    }
    for (at, module) in map.modules.iter().enumerate() {
        let count = map.graph.of(at).len();
        if count <= options.max_fan_out {
            continue;
        }
        let file = &map.files[module.files[0]];
        let most = options.max_fan_out;
        let headline = format!("it imports {count} modules of this repository, more than {most}");
        let help = "split what it does, so that each part needs few others";
        let place = Place::File(file.meta.path.clone());
        let finding = Finding::new(&HIGH_FAN_OUT, place, headline, help);
        let finding = finding.anchored("fan-out").of_amount(count as u64);
        evidence.findings.push(finding);
    }
}

/// What was not read.
pub fn notes(map: &Map<'_>, evidence: &mut Evidence) {
    let mut flawed = Vec::new();
    for file in &map.files {
        let path = &file.meta.path;
        if let Some(why) = file.facts.unread {
            evidence.partial(format!("{path}: {}", why.why()));
        }
        if file.facts.more > 0 {
            evidence.partial(format!(
                "{path}: {} more imports than are kept",
                file.facts.more
            ));
        }
        if file.facts.is_flawed {
            flawed.push(path.to_string());
        }
    }
    if !flawed.is_empty() {
        let files = words::count(flawed.len(), "file");
        let notes = &mut evidence.notes;
        notes.push(format!(
            "{files} with syntax that was not understood; the imports that were are followed"
        ));
        let listed = flawed.iter().take(LISTED);
        notes.extend(listed.map(|path| format!("not understood in a part: {path}")));
        if flawed.len() > LISTED {
            notes.push(format!(
                "not understood in a part: {} more",
                flawed.len() - LISTED
            ));
        }
    }
}

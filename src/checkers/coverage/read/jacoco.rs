//! Owns the reader of `JaCoCo`'s XML: packages in groups of any depth; the path of a file is its package and name alone.

use std::collections::BTreeMap;

use quick_xml::events::BytesStart;

use super::super::model::{Count, FileCoverage, FunctionId};
use super::sink::{Name, Sink};
use super::text::Text;
use super::xml::{self, Step, attribute, whole};

/// Where the walk is.
#[derive(Default)]
struct Walk {
    groups: Vec<String>,
    package: Option<Package>,
    class: Option<Class>,
    method: Option<(FunctionId, Option<bool>)>,
    source: Option<(String, FileCoverage)>,
}

#[derive(Default)]
struct Package {
    name: String,
    files: BTreeMap<String, FileCoverage>,
    classes: Vec<Class>,
}

#[derive(Default)]
struct Class {
    name: String,
    /// The file that it is in; empty where it is not told.
    source: String,
    methods: Vec<(FunctionId, bool)>,
}

/// Reads a report.
pub fn read(text: &mut Text<'_>, sink: &mut Sink) -> Result<(), String> {
    let mut walk = Walk::default();
    xml::walk(text, &mut |step| match step {
        Step::Start(element) => {
            walk.start(element, sink);
            Ok(())
        }
        Step::Text(_) => Ok(()),
        Step::End(name) => walk.end(name, sink),
    })
}

impl Walk {
    fn start(&mut self, element: &BytesStart<'_>, sink: &mut Sink) {
        let name = || attribute(element, "name").unwrap_or_default();
        match element.local_name().as_ref() {
            "group" => self.groups.push(name()),
            "package" => {
                self.package = Some(Package {
                    name: name(),
                    ..Package::default()
                });
            }
            "class" => {
                self.class = Some(Class {
                    name: name(),
                    source: attribute(element, "sourcefilename").unwrap_or_default(),
                    ..Class::default()
                });
            }
            "method" => {
                if let Some(class) = &self.class {
                    let line = whole(element, "line").and_then(|line| u32::try_from(line).ok());
                    let desc = attribute(element, "desc").unwrap_or_default();
                    let id = format!("{}.{}{desc}", class.name, name());
                    self.method = Some(((line.unwrap_or(0), 0, id.into()), None));
                }
            }
            "counter" => {
                if let Some((_, called)) = &mut self.method
                    && attribute(element, "type").as_deref() == Some("METHOD")
                {
                    *called = whole(element, "covered").map(|covered| covered > 0);
                }
            }
            "sourcefile" => self.source = Some((name(), FileCoverage::default())),
            "line" => self.line(element, sink),
            _ => {}
        }
    }

    fn line(&mut self, element: &BytesStart<'_>, sink: &mut Sink) {
        let Some((path, file)) = &mut self.source else {
            return;
        };
        let at = || format!("in {path}");
        let Some(line) = sink.number(whole(element, "nr"), at) else {
            return;
        };
        let instructions = sink.hits(whole(element, "ci"), at);
        // Instructions are no hits: it ran, or it did not.
        file.hit(line, u64::from(instructions > 0));
        let missed = whole(element, "mb").unwrap_or(0);
        let taken = whole(element, "cb").unwrap_or(0);
        file.branch_count(line, Count::new(taken, taken.saturating_add(missed)));
        // Without branches the instructions tell whether a part of the line never ran.
        let part = missed == 0 && taken == 0 && instructions > 0;
        if part
            && whole(element, "mi").is_some_and(|missed| missed > 0)
            && let Some(known) = file.lines.get_mut(&line)
        {
            known.mixed = true;
        }
    }

    fn end(&mut self, name: &str, sink: &mut Sink) -> Result<(), String> {
        match name {
            "group" => {
                self.groups.pop();
            }
            "method" => {
                if let (Some((id, Some(called))), Some(class)) =
                    (self.method.take(), &mut self.class)
                {
                    class.methods.push((id, called));
                }
            }
            "class" => {
                if let (Some(class), Some(package)) = (self.class.take(), &mut self.package) {
                    package.classes.push(class);
                }
            }
            "sourcefile" => {
                if let (Some((name, file)), Some(package)) = (self.source.take(), &mut self.package)
                {
                    package.files.entry(name).or_default().merge(file, true);
                }
            }
            "package" => {
                if let Some(package) = self.package.take() {
                    let module = self.groups.join("/");
                    package.close(&module, sink)?;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

impl Package {
    fn close(mut self, module: &str, sink: &mut Sink) -> Result<(), String> {
        for class in std::mem::take(&mut self.classes) {
            let source = self.source_of(&class);
            let file = self.files.entry(source).or_default();
            for (id, called) in class.methods {
                file.function(id, called);
            }
        }
        for (name, file) in self.files {
            let path = match self.name.trim_matches('/') {
                "" => name,
                package => format!("{package}/{name}"),
            };
            let module = module.to_owned();
            sink.take(Name { path, module }, file)?;
        }
        Ok(())
    }

    /// The file of a class: what it tells, or the only file that bears its outermost name. A class of which nobody knows the file
    /// stands for one: its methods count.
    fn source_of(&self, class: &Class) -> String {
        if !class.source.is_empty() {
            // With a path in it, as some writers have it, only its end is the file's name.
            let known = self.files.contains_key(&class.source);
            let short = class.source.rsplit('/').next().unwrap_or_default();
            return if known {
                class.source.clone()
            } else {
                short.to_owned()
            };
        }
        let name = class.name.rsplit('/').next().unwrap_or_default();
        let outer = name.split('$').next().unwrap_or_default();
        let bears = |name: &&String| name.split('.').next() == Some(outer);
        let mut all = self.files.keys().filter(bears);
        match (all.next(), all.next()) {
            (Some(only), None) => only.clone(),
            _ => outer.to_owned(),
        }
    }
}

//! Owns the editing of a file of waivers as text: an entry is added at its end, or whole entries are cut out; comments and all
//! else stay as they are. Knows no key of an entry.

use anyhow::Context as _;

use super::Usage;
use super::site::Site;
use crate::base::ascii;
use crate::base::node::Origin;
use crate::config::GateFiles;
use crate::config::waivers::Waivers;
use crate::host::store;

/// A file of waivers.
pub(super) struct WaiverFile<T> {
    /// Its path.
    pub(super) path: &'static str,
    /// The key of its list.
    pub(super) list: &'static str,
    /// What it is, for a comment in a new one.
    pub(super) about: &'static str,
    /// How it is read.
    pub(super) read: fn(&dyn GateFiles) -> Waivers<T>,
    /// Where an entry stands.
    pub(super) origin: fn(&T) -> &Origin,
}

impl<T> WaiverFile<T> {
    /// The file's text, if there is one, and what it says.
    pub(super) fn read(&self, site: &Site) -> Result<(Option<String>, Waivers<T>), Usage> {
        let wrong = |why: String, help: &str| {
            Usage::new(format!("{} cannot be read: {why}", self.path), help)
        };
        let bytes = site.files().read(self.path);
        let bytes = bytes.map_err(|why| wrong(why, "mend its permissions"))?;
        let text = bytes.map(String::from_utf8).transpose();
        let text = text.map_err(|_| wrong("it is not UTF-8".to_owned(), "save it as UTF-8"))?;
        Ok((text, (self.read)(&site.files())))
    }

    /// Adds an entry at the end; nothing is written when it is wrong, or could not be read back.
    pub(super) fn add(&self, site: &Site, fields: &[(&str, String)]) -> anyhow::Result<()> {
        let alone = self.with_entry(None, &[], fields);
        if let Some(flawed) = (self.read)(&InMemory(&alone)).flawed.first() {
            return Err(Usage::new(&flawed.headline, &flawed.help).into());
        }
        let (old, known) = self.read(site)?;
        let entries: Vec<&Origin> = known.entries.iter().map(self.origin).collect();
        let new = self.with_entry(old.as_deref(), &entries, fields);
        if (self.read)(&InMemory(&new)).entries.len() != known.entries.len() + 1 {
            let entry = entry(2, fields);
            return Err(Usage::new(
                format!("{} is written in a way that cannot be added to", self.path),
                format!(
                    "add this entry by hand: {}",
                    entry.trim().replace('\n', ",")
                ),
            )
            .into());
        }
        self.write(site, &new)
    }

    /// Cuts entries out.
    pub(super) fn cut(&self, site: &Site, old: &str, all: &[T], gone: &[&T]) -> anyhow::Result<()> {
        let origins: Vec<&Origin> = all.iter().map(self.origin).collect();
        let cut: Vec<&Origin> = gone.iter().map(|entry| (self.origin)(entry)).collect();
        let new = without(old, &origins, &cut).filter(|new| {
            let left = (self.read)(&InMemory(new)).entries.len();
            left + gone.len() == all.len()
        });
        let Some(new) = new else {
            return Err(Usage::new(
                format!(
                    "{} is written in a way that entries cannot be cut out of",
                    self.path
                ),
                "write each entry as a list item that begins with `- `, or remove them by hand",
            )
            .into());
        };
        self.write(site, &new)
    }

    fn write(&self, site: &Site, text: &str) -> anyhow::Result<()> {
        store::write_atomic(&site.root.join(self.path), text.as_bytes())
            .with_context(|| format!("{} cannot be written", self.path))
    }

    /// The file's text with an entry more. `entries` are those that stand in it now.
    fn with_entry(
        &self,
        old: Option<&str>,
        entries: &[&Origin],
        fields: &[(&str, String)],
    ) -> String {
        let list = self.list;
        let fresh = || format!("# {}\nversion: 1\n{list}:\n", self.about);
        let mut text = old.map_or_else(fresh, str::to_owned);
        if !text.ends_with('\n') {
            text.push('\n');
        }
        // The list as it stands decides how far its items are indented: the item's first key stands behind `- `.
        let newest = entries.last();
        let indent = newest.map_or(2, |last| last.line_column().1.saturating_sub(3));
        for nothing in ["[]", "null"] {
            let line = format!("{list}: {nothing}\n");
            if entries.is_empty() {
                text = text.replace(&line, &format!("{list}:\n"));
            }
        }
        text + &entry(indent, fields)
    }
}

/// A file of waivers that is not on disk yet.
struct InMemory<'a>(&'a str);

impl GateFiles for InMemory<'_> {
    fn read(&self, _: &str) -> Result<Option<Vec<u8>>, String> {
        Ok(Some(self.0.as_bytes().to_vec()))
    }
}

/// An entry in YAML: keys and values in their order.
fn entry(indent: usize, fields: &[(&str, String)]) -> String {
    let mut text = String::new();
    for (n, (key, value)) in fields.iter().enumerate() {
        let lead = if n == 0 { "- " } else { "  " };
        text.push_str(&format!("{:indent$}{lead}{key}: {value}\n", ""));
    }
    text
}

/// A text as YAML takes it, in plain ASCII.
pub(super) fn quoted(text: &str) -> String {
    ascii::json(&serde_json::Value::from(text).to_string())
}

/// The file's text without the entries at these places; `None` when one of them is not written as a list item of its own.
fn without(text: &str, all: &[&Origin], gone: &[&Origin]) -> Option<String> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let line_of = |origin: &Origin| origin.line_column().0 - 1;
    let mut starts: Vec<usize> = all.iter().map(|origin| line_of(origin)).collect();
    starts.sort_unstable();
    let mut cut = vec![false; lines.len()];
    for origin in gone {
        let start = line_of(origin);
        let first = lines.get(start)?;
        let indent = first.len() - first.trim_start().len();
        if !first.trim_start().starts_with("- ") {
            return None;
        }
        let next = starts.iter().find(|other| **other > start).copied();
        let end = next.unwrap_or(lines.len());
        for at in start..end {
            let line = lines[at];
            let own = line.len() - line.trim_start().len();
            // What is indented less, or is a comment of the next entry, is not this entry's.
            if at > start && !line.trim().is_empty() && own <= indent {
                break;
            }
            cut[at] = true;
        }
    }
    let kept = lines.iter().zip(cut).filter(|(_, cut)| !cut);
    Some(kept.map(|(line, _)| *line).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::waivers::{self, Exemption};
    use crate::config::yaml;

    const FILE: WaiverFile<Exemption> = WaiverFile {
        path: "f",
        list: "exemptions",
        about: "about",
        read: waivers::exemptions,
        origin: |entry| &entry.origin,
    };
    const TEXT: &str = "version: 1\nexemptions:\n  # first\n  - gate: a\n    reason: x\n\n  # second\n  - gate: b\n    reason: y\n# end\n";

    fn origins(text: &str) -> Vec<Origin> {
        let text = yaml::text("f", text.as_bytes(), false).expect("it is text");
        let node = yaml::parse(&text).expect("it is YAML");
        let items = node.get("exemptions").map(crate::base::node::Node::items);
        items
            .unwrap_or_default()
            .iter()
            .map(|item| item.origin.clone())
            .collect()
    }

    fn check(gone: &[usize], expected: &str) {
        let all = origins(TEXT);
        let all: Vec<&Origin> = all.iter().collect();
        let gone: Vec<&Origin> = gone.iter().map(|at| all[*at]).collect();
        assert_eq!(without(TEXT, &all, &gone).as_deref(), Some(expected));
    }

    #[test]
    fn entries_are_cut_out() {
        check(
            &[0],
            "version: 1\nexemptions:\n  # first\n  # second\n  - gate: b\n    reason: y\n# end\n",
        );
        check(
            &[1],
            "version: 1\nexemptions:\n  # first\n  - gate: a\n    reason: x\n\n  # second\n# end\n",
        );
    }

    #[test]
    fn entries_are_added() {
        let fields = [("gate", quoted("c")), ("expires", "2026-12-01".to_owned())];
        for old in [
            None,
            Some("version: 1\nexemptions: []"),
            Some("version: 1\nexemptions:\n- gate: a\n"),
            Some(TEXT),
        ] {
            let all = old.map(origins).unwrap_or_default();
            let all: Vec<&Origin> = all.iter().collect();
            let new = FILE.with_entry(old, &all, &fields);
            assert_eq!(origins(&new).len(), all.len() + 1, "{new}");
        }
    }
}

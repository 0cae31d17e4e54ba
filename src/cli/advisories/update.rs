//! Owns `qgate advisories update`: each ecosystem by itself, so that what failed can be tried again and hurts nothing else.

use std::path::Path;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{UpdateArgs, today};
use crate::base::ascii::escape;
use crate::base::words;
use crate::check::ports::Advisories as _;
use crate::checkers::dependencies::index::manifest::{Doubt, Manifest, seconds};
use crate::checkers::dependencies::index::segment::Index;
use crate::checkers::dependencies::inventory::Ecosystem;
use crate::cli::output::Console;
use crate::host::advisories::Folder;
use crate::host::advisory_source::{self, Made};
use crate::host::download::{self, Came, Limits};
use crate::host::interrupt::{self, Cancel};
use crate::host::store;
use crate::model::fault::{Fault, FaultKind};
use crate::model::outcome::Exit;

/// Where OSV puts its exports.
const OSV: &str = "https://osv-vulnerabilities.storage.googleapis.com";

/// The largest archive, and the largest checksum beside one.
const ARCHIVE: u64 = 4 << 30;
const CHECKSUM: u64 = 4 << 10;

/// How the update goes.
struct Update<'a> {
    args: &'a UpdateArgs,
    folder: Folder,
    today: Date,
    cancel: Cancel,
    bundle: Vec<u8>,
    failed: bool,
}

/// Updates.
pub(super) fn run(args: &UpdateArgs, from: &Path, console: &mut Console) -> anyhow::Result<Exit> {
    let mut update = Update {
        args,
        folder: Folder::of_user(),
        today: today()?,
        cancel: interrupt::listen()?,
        bundle: Vec::new(),
        failed: false,
    };
    let source = args.from.as_deref().unwrap_or(OSV);
    if !is_url(source) {
        let made = advisory_source::read(&from.join(source), &update.about(source))?;
        update.take(&made, console);
    } else if is_file(source) {
        let made = update.download(source, &Manifest::default(), console)?;
        if let Some(made) = made {
            update.take(&made, console);
        }
    } else {
        update.mirror(source.trim_end_matches('/'), console)?;
    }
    if let Some(path) = &args.bundle
        && !update.bundle.is_empty()
    {
        let path = from.join(path);
        store::write_atomic(&path, &update.bundle)?;
        console.say(&format!(
            "written: {}\n",
            escape(&path.display().to_string())
        ));
    }
    Ok(if update.failed {
        Exit::Unknown
    } else {
        Exit::Pass
    })
}

fn is_url(source: &str) -> bool {
    source.starts_with("https://") || source.starts_with("http://")
}

/// Is it one file, and no mirror with an archive for each ecosystem?
fn is_file(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    matches!(path.rsplit('.').next(), Some("zip" | "qadv"))
}

impl Update<'_> {
    fn about(&self, source: &str) -> Manifest {
        let second = |day: Date| {
            let start = day.to_zoned(TimeZone::UTC);
            start.map_or(0, |start| start.timestamp().as_second())
        };
        Manifest {
            source: source.to_owned(),
            fetched: second(self.today),
            as_of: self.args.as_of.map(second),
            as_of_by: self.args.as_of.map_or("nothing", |_| "--as-of").to_owned(),
            subset: self.args.subset,
            ..Manifest::default()
        }
    }

    fn limits(&self, size: u64) -> Limits {
        Limits {
            size,
            whole: Duration::from_mins(30),
            silence: Duration::from_secs(self.args.patience),
            pace: 1 << 10,
        }
    }

    fn wants(&self, ecosystem: Ecosystem) -> bool {
        self.args.ecosystem.is_empty() || self.args.ecosystem.contains(&ecosystem)
    }

    /// Each ecosystem's archive of a mirror of OSV's exports.
    fn mirror(&mut self, base: &str, console: &mut Console) -> anyhow::Result<()> {
        for &ecosystem in Ecosystem::ALL {
            if !self.wants(ecosystem) {
                continue;
            }
            let url = format!("{base}/{}/all.zip", ecosystem.name());
            let old = self
                .old(ecosystem)
                .filter(|old| old.source == url && self.args.bundle.is_none());
            let made = self.download(&url, &old.unwrap_or_default(), console);
            let made = match made {
                Ok(Some(made)) => made,
                Ok(None) => continue,
                Err(fault) if fault.kind == FaultKind::Cancelled => return Err(fault.into()),
                Err(fault) => {
                    self.fail(ecosystem.name(), &fault, console);
                    continue;
                }
            };
            match made.indexes.get(&ecosystem) {
                Some(bytes) => self.install(ecosystem, bytes, console),
                None => self.fail(
                    ecosystem.name(),
                    &fault("the archive has no advisory of this ecosystem"),
                    console,
                ),
            }
        }
        Ok(())
    }

    /// What is at a URL. `None` when it has not changed, which is said.
    fn download(
        &self,
        url: &str,
        old: &Manifest,
        console: &mut Console,
    ) -> Result<Option<Made>, Fault> {
        let what = url.split(['?', '#']).next().unwrap_or(url);
        let came = download::fetch(url, &old.etag, self.limits(ARCHIVE), &self.cancel)?;
        let mut file = match came {
            Came::Same => {
                console.say(&format!(
                    "{}: no change at the source\n",
                    escape(&old.ecosystem)
                ));
                return Ok(None);
            }
            Came::Nothing => return Err(fault(&format!("{what}: it is not there (404)"))),
            Came::File(file) => file,
        };
        if !url.starts_with(OSV) {
            self.compare(url, &file.sha256)?;
        }
        let mut about = self.about(what);
        // A mirror's time is when it copied, which tells nothing of the data.
        if about.as_of.is_none() && url.starts_with(OSV) {
            about.as_of = seconds(&file.modified);
            "the time of the export".clone_into(&mut about.as_of_by);
        }
        about.sha256.clone_from(&file.sha256);
        about.etag.clone_from(&file.etag);
        let made = advisory_source::read_file(&mut file.file, &about);
        made.map(Some)
            .map_err(|why| fault(&format!("{what}: {why}")))
    }

    /// Compares with the checksum that may lie beside an archive on a mirror.
    fn compare(&self, url: &str, sha256: &str) -> Result<(), Fault> {
        let beside = format!("{url}.sha256");
        let Ok(Came::File(file)) =
            download::fetch(&beside, "", self.limits(CHECKSUM), &self.cancel)
        else {
            return Ok(());
        };
        let text = std::io::read_to_string(file.file).unwrap_or_default();
        let named = text
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let is_digest = named.len() == 64 && named.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_digest && named != *sha256 {
            return Err(fault(&format!(
                "{url}: its SHA-256 is not the one in {beside}"
            )));
        }
        Ok(())
    }

    fn old(&self, ecosystem: Ecosystem) -> Option<Manifest> {
        let bytes = self.folder.index(ecosystem.name()).ok()??;
        Some(Index::open(bytes).ok()?.manifest().clone())
    }

    /// Everything that is wanted of a source.
    fn take(&mut self, made: &Made, console: &mut Console) {
        for (&ecosystem, bytes) in made.indexes.iter().filter(|(ecosystem, _)| {
            self.args.ecosystem.is_empty() || self.args.ecosystem.contains(ecosystem)
        }) {
            self.install(ecosystem, bytes, console);
        }
        for ecosystem in &self.args.ecosystem {
            if !made.indexes.contains_key(ecosystem) {
                let fault = fault("the source has no advisory of this ecosystem");
                self.fail(ecosystem.name(), &fault, console);
            }
        }
        let (files, elsewhere) = made.others;
        for (count, what) in [
            (files, "that are no advisories were passed over"),
            (
                elsewhere,
                "on ecosystems that qgate does not know were passed over",
            ),
        ] {
            if count > 0 {
                console.say(&format!("{} {what}\n", words::count(count, "file")));
            }
        }
    }

    /// Puts an index in its place when nothing speaks against it.
    fn install(&mut self, ecosystem: Ecosystem, bytes: &[u8], console: &mut Console) {
        let done = self.checked(ecosystem, bytes).and_then(|manifest| {
            if self.args.bundle.is_some() {
                self.bundle.extend_from_slice(bytes);
            } else {
                self.folder.save(ecosystem.name(), bytes)?;
            }
            Ok(manifest)
        });
        match done {
            Err(fault) => self.fail(ecosystem.name(), &fault, console),
            Ok(manifest) => {
                let day = manifest
                    .day()
                    .map_or_else(|| "an unknown day".to_owned(), |day| day.to_string());
                console.say(&format!(
                    "{}: {} advisories on {} packages, of {day}{}\n",
                    ecosystem.name(),
                    manifest.records - manifest.withdrawn.min(manifest.records),
                    manifest.names,
                    if manifest.bad > 0 {
                        format!(", {} bad records", manifest.bad)
                    } else {
                        String::new()
                    },
                ));
                for bad in manifest.bad_listed.iter().take(5) {
                    console.say(&format!("    bad: {}\n", escape(bad)));
                }
            }
        }
    }

    fn checked(&self, ecosystem: Ecosystem, bytes: &[u8]) -> Result<Manifest, Fault> {
        let index = Index::open(bytes.to_vec()).map_err(|flaw| fault(&flaw.to_string()))?;
        let manifest = index.manifest().clone();
        // Its age is for the gate to judge: what is old may be the newest there is.
        let doubts = manifest.doubts(self.today, None).into_iter();
        let canary = index.canary().map_err(|flaw| fault(&flaw.to_string()))?;
        if let Some(doubt) = doubts.chain(canary).next() {
            let mut fault = fault(&doubt.words());
            if matches!(doubt, Doubt::Canary(_)) {
                "take the whole data, or say --subset where a part is meant"
                    .clone_into(&mut fault.cure);
            }
            return Err(fault);
        }
        let old = self
            .old(ecosystem)
            .filter(|old| old.subset == manifest.subset);
        match old {
            Some(old)
                if !self.args.fewer
                    && self.args.bundle.is_none()
                    && manifest.records * 10 < old.records * 9 =>
            {
                let (now, before) = (manifest.records, old.records);
                let mut fault = fault(&format!(
                    "it has {now} records, and what is here has {before}"
                ));
                "look at the source, or say --fewer where that is right"
                    .clone_into(&mut fault.cure);
                Err(fault)
            }
            _ => Ok(manifest),
        }
    }

    fn fail(&mut self, what: &str, fault: &Fault, console: &mut Console) {
        self.failed = true;
        let there = Ecosystem::of_name(what).and_then(|ecosystem| self.old(ecosystem));
        let kept = if there.is_some() {
            "; what is here stays"
        } else {
            ""
        };
        console.say(&format!(
            "{what}: failed: {}{kept}\n  help: {}\n",
            escape(&fault.what),
            escape(&fault.cure)
        ));
    }
}

fn fault(what: &str) -> Fault {
    Fault::new(
        FaultKind::Unparsable,
        what,
        "try again later, or name another source with --from",
    )
}

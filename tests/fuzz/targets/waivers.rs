//! Any bytes as exemptions, approvals, a baseline, and a file with inline waivers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use qgate::config::GateFiles;
use qgate::config::waivers;
use qgate::history::baseline;
use qgate::source::class::PathClass;
use qgate::source::file::SourceFile;
use qgate::source::ignore;
use qgate::source::language::Language;

struct One<'a>(&'a [u8]);

impl GateFiles for One<'_> {
    fn read(&self, _: &str) -> Result<Option<Vec<u8>>, String> {
        Ok(Some(self.0.to_vec()))
    }
}

fuzz_target!(|bytes: &[u8]| {
    let _ = waivers::exemptions(&One(bytes));
    let _ = waivers::approvals(&One(bytes));
    if let Ok(read) = baseline::read(bytes) {
        let text = baseline::render(&read);
        assert!(text.is_ascii());
        assert_eq!(baseline::read(text.as_bytes()), Ok(read));
    }
    let Some((first, rest)) = bytes.split_first() else {
        return;
    };
    let language = Language::ALL.get(usize::from(*first)).copied();
    let file = SourceFile::new(rest.to_vec(), language, PathClass::default());
    let lines = u32::try_from(file.line_count()).unwrap_or(u32::MAX);
    for found in ignore::of(&file) {
        assert!(found.line <= lines && found.target.is_none_or(|line| line <= lines));
    }
});

//! Any bytes as code, in each language: no panic, and findings in order inside of the file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use qgate::checkers::sast::facts::Facts;
use qgate::source::class::PathClass;
use qgate::source::file::SourceFile;
use qgate::source::language::Language;

fuzz_target!(|bytes: &[u8]| {
    let Some((&first, text)) = bytes.split_first() else { return };
    let language = Language::ALL.get(usize::from(first)).copied();
    let file = SourceFile::new(text.to_vec(), language, PathClass::default());
    let lines = u32::try_from(file.line_count()).unwrap_or(u32::MAX).max(1);
    for hit in Facts::of(&file).into_iter().flat_map(|facts| facts.hits) {
        assert!(hit.span.start <= hit.span.end);
        assert!(hit.span.start.line <= lines);
    }
});

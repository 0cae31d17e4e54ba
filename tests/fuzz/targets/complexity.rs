//! Any bytes as code, in each language: no panic, every number is the sum of its parts, functions lie inside of the file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use qgate::checkers::complexity::facts;
use qgate::checkers::complexity::measure::Settings;
use qgate::source::class::PathClass;
use qgate::source::file::SourceFile;
use qgate::source::language::Language;

fuzz_target!(|bytes: &[u8]| {
    let Some((&first, text)) = bytes.split_first() else { return };
    let language = Language::ALL.get(usize::from(first & 63)).copied();
    let file = SourceFile::new(text.to_vec(), language, PathClass::default());
    let settings = Settings {
        nested_adds: first & 64 != 0,
        propagation: first & 128 != 0,
        skip_docstrings: first & 128 != 0,
    };
    let Ok(measures) = facts::read(&file, settings) else { return };
    let lines = u32::try_from(file.line_count()).unwrap_or(u32::MAX).max(1);
    for function in &measures.functions {
        let parts = &function.increments;
        let cyclomatic: u32 = parts.iter().map(|part| part.cyclomatic).sum();
        let cognitive: u32 = parts.iter().map(|part| part.cognitive).sum();
        assert_eq!((function.cyclomatic, function.cognitive), (1 + cyclomatic, cognitive));
        assert!(1 <= function.line && function.line <= function.end_line);
        assert!(function.end_line <= lines);
        assert!(function.own_nloc <= function.nloc && function.nloc <= function.lines());
    }
});

//! Any bytes as a file with secrets, in each language: no panic, and no byte of what is masked is kept.
#![no_main]

use libfuzzer_sys::fuzz_target;
use qgate::checkers::secrets::hit::Facts;
use qgate::checkers::secrets::options::Options;
use qgate::checkers::secrets::own::Ready;
use qgate::source::class::PathClass;
use qgate::source::language::Language;

fuzz_target!(|bytes: &[u8]| {
    let Some((&first, text)) = bytes.split_first() else { return };
    let language = Language::ALL.get(usize::from(first)).copied();
    let ready = Ready::new(&Options::default()).expect("the defaults are good");
    let facts = Facts::of(text, language, PathClass::default(), &ready);
    for hit in facts.into_iter().flat_map(|facts| facts.hits) {
        assert!(hit.masked.ends_with("****"));
        assert!(hit.bytes.0 <= hit.bytes.1);
        assert!(hit.span.start <= hit.span.end);
    }
});

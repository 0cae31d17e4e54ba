//! Any bytes through the escapes, the workflow reader and the JSON escape: plain ASCII comes out, and JSON keeps its meaning.
#![no_main]

use std::io::Write as _;

use libfuzzer_sys::fuzz_target;
use qgate::base::ascii;
use qgate::source::workflow;

fn plain(text: &[u8], lines: bool) {
    let good = |b: &u8| (0x20..=0x7e).contains(b) || (lines && *b == b'\n');
    assert!(text.iter().all(good), "{text:?}");
}

fuzz_target!(|bytes: &[u8]| {
    plain(ascii::escape_bytes(bytes).as_bytes(), false);
    let mut out = Vec::new();
    let mut writer = ascii::AsciiWriter::new(&mut out);
    writer.write_all(bytes).expect("a Vec takes all");
    plain(&out, true);
    let text = String::from_utf8_lossy(bytes);
    plain(ascii::escape(&text).as_bytes(), false);
    plain(ascii::escape_lines(&text).as_bytes(), true);
    let json = serde_json::to_string(&text).expect("a text");
    let escaped = qgate::report::json::ascii(&json);
    plain(escaped.as_bytes(), true);
    let back: String = serde_json::from_str(&escaped).expect("it is JSON still");
    assert_eq!(back, text);
    for script in workflow::scripts(&text).unwrap_or_default() {
        for range in workflow::expressions(script.region.text()) {
            assert!(script.region.text().get(range).is_some());
        }
    }
});

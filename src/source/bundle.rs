//! Owns the marks of scripts that bundlers and compilers write: code of many files, or of a newer language, in one.

/// What stands in the head of such a file, whoever uses the tool.
const MARKS: [&str; 9] = [
    "webpackBootstrap",
    "__webpack_require__",
    "__webpack_exports__",
    "MODULE_NOT_FOUND",
    "parcelRequire",
    "regeneratorRuntime",
    "define.amd ? define(",
    "var __defProp = Object.defineProperty",
    "typeof Module !== 'undefined' ? Module",
];

/// So much of a file is its head, in bytes.
const HEAD: usize = 4_096;

/// Does the script say that a tool put it together?
#[must_use]
pub fn is_bundle(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(HEAD)];
    MARKS
        .iter()
        .any(|mark| memchr::memmem::find(head, mark.as_bytes()).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_stand_in_the_head() {
        assert!(is_bundle(
            b"(function () { throw {code: 'MODULE_NOT_FOUND'}"
        ));
        assert!(!is_bundle(b"export const define = () => {};"));
        let late = [vec![b' '; HEAD], b"webpackBootstrap".to_vec()].concat();
        assert!(!is_bundle(&late));
    }
}

//! Owns the canaries: old, famous packages of which some advisory must be known. Where none is, data is missing.

use crate::checkers::dependencies::inventory::Ecosystem;

/// A package and a version that must be affected by something, as `name@version`.
#[must_use]
pub const fn of(ecosystem: Ecosystem) -> (&'static str, &'static str) {
    match ecosystem {
        Ecosystem::Crates => ("smallvec", "0.6.0"),
        Ecosystem::Go => ("golang.org/x/crypto", "0.0.0-20190101000000-000000000000"),
        Ecosystem::Hex => ("plug", "1.0.0"),
        Ecosystem::Maven => ("org.apache.logging.log4j:log4j-core", "2.14.0"),
        Ecosystem::Npm => ("lodash", "4.17.15"),
        Ecosystem::NuGet => ("newtonsoft.json", "12.0.3"),
        Ecosystem::Packagist => ("symfony/http-kernel", "5.4.0"),
        Ecosystem::Pub => ("http", "0.12.0"),
        Ecosystem::PyPi => ("django", "1.8"),
        Ecosystem::RubyGems => ("rack", "1.6.0"),
    }
}

//! Owns bills of materials: what lockfiles name, told as CycloneDX and SPDX. Pure: the same lockfiles, name and time give the
//! same bytes.

pub mod bill;
mod checksum;
mod cyclonedx;
mod purl;
mod spdx;
#[cfg(test)]
mod tests;

pub use bill::{Bill, Head};
pub use cyclonedx::render as cyclonedx;
pub use purl::purl;
pub use spdx::render as spdx;

use crate::base::digest::Digest;

/// A UUID (version 8 of RFC 9562) made of a content.
fn uuid(content: &str) -> String {
    let mut bytes = *Digest::of(content.as_bytes()).as_bytes();
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = crate::base::ascii::hex(&bytes[..16]);
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    parts.join("-")
}

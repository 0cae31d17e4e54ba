//! Owns the reading of coverage reports: the format is told by the content, never by the name; memory is bounded, and no bytes make
//! it panic. A report that cannot be understood is an error; one that can be understood in part says what was wrong with it.

mod clover;
mod cobertura;
mod coverage_py;
mod dotcover;
mod go;
mod istanbul;
mod jacoco;
mod json;
mod lcov;
mod llvm;
mod numbers;
mod opencover;
mod simplecov;
mod sink;
mod sniff;
#[cfg(test)]
mod tests;
mod text;
mod xml;

use std::fmt;
use std::io::Read;

use sink::Sink;
pub use sink::{Flaws, Name, Report};
use text::Text;

/// The largest report that is read, unpacked, in bytes.
pub const LARGEST: u64 = 2 << 30;

/// A format of coverage reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// `clover.xml`.
    Clover,
    /// `cobertura.xml`, and what coverage.py, gcovr, coverlet and others write like it.
    Cobertura,
    /// coverage.py's JSON.
    CoveragePy,
    /// dotCover's detailed XML, and its summaries.
    DotCover,
    /// Go's profile.
    Go,
    /// Istanbul's `coverage-final.json`.
    Istanbul,
    /// Istanbul's `coverage-summary.json`.
    IstanbulSummary,
    /// `JaCoCo`'s XML.
    Jacoco,
    /// lcov's tracefile.
    Lcov,
    /// `llvm-cov export`.
    Llvm,
    /// `OpenCover`'s XML.
    OpenCover,
    /// `SimpleCov`'s `.resultset.json`, `coverage.json`, and the JSON of simplecov-json.
    SimpleCov,
}

impl Format {
    /// Every format.
    pub const ALL: &[Self] = &[
        Self::Clover,
        Self::Cobertura,
        Self::CoveragePy,
        Self::DotCover,
        Self::Go,
        Self::Istanbul,
        Self::IstanbulSummary,
        Self::Jacoco,
        Self::Lcov,
        Self::Llvm,
        Self::OpenCover,
        Self::SimpleCov,
    ];

    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clover => "clover",
            Self::Cobertura => "cobertura",
            Self::CoveragePy => "coverage.py",
            Self::DotCover => "dotcover",
            Self::Go => "go",
            Self::Istanbul => "istanbul",
            Self::IstanbulSummary => "istanbul-summary",
            Self::Jacoco => "jacoco",
            Self::Lcov => "lcov",
            Self::Llvm => "llvm-cov",
            Self::OpenCover => "opencover",
            Self::SimpleCov => "simplecov",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Reads a report of at most `largest` bytes.
///
/// # Errors
/// Says in one line why it cannot be used.
pub fn read(source: impl Read, largest: u64) -> Result<Report, String> {
    let mut text = Text::new(source, largest)?;
    let format = sniff::format(text.head()?)?;
    fill(&mut text, format)
}

/// Reads a report of a format that is known.
///
/// # Errors
/// As [`read`].
pub fn read_as(format: Format, source: impl Read, largest: u64) -> Result<Report, String> {
    let mut text = Text::new(source, largest)?;
    text.head()?;
    fill(&mut text, format)
}

fn fill(text: &mut Text<'_>, format: Format) -> Result<Report, String> {
    let mut sink = Sink::new(format);
    let done = match format {
        Format::Clover => clover::read(text, &mut sink),
        Format::Cobertura => cobertura::read(text, &mut sink),
        Format::CoveragePy => coverage_py::read(text, &mut sink),
        Format::DotCover => dotcover::read(text, &mut sink),
        Format::Go => go::read(text, &mut sink),
        Format::Istanbul => istanbul::read(text, &mut sink),
        Format::IstanbulSummary => istanbul::summary(text, &mut sink),
        Format::Jacoco => jacoco::read(text, &mut sink),
        Format::Lcov => lcov::read(text, &mut sink),
        Format::Llvm => llvm::read(text, &mut sink),
        Format::OpenCover => opencover::read(text, &mut sink),
        Format::SimpleCov => simplecov::read(text, &mut sink),
    };
    // The stream knows better than the parser why there is no more of it.
    let done = match text.problem() {
        Some(problem) => Err(problem.to_owned()),
        None => done,
    };
    done.map_err(|why| format!("as a {format} report: {why}"))?;
    Ok(sink.close(text.replaced()))
}

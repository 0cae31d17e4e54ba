//! Owns the marks with which peers are told to ignore a rule: `hadolint ignore=`, `checkov:skip=`, `trivy:ignore:`,
//! `tfsec:ignore:`. They silence what they name, where they stand; most give no reason, so they are counted and listed.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::source::file::SourceFile;
use crate::source::language::Language;

use super::kinds::Kind;
use super::kinds::Kind as K;

/// What opens a mark, and what ends an id in it.
const OPENERS: [(&str, &str); 6] = [
    ("hadolint ignore=", ", "),
    ("hadolint global ignore=", ", "),
    ("checkov:skip=", ":, "),
    ("checkov.io/skip", "=\"', "),
    ("trivy:ignore:", ": "),
    ("tfsec:ignore:", ": "),
];

/// The peers' names of a rule: ids in capitals without joiners and leading zeros, and parts of slugs.
const NAMES: &[(Kind, &[&str])] = &[
    (
        K::DockerRootUser,
        &["DL3002", "DS2", "CKVDOCKER3", "CKVDOCKER8"],
    ),
    (
        K::DockerUntaggedImage,
        &["DL3006", "DL3007", "DS1", "CKVDOCKER7"],
    ),
    (K::DockerSecret, &["DL3064", "DS31"]),
    (K::DockerRemoteAdd, &["DL3020", "DS5", "CKVDOCKER4"]),
    (K::DockerSudo, &["DL3004", "DS10", "CKV2DOCKER1"]),
    (
        K::DockerUnpinnedPackage,
        &[
            "DL3008", "DL3013", "DL3016", "DL3018", "DL3028", "DL3033", "DL3037", "DL3041",
        ],
    ),
    (
        K::DockerPackageCache,
        &[
            "DL3009", "DL3015", "DL3019", "DL3032", "DL3036", "DL3040", "DL3042", "DL3060",
        ],
    ),
    (K::DockerPipeStatus, &["DL4006"]),
    (K::DockerSshServer, &["DS4", "CKVDOCKER1"]),
    (K::DockerInvalidPort, &["DL3011", "DS8"]),
    (K::DockerDistUpgrade, &["DL3005", "DS24"]),
    (K::DockerStaleIndex, &["DS17", "CKVDOCKER5"]),
    (
        K::DockerUnverified,
        &[
            "CKV2DOCKER2",
            "CKV2DOCKER3",
            "CKV2DOCKER4",
            "CKV2DOCKER5",
            "CKV2DOCKER6",
            "CKV2DOCKER7",
        ],
    ),
    (K::DockerBroadCopy, &["DL3067"]),
    (K::DockerNoHealthcheck, &["DL3057", "DS26", "CKVDOCKER2"]),
    (K::DockerRepeated, &["DL4003", "DL4004", "DS7", "DS16"]),
    (K::DockerShellForm, &["DL3025"]),
    (
        K::KubePrivileged,
        &[
            "KSV17", "KSV5", "KSV120", "CKVK8S16", "CKVK8S39", "CKVK8S25",
        ],
    ),
    (K::KubeHostMount, &["KSV6", "KSV23", "KSV121", "CKVK8S27"]),
    (
        K::KubeHostNamespace,
        &["KSV8", "KSV9", "KSV10", "CKVK8S17", "CKVK8S18", "CKVK8S19"],
    ),
    (K::KubeEscalation, &["KSV1", "CKVK8S20"]),
    (
        K::KubeRootUser,
        &["KSV12", "KSV105", "CKVK8S23", "CKVK8S40"],
    ),
    (K::KubeWritableRoot, &["KSV14", "CKVK8S22"]),
    (K::KubeNoSeccomp, &["KSV118", "KSV104", "CKVK8S31"]),
    (
        K::KubeWildcardRole,
        &["KSV44", "KSV45", "KSV46", "CKVK8S49"],
    ),
    (K::KubeClusterAdmin, &["KSV111"]),
    (K::KubeSecretsAccess, &["KSV41", "KSV113"]),
    (
        K::KubeEscalatingRole,
        &["KSV50", "CKVK8S155", "CKVK8S156", "CKVK8S157", "CKVK8S158"],
    ),
    (K::KubeAnonymous, &["KSV122", "KSV123", "CKVK8S68"]),
    (
        K::KubeNoLimits,
        &["KSV11", "KSV18", "CKVK8S11", "CKVK8S12", "CKVK8S13"],
    ),
    (K::KubeUntaggedImage, &["KSV13", "CKVK8S14"]),
    (K::KubeConfigSecret, &["KSV109"]),
    (K::KubeDefaultNamespace, &["KSV110", "CKVK8S21"]),
    (
        K::TerraformOpenIngress,
        &[
            "INGRESS",
            "SSHBLOCKED",
            "RDPBLOCKED",
            "CKVAWS24",
            "CKVAWS25",
            "CKVAWS277",
            "AWS107",
            "AWS102",
            "CKVGCP2",
            "CKVGCP3",
            "GCP27",
            "CKVAZURE9",
            "CKVAZURE10",
            "AZU47",
            "AZU48",
            "AZU50",
        ],
    ),
    (
        K::TerraformPublicBucket,
        &[
            "S3NOPUBLIC",
            "PUBLICACL",
            "BLOCKPUBLIC",
            "IGNOREPUBLIC",
            "NOPUBLICBUCKETS",
            "CKVAWS20",
            "CKVAWS53",
            "CKVAWS54",
            "CKVAWS55",
            "CKVAWS56",
            "CKVAWS57",
            "CKVAWS70",
            "AWS86",
            "AWS87",
            "AWS91",
            "AWS92",
            "AWS93",
            "CKVGCP28",
            "CKVAZURE34",
            "CKVAZURE59",
        ],
    ),
    (
        K::TerraformPublicDatabase,
        &[
            "NOPUBLICDB",
            "CKVAWS17",
            "CKVAWS87",
            "AWS180",
            "CKVGCP11",
            "CKVGCP60",
            "CKVAZURE11",
            "CKVAZURE53",
            "CKVAZURE68",
        ],
    ),
    (
        K::TerraformPublicCluster,
        &[
            "PUBLICCLUSTER",
            "CONTROLPLANE",
            "LIMITAUTHORIZEDIPS",
            "CKVAWS38",
            "CKVAWS39",
            "AWS40",
            "AWS41",
            "CKVGCP20",
            "CKVGCP25",
            "GCP53",
            "GCP61",
            "CKVAZURE6",
            "CKVAZURE115",
        ],
    ),
    (
        K::TerraformWildcardPolicy,
        &[
            "POLICYWILDCARD",
            "CKVAWS1",
            "CKVAWS62",
            "CKVAWS63",
            "CKVAWS49",
            "CKVAWS356",
            "AWS57",
            "AWS345",
        ],
    ),
    (
        K::TerraformUnencrypted,
        &[
            "ENCRYPT",
            "CKVAWS3",
            "CKVAWS8",
            "CKVAWS16",
            "CKVAWS29",
            "CKVAWS42",
            "CKVAWS44",
            "CKVAWS64",
            "CKVAWS74",
            "CKVAWS96",
            "CKVAWS106",
            "AWS8",
            "AWS9",
            "AWS26",
            "AWS37",
            "AWS45",
            "AWS77",
            "AWS79",
            "AWS80",
            "AWS84",
            "AWS131",
        ],
    ),
    (
        K::TerraformImdsV1,
        &["IMDS", "METADATA", "CKVAWS79", "AWS28", "AWS130"],
    ),
    (
        K::TerraformSecret,
        &["SECRET", "CKVAWS41", "CKVAWS46", "CKVSECRET", "AWS29"],
    ),
    (K::TerraformUnpinned, &["CKVTF1", "CKVTF2"]),
];

/// The marks of a file.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Marks(Vec<(u32, Mark)>);

/// A mark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// As it is written.
    text: String,
    /// The rule that it names, in one form for all peers.
    id: String,
    /// Does it hold for the whole file?
    whole: bool,
}

impl Marks {
    /// Reads the marks of a file.
    #[must_use]
    pub fn of(file: &SourceFile) -> Self {
        let mut marks = Self::default();
        let words = ["hadolint", "checkov", "trivy:", "tfsec:"];
        if !words
            .iter()
            .any(|word| memchr::memmem::find(file.bytes(), word.as_bytes()).is_some())
        {
            return marks;
        }
        let docker = file.language() == Some(Language::Dockerfile);
        let mut waiting = Vec::new();
        for (number, line) in file.lines() {
            let line = String::from_utf8_lossy(line);
            let trimmed = line.trim_start();
            let comment = trimmed.starts_with('#') || trimmed.starts_with("//");
            let mut found = Vec::new();
            for (opener, ends) in OPENERS {
                for (at, _) in line.match_indices(opener) {
                    found.extend(ids(&line[at + opener.len()..], opener, ends, docker));
                }
            }
            if comment {
                waiting.extend(found);
            } else {
                // What stands on lines of its own is for the next line that is code.
                let all = waiting.drain(..).chain(found);
                marks.0.extend(all.map(|mark| (number, mark)));
            }
        }
        marks
    }

    /// The mark that silences a rule in these lines.
    #[must_use]
    pub fn at(&self, lines: &RangeInclusive<u32>, kind: Kind) -> Option<String> {
        let mark = self
            .0
            .iter()
            .find(|(line, mark)| (mark.whole || lines.contains(line)) && mark.names(kind));
        mark.map(|(_, mark)| mark.text.clone())
    }
}

impl Mark {
    fn names(&self, kind: Kind) -> bool {
        let names = NAMES.iter().find(|(named, _)| *named == kind);
        names.is_some_and(|(_, names)| {
            names.iter().any(|name| {
                *name == self.id
                    || (name.chars().all(char::is_alphabetic) && self.id.contains(name))
            })
        })
    }
}

fn ids(rest: &str, opener: &str, ends: &str, docker: bool) -> Vec<Mark> {
    let whole = opener.contains("global") || (docker && !opener.starts_with("hadolint"));
    let many = opener.starts_with("hadolint");
    // `checkov.io/skip1: CKV_K8S_20=reason`
    let rest = if opener.ends_with("/skip") {
        rest.split_once(':')
            .map_or("", |(_, rest)| rest.trim_start_matches([' ', '"', '\'']))
    } else {
        rest
    };
    let take = if many {
        rest.split([' ', ';', '#']).next().unwrap_or_default()
    } else {
        rest
    };
    let mut parts = take.split(|c: char| ends.contains(c) || c.is_whitespace());
    let parts: Vec<&str> = if many {
        parts.collect()
    } else {
        parts.next().into_iter().collect()
    };
    let named = parts
        .into_iter()
        .filter(|id| !id.is_empty() && id.len() < 100);
    named
        .map(|id| Mark {
            text: format!("{opener}{id}"),
            id: normal(id),
            whole,
        })
        .collect()
}

/// An id in one form for all peers: `AVD-KSV-0017`, `KSV017` and `ksv-17` are `KSV17`.
fn normal(id: &str) -> String {
    let id = id.to_ascii_uppercase();
    let id = id.strip_prefix("AVD-").unwrap_or(&id);
    let digits = id.len() - id.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (letters, number) = id.split_at(id.len() - digits);
    let letters: String = letters
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    format!("{letters}{}", number.trim_start_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::class::PathClass;

    fn check(text: &str, line: u32, kind: Kind, expected: Option<&str>) {
        let file = SourceFile::new(text.as_bytes().to_vec(), None, PathClass::default());
        let found = Marks::of(&file).at(&(line..=line), kind);
        assert_eq!(found.as_deref(), expected, "{text}");
    }

    #[test]
    fn marks() {
        let kind = Kind::DockerUnpinnedPackage;
        check(
            "# hadolint ignore=DL3006,DL3008\nRUN x",
            2,
            kind,
            Some("hadolint ignore=DL3008"),
        );
        check("# hadolint ignore=DL3006\nRUN x", 2, kind, None);
        check("# hadolint ignore=DL3008\nRUN x\nRUN y", 3, kind, None);
        check(
            "# hadolint global ignore=DL3008\nRUN x\nRUN y",
            3,
            kind,
            Some("hadolint global ignore=DL3008"),
        );
        check(
            "x # trivy:ignore:AVD-KSV-0017",
            1,
            Kind::KubePrivileged,
            Some("trivy:ignore:AVD-KSV-0017"),
        );
        check(
            "  #checkov:skip=CKV_AWS_24:we want it\nx",
            2,
            Kind::TerraformOpenIngress,
            Some("checkov:skip=CKV_AWS_24"),
        );
        check(
            "x #tfsec:ignore:aws-ec2-no-public-ingress-sgr",
            1,
            Kind::TerraformOpenIngress,
            Some("tfsec:ignore:aws-ec2-no-public-ingress-sgr"),
        );
        check(
            "checkov.io/skip1: CKV_K8S_20=why",
            1,
            Kind::KubeEscalation,
            Some("checkov.io/skipCKV_K8S_20"),
        );
    }
}

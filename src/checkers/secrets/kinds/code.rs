//! Owns the kinds of keys to code hosts, build services and package registries, as data.

use super::super::checks::{confluent, crc_base62, gitlab_routable};
use super::{Class, Kind};

const fn k(name: &'static str, shape: &'static str) -> Kind {
    Kind::new(Class::CodeHost, name, shape)
}

const fn r(name: &'static str, shape: &'static str) -> Kind {
    Kind::new(Class::Registry, name, shape).critical()
}

pub static KINDS: &[Kind] = &[
    k("GitHub personal access token", "ghp_{w36}")
        .critical()
        .checked(crc_base62),
    k("GitHub OAuth token", "gho_{w36}")
        .critical()
        .checked(crc_base62),
    k("GitHub user-to-server token", "ghu_{w36}")
        .critical()
        .checked(crc_base62),
    k("GitHub server-to-server token", "ghs_{w36}")
        .critical()
        .checked(crc_base62),
    k("GitHub refresh token", "ghr_{w36}")
        .critical()
        .checked(crc_base62),
    k("GitHub refresh token", "ghr_{w76}").critical(),
    k("GitHub app token", "ghs_{z80-800}").critical(),
    k("GitHub fine-grained token", "github_pat_{u82}").critical(),
    k("GitLab personal access token", "glpat-{u20}").critical(),
    k("GitLab personal access token", "glpat-{u27-300}.{l2}.{l9}")
        .critical()
        .checked(gitlab_routable),
    k("GitLab personal access token", "glpat-{u27-300}.{w9}").critical(),
    k("GitLab deploy token", "gldt-{u20}"),
    k("GitLab runner token", "glrt-{u20}"),
    k("GitLab runner token", "glrt-t{d1}_{u20}"),
    k("GitLab runner token", "glrt-{u27-300}.{l2}.{l9}").checked(gitlab_routable),
    k("GitLab runner token", "glrt-t{d1}_{u27-300}.{w9}"),
    k("GitLab runner token", "glrt-t{d1}_{u27-300}.{w2}.{w7}"),
    k("GitLab runner token", "glrtr-{u20}"),
    k("GitLab CI job token", "glcbt-{w1-5}_{u20}"),
    k("GitLab CI job token", "glcbt-{u20}"),
    k("GitLab feed token", "glft-{u20}"),
    k("GitLab feed token", "glft-{w64}-{d1-12}"),
    k("GitLab feature flags token", "glffct-{u20}"),
    k("GitLab SCIM token", "glsoat-{u20}"),
    k("GitLab trigger token", "glptt-{w40}"),
    k("GitLab incoming mail token", "glimt-{u25}"),
    k("GitLab agent token", "glagent-{u50}"),
    k("GitLab OAuth secret", "gloas-{w64}"),
    k("GitLab runner registration token", "GR1348941{u20}"),
    k("GitLab workspace token", "glwt-{u20}"),
    k("Bitbucket app password", "ATBB{w24}{X8}"),
    k("Bitbucket repository token", "ATCTT3xFfG{u160-240}={X8}"),
    k("Atlassian API token", "ATATT3xFfG{u150-240}={X8}"),
    k("Atlassian API token", "ATATT3{u180-200}"),
    k("Sourcegraph token", "sgp_{h40}").medium(),
    k("Sourcegraph token", "sgp_{w16}_{h40}").medium(),
    k("Sourcegraph token", "sgp_local_{h40}").medium(),
    k("Mergify key", "mergify_application_key_{u55}"),
    k("CircleCI token", "CCIPAT_{w22}_{w40}"),
    k("CircleCI project token", "CCIPRJ_{w22}_{w40}"),
    k("Buildkite user token", "bkua_{w40}"),
    k("Buildkite agent token", "bkct_{w40-53}"),
    k("Buildkite agent token", "bkat_{w40-64}"),
    k("Buildkite job token", "bkaj_{z40-600}"),
    k("Buildkite registry token", "bkpt_{w40-64}"),
    k("Buildkite portal secret", "bkps_{w40-64}"),
    k("Buildkite portal token", "bkpat_{w40-64}"),
    k("Harness personal token", "pat.{u22}.{w24}.{w20}"),
    k("Harness service account token", "sat.{u22}.{w24}.{w20}"),
    k("Octopus Deploy API key", "API-{U26}"),
    k("Sonar user token", "squ_{w40}").medium(),
    k("Sonar project token", "sqp_{w40}").medium(),
    k("Sonar analysis token", "sqa_{w40}").medium(),
    k("Depot token", "depot_project_{w64}"),
    k("Depot token", "depot_org_{w64}"),
    r("npm access token", "npm_{w36}").checked(crc_base62),
    r("PyPI upload token", "pypi-AgEIcHlwaS5vcmc{u50-1000}"),
    r(
        "TestPyPI upload token",
        "pypi-AgENdGVzdC5weXBpLm9yZw{u50-1000}",
    )
    .medium(),
    r("crates.io token", "cio{w32}"),
    r("RubyGems key", "rubygems_{w48}"),
    r("NuGet key", "oy2{l43}"),
    r("Clojars deploy token", "CLOJARS_{w60}"),
    r("Docker Hub personal token", "dckr_pat_{u27}").high(),
    r("Docker Hub organisation token", "dckr_oat_{u32}").high(),
    r("Docker Swarm join token", "SWMTKN-1-{w50}-{w25}").high(),
    r("Docker Swarm unlock key", "SWMKEY-1-{q40-44}").high(),
    r("Artifactory API key", "AKCp{w69}").high(),
    r("Artifactory API key", "AKCp{w68-70}").high(),
    r("Artifactory reference token", "cmVmd{w59}").high(),
    r("Cloudsmith key", "csa_{w30}{w6}").high(),
    r("Packagist token", "packagist_ort_{w68}").high(),
    r("Packagist token", "packagist_uut_{w68}").high(),
    r("Confluent secret", "cflt{b54}{b6}")
        .high()
        .checked(confluent),
];

//! Owns the references of container images: name, tag, digest, and what is known of public ones.

/// A reference to an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Image<'a> {
    /// With the registry, without tag and digest.
    pub name: &'a str,
    /// The tag.
    pub tag: Option<&'a str>,
    /// Is a digest given?
    pub digest: bool,
}

impl<'a> Image<'a> {
    /// Reads a reference; `None` for what is none, such as a template.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let known = |c: char| c.is_ascii_alphanumeric() || "/:@._-+".contains(c);
        if text.is_empty() || !text.chars().all(known) {
            return None;
        }
        let (text, digest) = text
            .split_once('@')
            .map_or((text, false), |(text, _)| (text, true));
        let (name, tag) = match text.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (text, None),
        };
        (!name.is_empty() && name.starts_with(|c: char| c.is_ascii_alphanumeric()))
            .then_some(Self { name, tag, digest })
    }

    /// What is said of a reference that moves: no tag, or `latest`.
    #[must_use]
    pub fn moving(&self) -> Option<&'static str> {
        match self.tag {
            _ if self.digest => None,
            None => Some("has no tag"),
            Some("latest") => Some("has the tag latest"),
            Some(_) => None,
        }
    }

    /// The name as Docker Hub's library has it, if the image is of it.
    #[must_use]
    pub fn official(&self) -> Option<&'a str> {
        let name = [
            "docker.io/",
            "index.docker.io/",
            "public.ecr.aws/docker/",
            "mirror.gcr.io/",
        ]
        .iter()
        .find_map(|host| self.name.strip_prefix(host))
        .unwrap_or(self.name);
        let name = name.strip_prefix("library/").unwrap_or(name);
        (!name.contains('/')).then_some(name)
    }

    /// Is it known that its processes run as root, unless somebody says otherwise?
    #[must_use]
    pub fn runs_as_root(&self) -> bool {
        const ROOT: [&str; 60] = [
            "adoptopenjdk",
            "almalinux",
            "alpine",
            "amazoncorretto",
            "amazonlinux",
            "archlinux",
            "bash",
            "buildpack-deps",
            "busybox",
            "caddy",
            "centos",
            "clojure",
            "composer",
            "crystal",
            "dart",
            "debian",
            "docker",
            "eclipse-temurin",
            "elixir",
            "erlang",
            "fedora",
            "gcc",
            "golang",
            "groovy",
            "haskell",
            "httpd",
            "ibmjava",
            "jruby",
            "julia",
            "maven",
            "mono",
            "nginx",
            "node",
            "openjdk",
            "opensuse",
            "oraclelinux",
            "perl",
            "photon",
            "php",
            "pypy",
            "python",
            "r-base",
            "rocker",
            "rockylinux",
            "ruby",
            "rust",
            "sapmachine",
            "sbcl",
            "scratch",
            "swift",
            "tomcat",
            "ubuntu",
            "wordpress",
            "traefik",
            "registry",
            "redmine",
            "drupal",
            "joomla",
            "matomo",
            "eclipse-mosquitto",
        ];
        const OTHERS: [&str; 9] = [
            "gcr.io/distroless/",
            "mcr.microsoft.com/dotnet/",
            "mcr.microsoft.com/playwright",
            "nvidia/cuda",
            "nvcr.io/nvidia/cuda",
            "registry.access.redhat.com/ubi8/ubi",
            "registry.access.redhat.com/ubi9/ubi",
            "oven/bun",
            "denoland/deno",
        ];
        let tag = self.tag.unwrap_or_default();
        if tag.contains("nonroot")
            || tag.contains("rootless")
            || tag.contains("chiseled")
            || tag.contains("unprivileged")
        {
            return false;
        }
        match self.official() {
            Some(name) => ROOT.contains(&name),
            None => OTHERS.iter().any(|start| self.name.starts_with(start)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(&str, Option<&str>, bool)>) {
        let image = Image::parse(text);
        assert_eq!(image.map(|i| (i.name, i.tag, i.digest)), expected, "{text}");
    }

    #[test]
    fn references() {
        check("debian", Some(("debian", None, false)));
        check(
            "host:5000/a/b:1.2",
            Some(("host:5000/a/b", Some("1.2"), false)),
        );
        check("host:5000/a/b", Some(("host:5000/a/b", None, false)));
        check("a:1@sha256:00", Some(("a", Some("1"), true)));
        check("{{ a }}", None);
        check("$A", None);
        check("", None);
        let official = |text| Image::parse(text).and_then(|image| image.official());
        assert_eq!(official("docker.io/library/debian:12"), Some("debian"));
        assert_eq!(official("bitnami/redis"), None);
    }
}

//! Owns the table of rules: family, id, severity, standards, and what mends a finding. Knows no file.

use serde::{Deserialize, Serialize};

use crate::model::rule::Rule;
use crate::rule;

macro_rules! kinds {
    ($($family:ident { $($variant:ident $rule:ident $id:literal $severity:ident [$($standard:literal),*] $help:literal)* })*) => {
        /// What a hit is an instance of: a rule.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Kind { $($($variant,)*)* }

        $($(static $rule: Rule = rule!($id, $severity, "2026-11", [$($standard),*]);)*)*

        /// Every rule.
        pub const RULES: &[&Rule] = &[$($(&$rule,)*)*];

        $(
            /// The rules of the family.
            pub const $family: &[&str] = &[$($id),*];
        )*

        impl Kind {
            /// Its rule.
            #[must_use]
            pub const fn rule(self) -> &'static Rule {
                match self { $($(Self::$variant => &$rule,)*)* }
            }

            /// What mends it.
            #[must_use]
            pub const fn help(self) -> &'static str {
                match self { $($(Self::$variant => $help,)*)* }
            }
        }
    };
}

kinds! {
    DOCKERFILE {
        DockerRootUser DOCKER_ROOT_USER "docker-root-user" High ["CWE-250", "A02:2025"]
            "make a user and end the last stage with `USER` and its numeric id"
        DockerUntaggedImage DOCKER_UNTAGGED_IMAGE "docker-untagged-image" Medium ["CWE-1104", "A03:2025"]
            "name a version: `FROM debian:12.9-slim`"
        DockerUndigestedImage DOCKER_UNDIGESTED_IMAGE "docker-undigested-image" Info ["CWE-829", "A08:2025"]
            "add the digest behind the tag, and let a bot raise both"
        DockerSecret DOCKER_SECRET "docker-secret" Critical ["CWE-522", "CWE-798", "A02:2025"]
            "hand it over when it is needed: `RUN --mount=type=secret` while building, the environment while running"
        DockerRemoteScript DOCKER_REMOTE_SCRIPT "docker-remote-script" High ["CWE-494", "A08:2025"]
            "download a named version to a file, compare its checksum, then run it"
        DockerRemoteAdd DOCKER_REMOTE_ADD "docker-remote-add" High ["CWE-494", "A08:2025"]
            "give `ADD --checksum=sha256:...`, or copy a file of the repository"
        DockerOpenPermissions DOCKER_OPEN_PERMISSIONS "docker-open-permissions" High ["CWE-732", "A01:2025"]
            "give the rights to the one user or group that needs them"
        DockerSudo DOCKER_SUDO "docker-sudo" Low ["CWE-250"]
            "run the step before `USER`, or switch to root and back with `USER`"
        DockerUnpinnedPackage DOCKER_UNPINNED_PACKAGE "docker-unpinned-package" Info ["CWE-1104"]
            "name the versions, if builds must give the same image again"
        DockerPackageCache DOCKER_PACKAGE_CACHE "docker-package-cache" Info []
            "drop the package manager's lists and caches in the same RUN, or mount them as a cache"
        DockerPipeStatus DOCKER_PIPE_STATUS "docker-pipe-status" Low ["CWE-252"]
            "begin the script with `set -o pipefail`, or set SHELL to a shell with that option"
        DockerSshServer DOCKER_SSH_SERVER "docker-ssh-server" Low ["CWE-1327"]
            "leave SSH out of the image; `docker exec` and `kubectl exec` give a shell"
        DockerInvalidPort DOCKER_INVALID_PORT "docker-invalid-port" Medium []
            "name a port from 1 to 65535"
        DockerDistUpgrade DOCKER_DIST_UPGRADE "docker-distribution-upgrade" Low ["CWE-1104"]
            "move to a newer base image, and leave the release as it is"
        DockerStaleIndex DOCKER_STALE_INDEX "docker-stale-index" Medium ["CWE-1104"]
            "write `apt-get update && apt-get install` in one RUN"
        DockerUnverified DOCKER_UNVERIFIED "docker-unverified-download" Medium ["CWE-295", "CWE-494", "A08:2025"]
            "remove the option, and add the missing key or certificate instead"
        DockerBroadCopy DOCKER_BROAD_COPY "docker-broad-copy" Medium ["CWE-538"]
            "add a .dockerignore, or copy the folders that are needed by name"
        DockerNoHealthcheck DOCKER_NO_HEALTHCHECK "docker-no-healthcheck" Info []
            "add HEALTHCHECK, if nothing else asks the service whether it is well"
        DockerRepeated DOCKER_REPEATED "docker-repeated-instruction" Low []
            "keep the one that counts: the last"
        DockerShellForm DOCKER_SHELL_FORM "docker-shell-form" Low []
            "write it as a JSON list, or begin it with `exec`"
    }
    COMPOSE {
        ComposePrivileged COMPOSE_PRIVILEGED "compose-privileged" Critical ["CWE-250", "A02:2025"]
            "remove it, and add the one capability or device that is needed"
        ComposeHostMount COMPOSE_HOST_MOUNT "compose-host-mount" Critical ["CWE-250", "CWE-668"]
            "mount only the folder that is needed; put a filtering proxy before a container engine's socket"
        ComposeHostNamespace COMPOSE_HOST_NAMESPACE "compose-host-namespace" High ["CWE-653", "CWE-668"]
            "remove it, and publish the ports that are needed"
        ComposePassword COMPOSE_PASSWORD "compose-literal-password" High ["CWE-798", "A07:2025"]
            "take it from the environment (`${DB_PASSWORD:?}`) or from `secrets:`"
        ComposeOpenPort COMPOSE_OPEN_PORT "compose-open-port" High ["CWE-668", "A02:2025"]
            "bind it to this machine (`127.0.0.1:5432:5432`), or remove it: services reach each other without it"
        ComposeUntaggedImage COMPOSE_UNTAGGED_IMAGE "compose-untagged-image" Medium ["CWE-1104", "A03:2025"]
            "name a version: `image: postgres:17.2`"
    }
    KUBERNETES {
        KubePrivileged KUBE_PRIVILEGED "kubernetes-privileged" Critical ["CWE-250", "A02:2025"]
            "remove it, and add the one capability that is needed"
        KubeHostMount KUBE_HOST_MOUNT "kubernetes-host-mount" Critical ["CWE-250", "CWE-668"]
            "mount only the folder that is needed, or use a volume of another kind"
        KubeHostNamespace KUBE_HOST_NAMESPACE "kubernetes-host-namespace" High ["CWE-653", "CWE-668"]
            "remove it; a Service or a hostPort opens single ports"
        KubeEscalation KUBE_ESCALATION "kubernetes-privilege-escalation" Medium ["CWE-250"]
            "set `securityContext.allowPrivilegeEscalation: false` for each container"
        KubeRootUser KUBE_ROOT_USER "kubernetes-root-user" Medium ["CWE-250"]
            "set `securityContext.runAsNonRoot: true`, and an image or `runAsUser` that holds to it"
        KubeWritableRoot KUBE_WRITABLE_ROOT "kubernetes-writable-root" Low ["CWE-732"]
            "set `securityContext.readOnlyRootFilesystem: true`, and mount an emptyDir where it must write"
        KubeNoSeccomp KUBE_NO_SECCOMP "kubernetes-no-seccomp" Low ["CWE-693"]
            "set `securityContext.seccompProfile.type: RuntimeDefault` for the pod"
        KubeWildcardRole KUBE_WILDCARD_ROLE "kubernetes-wildcard-role" Critical ["CWE-250", "A01:2025"]
            "name the API groups, resources and verbs that are needed"
        KubeClusterAdmin KUBE_CLUSTER_ADMIN "kubernetes-cluster-admin" Critical ["CWE-250", "A01:2025"]
            "bind a role of its own that names what is needed"
        KubeSecretsAccess KUBE_SECRETS_ACCESS "kubernetes-secrets-access" High ["CWE-522", "A01:2025"]
            "name the secrets in `resourceNames`, and use a Role in their namespace"
        KubeEscalatingRole KUBE_ESCALATING_ROLE "kubernetes-escalating-role" Critical ["CWE-269", "A01:2025"]
            "remove the verb, or name in `resourceNames` what it is for"
        KubeAnonymous KUBE_ANONYMOUS "kubernetes-anonymous-subject" Critical ["CWE-306", "A01:2025"]
            "bind a service account, a user or a group of your own"
        KubeNoLimits KUBE_NO_LIMITS "kubernetes-no-limits" Low ["CWE-770"]
            "set `resources.limits.memory` and `resources.requests.cpu`"
        KubeUntaggedImage KUBE_UNTAGGED_IMAGE "kubernetes-untagged-image" Medium ["CWE-1104", "A03:2025"]
            "name a version, or better a digest"
        KubeConfigSecret KUBE_CONFIG_SECRET "kubernetes-configmap-secret" High ["CWE-312", "A02:2025"]
            "keep it in a Secret that a secret store fills"
        KubeDefaultNamespace KUBE_DEFAULT_NAMESPACE "kubernetes-default-namespace" Low []
            "give the application a namespace of its own"
    }
    TERRAFORM {
        TerraformOpenIngress TERRAFORM_OPEN_INGRESS "terraform-open-ingress" Critical ["CWE-284", "A01:2025"]
            "name the addresses that may connect, or go through a bastion or a session manager"
        TerraformPublicBucket TERRAFORM_PUBLIC_BUCKET "terraform-public-bucket" Critical ["CWE-732", "A01:2025"]
            "keep the bucket private, and serve what is public through a CDN"
        TerraformPublicDatabase TERRAFORM_PUBLIC_DATABASE "terraform-public-database" Critical ["CWE-284", "A01:2025"]
            "keep the database in private networks, and name who may connect"
        TerraformPublicCluster TERRAFORM_PUBLIC_CLUSTER "terraform-public-cluster" High ["CWE-284", "A01:2025"]
            "make the endpoint private, or name the addresses that may reach it"
        TerraformWildcardPolicy TERRAFORM_WILDCARD_POLICY "terraform-wildcard-policy" High ["CWE-250", "A01:2025"]
            "name the actions and the resources that are needed"
        TerraformUnencrypted TERRAFORM_UNENCRYPTED "terraform-unencrypted" High ["CWE-311", "A04:2025"]
            "turn encryption at rest on"
        TerraformImdsV1 TERRAFORM_IMDS_V1 "terraform-imdsv1" High ["CWE-918", "A02:2025"]
            "set `metadata_options { http_tokens = \"required\" }`"
        TerraformSecret TERRAFORM_SECRET "terraform-secret" High ["CWE-798", "A07:2025"]
            "read it from a secret store, or take it from a sensitive variable without default"
        TerraformUnpinned TERRAFORM_UNPINNED "terraform-unpinned-source" Low ["CWE-1104", "A03:2025"]
            "name a version: `version = \"~> 5.0\"` for a provider or module, `?ref=` for a git source"
    }
}

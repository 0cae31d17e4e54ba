//! Owns the rule on ports that are open to the world.

use crate::model::rule::Severity;

use super::super::kinds::Kind;
use super::Found;
use super::read::{Block, Value};
use super::scope::Scope;

/// Ports of administration and of databases.
const PORTS: [(u32, &str); 19] = [
    (22, "SSH"),
    (23, "Telnet"),
    (445, "SMB"),
    (1433, "SQL Server"),
    (1521, "Oracle"),
    (2375, "Docker"),
    (2379, "etcd"),
    (3306, "MySQL"),
    (3389, "RDP"),
    (5432, "PostgreSQL"),
    (5601, "Kibana"),
    (5900, "VNC"),
    (5984, "CouchDB"),
    (5985, "WinRM"),
    (6379, "Redis"),
    (9200, "Elasticsearch"),
    (10250, "the kubelet"),
    (11211, "Memcached"),
    (27017, "MongoDB"),
];

/// Looks at a block.
pub fn look(block: &Block, scope: &Scope<'_>, found: &mut Found<'_>) {
    if block.kind != "resource" {
        return;
    }
    match block.label(0) {
        "aws_security_group" | "aws_default_security_group" => {
            for rule in block.inner("ingress") {
                aws(
                    rule,
                    scope,
                    &["cidr_blocks", "ipv6_cidr_blocks"],
                    "protocol",
                    found,
                );
            }
        }
        "aws_security_group_rule" if scope.is(block, "type", "ingress") => {
            aws(
                block,
                scope,
                &["cidr_blocks", "ipv6_cidr_blocks"],
                "protocol",
                found,
            );
        }
        "aws_vpc_security_group_ingress_rule" => aws(
            block,
            scope,
            &["cidr_ipv4", "cidr_ipv6"],
            "ip_protocol",
            found,
        ),
        "google_compute_firewall" => google(block, scope, found),
        "azurerm_network_security_rule" => azure(block, scope, found),
        "azurerm_network_security_group" => {
            for rule in block.inner("security_rule") {
                azure(rule, scope, found);
            }
        }
        _ => {}
    }
}

fn is_world(address: &str) -> bool {
    matches!(
        address,
        "0.0.0.0/0" | "::/0" | "*" | "Internet" | "Any" | "0.0.0.0"
    )
}

/// What listens between two ports?
fn exposed(from: u32, to: u32) -> Option<String> {
    if from == 0 && (to == 0 || to >= 65_535) || from == 1 && to >= 65_535 {
        return Some("every port".to_owned());
    }
    let (port, what) = PORTS.iter().find(|(port, _)| (from..=to).contains(port))?;
    Some(if from == to {
        format!("{what} (port {port})")
    } else {
        format!("ports {from} to {to}, {what} too")
    })
}

fn tell(rule: &Block, attribute: &str, what: &str, found: &mut Found<'_>) {
    let headline = format!("{} lets the whole internet reach {what}", found.name());
    found.push(
        Kind::TerraformOpenIngress,
        Severity::Critical,
        rule,
        attribute,
        headline,
    );
}

fn aws(rule: &Block, scope: &Scope<'_>, sources: &[&str], protocol: &str, found: &mut Found<'_>) {
    let Some(source) = sources
        .iter()
        .find(|source| scope.list(rule, source).into_iter().any(is_world))
    else {
        return;
    };
    let number = |name| {
        scope
            .text(rule, name)
            .flatten()
            .and_then(|text| text.parse::<i64>().ok())
    };
    let protocol = scope.text(rule, protocol).flatten().unwrap_or_default();
    if matches!(protocol, "-1" | "all") {
        tell(rule, source, "every port", found);
        return;
    }
    if matches!(protocol, "icmp" | "icmpv6" | "1" | "58") {
        return;
    }
    let (Some(from), Some(to)) = (number("from_port"), number("to_port")) else {
        return;
    };
    let (Ok(from), Ok(to)) = (u32::try_from(from), u32::try_from(to)) else {
        return;
    };
    if let Some(what) = exposed(from, to) {
        tell(rule, source, &what, found);
    }
}

/// `22`, `8000-9000`, `*`
fn range(text: &str) -> Option<(u32, u32)> {
    if text == "*" {
        return Some((0, 65_535));
    }
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    Some((from.trim().parse().ok()?, to.trim().parse().ok()?))
}

fn google(block: &Block, scope: &Scope<'_>, found: &mut Found<'_>) {
    if scope.is(block, "direction", "EGRESS")
        || scope.is(block, "disabled", "true")
        || !scope.list(block, "source_ranges").into_iter().any(is_world)
    {
        return;
    }
    for allow in block.inner("allow") {
        let protocol = scope.text(allow, "protocol").flatten().unwrap_or_default();
        let ports = allow.value("ports").map(|value| {
            (
                scope.texts(value),
                matches!(scope.resolved(value), Value::List(_)),
            )
        });
        let what = match ports {
            None if matches!(protocol, "all" | "tcp") => Some("every port".to_owned()),
            Some((ports, true)) if matches!(protocol, "tcp" | "all") => ports
                .into_iter()
                .filter_map(range)
                .find_map(|(from, to)| exposed(from, to)),
            _ => None,
        };
        if let Some(what) = what {
            tell(block, "source_ranges", &what, found);
            return;
        }
    }
}

fn azure(rule: &Block, scope: &Scope<'_>, found: &mut Found<'_>) {
    if !scope.is(rule, "access", "Allow")
        || !scope.is(rule, "direction", "Inbound")
        || scope.is(rule, "protocol", "Icmp")
    {
        return;
    }
    let Some(source) = ["source_address_prefix", "source_address_prefixes"]
        .into_iter()
        .find(|name| scope.list(rule, name).into_iter().any(is_world))
    else {
        return;
    };
    let ports = ["destination_port_range", "destination_port_ranges"]
        .into_iter()
        .flat_map(|name| scope.list(rule, name));
    if let Some(what) = ports
        .filter_map(range)
        .find_map(|(from, to)| exposed(from, to))
    {
        tell(rule, source, &what, found);
    }
}

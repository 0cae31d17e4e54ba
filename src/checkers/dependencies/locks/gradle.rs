//! Owns Gradle's lockfiles.

use crate::checkers::dependencies::inventory::{Ecosystem, Inventory, Package};

use super::text::Text;
use super::{Beside, Unread, lost};

pub(super) fn read(text: &Text, _: &dyn Beside) -> Result<Inventory, Unread> {
    let mut inventory = Inventory::default();
    for (start, line) in text.lines() {
        let content = line.trim();
        if content.is_empty() || content.starts_with('#') {
            inventory.declared_empty |= content.contains("Gradle generated file");
            continue;
        }
        let (module, configurations) = content.split_once('=').unwrap_or((content, ""));
        if module == "empty" {
            inventory.declared_empty = true;
            continue;
        }
        let at = text.span(start..start + line.len());
        let [group, artifact, version] = module.split(':').collect::<Vec<_>>()[..] else {
            lost(
                &mut inventory,
                at,
                format!("a line that is not understood: {content}"),
            );
            continue;
        };
        let name = format!("{group}:{artifact}");
        let mut package = Package::new(Ecosystem::Maven, name, Some(version.to_owned()), at);
        let mut of_tests = configurations
            .split(',')
            .map(|name| name.to_lowercase().contains("test"));
        package.dev = (!configurations.is_empty()).then(|| of_tests.all(|test| test));
        inventory.packages.push(package);
    }
    if inventory.packages.is_empty() && !inventory.declared_empty {
        return Err(Unread::new("it has no line of Gradle's"));
    }
    Ok(inventory)
}

#[cfg(test)]
mod tests {
    use crate::checkers::dependencies::locks::tests::{check, fails};

    #[test]
    fn lines_of_all_shapes() {
        check(
            "gradle.lockfile",
            "# This is a Gradle generated file for dependency locking.
org.x:a:1.0=compileClasspath,testCompileClasspath
org.x:b:2.0.RELEASE=testRuntimeClasspath,integrationTestRuntimeClasspath
org.x:c:3
x=y
empty=annotationProcessor
",
            "
2 org.x:a 1.0
3 org.x:b 2.0.RELEASE dev
4 org.x:c 3
5 lost: a line that is not understood: x=y",
        );
        check("buildscript-gradle.lockfile", "empty=classpath\n", "");
        check(
            "gradle/dependency-locks/compile.lockfile",
            "org.x:a:1.0\n",
            "\n1 org.x:a 1.0",
        );
        fails("gradle.lockfile", "x\n", "no line");
        fails("gradle.lockfile", "", "no line");
    }
}

//! Owns the recognition of git commands that skip the hooks, in shell text, by the shell's own grammar: strings and
//! comments that only speak of them are none.

use tree_sitter::Node;

use crate::source::file::parse;
use crate::source::language::Language;

/// How deep a command may stand in strings of others (`bash -c "..."`, `alias`).
const DEEPEST: usize = 3;

/// The commands that skip the hooks: byte offset and git's subcommand.
pub fn bypasses(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    look(text, 0, DEEPEST, &mut found);
    found.sort();
    found.dedup();
    found
}

/// Looks at `text`; commands in it are reported at `at` plus their own place, or at `at` alone inside of strings.
fn look(text: &str, at: usize, depth: usize, found: &mut Vec<(usize, String)>) {
    let Some(tree) = (depth > 0)
        .then(|| parse(Language::Bash, text.as_bytes()))
        .flatten()
    else {
        return;
    };
    let mut cursor = tree.walk();
    let mut stack = vec![tree.root_node()];
    while let Some(node) = stack.pop() {
        stack.extend(node.children(&mut cursor));
        let is_alias = node.kind() == "declaration_command";
        if node.kind() != "command" && !is_alias {
            continue;
        }
        let mut words = words(node, text);
        let place = if depth == DEEPEST {
            at + node.start_byte()
        } else {
            at
        };
        unwrap(&mut words);
        let Some(name) = words.first().cloned() else {
            continue;
        };
        match name.rsplit('/').next().unwrap_or(&name) {
            "git" => {
                if let Some(subcommand) = skips_hooks(&words[1..]) {
                    found.push((place, subcommand));
                } else if let Some(alias) = alias_of_git(&words[1..]) {
                    look(&alias, place, depth - 1, found);
                }
            }
            "alias" => {
                for word in &words[1..] {
                    if let Some((_, value)) = word.split_once('=') {
                        look(value, place, depth - 1, found);
                    }
                }
            }
            "sh" | "bash" | "zsh" | "eval" => {
                for word in words[1..].iter().filter(|word| word.contains("git")) {
                    look(word, place, depth - 1, found);
                }
            }
            _ => {}
        }
    }
}

/// Name and arguments, quotes removed.
fn words(command: Node<'_>, text: &str) -> Vec<String> {
    let mut cursor = command.walk();
    let skipped = [
        "variable_assignment",
        "file_redirect",
        "herestring_redirect",
        "comment",
    ];
    let parts: Vec<Node<'_>> = command
        .children(&mut cursor)
        .filter(|child| !skipped.contains(&child.kind()))
        .collect();
    parts
        .into_iter()
        .map(|part| {
            let raw = text.get(part.byte_range()).unwrap_or_default();
            raw.chars().filter(|c| !matches!(c, '"' | '\'')).collect()
        })
        .collect()
}

/// Takes away what only starts another program: `sudo -u x`, `env A=b`, `command`.
fn unwrap(words: &mut Vec<String>) {
    let starters = ["sudo", "env", "command", "exec", "nohup", "time", "xargs"];
    if words
        .first()
        .is_some_and(|name| starters.contains(&name.as_str()))
    {
        let is_started = |word: &String| matches!(word.as_str(), "git" | "sh" | "bash" | "zsh");
        let at = words.iter().position(is_started).unwrap_or(words.len());
        words.drain(..at);
    }
}

/// The subcommand, if these arguments of git skip the hooks.
fn skips_hooks(words: &[String]) -> Option<String> {
    let rest = behind_options(words);
    let (subcommand, arguments) = rest.split_first()?;
    let long = matches!(
        subcommand.as_str(),
        "commit" | "push" | "merge" | "am" | "rebase" | "pull"
    );
    let skips = arguments
        .iter()
        .take_while(|word| *word != "--")
        .any(|word| (long && is_no_verify(word)) || (subcommand == "commit" && has_n(word)));
    skips.then(|| subcommand.clone())
}

/// What stands behind git's own options.
fn behind_options(mut words: &[String]) -> &[String] {
    while let Some((word, rest)) = words.split_first() {
        words = match word.as_str() {
            "-c" | "-C" | "--git-dir" | "--work-tree" | "--namespace" => {
                rest.get(1..).unwrap_or_default()
            }
            option if option.starts_with('-') => rest,
            _ => break,
        };
    }
    words
}

/// Git takes an option's unique start for it.
fn is_no_verify(word: &str) -> bool {
    word.len() >= "--no-veri".len() && "--no-verify".starts_with(word)
}

/// Is `-n` among these short options of `git commit`? What stands behind one that takes a value is that value.
fn has_n(word: &str) -> bool {
    let Some(letters) = word.strip_prefix('-').filter(|rest| !rest.starts_with('-')) else {
        return false;
    };
    letters
        .chars()
        .take_while(|c| !matches!(c, 'm' | 'F' | 'C' | 'c' | 't' | 'S' | 'u'))
        .any(|c| c == 'n')
}

/// `config alias.NAME VALUE`: the value as a command.
fn alias_of_git(words: &[String]) -> Option<String> {
    let rest = behind_options(words);
    let (subcommand, arguments) = rest.split_first()?;
    if subcommand != "config" {
        return None;
    }
    let at = arguments
        .iter()
        .position(|word| word.starts_with("alias."))?;
    let value = arguments.get(at + 1)?;
    Some(match value.strip_prefix('!') {
        Some(command) => command.to_owned(),
        None => format!("git {value}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<String> = bypasses(text)
            .into_iter()
            .map(|(_, subcommand)| subcommand)
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn commands() {
        check("git commit --no-verify -m x", &["commit"]);
        check("git -C dir -c a=b push origin main --no-verify", &["push"]);
        check("git commit -anm x", &["commit"]);
        check("git commit -mn", &[]);
        check("git push -n", &[]);
        check("git commit -m 'never use --no-verify'", &[]);
        check("git commit -- --no-verify", &[]);
        check("# git commit --no-verify", &[]);
        check("echo \"git commit --no-verify\"", &[]);
        check("printf '%s' 'git commit -n'", &[]);
        check(
            "alias yolo='git add . && git commit -n -m wip'",
            &["commit"],
        );
        check(
            "git config --global alias.yolo 'commit --no-verify'",
            &["commit"],
        );
        check("git config alias.yolo '!git push --no-verify'", &["push"]);
        check("bash -c 'git commit --no-verify'", &["commit"]);
        check("sudo -u x env A=b git commit --no-veri", &["commit"]);
        check(
            "if true; then x=$(git commit \\\n  --no-verify); fi",
            &["commit"],
        );
        check("grep -r 'git.*--no-verify' .", &[]);
        check("./wrapper.sh commit --no-verify", &[]);
    }
}

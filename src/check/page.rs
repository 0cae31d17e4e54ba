//! Owns the format of a rule's page: its documentation, the text of `qgate explain`, and its examples. Knows no checker.
//!
//! A page is plain ASCII Markdown:
//!
//! ````text
//! # rule-id
//!
//! One paragraph; its first sentence is the summary that lists show.
//!
//! ## Why
//! ## What to do
//! ## Fails
//!
//! ```python file=src/a.py
//! value = 1  # expect: rule-id
//! ```
//!
//! ## Passes
//! ## Limits            (optional, like any other section)
//! ````
//!
//! **Examples.** The fenced blocks of `Fails` and `Passes` are files. Those under one `###` heading, or under the section
//! itself, form one tree. In the line that opens a block stand the language and then any of:
//!
//! | word | meaning |
//! |---|---|
//! | `file=PATH` | the file's path; `\x20` and the other escapes work in it |
//! | `escaped` | the content has escapes: `\u{202e}`, `\xff`, `\t`, `\r`, `\n`, `\\`; a `\` that ends a line takes the line feed away |
//! | | `\+` joins what stands on both sides of it: no secret stands in a page in one piece, and the example has it whole |
//! | `untracked`, `executable`, `link`, `submodule` | metadata; the content of a link is its target |
//! | `size=5MB` | the size that the metadata tells |
//! | `expect=RULE,RULE` | findings at the file as a whole |
//! | `expect-line=N:RULE` | a finding in line N, where a comment would disturb the example |
//! | `expect-path=PATH` or `expect-path=PATH:RULE` | a finding at a path that need not be a file |
//! | `options` | no file: the block is the check's options, in YAML |
//!
//! A block with neither `file=` nor `options` is no file; it may carry `expect-path`, or just be shown.
//!
//! **Marks.** `expect: RULE, RULE` in a comment marks its own line, `expect-next: RULE` the next one. Each mark stands for
//! one finding. In `Fails` findings and marks must match one to one, those of the checker's other rules too; in `Passes`
//! there is no finding of the page's rule.
//!
//! A page needs a failing and a passing example, unless it has the section `Examples need the outside world`; then tests
//! stand for it. A checker's `cases/*.md` have the same format and need examples only; the title is the rule.

mod escape;
pub mod example;
mod marks;

use example::Example;

/// The section that excuses a page from examples.
pub const OUTSIDE_WORLD: &str = "Examples need the outside world";

/// What every page says, in this order.
pub const SECTIONS: [&str; 4] = ["Why", "What to do", "Fails", "Passes"];

/// A rule's page.
#[derive(Clone, Debug)]
pub struct Page {
    /// The title: the rule's id.
    pub title: String,
    /// The first paragraph, on one line.
    pub introduction: String,
    /// The sections, in order.
    pub sections: Vec<Section>,
    /// Trees in which the rule has findings.
    pub failing: Vec<Example>,
    /// Trees in which it has none.
    pub passing: Vec<Example>,
}

/// A section of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its heading, without `## `.
    pub title: String,
    /// Its Markdown text, without empty lines around it.
    pub text: String,
}

/// A page is not in the format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct PageError {
    /// The 1-based line.
    pub line: usize,
    /// What is wrong there.
    pub what: String,
}

impl PageError {
    fn new(line: usize, what: impl Into<String>) -> Self {
        Self {
            line,
            what: what.into(),
        }
    }
}

impl Page {
    /// Reads a page.
    ///
    /// # Errors
    /// Says where the text leaves the format.
    pub fn parse(text: &str) -> Result<Self, PageError> {
        let mut page = Self {
            title: String::new(),
            introduction: String::new(),
            sections: Vec::new(),
            failing: Vec::new(),
            passing: Vec::new(),
        };
        for part in split(text)? {
            match part {
                Part::Title(line, title) if page.title.is_empty() => {
                    if title.is_empty() {
                        return Err(PageError::new(line, "the title is empty"));
                    }
                    title.clone_into(&mut page.title);
                }
                Part::Title(line, _) => return Err(PageError::new(line, "a second title")),
                Part::Section(title) => page.sections.push(Section {
                    title: title.to_owned(),
                    text: String::new(),
                }),
                Part::Line(line, _) | Part::Fence(Fence { line, .. }) if page.title.is_empty() => {
                    return Err(PageError::new(line, "the page begins with `# rule-id`"));
                }
                Part::Line(_, line) => page.take_line(line),
                Part::Fence(fence) => page.take_fence(&fence)?,
            }
        }
        if page.title.is_empty() {
            return Err(PageError::new(1, "the page begins with `# rule-id`"));
        }
        for section in &mut page.sections {
            section.text = section.text.trim_matches('\n').to_owned();
        }
        page.failing.retain(Example::is_meant);
        page.passing.retain(Example::is_meant);
        Ok(page)
    }

    /// The first sentence of the introduction.
    #[must_use]
    pub fn summary(&self) -> &str {
        let end = self
            .introduction
            .find(". ")
            .map_or(self.introduction.len(), |at| at + 1);
        &self.introduction[..end]
    }

    /// The text of a section, if the page has it.
    #[must_use]
    pub fn section(&self, title: &str) -> Option<&str> {
        let found = self.sections.iter().find(|section| section.title == title);
        found.map(|section| section.text.as_str())
    }

    /// Do tests stand for the examples?
    #[must_use]
    pub fn needs_outside_world(&self) -> bool {
        self.section(OUTSIDE_WORLD).is_some()
    }

    fn take_line(&mut self, line: &str) {
        let heading = line.strip_prefix("### ").map(str::trim);
        let Some(section) = self.sections.last_mut() else {
            if !self.introduction.is_empty() && !line.is_empty() {
                self.introduction.push(' ');
            }
            self.introduction.push_str(line.trim());
            return;
        };
        section.text.push_str(line);
        section.text.push('\n');
        if let (Some(heading), Some(examples)) = (heading, self.examples()) {
            examples.push(Example::named(heading));
        }
    }

    fn take_fence(&mut self, fence: &Fence<'_>) -> Result<(), PageError> {
        if let Some(section) = self.sections.last_mut() {
            section.text.push_str(&fence.raw());
        }
        let title = self.title.clone();
        let section = self.sections.last().map(|section| section.title.clone());
        let Some(examples) = self.examples() else {
            return Ok(());
        };
        if examples.is_empty() {
            examples.push(Example::named(&section.unwrap_or_default()));
        }
        let example = examples
            .last_mut()
            .expect("one was pushed if there was none");
        example
            .add(fence, &title)
            .map_err(|what| PageError::new(fence.line, what))
    }

    fn examples(&mut self) -> Option<&mut Vec<Example>> {
        match self.sections.last()?.title.as_str() {
            "Fails" => Some(&mut self.failing),
            "Passes" => Some(&mut self.passing),
            _ => None,
        }
    }
}

enum Part<'a> {
    Title(usize, &'a str),
    Section(&'a str),
    Line(usize, &'a str),
    Fence(Fence<'a>),
}

/// A fenced block.
pub(crate) struct Fence<'a> {
    /// The 1-based line that opens it.
    pub line: usize,
    /// The fence itself: three or more backticks.
    pub ticks: &'a str,
    /// What stands behind the opening fence.
    pub info: &'a str,
    /// Its lines.
    pub lines: Vec<&'a str>,
}

impl Fence<'_> {
    fn raw(&self) -> String {
        let mut raw = format!("{}{}\n", self.ticks, self.info);
        for line in &self.lines {
            raw.push_str(line);
            raw.push('\n');
        }
        raw + self.ticks + "\n"
    }
}

fn split(text: &str) -> Result<Vec<Part<'_>>, PageError> {
    let mut parts = Vec::new();
    let mut lines = text.lines().enumerate().map(|(at, line)| (at + 1, line));
    while let Some((number, line)) = lines.next() {
        let ticks = &line[..line.len() - line.trim_start_matches('`').len()];
        if ticks.len() >= 3 {
            let mut fence = Fence {
                line: number,
                ticks,
                info: &line[ticks.len()..],
                lines: Vec::new(),
            };
            loop {
                match lines.next() {
                    Some((_, line)) if line.trim_end() == ticks => break,
                    Some((_, line)) => fence.lines.push(line),
                    None => return Err(PageError::new(number, "the block is never closed")),
                }
            }
            parts.push(Part::Fence(fence));
        } else if let Some(title) = line.strip_prefix("# ") {
            parts.push(Part::Title(number, title.trim()));
        } else if let Some(title) = line.strip_prefix("## ") {
            parts.push(Part::Section(title.trim()));
        } else {
            parts.push(Part::Line(number, line));
        }
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "\
# no-tabs

Tabs are found. They are
wide.

## Why

Because.

## What to do

Use spaces.

## Fails

```yaml options
width: 4
```

```python file=a.py escaped
\\tx = 1  # expect: no-tabs
# expect-next: no-tabs, other
\\ty\\
```

### Untracked

````text file=b\\x20c untracked expect=no-tabs expect-line=2:other expect-path=gone/
```
````

## Passes

Just shown:

```console
$ true
```

```text file=ok
```
";

    #[test]
    fn a_page_is_read() {
        let page = Page::parse(PAGE).expect("the page is in the format");
        assert_eq!(page.title, "no-tabs");
        assert_eq!(page.summary(), "Tabs are found.");
        assert_eq!(page.section("Why"), Some("Because."));
        assert!(!page.needs_outside_world());
        let show = |examples: &[Example]| {
            let lines: Vec<String> = examples.iter().map(Example::to_string).collect();
            lines.join("\n")
        };
        insta::assert_snapshot!(show(&page.failing), @r#"
        Fails: options "width: 4\n"; a.py "\tx = 1  # expect: no-tabs\n# expect-next: no-tabs, other\n\ty"; expects a.py:1 no-tabs, a.py:3 no-tabs, a.py:3 other
        Untracked: b c "```\n" Untracked; expects b c no-tabs, b c:2 other, gone no-tabs
        "#);
        insta::assert_snapshot!(show(&page.passing), @r#"Passes: ok """#);
    }

    fn check(text: &str, expected: &str) {
        let problem = Page::parse(text).map(|page| page.title);
        assert_eq!(problem.map_err(|e| e.to_string()), Err(expected.to_owned()));
    }

    #[test]
    fn what_is_wrong_is_said() {
        check("", "line 1: the page begins with `# rule-id`");
        check("text", "line 1: the page begins with `# rule-id`");
        check("# a\n# b", "line 2: a second title");
        check("# a\n```", "line 2: the block is never closed");
        check(
            "# a\n## Fails\n```sh file=../x\n```",
            "line 3: `../x` is not a path inside the root",
        );
        check(
            "# a\n## Fails\n```sh file=x fast\n```",
            "line 3: unknown word `fast`",
        );
        check(
            "# a\n## Fails\n```sh file=x escaped\n\\q\n```",
            "line 3: unknown escape `\\q`",
        );
    }
}

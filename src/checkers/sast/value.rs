//! Owns what is known of a value: where it comes from, what text it begins with, what it is harmless for. Knows no syntax.

/// Where a value comes from; the order is from harmless to grave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// It stands in the source, or is made of what stands there.
    #[default]
    Literal,
    /// It comes with the run but can do no harm as text: a number, a constant of elsewhere.
    Safe,
    /// Nobody knows here.
    Dynamic,
    /// It comes from a request.
    Input,
}

/// Where in SQL a part stands that is not literal; the order is from harmless to grave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// In none.
    #[default]
    None,
    /// Where a name stands: nothing can be bound there.
    Name,
    /// Where a value stands.
    Value,
    /// Between quotes.
    Quoted,
}

/// What a value is besides its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tag {
    /// Nothing that is known.
    #[default]
    None,
    /// Made by a random generator that can be foretold.
    Guessable,
    /// A random generator that can be foretold.
    Generator,
    /// A command that runs a shell.
    Shell,
    /// A command that runs a shell with `-c`: the next argument is a program.
    ShellText,
    /// A dictionary or list made here.
    Container,
    /// A request, or what was made of one.
    Request,
    /// What writes the answer to a request.
    Answer,
    /// What is kept for a visitor between requests.
    Session,
    /// The name of a file, as an object.
    File,
    /// A program to be run, as an object.
    Program,
    /// An object that was made in this function, of nothing but what stands there.
    Made,
}

/// What a text is harmless for.
pub mod clean {
    /// A word of a shell command.
    pub const SHELL: u8 = 1;
    /// A part of a page.
    pub const HTML: u8 = 2;
    /// A part of a path.
    pub const PATH: u8 = 4;
    /// A part of a URL that cannot change its host.
    pub const URL: u8 = 8;
    /// A value or name in SQL, `XPath` or LDAP.
    pub const QUERY: u8 = 16;
    /// A regular expression.
    pub const REGEX: u8 = 32;
    /// Everything.
    pub const ALL: u8 = 255;
}

/// What is known of a value.
#[derive(Clone, Copy, Debug, Default)]
pub struct Value<'t> {
    /// Where it comes from.
    pub origin: Origin,
    /// Is it a text put together of parts, not all of them literal?
    pub built: bool,
    /// Where the first part comes from, of a text put together.
    pub lead: Origin,
    /// The literal text that it is, or begins with.
    pub text: Option<&'t str>,
    /// The literal text that it ends with.
    pub tail: Option<&'t str>,
    /// Does a literal part read as SQL?
    pub sql: bool,
    /// The gravest place of a part that is not literal.
    pub slot: Slot,
    /// The number that it is.
    pub number: Option<i64>,
    /// What it is harmless for.
    pub clean: u8,
    /// What all of it that comes from a request is harmless for, where other parts are not.
    pub tame: u8,
    /// What it is besides.
    pub tag: Tag,
    /// The collection that it is, where what lies in it is known apart.
    pub table: Option<TableId>,
}

/// The place of a collection among those of a walk.
pub type TableId = u32;

/// A part of a text.
#[derive(Clone, Copy, Debug)]
pub enum Part<'t> {
    /// It stands there.
    Text(&'t str),
    /// It is put in.
    Value(Value<'t>),
}

impl<'t> Value<'t> {
    /// A value that nobody knows.
    #[must_use]
    pub fn dynamic() -> Self {
        Self::of(Origin::Dynamic)
    }

    /// A value of a request.
    #[must_use]
    pub fn input() -> Self {
        Self::of(Origin::Input)
    }

    /// A value that can do no harm.
    #[must_use]
    pub fn safe() -> Self {
        Self {
            clean: clean::ALL,
            ..Self::of(Origin::Safe)
        }
    }

    fn of(origin: Origin) -> Self {
        Self {
            origin,
            ..Self::default()
        }
    }

    /// A literal text.
    #[must_use]
    pub fn literal(text: &'t str) -> Self {
        Self {
            text: Some(text),
            tail: Some(text),
            clean: clean::ALL,
            ..Self::default()
        }
    }

    /// A literal number.
    #[must_use]
    pub fn number(number: Option<i64>) -> Self {
        Self {
            number,
            clean: clean::ALL,
            ..Self::default()
        }
    }

    /// Is it known from the source, or harmless?
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        self.origin <= Origin::Safe
    }

    /// Does it come from a request, and nothing made it harmless for this?
    #[must_use]
    pub fn is_input(&self, what: u8) -> bool {
        self.origin == Origin::Input && (self.clean | self.tame) & what == 0
    }

    /// Does it begin with what comes from a request, and nothing made that harmless for this?
    #[must_use]
    pub fn begins_with_input(&self, what: u8) -> bool {
        self.is_input(what) && (!self.built || self.lead == Origin::Input)
    }

    /// Is it, or may it be, anything, and nothing made it harmless for this?
    #[must_use]
    pub fn is_open(&self, what: u8) -> bool {
        self.origin >= Origin::Dynamic && self.clean & what == 0
    }

    /// The literal text that it is, whole.
    #[must_use]
    pub fn whole(&self) -> Option<&'t str> {
        self.text.filter(|_| !self.built && self.is_fixed())
    }

    /// The same, harmless for `what` as well.
    #[must_use]
    pub fn cleaned(mut self, what: u8) -> Self {
        self.clean |= what;
        if what == clean::ALL {
            self.origin = self.origin.min(Origin::Safe);
        }
        self
    }

    /// The same with a tag.
    #[must_use]
    pub fn tagged(mut self, tag: Tag) -> Self {
        self.tag = tag;
        self
    }

    /// One of the two.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let (more, less) = if other.origin > self.origin || (other.built && !self.built) {
            (other, self)
        } else {
            (self, other)
        };
        let fixed = |value: &Self| value.origin == Origin::Literal;
        Self {
            origin: more.origin.max(less.origin),
            built: more.built || less.built,
            lead: more.lead.max(less.lead),
            text: more.text.or(less.text),
            tail: more.tail.or(less.tail),
            sql: more.sql || less.sql,
            slot: more.slot.max(less.slot),
            number: more.number.filter(|_| more.number == less.number),
            clean: if fixed(&more) {
                less.clean
            } else if fixed(&less) {
                more.clean
            } else {
                more.clean & less.clean
            },
            tame: tame([&more, &less].into_iter()),
            tag: if more.tag == Tag::None {
                less.tag
            } else {
                more.tag
            },
            table: more.table.filter(|_| more.table == less.table),
        }
    }

    /// The text that parts make, one behind the other.
    #[must_use]
    pub fn joined(parts: &[Part<'t>]) -> Self {
        let mut whole = Self {
            clean: clean::ALL,
            tame: tame(parts.iter().filter_map(|part| match part {
                Part::Text(_) => None,
                Part::Value(value) => Some(value),
            })),
            ..Self::default()
        };
        let mut before: Option<&'t str> = None;
        for (n, part) in parts.iter().enumerate() {
            let value = match *part {
                Part::Text(text) => Self::literal(text),
                Part::Value(value) => value,
            };
            if n == 0 {
                whole.text = value.text;
                whole.lead = if value.built {
                    value.lead
                } else {
                    value.origin
                };
            } else if whole.text == Some("") && whole.lead <= Origin::Safe {
                // What stands behind nothing comes first.
                whole.text = value.text;
                whole.lead = value.origin;
            }
            whole.sql |= value.sql || value.text.is_some_and(reads_as_sql);
            whole.slot = whole.slot.max(value.slot);
            if value.is_open(clean::QUERY) && !value.sql {
                whole.slot = whole.slot.max(before.map_or(Slot::Name, slot_after));
            }
            whole.built |= value.built || value.origin >= Origin::Dynamic;
            if value.origin != Origin::Literal {
                whole.clean &= value.clean;
            }
            if value.tag == Tag::Guessable {
                whole.tag = value.tag;
            }
            whole.origin = whole.origin.max(value.origin);
            if value.tail.is_some_and(|tail| !tail.is_empty()) || value.origin != Origin::Literal {
                before = value.tail;
            }
        }
        whole.tail = before;
        whole.built &= parts.len() > 1;
        if whole.built && whole.clean == clean::ALL && whole.origin > Origin::Safe {
            whole.origin = Origin::Safe;
            whole.built = false;
        }
        whole
    }
}

/// What all values of requests among these are harmless for.
fn tame<'v, 't: 'v>(values: impl Iterator<Item = &'v Value<'t>>) -> u8 {
    let of_requests = values.filter(|value| value.origin == Origin::Input);
    let tame = of_requests.map(|value| value.clean | value.tame);
    tame.reduce(|a, b| a & b).unwrap_or(0)
}

/// Does a text read as the beginning of SQL, or a part of it?
#[must_use]
pub fn reads_as_sql(text: &str) -> bool {
    const STARTS: [(&str, &str); 11] = [
        ("{call ", ""),
        ("select ", ""),
        ("insert ", "into"),
        ("update ", ""),
        ("delete ", "from"),
        ("drop ", ""),
        ("alter ", ""),
        ("create ", ""),
        ("replace into", ""),
        ("truncate ", ""),
        ("with ", " as"),
    ];
    const INNER: [&str; 7] = [
        " where ",
        " from ",
        "values (",
        "values(",
        " order by ",
        " and ",
        " set ",
    ];
    let head: String = text
        .trim_start()
        .chars()
        .take(400)
        .map(|c| {
            if c.is_whitespace() {
                ' '
            } else {
                c.to_ascii_lowercase()
            }
        })
        .collect();
    let second = |word: &str| match word {
        "select " => head.contains(" from ") || head.ends_with(" from") || head.len() < 40,
        "update " => head.contains(" set ") || head.trim_end() == "update",
        "drop " | "alter " | "create " | "truncate " => [
            "table",
            "index",
            "database",
            "schema",
            "view",
            "user",
            "role",
            "sequence",
            "trigger",
            "function",
            "procedure",
            "extension",
            "type",
            "policy",
        ]
        .iter()
        .any(|noun| head.contains(noun)),
        _ => true,
    };
    STARTS
        .iter()
        .any(|(word, next)| head.starts_with(word) && head.contains(next) && second(word))
        || (text.starts_with([' ', '\n']) || text.contains("  "))
            && INNER[..1]
                .iter()
                .any(|part| format!(" {head}").contains(part))
}

/// The slot behind a text of SQL.
fn slot_after(text: &str) -> Slot {
    let text = text.trim_end_matches(['%', '_']);
    let Some(last) = text.chars().next_back() else {
        return Slot::Name;
    };
    if last == '\'' {
        return Slot::Quoted;
    }
    let text = text.trim_end();
    match text.chars().next_back() {
        Some('=' | '<' | '>') => return Slot::Value,
        Some('"' | '`' | '.' | '[') | None => return Slot::Name,
        _ => {}
    }
    let words = text.trim_end_matches('(').trim_end();
    let word: String = words
        .rsplit(|c: char| !c.is_ascii_alphanumeric())
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    match word.as_str() {
        "like" | "ilike" | "in" | "values" | "limit" | "offset" | "between" => Slot::Value,
        _ => Slot::Name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(parts: &[Part<'_>], slot: Slot) {
        let value = Value::joined(parts);
        assert!(value.sql, "{parts:?}");
        assert_eq!(value.slot, slot, "{parts:?}");
    }

    #[test]
    fn what_is_not_of_a_request_does_not_spoil_what_is() {
        let name = Value::input().cleaned(clean::PATH);
        let text = |value| Value::joined(&[Part::Value(Value::dynamic()), Part::Value(value)]);
        assert!(!text(name).is_input(clean::PATH));
        assert!(text(name).is_input(clean::QUERY));
        assert!(text(name).is_open(clean::PATH));
        assert!(text(Value::input()).is_input(clean::PATH));
        assert!(name.or(Value::input()).is_input(clean::PATH));
        assert!(!name.or(Value::dynamic()).is_input(clean::PATH));
    }

    #[test]
    fn slots() {
        let open = Part::Value(Value::dynamic());
        check(
            &[
                Part::Text("SELECT * FROM t WHERE a = '"),
                open,
                Part::Text("'"),
            ],
            Slot::Quoted,
        );
        check(
            &[Part::Text("SELECT * FROM t WHERE a = "), open],
            Slot::Value,
        );
        check(&[Part::Text("select * from "), open], Slot::Name);
        check(
            &[Part::Text("SELECT a FROM t WHERE b LIKE '%"), open],
            Slot::Quoted,
        );
        let safe = Part::Value(Value::safe());
        check(
            &[Part::Text("SELECT a FROM t WHERE b = "), safe],
            Slot::None,
        );
        assert!(!reads_as_sql("Select a file"[..6].into()));
        assert!(!reads_as_sql("update available"));
    }
}

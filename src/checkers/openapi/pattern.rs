//! Owns the syntax of regular expressions as ECMA-262 has it, as far as no reading of it takes what is refused here. Matches nothing.

/// Is the text a regular expression?
///
/// # Errors
/// Says what is wrong with it.
pub fn check(text: &str) -> Result<(), String> {
    let all: Vec<char> = text.chars().collect();
    let mut at = 0;
    let mut open = 0_usize;
    // May a quantifier stand here?
    let mut repeatable = false;
    while let Some(&c) = all.get(at) {
        at += 1;
        match c {
            '\\' => {
                if at >= all.len() {
                    return Err("it ends with a backslash".to_owned());
                }
                at += 1;
                repeatable = true;
            }
            '[' => {
                at = class(&all, at)?;
                repeatable = true;
            }
            '(' => {
                open += 1;
                at += group(&all[at..])?;
                repeatable = false;
            }
            ')' => {
                open = open
                    .checked_sub(1)
                    .ok_or("a parenthesis is closed that was not opened")?;
                repeatable = true;
            }
            '*' | '+' | '?' => {
                if !repeatable {
                    return Err(format!("`{c}` repeats nothing"));
                }
                if all.get(at) == Some(&'?') {
                    at += 1;
                }
                repeatable = false;
            }
            '{' => {
                if let Some((length, low, high)) = counts(&all[at..]) {
                    if high.is_some_and(|high| high < low) {
                        return Err("a repetition goes from more to less".to_owned());
                    }
                    if !repeatable {
                        return Err("`{` repeats nothing".to_owned());
                    }
                    at += length;
                    if all.get(at) == Some(&'?') {
                        at += 1;
                    }
                    repeatable = false;
                } else {
                    // A brace that counts nothing is itself.
                    repeatable = true;
                }
            }
            '|' | '^' => repeatable = false,
            _ => repeatable = true,
        }
    }
    if open > 0 {
        return Err("a parenthesis is not closed".to_owned());
    }
    Ok(())
}

/// What stands behind a parenthesis: its length, when ECMA-262 knows it.
fn group(rest: &[char]) -> Result<usize, String> {
    if rest.first() != Some(&'?') {
        return Ok(0);
    }
    match (rest.get(1), rest.get(2)) {
        (Some('<'), Some('=' | '!')) => Ok(3),
        (Some(':' | '=' | '!'), _) | (Some('<'), Some(_)) => Ok(2),
        // Since ECMAScript 2025 flags may be set for a group, and must be closed by a colon.
        (Some('i' | 'm' | 's' | '-'), _) => {
            let end = rest.iter().take(16).position(|&c| c == ':' || c == ')');
            match end {
                Some(end) if rest[end] == ':' => Ok(end + 1),
                _ => Err("flags such as `(?i)` are not known".to_owned()),
            }
        }
        _ => {
            let shown: String = rest.iter().take(2).collect();
            Err(format!("a group that begins with `({shown}` is not known"))
        }
    }
}

/// The end of a class whose bracket stands before `at`.
fn class(all: &[char], mut at: usize) -> Result<usize, String> {
    if all.get(at) == Some(&'^') {
        at += 1;
    }
    let mut before: Option<char> = None;
    loop {
        let Some(&c) = all.get(at) else {
            return Err("a bracket is not closed".to_owned());
        };
        at += 1;
        match c {
            ']' => return Ok(at),
            '\\' => {
                if all.get(at).is_none() {
                    return Err("a bracket is not closed".to_owned());
                }
                at += 1;
                before = None;
            }
            '-' => {
                let next = all.get(at).copied();
                if let (Some(low), Some(high)) = (before, next)
                    && !matches!(high, ']' | '\\')
                {
                    if high < low {
                        return Err(format!("the range {low}-{high} is upside down"));
                    }
                    at += 1;
                    before = None;
                    continue;
                }
                before = Some('-');
            }
            c => before = Some(c),
        }
    }
}

/// `2}`, `2,}` and `2,5}`: length, least, most.
fn counts(rest: &[char]) -> Option<(usize, u64, Option<u64>)> {
    let end = rest.iter().take(48).position(|&c| c == '}')?;
    let text: String = rest[..end].iter().collect();
    let (low, high) = match text.split_once(',') {
        None => (text.as_str(), None),
        Some((low, high)) => (low, Some(high)),
    };
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().unwrap_or(u64::MAX))
    };
    let low = number(low)?;
    let high = match high {
        None => Some(low),
        Some("") => None,
        Some(high) => Some(number(high)?),
    };
    Some((end + 1, low, high))
}

/// The expression for the engine that runs here; `None` when that cannot run it.
#[must_use]
pub fn compile(text: &str) -> Option<regex::Regex> {
    let all: Vec<char> = text.chars().collect();
    let mut plain = String::with_capacity(text.len() + 8);
    let mut inside = false;
    let mut at = 0;
    while let Some(&c) = all.get(at) {
        at += 1;
        match (c, inside) {
            ('\\', _) => {
                let escaped = *all.get(at)?;
                at += 1;
                // Classes of ECMA-262 are of ASCII.
                let class = match escaped {
                    'd' => "0-9",
                    'w' => "A-Za-z0-9_",
                    'D' => "^0-9",
                    'W' => "^A-Za-z0-9_",
                    other => {
                        plain.push('\\');
                        plain.push(other);
                        continue;
                    }
                };
                if inside && !class.starts_with('^') {
                    plain.push_str(class);
                } else {
                    plain.push('[');
                    plain.push_str(class);
                    plain.push(']');
                }
            }
            ('[', false) => {
                inside = true;
                plain.push(c);
                if all.get(at) == Some(&'^') {
                    plain.push('^');
                    at += 1;
                }
                // An empty class is one there, and none here.
                if all.get(at) == Some(&']') {
                    return None;
                }
            }
            (']', true) => {
                inside = false;
                plain.push(c);
            }
            ('{', false) => match counts(&all[at..]) {
                Some((length, ..)) => {
                    plain.push(c);
                    plain.extend(&all[at..at + length]);
                    at += length;
                }
                // A brace that counts nothing is itself.
                None => plain.push_str("\\{"),
            },
            ('}' | ']', false) | ('[' | '&' | '~', true) => {
                plain.push('\\');
                plain.push(c);
            }
            _ => plain.push(c),
        }
    }
    regex::RegexBuilder::new(&plain)
        .size_limit(1 << 20)
        .dfa_size_limit(1 << 20)
        .build()
        .ok()
}

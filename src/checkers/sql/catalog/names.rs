//! Owns the names that the server makes for constraints and indexes that are given none.

/// The longest name, in bytes.
const LONGEST: usize = 63;

/// Joins the parts as the server does: the longer of the first two is cut until all fit.
#[must_use]
pub fn object(first: &str, second: &str, label: &str) -> String {
    let extra = label.len() + 1 + usize::from(!second.is_empty());
    let room = LONGEST.saturating_sub(extra);
    let (mut a, mut b) = (first.len(), second.len());
    while a + b > room {
        if a > b {
            a -= 1;
        } else {
            b -= 1;
        }
    }
    let mut name = clip(first, a).to_owned();
    if !second.is_empty() {
        name.push('_');
        name.push_str(clip(second, b));
    }
    name.push('_');
    name.push_str(label);
    name
}

fn clip(text: &str, mut at: usize) -> &str {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    &text[..at]
}

/// Columns as a name has them: joined until there are enough.
pub fn joined<'a>(columns: impl IntoIterator<Item = &'a str>) -> String {
    let mut all = String::new();
    for column in columns {
        if !all.is_empty() {
            all.push('_');
        }
        all.push_str(column);
        if all.len() > LONGEST {
            break;
        }
    }
    all
}

/// The first of the names with a number behind the label that is free.
pub fn free(first: &str, second: &str, label: &str, taken: impl Fn(&str) -> bool) -> String {
    let mut name = object(first, second, label);
    let mut n = 0;
    while taken(&name) {
        n += 1;
        name = object(first, second, &format!("{label}{n}"));
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_and_numbered() {
        assert_eq!(object("t", "a_b", "fkey"), "t_a_b_fkey");
        assert_eq!(object("t", "", "pkey"), "t_pkey");
        let long = "x".repeat(60);
        let name = object(&long, &"y".repeat(40), "fkey");
        assert_eq!(name.len(), 63);
        assert_eq!(name, format!("{}_{}_fkey", "x".repeat(29), "y".repeat(28)));
        assert_eq!(free("t", "a", "key", |name| name == "t_a_key"), "t_a_key1");
    }
}

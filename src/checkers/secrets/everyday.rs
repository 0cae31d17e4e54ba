//! Owns what everybody types where a password is asked for: passwords that everybody knows, and texts that only fill the form. Knows
//! no rule.

/// Passwords that everybody knows: they open doors, and stand in examples more often than anywhere.
const WEAK: [&str; 40] = [
    "123456",
    "1234567",
    "123456789",
    "123123",
    "111111",
    "000000",
    "654321",
    "1q2w3e4r",
    "abc123",
    "abcd1234",
    "admin",
    "admin123",
    "administrator",
    "default",
    "demo",
    "guest",
    "hello",
    "letmein",
    "master",
    "mysecret",
    "mypassword",
    "mypass",
    "pass1",
    "pass123",
    "pass1234",
    "password1",
    "password123",
    "password2",
    "passw0rd",
    "p@ssw0rd",
    "p@ssword",
    "postgres",
    "qwerty",
    "root",
    "s3cr3t",
    "secret123",
    "sesame",
    "test",
    "test123",
    "test1234",
];

/// What is typed where anything would do.
const TRIVIAL: [&str; 16] = [
    "test",
    "testing",
    "1234",
    "12345",
    "123456",
    "12345678",
    "abc123",
    "asdf",
    "admin",
    "admin123",
    "password1",
    "qwerty",
    "root",
    "demo",
    "newpass",
    "testpass",
];

/// Is it typed where anything would do?
#[must_use]
pub fn is_trivial(value: &str) -> bool {
    TRIVIAL.iter().any(|word| value.eq_ignore_ascii_case(word))
}

/// Is it what everybody tries first, wherever it stands: `test`, digits that count or are all the same, `test123`?
#[must_use]
pub fn is_first_guess(value: &str) -> bool {
    let digits = value.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (word, digits) = value.split_at(value.len() - digits);
    match word.to_ascii_lowercase().as_str() {
        "" => (4..=10).contains(&digits.len()) && (counts(digits) || is_twice(digits)),
        "test" => digits.is_empty() || (digits.starts_with('1') && counts(digits)),
        _ => false,
    }
}

/// Does every digit differ by the same from the one before, by one at most?
fn counts(digits: &str) -> bool {
    let steps = digits.as_bytes().windows(2);
    let mut steps = steps.map(|pair| i16::from(pair[1]) - i16::from(pair[0]));
    let first = steps.next().unwrap_or_default();
    first.abs() <= 1 && steps.all(|step| step == first)
}

/// `123123`.
fn is_twice(digits: &str) -> bool {
    let (one, other) = digits.split_at(digits.len() / 2);
    one == other && one.len() >= 3 && counts(one)
}

/// Is it typed where anything would do, in a test or an example: one of the usual words, or one of them with digits behind it?
#[must_use]
pub fn fills_a_form(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let digits = lower.bytes().rev().take_while(u8::is_ascii_digit).count();
    let word = lower[..lower.len() - digits].trim_end_matches(['_', '-']);
    is_trivial(value)
        || is_first_guess(value)
        || (digits <= 4 && matches!(word, "pass" | "passw" | "mypass"))
        || (digits <= 6 && matches!(word, "test" | "abc"))
}

/// Is it a password that everybody knows?
#[must_use]
pub fn is_weak(value: &str) -> bool {
    WEAK.contains(&value.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, guess: bool, fills: bool) {
        assert_eq!(is_first_guess(value), guess, "{value}");
        assert_eq!(fills_a_form(value), fills, "{value}");
    }

    #[test]
    fn what_everybody_types() {
        check("test", true, true);
        check("123456", true, true);
        check("654321", true, true);
        check("111111", true, true);
        check("123123", true, true);
        check("121312", false, false);
        check("20384712", false, false);
        check("admin", false, true);
        check("pass_1", false, true);
        check("test123", true, true);
        check("test4711", false, true);
        check("passw0rd", false, false);
        check("hunter2", false, false);
        check("", false, false);
    }
}

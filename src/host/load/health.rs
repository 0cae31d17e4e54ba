//! Owns what the system tells of the generator's own thread: time on a processor, and time in wait for one.

use std::time::Duration;

/// The id of this thread, where the system has such.
pub(super) fn thread() -> Option<String> {
    let link = std::fs::read_link("/proc/thread-self").ok()?;
    Some(link.file_name()?.to_string_lossy().into_owned())
}

/// How long this thread ran and how long it was ready to run and waited, so far; `None` where nobody tells.
pub(super) fn spent() -> Option<(Duration, Duration)> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    read(&text)
}

fn read(text: &str) -> Option<(Duration, Duration)> {
    let mut words = text.split_whitespace().map(|word| word.parse().ok());
    let ran = words.next()??;
    let waited = words.next()??;
    Some((Duration::from_nanos(ran), Duration::from_nanos(waited)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_says() {
        let times = (Duration::from_millis(3), Duration::from_micros(4));
        assert_eq!(read("3000000 4000 12\n"), Some(times));
        assert_eq!(read(""), None);
        assert_eq!(read("x y"), None);
    }
}

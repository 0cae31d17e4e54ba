//! Owns the order of gates: that of the configuration, but a needed gate comes first.

/// The order in which `gates` run, as indices; each names those that it needs, and needs that are not there are ignored.
///
/// # Errors
/// The gates of one circle, each needing the next.
pub fn order(gates: &[(&str, Vec<&str>)]) -> Result<Vec<usize>, Vec<usize>> {
    let index = |name: &str| gates.iter().position(|(known, _)| *known == name);
    let needs: Vec<Vec<usize>> = gates
        .iter()
        .map(|(_, needs)| needs.iter().filter_map(|name| index(name)).collect())
        .collect();
    let mut done = vec![false; gates.len()];
    let mut sorted = Vec::new();
    while sorted.len() < gates.len() {
        let ready =
            (0..gates.len()).find(|n| !done[*n] && needs[*n].iter().all(|need| done[*need]));
        let Some(n) = ready else {
            return Err(circle(&needs, &done));
        };
        done[n] = true;
        sorted.push(n);
    }
    Ok(sorted)
}

/// Every gate that is left needs one that is left: following that leads into a circle.
fn circle(needs: &[Vec<usize>], done: &[bool]) -> Vec<usize> {
    let left = |n: &usize| !done[*n];
    let mut path: Vec<usize> = (0..needs.len()).find(left).into_iter().collect();
    while let Some(next) = path
        .last()
        .and_then(|last| needs[*last].iter().copied().find(left))
    {
        if let Some(at) = path.iter().position(|n| *n == next) {
            return path.split_off(at);
        }
        path.push(next);
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(gates: &[(&str, &[&str])], expected: &str) {
        let gates: Vec<(&str, Vec<&str>)> = gates
            .iter()
            .map(|(name, needs)| (*name, needs.to_vec()))
            .collect();
        let names =
            |indices: Vec<usize>| -> Vec<&str> { indices.iter().map(|n| gates[*n].0).collect() };
        let shown = match order(&gates) {
            Ok(order) => names(order).join(" "),
            Err(circle) => format!("circle {}", names(circle).join(" ")),
        };
        assert_eq!(shown, expected);
    }

    #[test]
    fn orders() {
        check(&[("a", &[]), ("b", &[]), ("c", &[])], "a b c");
        check(&[("a", &["c"]), ("b", &[]), ("c", &[])], "b c a");
        check(&[("a", &["gone"])], "a");
        check(&[("a", &["b"]), ("b", &["c"]), ("c", &["b"])], "circle b c");
        check(&[("a", &["a"])], "circle a");
    }
}

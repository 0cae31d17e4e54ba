//! Owns a script's functions: which of them print, and which only ever hand their output to a caller that keeps it.

use std::collections::BTreeMap;

use super::streams::Sink;

/// The functions that a script defines, and their calls.
#[derive(Debug, Default)]
pub struct Functions<'a> {
    numbers: BTreeMap<&'a [u8], usize>,
    /// The name called, where its output goes, and the function that it is called in.
    calls: Vec<(&'a [u8], Sink, Option<usize>)>,
}

impl<'a> Functions<'a> {
    /// Adds a definition; its number. A name that is defined twice is one function.
    pub fn define(&mut self, name: &'a [u8]) -> usize {
        let next = self.numbers.len();
        *self.numbers.entry(name).or_insert(next)
    }

    /// Adds what may be a call.
    pub fn call(&mut self, name: &'a [u8], out: Sink, inside: Option<usize>) {
        self.calls.push((name, out, inside));
    }

    /// For each function: is its output kept by every caller? Not so when nobody in this script calls it.
    pub fn captured(&self) -> Vec<bool> {
        let calls: Vec<(usize, Sink, Option<usize>)> = self
            .calls
            .iter()
            .filter_map(|&(name, out, inside)| Some((*self.numbers.get(name)?, out, inside)))
            .collect();
        // Callers of each function, in reverse: who prints makes those print whom it calls with its own output.
        let mut captured = vec![false; self.numbers.len()];
        let mut called_by: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for &(callee, out, inside) in &calls {
            captured[callee] = true;
            if let (Sink::Caller, Some(inside)) = (out, inside) {
                called_by.entry(inside).or_default().push(callee);
            }
        }
        let mut printing: Vec<usize> = (0..captured.len()).filter(|&f| !captured[f]).collect();
        for &(callee, out, _) in &calls {
            if out == Sink::Terminal && std::mem::replace(&mut captured[callee], false) {
                printing.push(callee);
            }
        }
        while let Some(function) = printing.pop() {
            for &callee in called_by.get(&function).into_iter().flatten() {
                if std::mem::replace(&mut captured[callee], false) {
                    printing.push(callee);
                }
            }
        }
        captured
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_prints() {
        let mut functions = Functions::default();
        for name in ["kept", "printed", "uncalled", "through", "own"] {
            functions.define(name.as_bytes());
        }
        functions.call(b"kept", Sink::Away, None);
        functions.call(b"printed", Sink::Away, None);
        functions.call(b"printed", Sink::Terminal, None);
        functions.call(b"through", Sink::Caller, Some(1));
        functions.call(b"own", Sink::Caller, Some(0));
        functions.call(b"other", Sink::Terminal, None);
        assert_eq!(functions.captured(), [true, false, false, false, true]);
    }
}

//! Owns score formulas: a small arithmetic over metrics, exact, read from YAML.
//!
//! `100 - (smells * 5 + complex_functions * 2) / max(1, kloc)`; `+ - * /`, `max`, `min`, parentheses, numbers and
//! metric names. A name with a `?` drops out (counts 0) where it was not measured.

use std::collections::BTreeMap;
use std::fmt;

use super::number::Number;

/// How deep parentheses may nest.
const MOST_DEPTH: usize = 32;

/// A formula.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formula {
    text: String,
    root: Expression,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Expression {
    Number(Number),
    Metric {
        name: String,
        optional: bool,
    },
    Binary(Box<Expression>, char, Box<Expression>),
    Call {
        max: bool,
        arguments: Vec<Expression>,
    },
}

/// What a formula came out to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluated {
    /// The value; `None` when a metric is missing, a divisor is 0 or a number does not fit.
    pub value: Option<Number>,
    /// Metrics that were not measured, optional ones included.
    pub missing: Vec<String>,
}

impl Formula {
    /// Reads a formula.
    ///
    /// # Errors
    /// Says what is wrong and at which column (from 1).
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser {
            text,
            at: 0,
            depth: 0,
        };
        let root = parser.sum()?;
        parser.space();
        if parser.at < text.len() {
            return Err(parser.problem("an operator"));
        }
        Ok(Self {
            text: text.to_owned(),
            root,
        })
    }

    /// The metrics that it names, each once, in order of appearance; `true` for optional ones.
    #[must_use]
    pub fn metrics(&self) -> Vec<(&str, bool)> {
        let mut names = Vec::new();
        self.root.visit(&mut |expression| {
            if let Expression::Metric { name, optional } = expression
                && !names.iter().any(|(known, _)| known == name)
            {
                names.push((name.as_str(), *optional));
            }
        });
        names
    }

    /// The value for these metrics.
    #[must_use]
    pub fn evaluate(&self, metrics: &BTreeMap<String, Number>) -> Evaluated {
        let missing: Vec<(&str, bool)> = self
            .metrics()
            .into_iter()
            .filter(|(name, _)| !metrics.contains_key(*name))
            .collect();
        let knowable = missing.iter().all(|(_, optional)| *optional);
        Evaluated {
            value: if knowable {
                self.root.evaluate(metrics)
            } else {
                None
            },
            missing: missing
                .into_iter()
                .map(|(name, _)| name.to_owned())
                .collect(),
        }
    }
}

impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Expression {
    fn visit<'a>(&'a self, see: &mut impl FnMut(&'a Self)) {
        see(self);
        match self {
            Self::Number(_) | Self::Metric { .. } => {}
            Self::Binary(left, _, right) => {
                left.visit(see);
                right.visit(see);
            }
            Self::Call { arguments, .. } => {
                for argument in arguments {
                    argument.visit(see);
                }
            }
        }
    }

    fn evaluate(&self, metrics: &BTreeMap<String, Number>) -> Option<Number> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Metric { name, .. } => Some(metrics.get(name).copied().unwrap_or(Number::ZERO)),
            Self::Binary(left, operator, right) => {
                let (left, right) = (left.evaluate(metrics)?, right.evaluate(metrics)?);
                match operator {
                    '+' => left.plus(right),
                    '-' => left.minus(right),
                    '*' => left.times(right),
                    _ => left.over(right),
                }
            }
            Self::Call { max, arguments } => {
                let values: Option<Vec<Number>> =
                    arguments.iter().map(|a| a.evaluate(metrics)).collect();
                let values = values?.into_iter();
                if *max { values.max() } else { values.min() }
            }
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn space(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn problem(&self, expected: &str) -> String {
        format!(
            "expected {expected} at column {} of the formula",
            self.text[..self.at].chars().count() + 1
        )
    }

    fn eat(&mut self, one_of: &[char]) -> Option<char> {
        self.space();
        let c = self.text[self.at..]
            .chars()
            .next()
            .filter(|c| one_of.contains(c))?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn sum(&mut self) -> Result<Expression, String> {
        let mut left = self.product()?;
        while let Some(operator) = self.eat(&['+', '-']) {
            left = Expression::Binary(Box::new(left), operator, Box::new(self.product()?));
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Expression, String> {
        let mut left = self.atom()?;
        while let Some(operator) = self.eat(&['*', '/']) {
            left = Expression::Binary(Box::new(left), operator, Box::new(self.atom()?));
        }
        Ok(left)
    }

    fn word(&mut self, more: impl Fn(char) -> bool) -> &str {
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| !more(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn atom(&mut self) -> Result<Expression, String> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return Err("the formula nests too deeply".to_owned());
        }
        let expression = self.atom_inside();
        self.depth -= 1;
        expression
    }

    fn atom_inside(&mut self) -> Result<Expression, String> {
        if self.eat(&['(']).is_some() {
            let inner = self.sum()?;
            return self
                .eat(&[')'])
                .map(|_| inner)
                .ok_or_else(|| self.problem("`)`"));
        }
        match self.text[self.at..].chars().next() {
            Some(c) if c.is_ascii_digit() => {
                let digits = self.word(|c| c.is_ascii_digit() || c == '.').to_owned();
                Number::parse(&digits)
                    .map(Expression::Number)
                    .ok_or_else(|| self.problem("a number"))
            }
            Some(c) if c.is_ascii_lowercase() => {
                let name = self
                    .word(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
                    .to_owned();
                if let "max" | "min" = name.as_str() {
                    return self.call(name == "max");
                }
                let optional = self.text[self.at..].starts_with('?');
                self.at += usize::from(optional);
                Ok(Expression::Metric { name, optional })
            }
            _ => Err(self.problem("a number, a metric, `max`, `min` or `(`")),
        }
    }

    fn call(&mut self, max: bool) -> Result<Expression, String> {
        self.eat(&['(']).ok_or_else(|| self.problem("`(`"))?;
        let mut arguments = vec![self.sum()?];
        while self.eat(&[',']).is_some() {
            arguments.push(self.sum()?);
        }
        self.eat(&[')'])
            .map(|_| Expression::Call { max, arguments })
            .ok_or_else(|| self.problem("`,` or `)`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let metrics = [("smells", 3), ("kloc", 2), ("none", 0)];
        let metrics = metrics
            .into_iter()
            .map(|(name, n)| (name.to_owned(), Number::whole(n)))
            .collect();
        let shown = match Formula::parse(text) {
            Ok(formula) => {
                let Evaluated { value, missing } = formula.evaluate(&metrics);
                format!(
                    "{} {}",
                    value.map(|n| n.to_string()).unwrap_or_default(),
                    missing.join(" ")
                )
            }
            Err(problem) => problem,
        };
        assert_eq!(shown.trim(), expected, "{text}");
    }

    #[test]
    fn formulas() {
        check("100 - (smells * 5 + none * 2) / max(1, kloc)", "92.5");
        check("100 - smells * 5 - outdated? * 2", "85 outdated");
        check("100 - vulnerabilities * 20", "vulnerabilities");
        check("min(2, 1, 3) / 4", "0.25");
        check("smells / none", "");
        check(
            "1 +",
            "expected a number, a metric, `max`, `min` or `(` at column 4 of the formula",
        );
        check("(1", "expected `)` at column 3 of the formula");
        check("1 2", "expected an operator at column 3 of the formula");
        check(&"(".repeat(1000), "the formula nests too deeply");
    }
}

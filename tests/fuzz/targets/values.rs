//! Any text as a quantity, a criterion, a formula or a rule page.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use qgate::check::page::Page;
use qgate::model::criterion::Criterion;
use qgate::model::formula::Formula;
use qgate::model::number::Number;
use qgate::model::quantity::Quantity;

fuzz_target!(|text: &str| {
    let quantity = Quantity::parse(text);
    if let Ok(quantity) = quantity {
        let _ = (quantity.as_duration(), quantity.as_bytes(), quantity.to_string());
    }
    if let Ok(criterion) = Criterion::parse(text) {
        let value = quantity.unwrap_or(Quantity::count(1));
        let _ = criterion.holds(value, Some(value));
        let _ = criterion.to_string();
    }
    if let Ok(formula) = Formula::parse(text) {
        let known: BTreeMap<String, Number> = formula
            .metrics()
            .iter()
            .map(|(name, _)| ((*name).to_owned(), Number::whole(i64::MAX)))
            .collect();
        let _ = formula.evaluate(&known);
        let _ = formula.evaluate(&BTreeMap::new());
    }
    let _ = Page::parse(text).map(|page| page.summary().len());
});

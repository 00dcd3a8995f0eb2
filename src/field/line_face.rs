//! Line items as their partial draws them: read from the stored value, or from the texts of a form.

use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::Value;

use super::kind::line_items::COLUMNS;
use super::number::{self, Grouping};
use super::read;

/// Lines that a form offers beyond those that are there.
const BLANK: usize = 3;

/// All lines of a value.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LinesFace {
    pub currency: String,
    pub rows: Vec<LineFace>,
    pub subtotal: String,
    pub discount_total: String,
    pub tax_total: String,
    pub amount: String,
}

/// One line; every part is a text, "" where there is none.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LineFace {
    /// Its place, from 1.
    pub number: usize,
    pub id: String,
    pub product: String,
    pub name: String,
    pub sku: String,
    pub list_price: String,
    pub quantity: String,
    pub unit_price: String,
    pub discount: String,
    pub tax: String,
    pub removed_at: String,
    pub extended: String,
    /// The unit price is not the product's.
    pub overridden: bool,
    /// It is there already, so it keeps its product.
    pub kept: bool,
    /// It is to be taken off, or has been.
    pub removed: bool,
}

impl LinesFace {
    /// From a stored value and its form texts; amounts as people read them.
    pub(super) fn of_value(value: &Value, texts: &[String]) -> Self {
        let part = |key: &str| value.get(key).map(read::plain).unwrap_or_default();
        let currency = part("currency");
        let grouping = match currency.as_str() {
            "INR" | "BDT" | "NPR" => Grouping::Lakh,
            _ => Grouping::Thousand,
        };
        let shown = |text: String| number::separated(&text, grouping);
        let mut face = Self::of_texts(texts);
        let rows = value.get("rows").and_then(Value::as_array).into_iter().flatten();
        for (line, row) in face.rows.iter_mut().zip(rows) {
            line.extended = shown(row.get("extended").map(read::plain).unwrap_or_default());
            line.list_price = shown(std::mem::take(&mut line.list_price));
            line.unit_price = shown(std::mem::take(&mut line.unit_price));
        }
        face.subtotal = shown(part("subtotal"));
        face.discount_total = shown(part("discount_total"));
        face.tax_total = shown(part("tax_total"));
        face.amount = shown(part("amount"));
        face.currency = currency;
        face
    }

    /// From the texts of a form: the currency, then [`COLUMNS`] for each line.
    pub(super) fn of_texts(texts: &[String]) -> Self {
        let (currency, lines) =
            texts.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
        let lines =
            lines.chunks(COLUMNS.len()).filter(|line| line.iter().any(|text| !text.trim().is_empty()));
        let rows = (1..).zip(lines).map(|(number, line)| LineFace::of_texts(number, line)).collect();
        Self { currency: currency.to_owned(), rows, ..Self::default() }
    }

    /// Adds the blank lines that a form ends with.
    pub(super) fn with_blanks(mut self) -> Self {
        for _ in 0..BLANK {
            self.rows.push(LineFace { number: self.rows.len() + 1, ..LineFace::default() });
        }
        self
    }
}

impl LineFace {
    fn of_texts(number: usize, line: &[String]) -> Self {
        let text = |column: usize| line.get(column).cloned().unwrap_or_default();
        let number_of = |column: usize| text(column).trim().parse::<Decimal>().ok();
        Self {
            number,
            id: text(0),
            product: text(1),
            name: text(2),
            sku: text(3),
            list_price: text(4),
            quantity: text(5),
            unit_price: text(6),
            discount: text(7),
            tax: text(8),
            removed_at: text(9),
            extended: String::new(),
            overridden: number_of(4).is_some_and(|list| number_of(6).is_some_and(|price| price != list)),
            kept: !text(0).is_empty(),
            removed: !text(9).is_empty(),
        }
    }
}

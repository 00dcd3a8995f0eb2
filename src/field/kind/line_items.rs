//! Field type `line_items`: the products that a deal, an invoice or an order is made of, with their prices and sums.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::field::definition::{KEY_PATTERN, is_key};
use crate::field::lines::Lines;
use crate::field::{
    Accepted, Cast, Control, FieldError, FieldType, Locale, Reject, Sample, currency, number, read,
};
use crate::limits;

/// Options of a line items field.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineItems {
    /// Key of the module of products.
    pub module: String,
    /// The one currency of the lines; any, and by default the tenant's, when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Key of a money field of the same module that takes the total.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
    /// Where a record finds other prices than the products' own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_book: Option<PriceBook>,
}

/// Price books: records with entries of their own, each a product and its price there.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceBook {
    /// The relation by which a record chooses its price book.
    pub field: String,
    /// The module of entries.
    pub entries: String,
    /// The entries' relation to their price book.
    pub book: String,
    /// The entries' relation to a product.
    pub product: String,
    /// The entries' price, a money field.
    pub price: String,
}

/// What a form sends for each line, in this order. What people do not type comes back in hidden inputs.
pub const COLUMNS: [&str; 10] =
    ["id", "product", "name", "sku", "list_price", "quantity", "unit_price", "discount", "tax", "removed_at"];
/// What stands in `removed_at` of a form's line that is to be taken off.
pub const REMOVE: &str = "remove";

impl LineItems {
    fn fault(pointer: &str, key: &str, what: &str) -> Option<FieldError> {
        (!is_key(key)).then(|| FieldError::new(pointer, format!("'{key}' is not the key of a {what}")))
    }
}

/// A discount as people type it.
fn discount_text(discount: &Value) -> String {
    match (discount.get("percent"), discount.get("amount")) {
        (Some(percent), _) => format!("{} %", read::plain(percent)),
        (_, Some(amount)) => read::plain(amount),
        _ => String::new(),
    }
}

/// The texts of one stored line, in the order of [`COLUMNS`].
fn line_texts(row: &Value) -> Vec<String> {
    let text = |key: &&str| match (*key, row.get(key)) {
        (_, None) => String::new(),
        ("discount", Some(discount)) => discount_text(discount),
        (_, Some(value)) => read::plain(value),
    };
    COLUMNS.iter().map(text).collect()
}

fn money(amount: &str, currency: &str) -> String {
    let grouping = match currency {
        "INR" | "BDT" | "NPR" => number::Grouping::Lakh,
        _ => number::Grouping::Thousand,
    };
    format!("{currency} {}", number::separated(amount, grouping))
}

/// How many lines count.
fn live(value: &Value) -> usize {
    let rows = value.get("rows").and_then(Value::as_array);
    rows.map_or(0, |rows| rows.iter().filter(|row| row.get("removed_at").is_none()).count())
}

/// Lines of one row for a sample, with some of its parts changed.
fn sample_row(product: &str, changes: Value) -> Value {
    let mut row = json!({"product": product, "quantity": 1, "unit_price": "5.00"});
    if let (Value::Object(row), Value::Object(changes)) = (&mut row, changes) {
        row.extend(changes);
    }
    json!({"rows": [row]})
}

fn amount_schema() -> Value {
    json!({"type": "string", "pattern": "^(0|[1-9][0-9]{0,15})(\\.[0-9]{2,3})?$"})
}

fn decimal_schema() -> Value {
    json!({"type": "string", "pattern": "^(0|[1-9][0-9]{0,9})(\\.[0-9]{1,4})?$"})
}

fn row_schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "product": {"type": "string", "format": "uuid"},
            "name": {"type": "string"},
            "sku": {"type": "string"},
            "list_price": amount_schema(),
            "quantity": decimal_schema(),
            "unit_price": amount_schema(),
            "discount": {
                "type": "object",
                "properties": {"percent": decimal_schema(), "amount": amount_schema()},
                "minProperties": 1,
                "maxProperties": 1,
                "additionalProperties": false,
            },
            "tax": decimal_schema(),
            "extended": amount_schema(),
            "tax_amount": amount_schema(),
            "removed_at": {"type": "string", "format": "date-time"},
        },
        "required": ["product", "quantity"],
        "additionalProperties": false,
    })
}

impl FieldType for LineItems {
    const KEY: &'static str = "line_items";
    const SUMMARY: &'static str = "The products that a deal, an invoice or an order is made of: quantity, price, \
                                   discount and tax of each, added up exactly. Sorted and compared by its total.";
    const ICON: &'static str = "package";
    const PARTIAL: &'static str = include_str!("line_items.hbs");

    fn samples() -> Vec<Sample> {
        let (id, product) = ("0190a6f2-7c1e-7d3a-9b55-0c2f6f1e8a01", "0190a6f2-7c1e-7d3a-9b55-0c2f6f1e8a02");
        let row = |changes: Value| sample_row(product, changes);
        let stored = json!({
            "rows": [{
                "id": id, "product": product, "name": "Gateway", "sku": "GW-200", "list_price": "100.00",
                "quantity": "3", "unit_price": "99.95", "discount": {"percent": "10"}, "tax": "18",
                "extended": "269.86", "tax_amount": "48.57",
            }],
            "currency": "USD", "subtotal": "299.85", "discount_total": "29.99", "tax_total": "48.57",
            "amount": "318.43",
        });
        let typed = ["USD", id, product, "Gateway", "GW-200", "100", "3", "99.95", "10%", "18", ""];
        vec![Sample::new(
            json!({"module": "products"}),
            [Accepted::new(&typed, stored, "USD 318.43 (1 line)")],
            [
                (json!(5), "type"),
                (json!({"amount": "5.00"}), "type"),
                (json!({"rows": []}), "empty"),
                (row(json!({"quantity": 0})), "min"),
                (row(json!({"quantity": "1000000001"})), "max"),
                (row(json!({"quantity": "1.0001"})), "precision"),
                (row(json!({"product": null})), "required"),
                (row(json!({"product": "GW-200"})), "format"),
                (row(json!({"unit_price": "5.001"})), "precision"),
                (row(json!({"unit_price": "-5.00"})), "min"),
                (row(json!({"discount": "101 %"})), "max"),
                (row(json!({"discount": "5.01"})), "max"),
                (row(json!({"discount": 5})), "type"),
                (row(json!({"colour": "red"})), "type"),
                (row(json!({"extended": "5.01"})), "mismatch"),
            ],
        )]
    }

    fn options_schema() -> Value {
        let key =
            |description: &str| json!({"description": description, "type": "string", "pattern": KEY_PATTERN});
        json!({
            "properties": {
                "module": key("Key of the module of products, which says with `product:` what its fields mean."),
                "currency": {
                    "description": "The one currency of the lines (ISO 4217); any, and by default the tenant's, \
                                    when not given.",
                    "type": "string",
                    "enum": currency::codes(),
                },
                "total": key("Key of a money field of the same module that takes the total while there are lines."),
                "price_book": {
                    "description": "Where a record finds other prices than the products' own.",
                    "type": "object",
                    "properties": {
                        "field": key("The relation by which a record chooses its price book."),
                        "entries": key("The module of entries, each a product and its price in a book."),
                        "book": key("The entries' relation to their price book."),
                        "product": key("The entries' relation to a product."),
                        "price": key("The entries' price, a money field."),
                    },
                    "required": ["field", "entries", "book", "product", "price"],
                    "additionalProperties": false,
                },
            },
            "required": ["module"],
        })
    }

    fn check(&self) -> Vec<FieldError> {
        let unknown = self.currency.as_ref().filter(|code| currency::scale(code).is_none());
        let unknown = unknown
            .map(|code| FieldError::new("/currency", format!("'{code}' is no ISO 4217 currency code")));
        let total = self.total.as_ref().and_then(|key| Self::fault("/total", key, "field"));
        Self::fault("/module", &self.module, "module").into_iter().chain(unknown).chain(total).collect()
    }

    fn json_schema(&self) -> Value {
        let currency = match &self.currency {
            Some(code) => json!({"const": code}),
            None => json!({"type": "string", "pattern": "^[A-Z]{3}$"}),
        };
        json!({
            "type": "object",
            "properties": {
                "rows": {"type": "array", "items": row_schema(), "minItems": 1, "maxItems": limits::LINES},
                "currency": currency,
                "subtotal": amount_schema(),
                "discount_total": amount_schema(),
                "tax_total": amount_schema(),
                "amount": amount_schema(),
            },
            "required": ["rows"],
            "additionalProperties": false,
        })
    }

    /// The currency is always there, so the lines alone decide.
    fn is_blank(&self, texts: &[&str]) -> bool {
        match texts {
            [_, lines @ ..] if !lines.is_empty() => lines.iter().all(|text| text.trim().is_empty()),
            texts => texts.iter().all(|text| text.trim().is_empty()),
        }
    }

    /// The currency, then [`COLUMNS`] for each line. Blank lines, and those that are to be taken off, are left out.
    fn parse(&self, texts: &[&str]) -> Result<Value, Reject> {
        let malformed = || Reject::new("type", "Give a currency, and ten values for each line.");
        let (currency, texts) = texts.split_first().ok_or_else(malformed)?;
        if texts.is_empty() || texts.len() % COLUMNS.len() != 0 {
            return Err(malformed());
        }
        let mut rows = Vec::new();
        for line in texts.chunks(COLUMNS.len()) {
            let filled = COLUMNS.iter().zip(line).filter(|(_, text)| !text.trim().is_empty());
            let row: Map<String, Value> =
                filled.map(|(key, text)| ((*key).to_owned(), json!(text))).collect();
            if !row.is_empty() && row.get("removed_at").is_none_or(|at| at != REMOVE) {
                rows.push(Value::Object(row));
            }
        }
        match rows.is_empty() {
            true => Ok(Value::Null),
            false => Ok(json!({"rows": rows, "currency": currency})),
        }
    }

    /// Lines without a price are added up by the record layer, which knows the products.
    fn normalise(&self, value: Value, locale: &Locale) -> Result<Value, Reject> {
        let mut lines = Lines::read(&value, self.currency.as_ref().unwrap_or(&locale.currency))?;
        if let Some(fixed) = self.currency.as_ref().filter(|fixed| **fixed != lines.currency) {
            return Err(Reject::new("currency", format!("Give prices in {fixed}.")).at("/currency"));
        }
        if lines.is_priced() {
            lines.settle()?;
        }
        Ok(lines.to_value())
    }

    fn display(&self, value: &Value, _: &Locale) -> String {
        let part = |key: &str| value.get(key).map(read::plain).unwrap_or_default();
        if value.get("unit_price").is_some() {
            // One line as the log of overridden prices has it.
            return format!("{}: {}", part("name"), money(&part("unit_price"), &part("currency")));
        }
        let total = money(&part("amount"), &part("currency"));
        match live(value) {
            1 => format!("{total} (1 line)"),
            lines => format!("{total} ({lines} lines)"),
        }
    }

    fn form_texts(&self, value: &Value, _: &Locale) -> Vec<String> {
        let currency = value.get("currency").map(read::plain).unwrap_or_default();
        let rows = value.get("rows").and_then(Value::as_array);
        let lines = rows.into_iter().flatten().flat_map(line_texts);
        std::iter::once(currency).chain(lines).collect()
    }

    fn cast(&self) -> Cast {
        Cast::Amount
    }

    fn control(&self, locale: &Locale) -> Control {
        Control {
            target: self.module.clone(),
            currency: self.currency.clone().unwrap_or_else(|| locale.currency.clone()),
            ..Control::default()
        }
    }
}

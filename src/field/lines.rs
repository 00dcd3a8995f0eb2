//! The value of a line items field: its lines, read from JSON, added up, compared with the sums that came along, and
//! written in the one stored form.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Reject, currency, number, read};
use crate::limits;
use crate::line::{self, Discount, LineSums, Refusal, Terms, Totals};

/// The most of one product on a line: 10^9.
const QUANTITY_MAX: i64 = 1_000_000_000;
/// Digits after the point of a quantity.
const QUANTITY_SCALE: u32 = 3;
/// Digits after the point of a percentage.
const PERCENT_SCALE: u32 = 4;

/// Lines with what they come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// In their order, removed ones too.
    pub rows: Vec<Line>,
    /// What they come to; what the caller says where they are not settled.
    pub totals: Sums,
}

/// One line. What is None is not known yet: the engine fills it in from the product.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Given by the engine.
    pub id: Option<String>,
    /// The product's id.
    pub product: String,
    /// The product's name when it was added.
    pub name: Option<String>,
    /// The product's SKU when it was added.
    pub sku: Option<String>,
    /// The product's price when it was added.
    pub list_price: Option<Decimal>,
    /// How many.
    pub quantity: Decimal,
    /// For each; another price than the product's is an override.
    pub unit_price: Option<Decimal>,
    /// Taken off the line.
    pub discount: Option<Discount>,
    /// Hundredths of the extended price.
    pub tax: Option<Decimal>,
    /// Quantity × price less the discount.
    pub extended: Option<Decimal>,
    /// The tax on that.
    pub tax_amount: Option<Decimal>,
    /// When it was taken off; it stays readable and counts no more.
    pub removed_at: Option<String>,
}

/// The totals as far as they are said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the keys of the value")]
pub struct Sums {
    pub subtotal: Option<Decimal>,
    pub discount_total: Option<Decimal>,
    pub tax_total: Option<Decimal>,
    pub amount: Option<Decimal>,
}

impl Lines {
    /// Reads a value. What it says of sums is kept, and judged by [`Self::settle`].
    pub fn read(value: &Value, currency: &str) -> Result<Self, Reject> {
        let object =
            object(value, "", &["rows", "currency", "subtotal", "discount_total", "tax_total", "amount"])?;
        let currency = match object.get("currency") {
            None | Some(Value::Null) => currency.to_owned(),
            Some(code) => read::text(code)?.trim().to_ascii_uppercase(),
        };
        let scale = currency::scale(&currency).ok_or_else(|| {
            let message = "Choose a currency by its three-letter code (ISO 4217).";
            Reject::new("currency", message).at("/currency")
        })?;
        let rows = match object.get("rows") {
            Some(Value::Array(rows)) => rows.as_slice(),
            _ => return Err(Reject::new("type", "Give the lines as a list.").at("/rows")),
        };
        if rows.is_empty() {
            return Err(
                Reject::new("empty", "Give at least one line; send null to take all away.").at("/rows")
            );
        }
        if rows.len() > limits::LINES {
            return Err(Reject::new("length", format!("Give at most {} lines.", limits::LINES)).at("/rows"));
        }
        let rows = rows.iter().enumerate().map(|(index, row)| Line::read(row, index, scale));
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        let sum = |key: &str| amount(object.get(key), scale).map_err(|reject| reject.at(format!("/{key}")));
        let totals = Sums {
            subtotal: sum("subtotal")?,
            discount_total: sum("discount_total")?,
            tax_total: sum("tax_total")?,
            amount: sum("amount")?,
        };
        Ok(Self { currency, rows, totals })
    }

    /// A value as it is stored; None where it is none.
    pub fn stored(value: &Value) -> Option<Self> {
        Self::read(value, "").ok()
    }

    /// Digits after the point of its amounts.
    pub fn scale(&self) -> u32 {
        currency::scale(&self.currency).unwrap_or(2)
    }

    /// Whether every line has its price.
    pub fn is_priced(&self) -> bool {
        self.rows.iter().all(|row| row.unit_price.is_some())
    }

    /// Lines that count, with their positions.
    pub fn live(&self) -> impl Iterator<Item = (usize, &Line)> {
        self.rows.iter().enumerate().filter(|(_, row)| row.removed_at.is_none())
    }

    /// Adds everything up. A sum that is there already and is another one is refused at its place.
    pub fn settle(&mut self) -> Result<(), Reject> {
        let scale = self.scale();
        let mut sums: Vec<LineSums> = Vec::new();
        for (index, row) in self.rows.iter_mut().enumerate() {
            let line = row.settle(index, scale)?;
            if row.removed_at.is_none() {
                sums.push(line);
            }
        }
        let totals = Totals::of(sums, scale).map_err(|_| too_big().at("/amount"))?;
        agree(&mut self.totals.subtotal, totals.subtotal, "The subtotal", "/subtotal")?;
        agree(
            &mut self.totals.discount_total,
            totals.discount,
            "The sum of the discounts",
            "/discount_total",
        )?;
        agree(&mut self.totals.tax_total, totals.tax, "The sum of the taxes", "/tax_total")?;
        agree(&mut self.totals.amount, totals.total, "The total of the lines", "/amount")
    }

    /// The stored form.
    pub fn to_value(&self) -> Value {
        let scale = self.scale();
        let mut value = Map::new();
        value.insert("rows".into(), self.rows.iter().map(|row| row.to_value(scale)).collect());
        value.insert("currency".into(), json!(self.currency));
        let Sums { subtotal, discount_total, tax_total, amount } = self.totals;
        let sums = [("subtotal", subtotal), ("discount_total", discount_total), ("tax_total", tax_total)];
        for (key, sum) in sums.into_iter().chain([("amount", amount)]) {
            insert(&mut value, key, sum.map(|sum| fixed(sum, scale)));
        }
        value.into()
    }
}

impl Line {
    fn read(value: &Value, index: usize, scale: u32) -> Result<Self, Reject> {
        Self::parts(value, scale).map_err(|reject| {
            let at = format!("/rows/{index}{}", reject.at);
            Reject::new(reject.code, format!("Line {}: {}", index + 1, reject.message)).at(at)
        })
    }

    fn parts(value: &Value, scale: u32) -> Result<Self, Reject> {
        const KEYS: &[&str] = &[
            "id",
            "product",
            "name",
            "sku",
            "list_price",
            "quantity",
            "unit_price",
            "discount",
            "tax",
            "extended",
            "tax_amount",
            "removed_at",
        ];
        let object = object(value, "", KEYS)?;
        let money = |key: &str| amount(object.get(key), scale).map_err(|reject| reject.at(format!("/{key}")));
        let text = |key: &str| text(object.get(key)).map_err(|reject| reject.at(format!("/{key}")));
        let product = id(object.get("product")).map_err(|reject| reject.at("/product"))?;
        Ok(Self {
            id: id(object.get("id")).map_err(|reject| reject.at("/id"))?,
            product: product.ok_or_else(|| Reject::new("required", "Choose a product.").at("/product"))?,
            name: text("name")?,
            sku: text("sku")?,
            list_price: money("list_price")?,
            quantity: quantity(object.get("quantity")).map_err(|reject| reject.at("/quantity"))?,
            unit_price: money("unit_price")?,
            discount: discount(object.get("discount"), scale).map_err(|reject| reject.at("/discount"))?,
            tax: percent(object.get("tax")).map_err(|reject| reject.at("/tax"))?,
            extended: money("extended")?,
            tax_amount: money("tax_amount")?,
            removed_at: instant(object.get("removed_at")).map_err(|reject| reject.at("/removed_at"))?,
        })
    }

    /// What the line is computed from; without a price it costs nothing.
    pub fn terms(&self) -> Terms {
        Terms {
            quantity: self.quantity,
            unit_price: self.unit_price.unwrap_or_default(),
            discount: self.discount,
            tax: self.tax,
        }
    }

    fn settle(&mut self, index: usize, scale: u32) -> Result<LineSums, Reject> {
        let at = |key: &str| format!("/rows/{index}/{key}");
        let numbered = |message: &str| format!("Line {}: {message}", index + 1);
        let sums = self.terms().sums(scale).map_err(|refusal| match refusal {
            Refusal::TooBig => Reject::new("max", numbered("This amount is too big.")).at(at("unit_price")),
            Refusal::DiscountTooBig => {
                Reject::new("max", numbered("The discount is greater than the price.")).at(at("discount"))
            }
        })?;
        agree(&mut self.extended, sums.extended, &numbered("The extended price"), &at("extended"))?;
        agree(&mut self.tax_amount, sums.tax, &numbered("The tax"), &at("tax_amount"))?;
        Ok(sums)
    }

    fn to_value(&self, scale: u32) -> Value {
        let mut value = Map::new();
        let money = |amount: Option<Decimal>| amount.map(|amount| fixed(amount, scale));
        insert(&mut value, "id", self.id.clone().map(Value::from));
        value.insert("product".into(), json!(self.product));
        insert(&mut value, "name", self.name.clone().map(Value::from));
        insert(&mut value, "sku", self.sku.clone().map(Value::from));
        insert(&mut value, "list_price", money(self.list_price));
        value.insert("quantity".into(), plain(self.quantity));
        insert(&mut value, "unit_price", money(self.unit_price));
        let discount = self.discount.map(|discount| match discount {
            Discount::Percent(percent) => json!({"percent": plain(percent)}),
            Discount::Amount(amount) => json!({"amount": fixed(amount, scale)}),
        });
        insert(&mut value, "discount", discount);
        insert(&mut value, "tax", self.tax.map(plain));
        insert(&mut value, "extended", money(self.extended));
        insert(&mut value, "tax_amount", money(self.tax_amount));
        insert(&mut value, "removed_at", self.removed_at.clone().map(Value::from));
        value.into()
    }
}

/// Puts a sum where none is said, and refuses another one.
fn agree(said: &mut Option<Decimal>, sum: Decimal, what: &str, at: &str) -> Result<(), Reject> {
    match said.replace(sum) {
        Some(other) if other != sum => {
            Err(Reject::new("mismatch", format!("{what} is {sum}, not {other}.")).at(at))
        }
        _ => Ok(()),
    }
}

fn too_big() -> Reject {
    Reject::new("max", "These lines come to too much.")
}

fn insert(object: &mut Map<String, Value>, key: &str, value: Option<Value>) {
    if let Some(value) = value {
        object.insert(key.to_owned(), value);
    }
}

fn plain(number: Decimal) -> Value {
    number.normalize().to_string().into()
}

fn fixed(amount: Decimal, scale: u32) -> Value {
    format!("{amount:.*}", scale as usize).into()
}

/// An object with no other keys than these.
fn object<'v>(value: &'v Value, at: &str, keys: &[&str]) -> Result<&'v Map<String, Value>, Reject> {
    let object = value.as_object().ok_or_else(|| Reject::new("type", "Give an object.").at(at))?;
    match object.keys().find(|key| !keys.contains(&key.as_str())) {
        None => Ok(object),
        Some(_) => Err(Reject::new("type", format!("Give only {}.", keys.join(", "))).at(at)),
    }
}

/// A part that is there: neither absent, nor null, nor a blank text.
fn given(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| !super::value::is_blank(value))
}

fn amount(value: Option<&Value>, scale: u32) -> Result<Option<Decimal>, Reject> {
    let Some(value) = given(value) else { return Ok(None) };
    let amount = number::read(value)?;
    number::within(amount, Some(super::Exact(Decimal::ZERO)), None, line::LIMIT)?;
    number::fixed(amount, scale)?;
    Ok(Some(line::round(amount, scale)))
}

fn quantity(value: Option<&Value>) -> Result<Decimal, Reject> {
    let Some(value) = given(value) else { return Ok(Decimal::ONE) };
    let quantity = number::read(value)?;
    number::within(quantity, Some(super::Exact(Decimal::ONE)), None, QUANTITY_MAX)?;
    number::fixed(quantity, QUANTITY_SCALE)?;
    Ok(quantity)
}

fn percent(value: Option<&Value>) -> Result<Option<Decimal>, Reject> {
    let Some(value) = given(value) else { return Ok(None) };
    let percent = number::read(value)?;
    number::within(percent, Some(super::Exact(Decimal::ZERO)), None, 100)?;
    number::fixed(percent, PERCENT_SCALE)?;
    Ok(Some(percent))
}

/// `{"percent": "10"}`, `{"amount": "5.00"}`, or a text as people type it: `10 %`, `5.00`.
fn discount(value: Option<&Value>, scale: u32) -> Result<Option<Discount>, Reject> {
    let Some(value) = given(value) else { return Ok(None) };
    if let Some(text) = value.as_str() {
        return match text.trim().strip_suffix('%') {
            Some(number) => percent_off(&json!(number)),
            None => sum_off(value, scale),
        };
    }
    let pair = value.as_object().filter(|object| object.len() == 1).and_then(|object| object.iter().next());
    match pair.map(|(key, value)| (key.as_str(), value)) {
        Some(("percent", number)) => percent_off(number),
        Some(("amount", sum)) => sum_off(sum, scale),
        _ => Err(Reject::new("type", "Give a discount as {\"percent\": \"10\"} or {\"amount\": \"5.00\"}.")),
    }
}

/// No discount where nothing is taken off.
fn percent_off(value: &Value) -> Result<Option<Discount>, Reject> {
    Ok(percent(Some(value))?.filter(|percent| !percent.is_zero()).map(Discount::Percent))
}

fn sum_off(value: &Value, scale: u32) -> Result<Option<Discount>, Reject> {
    Ok(amount(Some(value), scale)?.filter(|sum| !sum.is_zero()).map(Discount::Amount))
}

fn id(value: Option<&Value>) -> Result<Option<String>, Reject> {
    let Some(value) = given(value) else { return Ok(None) };
    let text = read::text(value)?.trim();
    let id = Uuid::try_parse(text).map_err(|_| Reject::new("format", "Give an id (a UUID)."))?;
    Ok(Some(id.hyphenated().to_string()))
}

fn text(value: Option<&Value>) -> Result<Option<String>, Reject> {
    let Some(value) = given(value) else { return Ok(None) };
    let text = read::text(value)?.trim();
    read::length(text, 0, 1_000)?;
    Ok(Some(text.to_owned()))
}

fn instant(value: Option<&Value>) -> Result<Option<String>, Reject> {
    let Some(value) = given(value) else { return Ok(None) };
    let at = chrono::DateTime::parse_from_rfc3339(read::text(value)?.trim())
        .map_err(|_| Reject::new("format", "Give an instant such as 2026-11-21T09:30:00Z."))?;
    Ok(Some(written(at.to_utc())))
}

/// An instant as lines keep it.
pub fn written(at: chrono::DateTime<chrono::Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

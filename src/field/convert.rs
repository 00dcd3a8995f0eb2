//! Values of one type as values of another: what stays whole, what loses something and what, and what cannot be.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{ChoiceOption, FieldKind, Locale, Reject, kind, number};
use crate::expr;

/// What becomes of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Converted {
    /// It says the same.
    Whole(Value),
    /// It says less; the sentence says what is lost.
    Reduced(Value, String),
    /// There is no such value of the other type.
    Refused(Reject),
}

/// Types whose values turn into each other in the same way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    Words,
    Number,
    Choice,
    Moment,
    Parts,
    People,
}

fn family(kind: &FieldKind) -> Option<Family> {
    Some(match kind.type_key() {
        "text" | "long_text" | "rich_text" | "code" | "email" | "phone" | "url" | "color" | "auto_number" => {
            Family::Words
        }
        "integer" | "decimal" | "money" | "percent" | "duration" | "rating" => Family::Number,
        "boolean" | "choice" | "multi_choice" | "tags" => Family::Choice,
        "date" | "date_time" | "time" => Family::Moment,
        "address" | "location" | "json" => Family::Parts,
        "member" | "members" => Family::People,
        _ => return None,
    })
}

fn is_plain(kind: &FieldKind) -> bool {
    matches!(kind.type_key(), "text" | "long_text" | "rich_text" | "code")
}

/// Whether values of a type can become values of another at all, or why not, in one sentence.
pub fn may_convert(from: &FieldKind, to: &FieldKind) -> Result<(), String> {
    let (old, new) = (from.type_key(), to.type_key());
    let possible = match (family(from), family(to)) {
        _ if to.is_assigned() => false,
        (Some(_), Some(_)) if old == new => true,
        (Some(Family::People), other) | (other, Some(Family::People)) => other == Some(Family::People),
        (Some(Family::Words), Some(_)) => true,
        (Some(_), Some(Family::Words)) => is_plain(to),
        (Some(Family::Moment), Some(Family::Moment)) => old != "time" && (old, new) != ("date", "time"),
        (Some(Family::Number), Some(Family::Number)) | (Some(Family::Choice), Some(Family::Choice)) => true,
        _ => false,
    };
    match possible {
        true => Ok(()),
        false => {
            Err(format!("values of type {old} cannot become values of type {new}; add a new field instead"))
        }
    }
}

/// A stored value of one type as a value of another.
pub fn convert(from: &FieldKind, to: &FieldKind, value: &Value, locale: &Locale) -> Converted {
    let (candidate, lost) = match candidate(from, to, value, locale) {
        Ok(candidate) => candidate,
        Err(reject) => return Converted::Refused(reject),
    };
    match to.normalise(candidate.clone(), locale) {
        Ok(stored) if lost.is_empty() => Converted::Whole(stored),
        Ok(stored) => Converted::Reduced(stored, lost),
        Err(reject) if reject.code == "precision" => {
            rounded(to, &candidate, locale).unwrap_or(Converted::Refused(reject))
        }
        Err(reject) => Converted::Refused(reject),
    }
}

/// What the other type is to judge, and what is lost already; "" for nothing.
fn candidate(
    from: &FieldKind,
    to: &FieldKind,
    value: &Value,
    locale: &Locale,
) -> Result<(Value, String), Reject> {
    if from.type_key() == to.type_key() {
        return Ok((value.clone(), String::new()));
    }
    let whole = |value: Value| Ok((value, String::new()));
    match (family(from), to) {
        (Some(Family::Number), to) if family(to) == Some(Family::Number) => Ok(amount(from, value)),
        (Some(Family::Moment), to) if family(to) == Some(Family::Moment) => {
            Ok(moment(from, to, value, locale))
        }
        (Some(Family::People), FieldKind::Members(_)) => whole(json!([value])),
        (Some(Family::People), _) => only(list(value)),
        (_, FieldKind::MultiChoice(_) | FieldKind::Tags(_)) => {
            whole(named(from, value, locale).iter().map(|text| option_key(to.options(), text)).collect())
        }
        (_, FieldKind::Choice(_)) => {
            only(named(from, value, locale).iter().map(|text| option_key(to.options(), text)).collect())
        }
        (_, FieldKind::Boolean(_)) => whole(truth(to, &text(from, value, locale))?.into()),
        (_, to) if is_plain(to) => Ok(words(from, to, value, locale)),
        _ => whole(to.parse(&[text(from, value, locale).trim()])?),
    }
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_else(|| vec![value.clone()])
}

/// The one thing of a list; more cannot be kept, and which one is not ours to choose.
fn only(mut items: Vec<Value>) -> Result<(Value, String), Reject> {
    match items.pop() {
        Some(item) if items.is_empty() => Ok((item, String::new())),
        _ => Err(Reject::new("max", "There are several values; the new type holds one.")),
    }
}

/// A value's plain text: labels of options, numbers without separators, moments as they are written in forms.
fn text(from: &FieldKind, value: &Value, locale: &Locale) -> String {
    match from.type_key() {
        "integer" | "decimal" | "date" | "date_time" | "time" | "code" | "email" | "url" | "phone"
        | "location" => from.form_texts(value, locale).join(", "),
        "rich_text" | "text" | "long_text" | "color" | "auto_number" => kind::plain_text(value),
        _ => from.display(value, locale),
    }
}

/// The single words of a value: labels of options, or a text's parts between commas.
fn named(from: &FieldKind, value: &Value, locale: &Locale) -> Vec<String> {
    let label = |key: &str| {
        let option = from.options().iter().find(|option| option.key == key);
        option.map_or(key, |option| &option.label).to_owned()
    };
    match value {
        Value::Array(items) => items.iter().filter_map(Value::as_str).map(label).collect(),
        Value::String(key) if !from.options().is_empty() => vec![label(key)],
        value => {
            let text = text(from, value, locale);
            let parts = text.split([',', ';', '\n']).map(str::trim).filter(|part| !part.is_empty());
            parts.map(str::to_owned).collect()
        }
    }
}

/// The key of the option that a text names by key or label; the text itself where none is.
fn option_key(options: &[ChoiceOption], text: &str) -> Value {
    let wanted = expr::fold(text);
    let meant = |option: &&ChoiceOption| option.key == text || expr::fold(&option.label) == wanted;
    options.iter().find(meant).map_or(text, |option| &option.key).into()
}

/// What people write for yes and no.
fn truth(to: &FieldKind, text: &str) -> Result<bool, Reject> {
    let word = expr::fold(text.trim());
    let own = |flag: bool| expr::fold(&to.display(&flag.into(), &Locale::default())) == word;
    match word.as_str() {
        "yes" | "y" | "true" | "t" | "1" | "on" | "x" => Ok(true),
        "no" | "n" | "false" | "f" | "0" | "off" => Ok(false),
        _ if own(true) => Ok(true),
        _ if own(false) => Ok(false),
        _ => Err(Reject::new("format", "This is neither yes nor no.")),
    }
}

fn amount(from: &FieldKind, value: &Value) -> (Value, String) {
    let lost = match value.get("currency").and_then(Value::as_str) {
        Some(currency) => format!("The currency {currency} is dropped."),
        None => String::new(),
    };
    match from.expr_value(value) {
        expr::Value::Number(number) => {
            let plain: String = number.normalize().to_string();
            // A duration reads texts with units only, so a number goes as one.
            (plain.parse::<i64>().map_or_else(|_| plain.as_str().into(), Value::from), lost)
        }
        _ => (value.clone(), lost),
    }
}

fn moment(from: &FieldKind, to: &FieldKind, value: &Value, locale: &Locale) -> (Value, String) {
    let text = from.form_texts(value, locale).concat();
    let (day, time) = text.split_once('T').unwrap_or((text.as_str(), ""));
    match to.type_key() {
        "date_time" => (format!("{day}T00:00").into(), String::new()),
        "date" if matches!(time, "00:00" | "") => (day.into(), String::new()),
        "date" => (day.into(), format!("The time {time} is dropped.")),
        _ => (time.into(), format!("The day {day} is dropped.")),
    }
}

fn words(from: &FieldKind, to: &FieldKind, value: &Value, locale: &Locale) -> (Value, String) {
    let (mut text, mut lost) = (text(from, value, locale), String::new());
    if from.type_key() == "rich_text" && to.type_key() != "code" {
        let plain = from.display(value, locale);
        if plain != text {
            lost = "Headings, emphasis and links become plain text.".into();
        }
        text = plain;
    }
    if to.type_key() == "text" && text.trim().contains('\n') {
        text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        lost = "Line breaks become blanks.".into();
    }
    (text.into(), lost)
}

/// The nearest number that the type keeps, with as many digits after the point as it can.
fn rounded(to: &FieldKind, candidate: &Value, locale: &Locale) -> Option<Converted> {
    let exact: Decimal = match to.type_key() {
        "time" => return seconds_dropped(to, candidate, locale),
        "money" => number::stored(candidate.get("amount").unwrap_or(candidate))?,
        _ => number::stored(candidate)?,
    };
    let stored = (0..number::SCALE_MAX).rev().find_map(|digits| {
        let near = exact.round_dp_with_strategy(digits, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
        to.normalise(near.normalize().to_string().into(), locale).ok()
    })?;
    Some(Converted::Reduced(stored, format!("{} is rounded.", exact.normalize())))
}

fn seconds_dropped(to: &FieldKind, candidate: &Value, locale: &Locale) -> Option<Converted> {
    let short: String = candidate.as_str()?.trim().rsplit_once(':')?.0.to_owned();
    let stored = to.normalise(short.into(), locale).ok()?;
    Some(Converted::Reduced(stored, "The seconds are dropped.".into()))
}

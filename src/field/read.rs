//! Reading texts out of JSON and form input, for the field types that store text.

use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use super::Reject;
use crate::limits;

/// The text of a JSON value; everything else is refused with code `type`, oversized texts with `length`.
pub(super) fn text(value: &Value) -> Result<&str, Reject> {
    let text = value.as_str().ok_or_else(|| Reject::new("type", "Enter a text."))?;
    if text.len() > limits::TEXT_BYTES {
        return Err(Reject::new(
            "length",
            format!("Enter at most {} KiB of text.", limits::TEXT_BYTES / 1024),
        ));
    }
    Ok(text)
}

/// A single line: NFC, trimmed, neither empty nor with control characters or line breaks.
pub(super) fn line(value: &Value) -> Result<String, Reject> {
    let line = trimmed(text(value)?)?;
    if line.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
        return Err(Reject::new("format", "Enter one line without control characters."));
    }
    Ok(line)
}

/// Several lines: NFC, trimmed, line breaks as LF; no control characters but line break and tab.
pub(super) fn lines(value: &Value) -> Result<String, Reject> {
    let lines = trimmed(&text(value)?.replace("\r\n", "\n").replace('\r', "\n"))?;
    if lines.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(Reject::new("format", "Enter a text without control characters."));
    }
    if lines.len() > limits::TEXT_BYTES {
        return Err(Reject::new(
            "length",
            format!("Enter at most {} KiB of text.", limits::TEXT_BYTES / 1024),
        ));
    }
    Ok(lines)
}

fn trimmed(text: &str) -> Result<String, Reject> {
    let normal: String = text.nfc().collect();
    match normal.trim() {
        "" => Err(Reject::new("empty", "Enter a text; send null to clear the field.")),
        text => Ok(text.to_owned()),
    }
}

/// Refuses a text with fewer or more characters than allowed.
pub(super) fn length(text: &str, min: u32, max: u32) -> Result<(), Reject> {
    let count = text.chars().count();
    if count > max as usize {
        return Err(Reject::new("length", format!("Enter at most {max} characters; these are {count}.")));
    }
    if count < min as usize {
        return Err(Reject::new("length", format!("Enter at least {min} characters.")));
    }
    Ok(())
}

/// The one text of a form input; several or none are refused.
pub(super) fn single(texts: &[&str]) -> Result<Value, Reject> {
    match texts {
        [text] => Ok(Value::from(*text)),
        _ => Err(Reject::new("type", "Enter one value.")),
    }
}

/// A stored value as plain text, for display.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

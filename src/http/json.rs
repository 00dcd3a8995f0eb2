//! Reads JSON strictly: nothing too deep, no object with too many keys or the same key twice, no NUL, nothing behind
//! the end. What is not JSON is told by line and column, what is refused by its pointer.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::Fault;
use crate::limits;

/// Why a text was not accepted.
#[derive(Debug)]
pub(super) enum JsonError {
    /// Not JSON; where, and what the parser said.
    Syntax(String),
    /// JSON that is refused.
    Refused(Fault),
}

/// The value of a whole text.
pub(super) fn parse(text: &[u8]) -> Result<Value, JsonError> {
    let context = Context::default();
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = Strict { context: &context, depth: 1 }
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value));
    value.map_err(|error| match context.refusal.into_inner() {
        Some(fault) => JsonError::Refused(fault),
        None => JsonError::Syntax(error.to_string()),
    })
}

/// One segment put behind a JSON pointer.
pub(super) fn push_segment(pointer: &mut String, segment: &str) {
    pointer.push('/');
    pointer.push_str(&segment.replace('~', "~0").replace('/', "~1"));
}

#[derive(Default)]
struct Context {
    path: RefCell<Vec<String>>,
    refusal: RefCell<Option<Fault>>,
}

impl Context {
    fn refuse<E: serde::de::Error>(&self, code: &'static str, message: String) -> E {
        let mut pointer = String::new();
        for segment in self.path.borrow().iter() {
            push_segment(&mut pointer, segment);
        }
        let error = E::custom(&message);
        *self.refusal.borrow_mut() = Some(Fault::at(pointer, code, message));
        error
    }

    fn enter(&self, segment: String) {
        self.path.borrow_mut().push(segment);
    }

    fn leave(&self) {
        self.path.borrow_mut().pop();
    }

    fn text<E: serde::de::Error>(&self, text: &str) -> Result<(), E> {
        match text.contains('\0') {
            true => Err(self.refuse("nul", "A text must not contain the character NUL.".into())),
            false => Ok(()),
        }
    }
}

#[derive(Clone, Copy)]
struct Strict<'a> {
    context: &'a Context,
    depth: usize,
}

impl Strict<'_> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth >= limits::JSON_DEPTH {
            let message = format!("Nest at most {} levels.", limits::JSON_DEPTH);
            return Err(self.context.refuse("depth", message));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value).map(Value::Number);
        number.ok_or_else(|| self.context.refuse("range", "The number is out of range.".into()))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Value, E> {
        self.context.text(text)?;
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inside = self.deeper()?;
        let mut values = Vec::new();
        loop {
            self.context.enter(values.len().to_string());
            let Some(value) = items.next_element_seed(inside)? else { break };
            self.context.leave();
            values.push(value);
        }
        self.context.leave();
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let inside = self.deeper()?;
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            self.context.text(&key)?;
            if map.len() >= limits::JSON_KEYS {
                let message = format!("An object may have at most {} keys.", limits::JSON_KEYS);
                return Err(self.context.refuse("keys", message));
            }
            self.context.enter(key.clone());
            if map.contains_key(&key) {
                return Err(self.context.refuse("duplicate", "This key is there twice.".into()));
            }
            let value = entries.next_value_seed(inside)?;
            self.context.leave();
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> (String, String) {
        match parse(text.as_bytes()) {
            Err(JsonError::Refused(fault)) => (fault.pointer.unwrap_or_default(), fault.code.into_owned()),
            other => panic!("{text:.80} gave {other:?}"),
        }
    }

    #[test]
    fn plain_json_arrives_unchanged() {
        let text = r#"{"a": [1, -2, 3.5, true, null, "ü\n"], "b": {"c": 18446744073709551615}}"#;
        let expected: Value = serde_json::from_str(text).expect("the reference parser reads it");
        assert_eq!(parse(text.as_bytes()).expect("it is plain"), expected);
    }

    #[test]
    fn what_is_refused_is_told_by_pointer() {
        let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(parse(deep(limits::JSON_DEPTH - 1).as_bytes()).is_ok());
        assert_eq!(refusal(&deep(100_000)).1, "depth");
        assert_eq!(refusal(r#"{"a": {"b": 1, "b": 2}}"#), ("/a/b".into(), "duplicate".into()));
        assert_eq!(refusal(r#"{"a/b": ["x", "\u0000"]}"#), ("/a~1b/1".into(), "nul".into()));
        assert_eq!(refusal("{\"\\u0000\": 1}").1, "nul");
        let keys = |count: usize| {
            let pairs: Vec<String> = (0..count).map(|n| format!("\"k{n}\": 1")).collect();
            format!("{{{}}}", pairs.join(","))
        };
        assert!(parse(keys(limits::JSON_KEYS).as_bytes()).is_ok());
        assert_eq!(refusal(&keys(limits::JSON_KEYS + 1)).1, "keys");
    }

    #[test]
    fn what_is_not_json_is_told_by_line_and_column() {
        for text in ["", "{", "[1,]", "nul", "{} {}", r#""\ud800""#, "1e131071", "NaN", "'a'", "{\"a\" 1}"] {
            match parse(text.as_bytes()) {
                Err(JsonError::Syntax(message)) => assert!(message.contains("line 1 column"), "{message}"),
                other => panic!("{text} gave {other:?}"),
            }
        }
        assert!(matches!(parse(b"\"\xff\""), Err(JsonError::Syntax(_))));
    }
}

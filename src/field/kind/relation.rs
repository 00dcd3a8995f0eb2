//! Placeholder until the type is written.
use crate::expr;
use crate::field::*;
use serde_json::Value;
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Relation {
    pub module: String,
}
impl FieldType for Relation {
    const KEY: &'static str = "relation";
    const SUMMARY: &'static str = "";
    const ICON: &'static str = "";
    const PARTIAL: &'static str = "";
    fn samples() -> Vec<Sample> {
        vec![]
    }
    fn options_schema() -> Value {
        Value::Null
    }
    fn check(&self) -> Vec<FieldError> {
        vec![]
    }
    fn json_schema(&self) -> Value {
        Value::Bool(true)
    }
    fn parse(&self, texts: &[&str]) -> Result<Value, Reject> {
        Ok(texts[0].into())
    }
    fn normalise(&self, value: Value, _: &Locale) -> Result<Value, Reject> {
        Ok(value)
    }
    fn display(&self, value: &Value, _: &Locale) -> String {
        value.to_string()
    }
    fn form_texts(&self, value: &Value) -> Vec<String> {
        vec![value.to_string()]
    }
    fn cast(&self) -> Cast {
        Cast::Text
    }
    fn key(&self, _: &Value) -> Option<Key> {
        None
    }
    fn expr_type(&self) -> expr::Type {
        expr::Type::Text
    }
    fn expr_value(&self, _: &Value) -> expr::Value {
        expr::Value::Null
    }
}

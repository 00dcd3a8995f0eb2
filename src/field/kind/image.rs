//! Field type `image`: an uploaded image.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::field::{Accepted, Cast, FieldType, Key, Locale, Reject, Sample};

/// Image fields have no options.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Image {}

impl FieldType for Image {
    const KEY: &'static str = "image";
    const SUMMARY: &'static str =
        "An uploaded image (PNG, JPEG, GIF or WebP), such as a photo of a ring; stores the id of the file.";
    const ICON: &'static str = "image";
    const PARTIAL: &'static str = include_str!("image.hbs");
    const SLOTTED: bool = false;

    fn samples() -> Vec<Sample> {
        let id = "0190a6f2-7c1e-7d3a-9b55-0c2f6f1e8a03";
        vec![Sample::new(
            json!({}),
            [Accepted::new(&[id], id, id)],
            [(json!({"id": id}), "type"), (json!("scan.pdf"), "format")],
        )]
    }

    fn options_schema() -> Value {
        json!({"properties": {}})
    }

    fn json_schema(&self) -> Value {
        super::id_schema()
    }

    fn normalise(&self, value: Value, _: &Locale) -> Result<Value, Reject> {
        super::read_id(&value)
    }

    fn cast(&self) -> Cast {
        Cast::Exact
    }

    fn key(&self, _: &Value) -> Option<Key> {
        None
    }
}

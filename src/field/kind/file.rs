//! Field type `file`: an uploaded file.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::field::{Accepted, Cast, FieldKind, FieldType, Key, Locale, Reject, Sample};

/// File fields have no options.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {}

impl FieldType for File {
    const KEY: &'static str = "file";
    const SUMMARY: &'static str = "An uploaded file, such as a signed contract; stores the id of the file. Who may read the record may \
                                   read the file.";
    const ICON: &'static str = "file";
    const PARTIAL: &'static str = include_str!("file.hbs");
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

impl FieldKind {
    /// Whether its values are uploaded files.
    pub fn holds_files(&self) -> bool {
        matches!(self, Self::File(_) | Self::Files(_) | Self::Image(_))
    }
}

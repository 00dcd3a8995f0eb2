//! Field type `member`: a user of the tenant.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::field::{Accepted, Cast, FieldType, Locale, Reject, Sample};

/// A member field has no options.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {}

impl FieldType for Member {
    const KEY: &'static str = "member";
    const SUMMARY: &'static str = "A user of the workspace, such as a reviewer; stores the user's id. Whether the \
                                   user is a member is checked when it is written.";
    const ICON: &'static str = "user";
    const PARTIAL: &'static str = include_str!("member.hbs");

    fn samples() -> Vec<Sample> {
        let id = "0190a6f2-7c1e-7d3a-9b55-0c2f6f1e8a02";
        vec![Sample::new(
            json!({}),
            [Accepted::new(&[id], id, id)],
            [(json!({"id": id}), "type"), (json!("asha@example.com"), "format")],
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
}

//! Modules and their fields, to read and to add to.

use std::sync::Arc;

use serde_json::{Value, json};

use super::add_field::type_label;
use super::page::Page;
use super::place::Place;
use super::shell::Standing;
use crate::access::Capability;
use crate::http::{Caller, Problem};
use crate::schema::{Module, Origin, StoredField};
use crate::view::ModuleFace;
use crate::work::Intent;

/// `GET /settings/modules`
pub(super) async fn modules(caller: Caller) -> Result<Page, Problem> {
    let place = Place::open(&caller, Intent::Read).await?;
    place.work.actor.require(Capability::ManageSchema)?;
    let modules: Vec<Value> = place.work.schema.modules().map(|module| face(&place, module)).collect();
    Page::new(
        "settings_modules",
        "Modules and fields",
        place.frame(Standing::Settings),
        json!({"modules": modules}),
    )
}

fn face(place: &Place, module: &Arc<Module>) -> Value {
    let fields: Vec<Value> = module.fields.iter().map(|stored| field(place, module, stored)).collect();
    json!({
        "module": ModuleFace::new(module, &place.links),
        "fields": fields,
        "add_href": place.links.fields(module.key()),
    })
}

fn field(place: &Place, module: &Module, stored: &StoredField) -> Value {
    let own_options = !stored.field.options().is_empty() && stored.field.option_set().is_none();
    let options_href = own_options.then(|| place.links.field_options(module.key(), &stored.field.key));
    json!({
        "options_href": options_href.unwrap_or_default(),
        "label": stored.field.label,
        "key": stored.field.key,
        "type": type_label(stored.field.kind.type_key()),
        "required": stored.is_required(),
        "unique": stored.field.unique,
        "own": stored.origin == Origin::Tenant,
    })
}

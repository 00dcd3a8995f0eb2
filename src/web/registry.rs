//! The registry of pages and partials: strict, escaping, and complete when the program starts.

use std::sync::OnceLock;

use handlebars::{
    Context, Handlebars, Helper, HelperResult, Output, RenderContext, RenderError, TemplateError,
    handlebars_helper,
};
use serde::Serialize;

use super::assets::asset_url;
use crate::field::face;

macro_rules! html {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("html/", $name, ".hbs")))),*]
    };
}

/// Every file under `html`.
const FILES: &[(&str, &str)] = html![
    "layout/auth",
    "layout/head",
    "layout/public",
    "layout/workspace",
    "pages/add_field",
    "pages/auth/sign_in",
    "pages/auth/sign_up",
    "pages/board",
    "pages/cell",
    "pages/field_options",
    "pages/files",
    "pages/form",
    "pages/history",
    "pages/home",
    "pages/landing",
    "pages/list",
    "pages/notifications",
    "pages/problem",
    "pages/record",
    "pages/row",
    "pages/settings_members",
    "pages/search",
    "pages/settings_modules",
    "pages/tasks",
    "pages/template",
    "pages/templates",
    "pages/trash",
    "pages/welcome",
    "pages/welcome_template",
    "pages/workspaces",
    "partials/add_field_fields",
    "partials/around",
    "partials/empty_list",
    "partials/field",
    "partials/filter",
    "partials/problem",
    "partials/row",
    "partials/summary",
    "partials/tasks",
    "partials/template_detail",
    "partials/timeline",
];

handlebars_helper!(asset: |name: str| asset_url(name).unwrap_or_default());

/// Names of all pages, for the test that renders them.
pub fn names() -> impl Iterator<Item = &'static str> {
    FILES.iter().filter_map(|(name, _)| name.strip_prefix("pages/"))
}

/// Renders a file under `html` with a context.
///
/// # Errors
/// A context that lacks what the file asks for: a fault of ours.
pub fn render(name: &str, context: &impl Serialize) -> Result<String, RenderError> {
    static REGISTRY: OnceLock<Result<Handlebars<'static>, String>> = OnceLock::new();
    match REGISTRY.get_or_init(|| registry().map_err(|error| error.to_string())) {
        Ok(registry) => registry.render(name, context),
        Err(reason) => {
            Err(handlebars::RenderErrorReason::Other(format!("the pages do not compile: {reason}")).into())
        }
    }
}

fn registry() -> Result<Handlebars<'static>, Box<TemplateError>> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    registry.set_prevent_indent(true);
    registry.register_helper("asset", Box::new(asset));
    registry.register_helper("icon", Box::new(icon));
    face::register(&mut registry)?;
    for (name, source) in FILES {
        registry.register_partial(name, source)?;
    }
    Ok(registry)
}

/// `{{icon "plus"}}` or `{{icon name "icon icon-20"}}`: an icon of the sprite, hidden from screen readers. Without a
/// built front end there is none, and the words beside it stand alone.
fn icon(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let text = |at: usize| helper.param(at).and_then(|param| param.value().as_str());
    let plain = |text: &str| {
        text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b' '))
    };
    let (name, class) = (text(0).unwrap_or_default(), text(1).unwrap_or("icon"));
    if let Some(sprite) = asset_url("icons.svg")
        && plain(name)
        && plain(class)
    {
        out.write(&format!(
            r##"<svg class="{class}" aria-hidden="true"><use href="{sprite}#{name}"/></svg>"##
        ))?;
    }
    Ok(())
}

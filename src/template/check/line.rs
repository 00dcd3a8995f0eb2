//! Checks products and the lines that sell them: every key that they name is a field, and of the type that they need.

use super::vocabulary::{KnownModule, Lookup, Vocabulary};
use super::{File, Report};
use crate::template::node::{Entry, Node};
use crate::template::problem::suggestion;

/// What a product module's keys must be: the types they may have, in words.
const PRODUCT: &[(&str, &str)] = &[
    ("sku", "text"),
    ("price", "money"),
    ("cost", "money"),
    ("max_discount", "percent"),
    ("margin_target", "percent"),
    ("tax", "percent"),
    ("active", "boolean"),
];

/// `product:` of a module.
pub(super) fn check_product(file: &File, module: &KnownModule<'_>, report: &mut Report) {
    let Some(node) = file.root.get("product") else { return };
    for Entry { key, node, .. } in node.entries() {
        let Some((_, wanted)) = PRODUCT.iter().find(|(name, _)| *name == key.as_str()) else { continue };
        expect_type(file, module, node, wanted, report);
        let field =
            node.text().and_then(|name| module.fields.get(name)).and_then(|known| known.field.as_ref());
        if key == "sku" && field.is_some_and(|field| !field.unique) {
            report.at(file, node.at, "the field of the SKU must be unique");
        }
    }
}

/// A `line_items` field of a module.
pub(super) fn check_lines(
    file: &File,
    module: &KnownModule<'_>,
    field: &Node,
    vocabulary: &Vocabulary<'_>,
    report: &mut Report,
) {
    let products = field.get("module").and_then(|node| Some((node, node.text()?)));
    if let Some((node, name)) = products {
        match vocabulary.module(name) {
            Lookup::Known(target) if target.file.root.get("product").is_none() => {
                let message =
                    format!("module '{name}' has no products: it needs `product:` with sku and price");
                report.at(file, node.at, message);
            }
            Lookup::Known(_) | Lookup::Unreadable => {}
            Lookup::Missing(_) => vocabulary.expect_module(file, node.at, name, report),
        }
    }
    if let Some(node) = field.get("total") {
        expect_type(file, module, node, "money", report);
    }
    if let (Some(book), Some((_, products))) = (field.get("price_book"), products) {
        check_book(file, module, book, products, vocabulary, report);
    }
}

fn check_book(
    file: &File,
    module: &KnownModule<'_>,
    book: &Node,
    products: &str,
    vocabulary: &Vocabulary<'_>,
    report: &mut Report,
) {
    let chosen = book.get("field").and_then(|node| expect_relation(file, module, node, None, report));
    let Some((node, name)) = book.get("entries").and_then(|node| Some((node, node.text()?))) else { return };
    let entries = match vocabulary.module(name) {
        Lookup::Known(entries) => entries,
        Lookup::Unreadable => return,
        Lookup::Missing(_) => return vocabulary.expect_module(file, node.at, name, report),
    };
    if let Some(node) = book.get("book") {
        expect_relation(file, entries, node, chosen.as_deref(), report);
    }
    if let Some(node) = book.get("product") {
        expect_relation(file, entries, node, Some(products), report);
    }
    if let Some(node) = book.get("price") {
        expect_type(file, entries, node, "money", report);
    }
}

/// Reports a name that is no field of the module, or one of another type.
fn expect_type(file: &File, module: &KnownModule<'_>, node: &Node, wanted: &str, report: &mut Report) {
    let Some(name) = node.text() else { return };
    match module.fields.get(name) {
        None => {
            let of = module.file.root.text_of("key").unwrap_or(&module.file.stem);
            let like = suggestion(name, module.fields.keys().copied());
            report.at(file, node.at, format!("field '{name}' does not exist in module '{of}'{like}"));
        }
        Some(known) if known.type_key() != wanted => {
            let message =
                format!("field '{name}' is of type {}, but {wanted} is needed here", known.type_key());
            report.at(file, node.at, message);
        }
        Some(_) => {}
    }
}

/// The same for relations, which must point at a module where one is named. Gives the module that it points at.
fn expect_relation(
    file: &File,
    module: &KnownModule<'_>,
    node: &Node,
    target: Option<&str>,
    report: &mut Report,
) -> Option<String> {
    expect_type(file, module, node, "relation", report);
    let known = module.fields.get(node.text()?)?;
    let link = known.field.as_ref().and_then(|field| field.kind.link())?;
    let own = *link.targets.first().filter(|_| !link.is_mixed())?;
    if let Some(target) = target.filter(|target| *target != own) {
        let message = format!("this relation points at '{own}', but '{target}' is needed here");
        report.at(file, node.at, message);
    }
    Some(own.to_owned())
}

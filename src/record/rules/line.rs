//! Lines get what only the engine knows: names, SKUs and prices of their products, ids, sums. What does not agree with
//! the products, with the record's price book or with the lines that were there is refused at its place.

use std::collections::{HashMap, HashSet};

use serde_json::json;

use crate::access::Capability;
use crate::clock::Clock;
use crate::field::kind::line_items::LineItems;
use crate::field::lines::{Line, Lines, written};
use crate::field::{FieldKind, Reject};
use crate::id::RecordId;
use crate::limits;
use crate::line;
use crate::rate::{self, Rates};
use crate::record::change::Change;
use crate::record::error::{Error, Fault, pointer};
use crate::record::product::{self, Shelf};
use crate::schema::{Module, StoredField};
use crate::work::Work;

/// Completes the lines of all changes that have new ones; asks once for all.
pub(super) async fn apply(work: &Work, module: &Module, changes: &mut [Change]) -> Result<(), Error> {
    for stored in &module.fields {
        if let FieldKind::LineItems(options) = &stored.field.kind {
            complete(work, stored, options, changes).await?;
            for change in changes.iter_mut() {
                carry_total(&stored.field.key, options, change);
            }
        }
    }
    Ok(())
}

/// New lines of a change, as they were given, with those that were there.
struct Draft {
    change: usize,
    lines: Lines,
    before: Option<Lines>,
    book: Option<RecordId>,
}

async fn complete(
    work: &Work,
    stored: &StoredField,
    options: &LineItems,
    changes: &mut [Change],
) -> Result<(), Error> {
    let key = &stored.field.key;
    let drafts: Vec<Draft> =
        (0..).zip(&*changes).filter_map(|(index, change)| draft(key, options, index, change)).collect();
    if drafts.is_empty() {
        return Ok(());
    }
    let rows = drafts.iter().flat_map(|draft| &draft.lines.rows);
    let products: Vec<RecordId> = rows.filter_map(|row| row.product.parse().ok()).collect();
    let books: Vec<RecordId> = drafts.iter().filter_map(|draft| draft.book).collect();
    let shelf = Shelf::load(work, options, &products, &books).await?;
    let rates = match drafts.iter().any(|draft| shelf.has_other_currency(&draft.lines.currency)) {
        true => rate::on(work, today(work)).await?,
        false => Rates::new(work.workspace.locale.currency.clone(), HashMap::new()),
    };
    let policy = !work.actor.can(Capability::ExceedDiscount);
    for draft in drafts {
        let mut till = Till { shelf: &shelf, rates: &rates, clock: &work.clock, policy, faults: Vec::new() };
        let lines = till.ring_up(&draft);
        hand_over(stored, &mut changes[draft.change], &lines, till.faults);
    }
    Ok(())
}

/// Puts completed lines into their change, or why they are refused.
fn hand_over(stored: &StoredField, change: &mut Change, lines: &Lines, mut faults: Vec<Reject>) {
    let key = &stored.field.key;
    if faults.is_empty() && stored.field.required && lines.live().next().is_none() {
        faults.push(Reject::new("required", format!("{} is required.", stored.field.label)));
    }
    if faults.is_empty() {
        change.data.insert(key.clone(), lines.to_value());
        return;
    }
    // What was there stays, so that the faults told are those of the lines, and no others.
    let old = change.old(key).clone();
    change.data.insert(key.clone(), old);
    change.faults.extend(faults.into_iter().map(|reject| Fault::of_field(key, reject)));
}

fn today(work: &Work) -> chrono::NaiveDate {
    work.clock.now().with_timezone(&work.workspace.locale.timezone).date_naive()
}

/// None where the change leaves the lines as they are.
fn draft(key: &str, options: &LineItems, index: usize, change: &Change) -> Option<Draft> {
    let value = change.data.get(key)?;
    if change.old(key) == value {
        return None;
    }
    let before = Lines::stored(change.old(key));
    let lines = match (Lines::stored(value), &before) {
        (Some(lines), _) => lines,
        (None, Some(before)) => Lines { rows: Vec::new(), totals: Default::default(), ..before.clone() },
        (None, None) => return None,
    };
    Some(Draft { change: index, lines, before, book: product::book(options, &change.data) })
}

/// Where lines are completed.
struct Till<'a> {
    shelf: &'a Shelf,
    rates: &'a Rates,
    clock: &'a Clock,
    /// Discounts have limits for the actor.
    policy: bool,
    faults: Vec<Reject>,
}

impl Till<'_> {
    fn ring_up(&mut self, draft: &Draft) -> Lines {
        let before = draft.before.as_ref();
        let mut lines = draft.lines.clone();
        self.check_currency(&lines, before);
        let mut seen = HashSet::new();
        for index in 0..lines.rows.len() {
            let row = lines.rows[index].clone();
            if row.id.as_ref().is_some_and(|id| !seen.insert(id.clone())) {
                self.refuse(index, "id", "twice", "This line is there twice.");
                continue;
            }
            let completed = match &row.id {
                Some(id) => {
                    let known =
                        before.and_then(|before| before.rows.iter().find(|row| row.id.as_ref() == Some(id)));
                    self.known(index, row, known)
                }
                None => self.new_line(index, row, &lines, draft.book),
            };
            lines.rows[index] = completed;
        }
        for row in before.iter().flat_map(|before| &before.rows) {
            if row.id.as_ref().is_none_or(|id| !seen.contains(id)) {
                lines.rows.push(self.removed(row));
            }
        }
        self.settle(&mut lines, before);
        lines
    }

    fn refuse(&mut self, index: usize, part: &str, code: &'static str, message: &str) {
        let message = format!("Line {}: {message}", index + 1);
        self.faults.push(Reject::new(code, message).at(format!("/rows/{index}/{part}")));
    }

    /// Amounts that stay, those of removed lines too, must not come to mean another currency.
    fn check_currency(&mut self, lines: &Lines, before: Option<&Lines>) {
        let Some(before) = before.filter(|before| before.currency != lines.currency) else { return };
        let message =
            format!("The lines of this record are in {}; send that as their currency.", before.currency);
        self.faults.push(Reject::new("currency", message).at("/currency"));
    }

    fn removed(&self, row: &Line) -> Line {
        let removed_at = row.removed_at.clone().unwrap_or_else(|| written(self.clock.now()));
        Line { removed_at: Some(removed_at), ..row.clone() }
    }

    /// A line that was there: its product, and what was noted of it, stay.
    fn known(&mut self, index: usize, row: Line, known: Option<&Line>) -> Line {
        let Some(known) = known else {
            self.refuse(index, "id", "unknown_line", "There is no such line; leave out the id of a new one.");
            return row;
        };
        match (&known.removed_at, &row.removed_at) {
            (Some(_), None) => {
                self.refuse(index, "removed_at", "removed", "This line was removed; add a new one instead.");
                return row;
            }
            (_, Some(_)) => return self.removed(known),
            (None, None) => {}
        }
        if row.product != known.product {
            self.refuse(
                index,
                "product",
                "fixed",
                "A line keeps its product; remove it and add another one.",
            );
        }
        Line {
            name: known.name.clone(),
            sku: known.sku.clone(),
            list_price: known.list_price,
            unit_price: row.unit_price.or(known.list_price).or(known.unit_price),
            ..row
        }
    }

    /// A new line takes over what its product is called and costs.
    fn new_line(&mut self, index: usize, row: Line, lines: &Lines, book: Option<RecordId>) -> Line {
        if row.removed_at.is_some() {
            self.refuse(
                index,
                "removed_at",
                "unknown_line",
                "A line that was never there cannot be removed.",
            );
        }
        let id = row.product.parse::<RecordId>().ok();
        let product = id.and_then(|id| self.shelf.product(id)).filter(|product| product.visible);
        let (Some(id), Some(product)) = (id, product) else {
            self.refuse(index, "product", "relation", "There is no such product.");
            return row;
        };
        if !product.active {
            let message = format!("{} is not sold any more; choose another product.", product.name);
            self.refuse(index, "product", "inactive", &message);
        }
        let list_price = self.list_price(index, lines, book, id, &product.name);
        if row.unit_price.is_none() && self.shelf.price(book, id).is_none() {
            self.refuse(index, "unit_price", "required", "This product has no price; give one.");
        }
        Line {
            id: Some(RecordId::new().to_string()),
            name: Some(product.name.clone()),
            sku: product.sku.clone(),
            list_price,
            unit_price: row.unit_price.or(list_price),
            tax: row.tax.or(product.tax.filter(|tax| !tax.is_zero())),
            ..row
        }
    }

    /// The product's price in the currency of the lines.
    fn list_price(
        &mut self,
        index: usize,
        lines: &Lines,
        book: Option<RecordId>,
        id: RecordId,
        name: &str,
    ) -> Option<rust_decimal::Decimal> {
        let (amount, currency) = self.shelf.price(book, id)?;
        let converted = self.rates.convert(*amount, currency, &lines.currency);
        if converted.is_none() {
            let message = format!(
                "{name} is priced in {currency}, and no exchange rate leads from there to {}; put one in first.",
                lines.currency
            );
            self.refuse(index, "product", "currency", &message);
        }
        converted
    }

    /// Adds up, and refuses what is said of the sums and is not so.
    fn settle(&mut self, lines: &mut Lines, before: Option<&Lines>) {
        if lines.rows.len() > limits::LINES {
            let message = format!("A record has at most {} lines, removed ones too.", limits::LINES);
            self.faults.push(Reject::new("length", message).at("/rows"));
        }
        if !self.faults.is_empty() {
            return;
        }
        if let Err(reject) = lines.settle() {
            self.faults.push(reject);
        } else if self.policy {
            self.check_discounts(lines, before);
        }
    }

    /// Of new lines and of those that changed, no more is taken off than their products allow.
    fn check_discounts(&mut self, lines: &Lines, before: Option<&Lines>) {
        let scale = lines.scale();
        for (index, row) in lines.live() {
            if before.is_some_and(|before| before.rows.iter().any(|known| known == row)) {
                continue;
            }
            let product = row.product.parse().ok().and_then(|id| self.shelf.product(id));
            let limit = product.and_then(|product| product.max_discount);
            let (Some(limit), Some(list_price), Some(extended)) = (limit, row.list_price, row.extended)
            else {
                continue;
            };
            let Ok(least) = line::least(&row.terms(), list_price, limit, scale) else { continue };
            if extended < least {
                let part = if row.discount.is_some() { "discount" } else { "unit_price" };
                let message = format!(
                    "At most {} % may be taken off this product's list price: {least} is the least for this line.",
                    limit.normalize()
                );
                self.refuse(index, part, "max_discount", &message);
            }
        }
    }
}

/// Puts the total of the lines into the field that takes it. Where there are lines, no other value stands there.
fn carry_total(key: &str, options: &LineItems, change: &mut Change) {
    let Some(total) = &options.total else { return };
    let lines = change.data.get(key).and_then(Lines::stored).filter(|lines| lines.live().next().is_some());
    let Some((lines, amount)) = lines.and_then(|lines| lines.totals.amount.map(|amount| (lines, amount)))
    else {
        return;
    };
    let wanted =
        json!({"amount": format!("{amount:.*}", lines.scale() as usize), "currency": lines.currency});
    let given = change.data.get(total).filter(|given| !given.is_null() && *given != change.old(total));
    if given.is_some_and(|given| *given != wanted) {
        let message =
            format!("This is the total of the lines, {} {amount}; change those instead.", lines.currency);
        change.faults.push(Fault::new(pointer(total), "mismatch", message));
    } else {
        change.data.insert(total.clone(), wanted);
    }
}

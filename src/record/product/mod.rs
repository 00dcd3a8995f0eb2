//! Products as lines need them: what one is called and costs, in which price book, and whether it may still be sold.

mod history;
mod store;
mod trail;

use std::collections::{HashMap, HashSet};

use rust_decimal::Decimal;
use serde_json::{Map, Value};

pub use history::{Price, PriceEntry, prices};
pub(super) use trail::follow;

use super::error::Error;
use super::link::record_id;
use super::reach;
use crate::access::Read;
use crate::db::DbError;
use crate::field::kind::line_items::LineItems;
use crate::id::RecordId;
use crate::schema::Module;
use crate::schema::definition::ProductDefinition;
use crate::work::Work;

/// A product.
pub(super) struct Product {
    pub(super) name: String,
    pub(super) sku: Option<String>,
    /// What it costs, and in which currency.
    pub(super) price: Option<(Decimal, String)>,
    /// The most that may be taken off, in percent.
    pub(super) max_discount: Option<Decimal>,
    /// The tax on it, in percent.
    pub(super) tax: Option<Decimal>,
    /// It may still be sold.
    pub(super) active: bool,
    /// The actor may read it, and it is not in the trash.
    pub(super) visible: bool,
}

/// The products and the price books' prices that some lines need.
#[derive(Default)]
pub(super) struct Shelf {
    products: HashMap<RecordId, Product>,
    /// By book and product.
    prices: HashMap<(RecordId, RecordId), (Decimal, String)>,
}

impl Shelf {
    /// Asks once for all.
    pub(super) async fn load(
        work: &Work,
        options: &LineItems,
        products: &[RecordId],
        books: &[RecordId],
    ) -> Result<Self, Error> {
        let Some(module) = work.schema.module(&options.module).map(|module| module.whole()) else {
            return Ok(Self::default());
        };
        if products.is_empty() {
            return Ok(Self::default());
        }
        let rows = store::products(&work.tx, module.number, products).await?;
        let owners: Vec<_> = rows.iter().map(|row| (row.id, row.owner)).collect();
        let readable = match work.actor.permit::<Read>(module.key()) {
            Ok(permit) => reach::covered(work, module, &permit, &owners).await?,
            Err(_) => HashSet::new(),
        };
        let definition = module.definition.product.as_ref();
        let product = |row: store::ProductRow| (row.id, product(definition, readable.contains(&row.id), row));
        let products_by_id = rows.into_iter().map(product).collect();
        Ok(Self { products: products_by_id, prices: book_prices(work, options, products, books).await? })
    }

    /// Whether a price is in another currency than this one.
    pub(super) fn has_other_currency(&self, currency: &str) -> bool {
        let own = self.products.values().filter_map(|product| product.price.as_ref());
        own.chain(self.prices.values()).any(|(_, other)| other != currency)
    }

    pub(super) fn product(&self, id: RecordId) -> Option<&Product> {
        self.products.get(&id)
    }

    /// The price of a product: the book's where there is one and it has one, else its own.
    pub(super) fn price(&self, book: Option<RecordId>, id: RecordId) -> Option<&(Decimal, String)> {
        let own = || self.products.get(&id).and_then(|product| product.price.as_ref());
        book.and_then(|book| self.prices.get(&(book, id))).or_else(own)
    }
}

/// Entries are read whoever asks: who may choose the book and the product is told the price that they make.
async fn book_prices(
    work: &Work,
    options: &LineItems,
    products: &[RecordId],
    books: &[RecordId],
) -> Result<HashMap<(RecordId, RecordId), (Decimal, String)>, DbError> {
    let place = options.price_book.as_ref().and_then(|book| {
        let entries = work.schema.module(&book.entries)?.whole();
        let number = |key: &str| entries.field(key).map(|stored| stored.number);
        let (book_field, product) = (number(&book.book)?, number(&book.product)?);
        Some(store::EntryPlace { module: entries.number, book: book_field, product, price: &book.price })
    });
    let Some(place) = place.filter(|_| !books.is_empty()) else { return Ok(HashMap::new()) };
    let rows = store::book_prices(&work.tx, &place, books, products).await?;
    Ok(rows.into_iter().filter_map(|(book, id, price)| Some(((book, id), money(&price)?))).collect())
}

/// The book that a record has chosen.
pub(super) fn book(options: &LineItems, data: &Map<String, Value>) -> Option<RecordId> {
    data.get(&options.price_book.as_ref()?.field).and_then(record_id)
}

fn product(definition: Option<&ProductDefinition>, readable: bool, row: store::ProductRow) -> Product {
    let value = |key: Option<&String>| key.and_then(|key| row.data.get(key));
    let number = |key: Option<&String>| value(key).and_then(Value::as_str).and_then(|text| text.parse().ok());
    let part = |part: fn(&ProductDefinition) -> Option<&String>| definition.and_then(part);
    Product {
        sku: value(part(|product| Some(&product.sku))).and_then(Value::as_str).map(str::to_owned),
        price: value(part(|product| Some(&product.price))).and_then(money),
        max_discount: number(part(|product| product.max_discount.as_ref())),
        tax: number(part(|product| product.tax.as_ref())),
        active: value(part(|product| product.active.as_ref())).and_then(Value::as_bool).unwrap_or(true),
        visible: !row.deleted && readable,
        name: row.title,
    }
}

/// A stored amount of money.
fn money(value: &Value) -> Option<(Decimal, String)> {
    let part = |key| value.get(key).and_then(Value::as_str);
    Some((part("amount")?.parse().ok()?, part("currency")?.to_owned()))
}

/// The definition of a product module, if it is one.
fn definition(module: &Module) -> Option<&ProductDefinition> {
    module.definition.product.as_ref()
}

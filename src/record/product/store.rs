//! The statements about products: what they are, what price books say of them, what they cost over time.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use tokio_postgres::Row;
use tokio_postgres::types::Json;

use crate::db::{DbError, TenantTx};
use crate::id::{RecordId, UserId};
use crate::work::Work;

/// A product as it lies in the table.
pub(super) struct ProductRow {
    pub(super) id: RecordId,
    pub(super) owner: Option<UserId>,
    pub(super) title: String,
    pub(super) deleted: bool,
    pub(super) data: Map<String, Value>,
}

/// Records of a module by their ids, also from the trash.
pub(super) async fn products(
    tx: &TenantTx,
    module: i16,
    ids: &[RecordId],
) -> Result<Vec<ProductRow>, DbError> {
    let rows = tx
        .query(
            "select id, owner_id, title, deleted_at is not null as deleted, data from records
             where tenant_id = $1 and module = $2 and id = any($3)",
            &[&tx.tenant(), &module, &ids],
        )
        .await?;
    let product = |row: &Row| ProductRow {
        id: row.get("id"),
        owner: row.get("owner_id"),
        title: row.get("title"),
        deleted: row.get("deleted"),
        data: row.get::<_, Json<Map<String, Value>>>("data").0,
    };
    Ok(rows.iter().map(product).collect())
}

/// Where the entries of price books lie: the numbers of their module and of its relations, and the key of their price.
pub(super) struct EntryPlace<'a> {
    pub(super) module: i16,
    pub(super) book: i16,
    pub(super) product: i16,
    pub(super) price: &'a str,
}

/// What some price books say of some products: (book, product, price), the newest entry last.
pub(super) async fn book_prices(
    tx: &TenantTx,
    place: &EntryPlace<'_>,
    books: &[RecordId],
    products: &[RecordId],
) -> Result<Vec<(RecordId, RecordId, Value)>, DbError> {
    let rows = tx
        .query(
            "select b.to_id as book, p.to_id as product, r.data -> $5 as price
             from record_links p
             join record_links b on b.tenant_id = $1 and b.from_id = p.from_id and b.field = $3
             join records r on r.tenant_id = $1 and r.id = p.from_id and r.module = $2 and r.deleted_at is null
             where p.tenant_id = $1 and p.field = $4 and p.to_id = any($7) and b.to_id = any($6) and r.data ? $5
             order by r.updated_at, r.id",
            &[&tx.tenant(), &place.module, &place.book, &place.product, &place.price, &books, &products],
        )
        .await?;
    let entry = |row: &Row| (row.get("book"), row.get("product"), row.get::<_, Json<Value>>("price").0);
    Ok(rows.iter().map(entry).collect())
}

/// An amount with its currency, digit by digit.
pub(super) type Money = (Option<String>, Option<String>);

/// What a product costs from now on.
pub(super) struct NewPrice {
    pub(super) product: RecordId,
    pub(super) price: Money,
    pub(super) cost: Money,
}

/// Writes down what products cost from now on.
pub(super) async fn append_prices(work: &Work, prices: &[NewPrice]) -> Result<(), DbError> {
    let ids: Vec<RecordId> = prices.iter().map(|_| RecordId::new()).collect();
    let products: Vec<RecordId> = prices.iter().map(|new| new.product).collect();
    let column = |part: fn(&NewPrice) -> Option<&String>| prices.iter().map(part).collect::<Vec<_>>();
    work.tx
        .execute(
            "insert into product_prices
               (tenant_id, id, product_id, valid_from, price, price_currency, cost, cost_currency, set_by)
             select $1, p.id, p.product_id, $2, p.price::numeric, p.price_currency, p.cost::numeric, p.cost_currency, $3
             from unnest($4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[])
               as p (id, product_id, price, price_currency, cost, cost_currency)",
            &[
                &work.tx.tenant(),
                &work.clock.now(),
                &work.actor.user,
                &ids,
                &products,
                &column(|new| new.price.0.as_ref()),
                &column(|new| new.price.1.as_ref()),
                &column(|new| new.cost.0.as_ref()),
                &column(|new| new.cost.1.as_ref()),
            ],
        )
        .await?;
    Ok(())
}

/// A row of a product's price history.
pub(super) struct PriceRow {
    pub(super) valid_from: DateTime<Utc>,
    pub(super) price: Money,
    pub(super) cost: Money,
    pub(super) by: Option<UserId>,
}

/// What a product has cost, the newest first, at most `limit`.
pub(super) async fn prices(tx: &TenantTx, product: RecordId, limit: i64) -> Result<Vec<PriceRow>, DbError> {
    let rows = tx
        .query(
            "select valid_from, price::text as price, price_currency, cost::text as cost, cost_currency, set_by
             from product_prices where tenant_id = $1 and product_id = $2 order by id desc limit $3",
            &[&tx.tenant(), &product, &limit],
        )
        .await?;
    let price = |row: &Row| PriceRow {
        valid_from: row.get("valid_from"),
        price: (row.get("price"), row.get("price_currency")),
        cost: (row.get("cost"), row.get("cost_currency")),
        by: row.get("set_by"),
    };
    Ok(rows.iter().map(price).collect())
}

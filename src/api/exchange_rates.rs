//! Exchange rates: what currencies are worth in the workspace's own, from day to day.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::Capability;
use crate::field::currency;
use crate::http::{AppState, Caller, Json, Problem, Query};
use crate::rate::{self, ExchangeRate};
use crate::record::{self, Fault, Invalid};
use crate::work::Intent;

/// Rates of one answer.
const PAGE: i64 = 500;
/// Rates of one request.
const AT_ONCE: usize = 200;

/// The resource's routes.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, put))
}

/// Query parameters of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RateParams {
    /// A currency (ISO 4217); all where none is named.
    currency: Option<String>,
}

/// What a currency is worth from a day on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RateInput {
    /// ISO 4217 code.
    currency: String,
    /// The first day on which it holds; today where none is given.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    valid_on: Option<String>,
    /// Units of the workspace's currency for one unit of this one, as a text such as `"83.25"`.
    rate: String,
}

/// Rates to put in; all or none.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RatesInput {
    /// At most 200.
    data: Vec<RateInput>,
}

/// Exchange rates, the newest first.
#[derive(Debug, Serialize)]
pub struct RatesAnswer {
    /// The workspace's own currency, in which rates are told.
    base: String,
    data: Vec<ExchangeRate>,
}

/// Lists exchange rates, the newest first.
#[utoipa::path(get, path = "/api/v1/exchange-rates", tag = "exchange rates", operation_id = "exchange_rates_list",
    params(RateParams), responses((status = 200, description = "Rates in terms of the workspace's currency")))]
async fn list(caller: Caller, Query(params): Query<RateParams>) -> Result<Json<RatesAnswer>, Problem> {
    let work = caller.begin(Intent::Read).await?;
    let currency = params.currency.map(|code| code.trim().to_ascii_uppercase());
    let data = rate::list(&work, currency.as_deref(), PAGE).await.map_err(record::Error::from)?;
    Ok(Json(RatesAnswer { base: work.workspace.locale.currency.clone(), data }))
}

/// Puts exchange rates in; one of the same currency and day is replaced. All are put in, or none.
#[utoipa::path(put, path = "/api/v1/exchange-rates", tag = "exchange rates", operation_id = "exchange_rates_put",
    request_body = RatesInput, responses((status = 200, description = "The rates as they are now")))]
async fn put(caller: Caller, Json(input): Json<RatesInput>) -> Result<Json<RatesAnswer>, Problem> {
    let work = caller.begin(Intent::Write).await?;
    work.actor.require(Capability::ManageRates)?;
    let today = work.clock.now().with_timezone(&work.workspace.locale.timezone).date_naive();
    let base = work.workspace.locale.currency.clone();
    let rates = checked(&input, today, &base).map_err(record::Error::from)?;
    let mut data = Vec::with_capacity(rates.len());
    for (currency, day, rate) in rates {
        data.push(rate::put(&work, &currency, day, rate).await.map_err(record::Error::from)?);
    }
    work.commit().await?;
    Ok(Json(RatesAnswer { base, data }))
}

/// The rates that were sent, or everything that is wrong with them.
fn checked(
    input: &RatesInput,
    today: NaiveDate,
    base: &str,
) -> Result<Vec<(String, NaiveDate, Decimal)>, Invalid> {
    let mut faults = Vec::new();
    if input.data.is_empty() || input.data.len() > AT_ONCE {
        faults.push(Fault::new("/data", "length", format!("Give 1 to {AT_ONCE} rates.")));
    }
    let mut rates = Vec::new();
    for (index, given) in input.data.iter().enumerate() {
        let mut fault = |part: &str, code: &str, message: String| {
            faults.push(Fault::new(format!("/data/{index}/{part}"), code, message));
        };
        let code = given.currency.trim().to_ascii_uppercase();
        if currency::scale(&code).is_none() {
            fault("currency", "currency", "Choose a currency by its three-letter code (ISO 4217).".into());
        } else if code == base {
            fault("currency", "currency", format!("{base} is the workspace's own currency and is worth 1."));
        }
        let day = given.valid_on.as_deref().map_or(Ok(today), |day| day.trim().parse());
        if day.is_err() {
            fault("valid_on", "format", "Enter a date as YYYY-MM-DD.".into());
        }
        let rate = read(&given.rate);
        if rate.is_none() {
            fault(
                "rate",
                "format",
                "Give a rate above 0 and below 1,000,000,000, with at most 12 digits after the point.".into(),
            );
        }
        if let (Ok(day), Some(rate)) = (day, rate) {
            rates.push((code, day, rate));
        }
    }
    if faults.is_empty() { Ok(rates) } else { Err(Invalid { errors: faults }) }
}

/// A rate in plain digits.
fn read(text: &str) -> Option<Decimal> {
    let text =
        Some(text.trim()).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))?;
    let rate: Decimal = text.parse().ok()?;
    let sound = rate > Decimal::ZERO && rate < Decimal::from(1_000_000_000) && rate.normalize().scale() <= 12;
    sound.then_some(rate)
}

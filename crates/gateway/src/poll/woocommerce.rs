//! A shop's orders by their time of change.
//!
//! A page shows what there is when it is asked for, so an order that is changed while pages are read can push another one
//! over a border between two of them. Therefore a reading of several pages is repeated until it brings nothing new, and
//! only then the place moves. The place stays a little behind the latest order: times have whole seconds, and what is read
//! twice is known.

use chrono::{Duration, NaiveDateTime};
use connectors::{Connector, Standing};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Asking, PollError,
    http::{asked, client},
};
use crate::{intake, sources::Trouble};

const PER_PAGE: usize = 100;
const MOST_PAGES: usize = 200;
const MOST_READINGS: usize = 5;
/// A new source begins with the orders of the last day.
const FIRST: Duration = Duration::days(1);
const BEHIND: Duration = Duration::seconds(2);
const TIME: &str = "%Y-%m-%dT%H:%M:%S";
const JSON: &str = "application/json";

/// The access to a shop.
pub(super) struct Shop<'a> {
    pub(super) url: &'a str,
    pub(super) consumer_key: &'a str,
    pub(super) consumer_secret: &'a str,
}

/// Orders that were changed up to here are taken in.
#[derive(Serialize, Deserialize)]
struct Place {
    /// UTC
    after: NaiveDateTime,
}

pub(super) async fn ask(asking: &mut Asking, shop: &Shop<'_>) -> Result<(), PollError> {
    let place = asking.place.as_deref().and_then(|place| serde_json::from_str::<Place>(place).ok());
    let after = place.map_or_else(|| asking.gateway.now().naive_utc() - FIRST, |place| place.after);
    let mut latest = after;
    for _ in 0..MOST_READINGS {
        let before = asking.news;
        let pages = read(asking, shop, after, &mut latest).await?;
        if pages <= 1 || asking.news == before {
            break;
        }
    }
    let after = after.max(latest - BEHIND);
    asking.place = serde_json::to_string(&Place { after }).ok();
    follow(asking, shop).await
}

/// One reading of all pages; how many there were.
async fn read(
    asking: &mut Asking,
    shop: &Shop<'_>,
    after: NaiveDateTime,
    latest: &mut NaiveDateTime,
) -> Result<usize, PollError> {
    let garbled = || PollError::Site(Trouble::Garbled);
    for page in 1..=MOST_PAGES {
        let after = after.format(TIME).to_string();
        let (per_page, number) = (PER_PAGE.to_string(), page.to_string());
        let query = [
            ("modified_after", after.as_str()),
            ("dates_are_gmt", "true"),
            ("orderby", "modified"),
            ("order", "asc"),
            ("per_page", per_page.as_str()),
            ("page", number.as_str()),
        ];
        let answer = shop.get("orders", &query).await?.ok_or_else(garbled)?;
        let orders: Vec<Value> = serde_json::from_slice(&answer).map_err(|_| garbled())?;
        for order in &orders {
            let modified = order.get("date_modified_gmt").and_then(Value::as_str);
            if let Some(modified) = modified.and_then(|text| NaiveDateTime::parse_from_str(text, TIME).ok()) {
                *latest = modified.max(*latest);
            }
            take(asking, shop, order).await?;
        }
        if orders.len() < PER_PAGE {
            return Ok(page);
        }
    }
    Ok(MOST_PAGES)
}

/// What the shop has said of single orders without showing them: they were deleted, or moved to the bin.
async fn follow(asking: &mut Asking, shop: &Shop<'_>) -> Result<(), PollError> {
    for hint in asking.hints().await? {
        if hint.resource == "order" {
            match shop.get(&format!("orders/{}", hint.subject), &[]).await? {
                Some(answer) => {
                    let order = serde_json::from_slice(&answer).map_err(|_| PollError::Site(Trouble::Garbled))?;
                    take(asking, shop, &order).await?;
                }
                None => asking.gone(&hint).await?,
            }
        }
        asking.settled(&hint).await?;
    }
    Ok(())
}

/// Takes an order in, with the codes that the shop tells only one by one.
async fn take(asking: &mut Asking, shop: &Shop<'_>, order: &Value) -> Result<(), PollError> {
    debug_assert_eq!(asking.source.connector, Connector::WooCommerce);
    let arrival = asking.arrival(JSON, order.to_string().into_bytes());
    let parsed = intake::read(&arrival);
    let Some((mut canonical, hint)) = intake::said(&arrival, parsed, asking.gateway.now()) else { return Ok(()) };
    if let Some(canonical) = &mut canonical {
        for piece in &mut canonical.certificates {
            if let (None, Some(card), Standing::Paid) = (&piece.code, piece.code_at_site, piece.standing) {
                // a shop that does not tell it leaves the order as it is
                let answer = shop.get(&format!("gift-cards/{card}"), &[]).await?;
                piece.code = answer.and_then(|answer| connectors::gift_card(&answer)).map(|card| card.code);
            }
        }
    }
    let taken = intake::take(&asking.gateway, &arrival, canonical, hint.as_ref()).await?;
    asking.note(&taken);
    Ok(())
}

impl Shop<'_> {
    async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<super::http::Answer, PollError> {
        let base = self.url.trim_end_matches('/');
        let call = client()?.get(format!("{base}/wp-json/wc/v3/{path}"));
        asked(call.query(query).basic_auth(self.consumer_key, Some(self.consumer_secret))).await
    }
}

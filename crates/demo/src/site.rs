//! The night at the website: payloads as real sites send them, posted to the gateway's own intake.

use chrono::{Duration, Utc};
use connectors::Connector;
use contract::v1::Problem;
use domain::request::RequestKind;
use gateway::Gateway;

use crate::StageError;

/// One payload of a site.
#[derive(Debug, Clone, Copy)]
pub struct SitePost {
    /// `tilda` or `form`.
    pub connector: &'static str,
    pub content_type: &'static str,
    pub body: &'static str,
}

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

macro_rules! posts {
    ($($connector:literal $kind:ident $file:literal;)*) => {
        &[$(SitePost { connector: $connector, content_type: $kind, body: include_str!(concat!("../../../tests/corpora/demo/", $file)) },)*]
    };
}

/// The code of the certificate that the fifth payload brings: for trying the lookup.
pub const CERTIFICATE_CODE: &str = "SP5K-7XQM-4RTW-9HCY";

/// The night's requests, in order.
#[must_use]
pub fn requests() -> &'static [SitePost] {
    posts! {
        "tilda" FORM "01_callback.form";
        "form" JSON "02_booking_whitening.json";
        "form" JSON "03_callback_pain.json";
        "tilda" FORM "04_booking_child.form";
        "form" JSON "05_certificate_own_code.json";
        "form" JSON "06_callback_foreign.json";
        "tilda" FORM "07_cart_certificate.form";
        "form" JSON "08_booking_implant.json";
        "form" JSON "09_message.json";
        "tilda" FORM "10_callback_same_phone.form";
        "form" JSON "11_callback_typo.json";
        "form" JSON "12_callback_script.json";
        "tilda" FORM "13_callback_evening.form";
        "form" JSON "14_booking_braces.json";
    }
}

/// Adds a Tilda site and a form source to the gateway and posts the night's requests.
pub(crate) async fn send(gateway: &Gateway, url: &str) -> Result<(), StageError> {
    let zone = crate::clinic::ZONE.parse().ok();
    let tilda = gateway.add_source(Connector::Tilda, "Сайт на Tilda", zone, RequestKind::Callback).await?;
    let form = gateway.add_source(Connector::Form, "Форма записи", zone, RequestKind::Callback).await?;
    let client = reqwest::Client::builder().no_proxy().build().map_err(|_| StageError::Intake)?;
    for (hour, post) in (1i64..).zip(requests().iter().rev()) {
        let path = if post.connector == "tilda" { &tilda.path } else { &form.path };
        let answer = client
            .post(format!("{url}{path}"))
            .header("content-type", post.content_type)
            .body(as_of_night(post, hour))
            .send()
            .await
            .map_err(|_| StageError::Intake)?;
        if !answer.status().is_success() {
            let problem = answer.json::<Problem>().await.ok().and_then(|p| p.code());
            tracing::error!(?problem, connector = post.connector, "a demo request was refused");
            return Err(StageError::Intake);
        }
    }
    Ok(())
}

/// The payload as the site sent it so many hours ago: JSON sources state their own time, Tilda does not.
fn as_of_night(post: &SitePost, hours_ago: i64) -> String {
    let body = post.body.trim_end();
    match serde_json::from_str::<serde_json::Value>(body) {
        Ok(serde_json::Value::Object(mut fields)) => {
            let sent = (Utc::now() - Duration::hours(hours_ago)).to_rfc3339();
            fields.insert("submitted_at".to_owned(), sent.into());
            serde_json::Value::Object(fields).to_string()
        }
        _ => body.to_owned(),
    }
}

//! «Отправить проверочную заявку»: a payload as each kind of site sends it, through the real door.

use axum::{body::Body, http::Request};
use connectors::Connector;
use serde_json::json;
use tower::ServiceExt;

use super::SourceError;
use crate::{Gateway, http::TEST_TOKEN};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
const NAME: &str = "Проверка связи";
const WORDS: &str = "Проверочная заявка: отвечать на неё не нужно, её можно закрыть.";
/// Longest answer that is told.
const LONGEST_ANSWER: usize = 4_096;

/// What the door said to a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestReport {
    /// The HTTP status.
    pub status: u16,
    /// The answer as the site would get it.
    pub answer: String,
}

impl TestReport {
    /// Whether the site would take it for a success.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl Gateway {
    /// Sends a marked request through the source's own door of this gateway: through the router, with everything that a
    /// site's submission meets but its secret, which the gateway does not have. It comes to the desks as a test.
    ///
    /// # Errors
    /// There is no such source, or the storage failed. What the door says is in the report.
    pub async fn test_source(&self, id: &str) -> Result<TestReport, SourceError> {
        let source = self.known(id).await?;
        let token = self.make_test_token(id)?;
        let mark = seal::token::make_id("test")?;
        let (content_type, body) = sample(source.connector, &mark);
        let path = match source.connector {
            Connector::Bitrix24 => format!("/rest/{id}/test/crm.lead.add.json"),
            connector => format!("/in/{}/{id}", connector.as_str()),
        };
        let request = Request::post(path)
            .header("content-type", content_type)
            .header(TEST_TOKEN, token)
            .body(Body::from(body))
            .unwrap_or_default();
        let response = match self.router().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let status = response.status().as_u16();
        let answer = axum::body::to_bytes(response.into_body(), LONGEST_ANSWER).await.unwrap_or_default();
        Ok(TestReport { status, answer: String::from_utf8_lossy(&answer).into_owned() })
    }
}

fn form(pairs: &[(&str, &str)]) -> (&'static str, String) {
    (FORM, serde_urlencoded::to_string(pairs).unwrap_or_default())
}

/// A payload as the product sends it. The mark tells one test from another.
fn sample(connector: Connector, mark: &str) -> (&'static str, String) {
    match connector {
        Connector::Tilda => form(&[("Name", NAME), ("Comments", WORDS), ("tranid", mark), ("formname", NAME)]),
        Connector::Elementor => form(&[("Имя", NAME), ("Сообщение", WORDS), ("form_id", mark), ("form_name", NAME)]),
        Connector::ContactForm7 => {
            (JSON, json!({ "your-name": NAME, "your-message": WORDS, "test": mark }).to_string())
        }
        Connector::WooCommerce => {
            let order = json!({
                "id": number(mark), "number": mark, "status": "pending", "currency": "RUB", "total": "0.00",
                "date_modified_gmt": "2026-01-01T00:00:00", "customer_note": WORDS,
                "billing": { "first_name": NAME }, "line_items": [],
            });
            (JSON, order.to_string())
        }
        Connector::Bitrix24 => form(&[
            ("fields[TITLE]", NAME),
            ("fields[NAME]", NAME),
            ("fields[COMMENTS]", WORDS),
            ("params[test]", mark),
        ]),
        Connector::Yclients => {
            let id = number(mark);
            let record = json!({
                "company_id": 0, "resource": "record", "resource_id": id, "status": "create",
                "data": { "id": id, "comment": WORDS, "client": { "name": NAME }, "services": [],
                    "last_change_date": "2026-01-01T00:00:00+0000" },
            });
            (JSON, record.to_string())
        }
        Connector::Mailbox => {
            let letter = format!(
                "From: site@example.invalid\r\nMessage-ID: <{mark}@example.invalid>\r\nSubject: =?utf-8?B?{}?=\r\n\
                 Content-Type: text/plain; charset=utf-8\r\n\r\nИмя: {NAME}\r\nСообщение: {WORDS}\r\n",
                data_encoding::BASE64.encode(NAME.as_bytes())
            );
            ("message/rfc822", letter)
        }
        Connector::Form => (JSON, json!({ "name": NAME, "comment": WORDS, "id": mark }).to_string()),
    }
}

/// A number that no order and no record has: sixteen digits, of the mark.
fn number(mark: &str) -> u64 {
    let sum = mark.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
    9_000_000_000_000_000 + sum % 1_000_000_000_000
}

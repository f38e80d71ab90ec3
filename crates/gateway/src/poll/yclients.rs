//! YCLIENTS: a record is asked for by its id when its webhook, which nobody signs, has said something of it.

use super::{
    Asking, PollError,
    http::{asked, client},
};

const JSON: &str = "application/json";
const ACCEPT: &str = "application/vnd.yclients.v2+json";

/// The access to a company's journal.
pub(super) struct Journal<'a> {
    pub(super) url: &'a str,
    pub(super) company: u64,
    pub(super) partner_token: &'a str,
    pub(super) user_token: &'a str,
}

pub(super) async fn ask(asking: &mut Asking, journal: &Journal<'_>) -> Result<(), PollError> {
    for hint in asking.hints().await? {
        // clients, goods and money are none of a desk's business here
        if hint.resource == "record" {
            match journal.record(hint.subject).await? {
                Some(answer) => asking.take(JSON, answer).await?,
                None => asking.gone(&hint).await?,
            }
        }
        asking.settled(&hint).await?;
    }
    Ok(())
}

impl Journal<'_> {
    async fn record(&self, id: u64) -> Result<super::http::Answer, PollError> {
        let base = self.url.trim_end_matches('/');
        let who = format!("Bearer {}, User {}", self.partner_token, self.user_token);
        let call = client()?
            .get(format!("{base}/api/v1/record/{}/{id}", self.company))
            .header("authorization", who)
            .header("accept", ACCEPT);
        asked(call).await
    }
}

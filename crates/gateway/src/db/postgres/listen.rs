//! Pokes across processes: a notification where the line stands, a look at the head where it does not.
//!
//! Nothing is lost by a missed notification: whenever the line comes up, and now and then while it stands, the head is
//! read. The worst that a broken line does is to make a poke late.

use std::time::Duration;

use sqlx::{PgPool, postgres::PgListener};
use tokio::time::{sleep, timeout};

use crate::db::{Heard, StorageError, rows};

/// Where the numbers are told: see [`super::NEXT_SEQ`].
const CHANNEL: &str = "reception_gateway";
/// How often the head is read while nothing is heard: also the longest that a dead line goes unnoticed.
const QUIET: Duration = Duration::from_secs(15);
/// How often the head is read while there is no line.
const WITHOUT_LINE: Duration = Duration::from_secs(1);

/// Hears until it is aborted.
pub(super) async fn listen(pool: PgPool, heard: Heard) {
    loop {
        if let Err(error) = hear(&pool, &heard).await {
            tracing::warn!(error = %error, "the line to the other gateways is down");
        }
        if pool.is_closed() {
            return;
        }
        let _ = look(&pool, &heard).await;
        sleep(WITHOUT_LINE).await;
    }
}

/// Hears on one line until it breaks.
async fn hear(pool: &PgPool, heard: &Heard) -> Result<(), StorageError> {
    let mut line = PgListener::connect_with(pool).await?;
    line.eager_reconnect(false);
    line.listen(CHANNEL).await?;
    look(pool, heard).await?;
    loop {
        match timeout(QUIET, line.try_recv()).await {
            Ok(Ok(Some(notification))) => {
                if let Ok(seq) = notification.payload().parse() {
                    heard(seq);
                }
            }
            Ok(Ok(None)) => return Ok(()),
            Ok(Err(error)) => return Err(error.into()),
            Err(_) => look(pool, heard).await?,
        }
    }
}

/// Reads the head.
async fn look(pool: &PgPool, heard: &Heard) -> Result<(), StorageError> {
    let row = sqlx::query("SELECT seq FROM house WHERE only_row = 1").fetch_one(pool).await?;
    heard(rows::number(&row, "seq", "house")?);
    Ok(())
}

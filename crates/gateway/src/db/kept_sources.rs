//! Sources, compiled once for each database: the statements are the same. `super` says which one it is.

use chrono::{DateTime, Utc};
use connectors::Connector;
use domain::CertificateId;

use super::{Store, transaction::Writing};
use crate::db::{
    Answer, Figures, HintRow, PollState, Source, SourceReader, SourceWriter, StorageError, Subject, TroubleRow,
    rows::{self, Cells, to_json, to_sql},
};

const DAY: i64 = 86_400_000;

macro_rules! columns {
    ($rest:literal) => {
        concat!("SELECT id, connector, name, secret_digest, zone, default_kind, mapping, enabled FROM source ", $rest)
    };
}

impl SourceReader for Store {
    fn source<'a>(&'a self, id: &'a str) -> Answer<'a, Option<Source>> {
        Box::pin(async move {
            let row = sqlx::query(columns!("WHERE id = $1")).bind(id).fetch_optional(&self.readers).await?;
            row.as_ref().map(rows::source).transpose()
        })
    }

    fn source_of_secret<'a>(&'a self, connector: Connector, digest: &'a str) -> Answer<'a, Option<Source>> {
        Box::pin(async move {
            let row = sqlx::query(columns!("WHERE connector = $1 AND secret_digest = $2"))
                .bind(connector.as_str())
                .bind(digest)
                .fetch_optional(&self.readers)
                .await?;
            row.as_ref().map(rows::source).transpose()
        })
    }

    fn sources(&self) -> Answer<'_, Vec<Source>> {
        Box::pin(async {
            let rows = sqlx::query(columns!("ORDER BY made_at, id")).fetch_all(&self.readers).await?;
            rows.iter().map(rows::source).collect()
        })
    }

    fn source_secret<'a>(&'a self, source: &'a str) -> Answer<'a, Option<String>> {
        Box::pin(async move {
            let row = sqlx::query("SELECT data FROM source_secret WHERE source = $1")
                .bind(source)
                .fetch_optional(&self.readers)
                .await?;
            row.map(|row| Ok(row.text("data")?.to_owned())).transpose()
        })
    }

    fn figures<'a>(&'a self, source: &'a str, since: DateTime<Utc>) -> Answer<'a, Figures> {
        Box::pin(async move {
            let row = sqlx::query(
                "SELECT count(*) AS taken, count(quarantine) AS quarantined FROM intake \
                 WHERE source = $1 AND received_at >= $2",
            )
            .bind(source)
            .bind(since.timestamp_millis())
            .fetch_one(&self.readers)
            .await?;
            Ok(Figures {
                taken: rows::number(&row, "taken", "intake")?,
                quarantined: rows::number(&row, "quarantined", "intake")?,
            })
        })
    }

    fn arrivals<'a>(&'a self, source: &'a str, limit: usize) -> Answer<'a, Vec<DateTime<Utc>>> {
        Box::pin(async move {
            let rows =
                sqlx::query("SELECT received_at FROM intake WHERE source = $1 ORDER BY received_at DESC LIMIT $2")
                    .bind(source)
                    .bind(to_sql(limit as u64))
                    .fetch_all(&self.readers)
                    .await?;
            rows.iter().map(|row| rows::instant(row, "received_at", "intake")).collect()
        })
    }

    fn troubles<'a>(&'a self, source: &'a str, since: DateTime<Utc>) -> Answer<'a, Vec<TroubleRow>> {
        Box::pin(async move {
            let rows = sqlx::query(
                "SELECT kind, CAST(sum(count) AS bigint) AS count, max(last_at) AS last_at FROM source_trouble \
                 WHERE source = $1 AND day >= $2 GROUP BY kind ORDER BY kind",
            )
            .bind(source)
            .bind(since.timestamp_millis() / DAY)
            .fetch_all(&self.readers)
            .await?;
            rows.iter().map(rows::trouble).collect()
        })
    }

    fn poll_state<'a>(&'a self, source: &'a str) -> Answer<'a, PollState> {
        Box::pin(async move {
            let row = sqlx::query("SELECT place, polled_at, failures, due_at FROM source_poll WHERE source = $1")
                .bind(source)
                .fetch_optional(&self.readers)
                .await?;
            row.as_ref().map_or_else(|| Ok(PollState::default()), rows::poll_state)
        })
    }

    fn hints<'a>(&'a self, source: &'a str, limit: usize) -> Answer<'a, Vec<HintRow>> {
        Box::pin(async move {
            let rows = sqlx::query(
                "SELECT resource, subject, noted_at FROM source_hint WHERE source = $1 ORDER BY noted_at LIMIT $2",
            )
            .bind(source)
            .bind(to_sql(limit as u64))
            .fetch_all(&self.readers)
            .await?;
            rows.iter().map(rows::hint).collect()
        })
    }
}

impl SourceWriter for Writing {
    fn add_source<'a>(&'a mut self, source: &'a Source, at: DateTime<Utc>) -> Answer<'a, ()> {
        Box::pin(async move {
            let kind =
                serde_json::to_value(source.default_kind).map_err(|_| StorageError::Corrupt { table: "source" })?;
            sqlx::query(
                "INSERT INTO source (id, connector, name, secret_digest, zone, default_kind, mapping, enabled, made_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            )
            .bind(&source.id)
            .bind(source.connector.as_str())
            .bind(&source.name)
            .bind(&source.secret_digest)
            .bind(source.zone.map(|zone| zone.name()))
            .bind(kind.as_str().unwrap_or_default())
            .bind(to_json(&source.mapping, "source")?)
            .bind(i64::from(source.enabled))
            .bind(at.timestamp_millis())
            .execute(&mut *self.tx)
            .await?;
            Ok(())
        })
    }

    fn change_source<'a>(&'a mut self, source: &'a Source) -> Answer<'a, bool> {
        Box::pin(async move {
            let done = sqlx::query("UPDATE source SET mapping = $1, zone = $2, enabled = $3 WHERE id = $4")
                .bind(to_json(&source.mapping, "source")?)
                .bind(source.zone.map(|zone| zone.name()))
                .bind(i64::from(source.enabled))
                .bind(&source.id)
                .execute(&mut *self.tx)
                .await?;
            Ok(done.rows_affected() == 1)
        })
    }

    fn put_source_secret<'a>(&'a mut self, source: &'a str, data: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query(
                "INSERT INTO source_secret (source, data) VALUES ($1, $2) \
                 ON CONFLICT (source) DO UPDATE SET data = excluded.data",
            )
            .bind(source)
            .bind(data)
            .execute(&mut *self.tx)
            .await?;
            Ok(())
        })
    }

    fn subject<'a>(&'a mut self, source: &'a str, subject_mac: &'a [u8; 32]) -> Answer<'a, Option<Subject>> {
        Box::pin(async move {
            // all versions of a subject are of one request
            let row = sqlx::query(
                "SELECT min(request) AS request, max(subject_at) AS newest FROM intake \
                 WHERE source = $1 AND subject_mac = $2 HAVING count(*) > 0",
            )
            .bind(source)
            .bind(subject_mac.as_slice())
            .fetch_optional(&mut *self.tx)
            .await?;
            row.as_ref().map(rows::subject).transpose()
        })
    }

    fn certificate_of<'a>(&'a mut self, source: &'a str, mark: &'a [u8; 32]) -> Answer<'a, Option<CertificateId>> {
        Box::pin(async move {
            let row = sqlx::query("SELECT certificate FROM intake_certificate WHERE source = $1 AND mark = $2")
                .bind(source)
                .bind(mark.as_slice())
                .fetch_optional(&mut *self.tx)
                .await?;
            row.as_ref().map(|row| rows::id(row, "certificate", "intake_certificate")).transpose()
        })
    }

    fn note_certificate<'a>(
        &'a mut self,
        source: &'a str,
        mark: &'a [u8; 32],
        certificate: &'a CertificateId,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query("INSERT INTO intake_certificate (source, mark, certificate) VALUES ($1, $2, $3)")
                .bind(source)
                .bind(mark.as_slice())
                .bind(certificate.as_str())
                .execute(&mut *self.tx)
                .await?;
            Ok(())
        })
    }

    fn put_hint<'a>(&'a mut self, source: &'a str, hint: &'a HintRow) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query(
                "INSERT INTO source_hint (source, resource, subject, noted_at) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (source, resource, subject) DO UPDATE SET noted_at = excluded.noted_at",
            )
            .bind(source)
            .bind(&hint.resource)
            .bind(to_sql(hint.subject))
            .bind(hint.noted_at.timestamp_millis())
            .execute(&mut *self.tx)
            .await?;
            Ok(())
        })
    }

    fn drop_hint<'a>(&'a mut self, source: &'a str, hint: &'a HintRow) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query(
                "DELETE FROM source_hint WHERE source = $1 AND resource = $2 AND subject = $3 AND noted_at <= $4",
            )
            .bind(source)
            .bind(&hint.resource)
            .bind(to_sql(hint.subject))
            .bind(hint.noted_at.timestamp_millis())
            .execute(&mut *self.tx)
            .await?;
            Ok(())
        })
    }

    fn hold_poll<'a>(
        &'a mut self,
        source: &'a str,
        holder: &'a str,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Answer<'a, bool> {
        Box::pin(async move {
            let done = sqlx::query(
                "INSERT INTO source_poll (source, holder, held_until) VALUES ($1, $2, $4) \
                 ON CONFLICT (source) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until \
                 WHERE source_poll.holder IS NULL OR source_poll.holder = $2 OR source_poll.held_until < $3",
            )
            .bind(source)
            .bind(holder)
            .bind(now.timestamp_millis())
            .bind(until.timestamp_millis())
            .execute(&mut *self.tx)
            .await?;
            Ok(done.rows_affected() == 1)
        })
    }

    fn put_poll<'a>(&'a mut self, source: &'a str, state: &'a PollState) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query(
                "INSERT INTO source_poll (source, place, polled_at, failures, due_at) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (source) DO UPDATE SET place = excluded.place, polled_at = excluded.polled_at, \
                 failures = excluded.failures, due_at = excluded.due_at, holder = NULL, held_until = 0",
            )
            .bind(source)
            .bind(&state.place)
            .bind(state.polled_at.map(|at| at.timestamp_millis()))
            .bind(i64::from(state.failures))
            .bind(state.due_at.timestamp_millis())
            .execute(&mut *self.tx)
            .await?;
            Ok(())
        })
    }

    fn add_trouble<'a>(&'a mut self, source: &'a str, kind: &'a str, count: u64, at: DateTime<Utc>) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query(
                "INSERT INTO source_trouble (source, kind, day, count, last_at) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (source, kind, day) DO UPDATE \
                 SET count = source_trouble.count + excluded.count, last_at = CASE WHEN excluded.last_at > source_trouble.last_at \
                 THEN excluded.last_at ELSE source_trouble.last_at END",
            )
            .bind(source)
            .bind(kind)
            .bind(at.timestamp_millis() / DAY)
            .bind(to_sql(count))
            .bind(at.timestamp_millis())
            .execute(&mut *self.tx)
            .await?;
            Ok(())
        })
    }
}

//! The writer's transaction.

use chrono::{DateTime, Utc};
use contract::v1::Sealed;
use domain::{
    ActionId, AppointmentId, DeskId, EntityRef, PersonId, RequestId, State,
    appointment::{Appointment, Slot},
};
use serde::Serialize;
use sqlx::{Row, Sqlite};

use super::rows::{self, to_sql};
use crate::db::{
    Answer, Decided, Entity, Founded, House, Invite, NewDecided, NewDesk, NewIntake, Source, StorageError, Transaction,
};

/// A transaction that holds the only writer.
pub(super) struct SqliteTransaction(sqlx::Transaction<'static, Sqlite>);

impl SqliteTransaction {
    pub(super) fn new(tx: sqlx::Transaction<'static, Sqlite>) -> Self {
        Self(tx)
    }

    async fn forget_slot(&mut self, id: &EntityRef) -> Result<(), StorageError> {
        sqlx::query("DELETE FROM slot WHERE appointment = ?").bind(id.as_str()).execute(&mut *self.0).await?;
        Ok(())
    }

    /// The slots' table follows the states of visits.
    async fn note_slot(&mut self, id: &EntityRef, visit: &Appointment) -> Result<(), StorageError> {
        self.forget_slot(id).await?;
        if !visit.status.occupies() {
            return Ok(());
        }
        let (starts, ends) = seconds(&visit.slot);
        sqlx::query(
            "INSERT INTO slot (appointment, practitioner, chair, person, starts, ends) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(id.as_str())
        .bind(visit.slot.practitioner.as_str())
        .bind(visit.slot.chair.as_str())
        .bind(visit.person.as_str())
        .bind(starts)
        .bind(ends)
        .execute(&mut *self.0)
        .await?;
        Ok(())
    }
}

/// Whole seconds that hold the slot.
fn seconds(slot: &Slot) -> (i64, i64) {
    (slot.start.and_utc().timestamp(), slot.end.and_utc().timestamp().saturating_add(1))
}

fn json(value: &impl Serialize, table: &'static str) -> Result<String, StorageError> {
    serde_json::to_string(value).map_err(|_| StorageError::Corrupt { table })
}

impl Transaction for SqliteTransaction {
    fn house(&mut self) -> Answer<'_, House> {
        Box::pin(async { rows::house(&sqlx::query(rows::HOUSE).fetch_one(&mut *self.0).await?) })
    }

    fn next_seq(&mut self) -> Answer<'_, u64> {
        Box::pin(async {
            let row = sqlx::query("UPDATE house SET seq = seq + 1 WHERE only_row = 1 RETURNING seq")
                .fetch_one(&mut *self.0)
                .await?;
            rows::number(&row, "seq", "house")
        })
    }

    fn begin_epoch<'a>(&'a mut self, epoch: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query("UPDATE house SET epoch = ? WHERE only_row = 1").bind(epoch).execute(&mut *self.0).await?;
            Ok(())
        })
    }

    fn set_founding_digest<'a>(&'a mut self, digest: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query("UPDATE house SET founding_digest = ? WHERE only_row = 1")
                .bind(digest)
                .execute(&mut *self.0)
                .await?;
            Ok(())
        })
    }

    fn found<'a>(&'a mut self, clinic: &'a Founded, at: DateTime<Utc>) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query("UPDATE house SET clinic = ?, clinic_key = ?, founded_at = ? WHERE only_row = 1")
                .bind(clinic.id.as_str())
                .bind(clinic.key.to_string())
                .bind(at.timestamp_millis())
                .execute(&mut *self.0)
                .await?;
            Ok(())
        })
    }

    fn add_desk<'a>(&'a mut self, desk: NewDesk<'a>) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query("INSERT INTO desk (id, name, app_version, token_digest, enrolled_at) VALUES (?, ?, ?, ?, ?)")
                .bind(desk.id.as_str())
                .bind(desk.name)
                .bind(desk.app_version)
                .bind(desk.token_digest)
                .bind(desk.at.timestamp_millis())
                .execute(&mut *self.0)
                .await?;
            Ok(())
        })
    }

    fn revoke_desks(&mut self, at: DateTime<Utc>) -> Answer<'_, ()> {
        Box::pin(async move {
            sqlx::query("UPDATE desk SET revoked_at = ? WHERE revoked_at IS NULL")
                .bind(at.timestamp_millis())
                .execute(&mut *self.0)
                .await?;
            Ok(())
        })
    }

    fn add_invite<'a>(
        &'a mut self,
        auth_digest: &'a str,
        invite: &'a Invite,
        by: &'a DeskId,
        at: DateTime<Utc>,
    ) -> Answer<'a, bool> {
        Box::pin(async move {
            let done = sqlx::query(
                "INSERT INTO invite (auth_digest, envelope, made_by, made_at, expires_at) VALUES (?, ?, ?, ?, ?) \
                 ON CONFLICT DO NOTHING",
            )
            .bind(auth_digest)
            .bind(&invite.envelope)
            .bind(by.as_str())
            .bind(at.timestamp_millis())
            .bind(invite.expires_at.timestamp_millis())
            .execute(&mut *self.0)
            .await?;
            Ok(done.rows_affected() == 1)
        })
    }

    fn invite<'a>(&'a mut self, auth_digest: &'a str) -> Answer<'a, Option<Invite>> {
        Box::pin(async move {
            let row = sqlx::query("SELECT envelope, expires_at, used_at FROM invite WHERE auth_digest = ?")
                .bind(auth_digest)
                .fetch_optional(&mut *self.0)
                .await?;
            row.as_ref().map(rows::invite).transpose()
        })
    }

    fn use_invite<'a>(&'a mut self, auth_digest: &'a str, at: DateTime<Utc>) -> Answer<'a, ()> {
        Box::pin(async move {
            // the wrapped key has done its work
            sqlx::query("UPDATE invite SET used_at = ?, envelope = '' WHERE auth_digest = ?")
                .bind(at.timestamp_millis())
                .bind(auth_digest)
                .execute(&mut *self.0)
                .await?;
            Ok(())
        })
    }

    fn add_source<'a>(&'a mut self, source: &'a Source, at: DateTime<Utc>) -> Answer<'a, ()> {
        Box::pin(async move {
            let kind =
                serde_json::to_value(source.default_kind).map_err(|_| StorageError::Corrupt { table: "source" })?;
            sqlx::query(
                "INSERT INTO source (id, connector, name, secret_digest, zone, default_kind, made_at) \
                 VALUES (?, ?, ?, ?, ?, ?, ?)",
            )
            .bind(&source.id)
            .bind(source.connector.as_str())
            .bind(&source.name)
            .bind(&source.secret_digest)
            .bind(source.zone.map(|zone| zone.name()))
            .bind(kind.as_str().unwrap_or_default())
            .bind(at.timestamp_millis())
            .execute(&mut *self.0)
            .await?;
            Ok(())
        })
    }

    fn entity<'a>(&'a mut self, id: &'a EntityRef) -> Answer<'a, Entity> {
        Box::pin(async move {
            let row = sqlx::query("SELECT version, state FROM entity WHERE id = ?")
                .bind(id.as_str())
                .fetch_optional(&mut *self.0)
                .await?;
            let Some(row) = row else { return Ok(Entity::default()) };
            let state: Option<&str> = row.try_get("state")?;
            let state = state.map(|state| rows::json(state, "entity")).transpose()?;
            Ok(Entity { version: rows::number(&row, "version", "entity")?, state })
        })
    }

    fn anybody_on_staff(&mut self) -> Answer<'_, bool> {
        Box::pin(async {
            let row = sqlx::query("SELECT EXISTS (SELECT 1 FROM entity WHERE kind = 'staff') AS found")
                .fetch_one(&mut *self.0)
                .await?;
            Ok(row.try_get::<i64, _>("found")? == 1)
        })
    }

    fn neighbours<'a>(
        &'a mut self,
        slot: &'a Slot,
        person: &'a PersonId,
    ) -> Answer<'a, Vec<(AppointmentId, Appointment)>> {
        Box::pin(async move {
            let (starts, ends) = seconds(slot);
            let rows = sqlx::query(
                "SELECT e.id, e.state FROM slot AS s JOIN entity AS e ON e.id = s.appointment \
                 WHERE s.starts < ? AND s.ends > ? AND (s.practitioner = ? OR s.chair = ? OR s.person = ?) ORDER BY e.id",
            )
            .bind(ends)
            .bind(starts)
            .bind(slot.practitioner.as_str())
            .bind(slot.chair.as_str())
            .bind(person.as_str())
            .fetch_all(&mut *self.0)
            .await?;
            let visit = |row| match rows::json(sqlx::Row::try_get(row, "state")?, "slot")? {
                State::Appointment(visit) => Ok((rows::id(row, "id", "slot")?, visit)),
                _ => Err(StorageError::Corrupt { table: "slot" }),
            };
            rows.iter().map(visit).collect()
        })
    }

    fn put_entity<'a>(&'a mut self, id: &'a EntityRef, version: u64, seq: u64, state: &'a State) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query(
                "INSERT INTO entity (id, kind, version, seq, state) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE \
                 SET version = excluded.version, seq = excluded.seq, state = excluded.state",
            )
            .bind(id.as_str())
            .bind(id.kind().as_str())
            .bind(to_sql(version))
            .bind(to_sql(seq))
            .bind(json(state, "entity")?)
            .execute(&mut *self.0)
            .await?;
            match state {
                State::Appointment(visit) => self.note_slot(id, visit).await,
                _ => Ok(()),
            }
        })
    }

    fn put_part<'a>(&'a mut self, id: &'a EntityRef, name: &'a str, sealed: &'a Sealed) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query(
                "INSERT INTO part (entity, name, key_id, seal_id, data) VALUES (?, ?, ?, ?, ?) \
                 ON CONFLICT (entity, name) DO UPDATE \
                 SET key_id = excluded.key_id, seal_id = excluded.seal_id, data = excluded.data",
            )
            .bind(id.as_str())
            .bind(name)
            .bind(&sealed.key_id)
            .bind(&sealed.seal_id)
            .bind(&sealed.data)
            .execute(&mut *self.0)
            .await?;
            Ok(())
        })
    }

    fn decided<'a>(&'a mut self, action: &'a ActionId) -> Answer<'a, Option<Decided>> {
        Box::pin(async move {
            let row = sqlx::query("SELECT payload_hash, outcome FROM action WHERE id = ?")
                .bind(action.as_str())
                .fetch_optional(&mut *self.0)
                .await?;
            row.as_ref().map(rows::decided).transpose()
        })
    }

    fn remember<'a>(&'a mut self, decided: NewDecided<'a>) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query(
                "INSERT INTO action (id, desk, actor, entity, verb, payload_hash, outcome, decided_at) \
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            )
            .bind(decided.action.id.as_str())
            .bind(decided.desk.as_str())
            .bind(decided.action.actor.as_str())
            .bind(decided.action.entity.as_str())
            .bind(decided.action.command.verb())
            .bind(decided.payload_hash.as_slice())
            .bind(json(decided.outcome, "action")?)
            .bind(decided.at.timestamp_millis())
            .execute(&mut *self.0)
            .await?;
            Ok(())
        })
    }

    fn intake_of_key<'a>(&'a mut self, source: &'a str, natural_mac: &'a [u8; 32]) -> Answer<'a, Option<RequestId>> {
        Box::pin(async move {
            let row = sqlx::query("SELECT request FROM intake WHERE source = ? AND natural_mac = ?")
                .bind(source)
                .bind(natural_mac.as_slice())
                .fetch_optional(&mut *self.0)
                .await?;
            row.as_ref().map(|row| rows::id(row, "request", "intake")).transpose()
        })
    }

    fn intake_of_body<'a>(
        &'a mut self,
        source: &'a str,
        body_mac: &'a [u8; 32],
        since: DateTime<Utc>,
    ) -> Answer<'a, Option<RequestId>> {
        Box::pin(async move {
            let row = sqlx::query(
                "SELECT request FROM intake WHERE source = ? AND body_mac = ? AND received_at >= ? \
                 ORDER BY received_at DESC LIMIT 1",
            )
            .bind(source)
            .bind(body_mac.as_slice())
            .bind(since.timestamp_millis())
            .fetch_optional(&mut *self.0)
            .await?;
            row.as_ref().map(|row| rows::id(row, "request", "intake")).transpose()
        })
    }

    fn put_intake<'a>(&'a mut self, intake: NewIntake<'a>) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query(
                "INSERT INTO intake (id, source, request, received_at, natural_mac, body_mac, dropped, key_id, envelope) \
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )
            .bind(intake.id)
            .bind(intake.source)
            .bind(intake.request.as_str())
            .bind(intake.at.timestamp_millis())
            .bind(intake.natural_mac.map(<[u8; 32]>::as_slice))
            .bind(intake.body_mac.as_slice())
            .bind(json(intake.dropped, "intake")?)
            .bind(&intake.envelope.key_id)
            .bind(&intake.envelope.data)
            .execute(&mut *self.0)
            .await?;
            Ok(())
        })
    }

    fn commit(self: Box<Self>) -> Answer<'static, ()> {
        Box::pin(async move { Ok(self.0.commit().await?) })
    }
}

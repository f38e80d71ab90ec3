//! The writing transaction, compiled once for each database: the statements are the same. `super` says which one it is
//! ([`Engine`]), and how it counts ([`super::NEXT_SEQ`]).

use chrono::{DateTime, Utc};
use contract::v1::Sealed;
use domain::{
    ActionId, AppointmentId, DeskId, EntityRef, Kopecks, PersonId, RequestId, State,
    appointment::{Appointment, Slot},
    certificate::Certificate,
    decide::Clash,
};

use super::Engine;
use crate::db::{
    Answer, Decided, Entity, Founded, House, Invite, NewDecided, NewDesk, NewIntake, StorageError, Transaction,
    rows::{self, Cells, seconds, to_json, to_sql},
};

/// A transaction that holds the only writer.
pub(super) struct Writing {
    pub(super) tx: sqlx::Transaction<'static, Engine>,
    /// The gateway's row as it was locked, until it is asked for or changed.
    pub(super) house: Option<House>,
}

impl Writing {
    pub(super) fn new(tx: sqlx::Transaction<'static, Engine>, house: Option<House>) -> Self {
        Self { tx, house }
    }

    async fn forget_slot(&mut self, id: &EntityRef) -> Result<(), StorageError> {
        sqlx::query("DELETE FROM slot WHERE appointment = $1").bind(id.as_str()).execute(&mut *self.tx).await?;
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
            "INSERT INTO slot (appointment, practitioner, chair, person, starts, ends) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(id.as_str())
        .bind(visit.slot.practitioner.as_str())
        .bind(visit.slot.chair.as_str())
        .bind(visit.person.as_str())
        .bind(starts)
        .bind(ends)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    async fn note_token(&mut self, noted: &'static str, desk: &DeskId, digest: &str) -> Result<(), StorageError> {
        sqlx::query(noted).bind(digest).bind(desk.as_str()).execute(&mut *self.tx).await?;
        Ok(())
    }

    /// Carries the certificate's balance on by the entries that are new.
    async fn note_ledger(&mut self, id: &EntityRef, certificate: &Certificate) -> Result<(), StorageError> {
        sqlx::query("INSERT INTO purse (certificate, balance) VALUES ($1, 0) ON CONFLICT DO NOTHING")
            .bind(id.as_str())
            .execute(&mut *self.tx)
            .await?;
        let known = sqlx::query("SELECT count(*) AS entries FROM ledger WHERE certificate = $1")
            .bind(id.as_str())
            .fetch_one(&mut *self.tx)
            .await?;
        let known = usize::try_from(known.integer("entries")?).unwrap_or_default();
        for (place, entry) in (0_i64..).zip(&certificate.ledger).skip(known) {
            sqlx::query("INSERT INTO ledger (certificate, place, action, kind, amount) VALUES ($1, $2, $3, $4, $5)")
                .bind(id.as_str())
                .bind(place)
                .bind(entry.action.as_ref().map(ActionId::as_str))
                .bind(entry.kind.as_str())
                .bind(entry.amount.0)
                .execute(&mut *self.tx)
                .await?;
            sqlx::query("UPDATE purse SET balance = balance + $1 WHERE certificate = $2")
                .bind(entry.amount.0)
                .bind(id.as_str())
                .execute(&mut *self.tx)
                .await?;
        }
        Ok(())
    }
}

impl Transaction for Writing {
    fn house(&mut self) -> Answer<'_, House> {
        Box::pin(async {
            match self.house.take() {
                Some(house) => Ok(house),
                None => rows::house(&sqlx::query(rows::HOUSE).fetch_one(&mut *self.tx).await?),
            }
        })
    }

    fn next_seq(&mut self) -> Answer<'_, u64> {
        Box::pin(async {
            self.house = None;
            rows::number(&sqlx::query(super::NEXT_SEQ).fetch_one(&mut *self.tx).await?, "seq", "house")
        })
    }

    fn begin_epoch<'a>(&'a mut self, epoch: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            self.house = None;
            sqlx::query("UPDATE house SET epoch = $1 WHERE only_row = 1").bind(epoch).execute(&mut *self.tx).await?;
            Ok(())
        })
    }

    fn set_founding_digest<'a>(&'a mut self, digest: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            self.house = None;
            let query = sqlx::query("UPDATE house SET founding_digest = $1 WHERE only_row = 1");
            query.bind(digest).execute(&mut *self.tx).await?;
            Ok(())
        })
    }

    fn found<'a>(&'a mut self, clinic: &'a Founded, at: DateTime<Utc>) -> Answer<'a, ()> {
        Box::pin(async move {
            self.house = None;
            sqlx::query("UPDATE house SET clinic = $1, clinic_key = $2, founded_at = $3 WHERE only_row = 1")
                .bind(clinic.id.as_str())
                .bind(clinic.key.to_string())
                .bind(at.timestamp_millis())
                .execute(&mut *self.tx)
                .await?;
            Ok(())
        })
    }

    fn add_desk<'a>(&'a mut self, desk: NewDesk<'a>) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query(
                "INSERT INTO desk (id, name, app_version, token_digest, enrolled_at, knows_key) \
                 SELECT $1, $2, $3, $4, $5, key_number FROM house WHERE only_row = 1",
            )
            .bind(desk.id.as_str())
            .bind(desk.name)
            .bind(desk.app_version)
            .bind(desk.token_digest)
            .bind(desk.at.timestamp_millis())
            .execute(&mut *self.tx)
            .await?;
            Ok(())
        })
    }

    fn revoke_desks(&mut self, at: DateTime<Utc>) -> Answer<'_, ()> {
        Box::pin(async move {
            let query = sqlx::query("UPDATE desk SET revoked_at = $1, knows_key = 0 WHERE revoked_at IS NULL");
            query.bind(at.timestamp_millis()).execute(&mut *self.tx).await?;
            Ok(())
        })
    }

    fn revoke_desk<'a>(&'a mut self, desk: &'a DeskId, at: DateTime<Utc>) -> Answer<'a, bool> {
        Box::pin(async move {
            let revoked = "UPDATE desk SET revoked_at = coalesce(revoked_at, $1), key_copy = NULL WHERE id = $2";
            let query = sqlx::query(revoked).bind(at.timestamp_millis()).bind(desk.as_str()).execute(&mut *self.tx);
            Ok(query.await?.rows_affected() == 1)
        })
    }

    fn offer_token<'a>(&'a mut self, desk: &'a DeskId, digest: &'a str) -> Answer<'a, ()> {
        Box::pin(self.note_token("UPDATE desk SET next_token_digest = $1 WHERE id = $2", desk, digest))
    }

    fn take_token<'a>(&'a mut self, desk: &'a DeskId, digest: &'a str) -> Answer<'a, ()> {
        let taken =
            "UPDATE desk SET token_digest = $1, next_token_digest = NULL WHERE id = $2 AND next_token_digest = $1";
        Box::pin(self.note_token(taken, desk, digest))
    }

    fn note_desk<'a>(&'a mut self, desk: &'a DeskId, seen: &'a crate::desks::Seen) -> Answer<'a, ()> {
        Box::pin(async move {
            let note = "UPDATE desk SET last_seen_at = $1, app_version = coalesce($2, app_version), \
                 caught_up_at = coalesce($4, caught_up_at) WHERE id = $3";
            let version = seen.version.as_ref().map(ToString::to_string);
            let query = sqlx::query(note).bind(seen.at.timestamp_millis()).bind(version).bind(desk.as_str());
            let caught_up = seen.caught_up_at.map(|at| at.timestamp_millis());
            query.bind(caught_up).execute(&mut *self.tx).await?;
            Ok(())
        })
    }

    fn purge_tombstones(&mut self, erased_before: DateTime<Utc>) -> Answer<'_, u64> {
        // what a submission stands on stays, so that it does not come back when it is sent again: a tombstone is small
        Box::pin(async move {
            let gone = sqlx::query(
                "DELETE FROM entity WHERE state IS NULL AND erased_at < $1 \
                 AND NOT EXISTS (SELECT 1 FROM intake AS i WHERE i.request = entity.id) \
                 AND NOT EXISTS (SELECT 1 FROM intake_certificate AS c WHERE c.certificate = entity.id) RETURNING seq",
            )
            .bind(erased_before.timestamp_millis())
            .fetch_all(&mut *self.tx)
            .await?;
            let last =
                gone.iter().map(|row| row.integer("seq")).try_fold(0, |last, seq| seq.map(|seq| last.max(seq)))?;
            let raised = "UPDATE house SET purge_floor = $1 WHERE only_row = 1 AND purge_floor < $1";
            sqlx::query(raised).bind(last).execute(&mut *self.tx).await?;
            Ok(gone.len() as u64)
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
                "INSERT INTO invite (auth_digest, envelope, made_by, made_at, expires_at) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT DO NOTHING",
            )
            .bind(auth_digest)
            .bind(&invite.envelope)
            .bind(by.as_str())
            .bind(at.timestamp_millis())
            .bind(invite.expires_at.timestamp_millis())
            .execute(&mut *self.tx)
            .await?;
            Ok(done.rows_affected() == 1)
        })
    }

    fn invite<'a>(&'a mut self, auth_digest: &'a str) -> Answer<'a, Option<Invite>> {
        Box::pin(async move {
            let row = sqlx::query("SELECT envelope, expires_at, used_at FROM invite WHERE auth_digest = $1")
                .bind(auth_digest)
                .fetch_optional(&mut *self.tx)
                .await?;
            row.as_ref().map(rows::invite).transpose()
        })
    }

    fn use_invite<'a>(&'a mut self, auth_digest: &'a str, at: DateTime<Utc>) -> Answer<'a, ()> {
        Box::pin(async move {
            // the wrapped key has done its work
            sqlx::query("UPDATE invite SET used_at = $1, envelope = '' WHERE auth_digest = $2")
                .bind(at.timestamp_millis())
                .bind(auth_digest)
                .execute(&mut *self.tx)
                .await?;
            Ok(())
        })
    }

    fn entity<'a>(&'a mut self, id: &'a EntityRef) -> Answer<'a, Entity> {
        Box::pin(async move {
            let row = sqlx::query("SELECT version, state FROM entity WHERE id = $1")
                .bind(id.as_str())
                .fetch_optional(&mut *self.tx)
                .await?;
            row.as_ref().map_or_else(|| Ok(Entity::default()), rows::entity)
        })
    }

    fn anybody_on_staff(&mut self) -> Answer<'_, bool> {
        Box::pin(async {
            let row =
                sqlx::query("SELECT count(*) AS found FROM (SELECT 1 FROM entity WHERE kind = 'staff' LIMIT 1) AS one")
                    .fetch_one(&mut *self.tx)
                    .await?;
            Ok(row.integer("found")? == 1)
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
                 WHERE s.starts < $1 AND s.ends > $2 AND (s.practitioner = $3 OR s.chair = $4 OR s.person = $5) ORDER BY e.id",
            )
            .bind(ends)
            .bind(starts)
            .bind(slot.practitioner.as_str())
            .bind(slot.chair.as_str())
            .bind(person.as_str())
            .fetch_all(&mut *self.tx)
            .await?;
            rows.iter().map(rows::visit).collect()
        })
    }

    fn slot_holder<'a>(
        &'a mut self,
        slot: &'a Slot,
        person: &'a PersonId,
        except: &'a EntityRef,
        clash: Clash,
    ) -> Answer<'a, Option<AppointmentId>> {
        Box::pin(async move {
            let (starts, ends) = seconds(slot);
            let meets = match clash {
                Clash::Practitioner => {
                    "SELECT appointment FROM slot WHERE starts < $1 AND ends > $2 AND practitioner = $3 \
                     AND appointment <> $4 ORDER BY appointment LIMIT 1"
                }
                Clash::Chair => {
                    "SELECT appointment FROM slot WHERE starts < $1 AND ends > $2 AND chair = $3 \
                     AND appointment <> $4 ORDER BY appointment LIMIT 1"
                }
                Clash::Person => {
                    "SELECT appointment FROM slot WHERE starts < $1 AND ends > $2 AND person = $3 \
                     AND appointment <> $4 ORDER BY appointment LIMIT 1"
                }
            };
            let contested = match clash {
                Clash::Practitioner => slot.practitioner.as_str(),
                Clash::Chair => slot.chair.as_str(),
                Clash::Person => person.as_str(),
            };
            let row = sqlx::query(meets)
                .bind(ends)
                .bind(starts)
                .bind(contested)
                .bind(except.as_str())
                .fetch_optional(&mut *self.tx)
                .await?;
            row.as_ref().map(|row| rows::id(row, "appointment", "slot")).transpose()
        })
    }

    fn purse<'a>(&'a mut self, id: &'a EntityRef) -> Answer<'a, Kopecks> {
        Box::pin(async move {
            let row = sqlx::query("SELECT balance FROM purse WHERE certificate = $1")
                .bind(id.as_str())
                .fetch_optional(&mut *self.tx)
                .await?;
            Ok(Kopecks(row.map_or(Ok(0), |row| row.integer("balance"))?))
        })
    }

    fn put_entity<'a>(&'a mut self, id: &'a EntityRef, version: u64, seq: u64, state: &'a State) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query(
                "INSERT INTO entity (id, kind, version, seq, state) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO UPDATE \
                 SET version = excluded.version, seq = excluded.seq, state = excluded.state",
            )
            .bind(id.as_str())
            .bind(id.kind().as_str())
            .bind(to_sql(version))
            .bind(to_sql(seq))
            .bind(to_json(state, "entity")?)
            .execute(&mut *self.tx)
            .await?;
            match state {
                State::Appointment(visit) => self.note_slot(id, visit).await,
                State::Certificate(certificate) => self.note_ledger(id, certificate).await,
                _ => Ok(()),
            }
        })
    }

    fn erase<'a>(&'a mut self, id: &'a EntityRef, version: u64, seq: u64, at: DateTime<Utc>) -> Answer<'a, ()> {
        Box::pin(async move {
            let erased = "UPDATE entity SET version = $1, seq = $2, state = NULL, erased_at = $4 WHERE id = $3";
            let query = sqlx::query(erased).bind(to_sql(version)).bind(to_sql(seq));
            query.bind(id.as_str()).bind(at.timestamp_millis()).execute(&mut *self.tx).await?;
            for delete in [
                "DELETE FROM part WHERE entity = $1",
                "DELETE FROM slot WHERE appointment = $1",
                "DELETE FROM ledger WHERE certificate = $1",
                "DELETE FROM purse WHERE certificate = $1",
                // the digests stay: the same submission sent again does not bring it back
                "UPDATE intake SET envelope = '' WHERE request = $1",
            ] {
                sqlx::query(delete).bind(id.as_str()).execute(&mut *self.tx).await?;
            }
            Ok(())
        })
    }

    fn put_part<'a>(&'a mut self, id: &'a EntityRef, name: &'a str, sealed: &'a Sealed) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query(
                "INSERT INTO part (entity, name, key_id, seal_id, data) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (entity, name) DO UPDATE \
                 SET key_id = excluded.key_id, seal_id = excluded.seal_id, data = excluded.data",
            )
            .bind(id.as_str())
            .bind(name)
            .bind(&sealed.key_id)
            .bind(&sealed.seal_id)
            .bind(&sealed.data)
            .execute(&mut *self.tx)
            .await?;
            Ok(())
        })
    }

    fn decided<'a>(&'a mut self, action: &'a ActionId) -> Answer<'a, Option<Decided>> {
        Box::pin(async move {
            let row = sqlx::query("SELECT payload_hash, outcome FROM action WHERE id = $1")
                .bind(action.as_str())
                .fetch_optional(&mut *self.tx)
                .await?;
            row.as_ref().map(rows::decided).transpose()
        })
    }

    fn remember<'a>(&'a mut self, decided: NewDecided<'a>) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query(
                "INSERT INTO action (id, desk, actor, entity, verb, payload_hash, outcome, decided_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(decided.action.id.as_str())
            .bind(decided.desk.as_str())
            .bind(decided.action.actor.as_str())
            .bind(decided.action.entity.as_str())
            .bind(decided.action.command.verb())
            .bind(decided.payload_hash.as_slice())
            .bind(to_json(decided.outcome, "action")?)
            .bind(decided.at.timestamp_millis())
            .execute(&mut *self.tx)
            .await?;
            Ok(())
        })
    }

    fn intake_of_key<'a>(&'a mut self, source: &'a str, natural_mac: &'a [u8; 32]) -> Answer<'a, Option<RequestId>> {
        Box::pin(async move {
            let row = sqlx::query("SELECT request FROM intake WHERE source = $1 AND natural_mac = $2")
                .bind(source)
                .bind(natural_mac.as_slice())
                .fetch_optional(&mut *self.tx)
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
                "SELECT request FROM intake WHERE source = $1 AND body_mac = $2 AND received_at >= $3 \
                 ORDER BY received_at DESC LIMIT 1",
            )
            .bind(source)
            .bind(body_mac.as_slice())
            .bind(since.timestamp_millis())
            .fetch_optional(&mut *self.tx)
            .await?;
            row.as_ref().map(|row| rows::id(row, "request", "intake")).transpose()
        })
    }

    fn put_intake<'a>(&'a mut self, intake: NewIntake<'a>) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query(
                "INSERT INTO intake (id, source, request, received_at, natural_mac, body_mac, subject_mac, subject_at, \
                 quarantine, dropped, key_id, envelope) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            )
            .bind(intake.id)
            .bind(intake.source)
            .bind(intake.request.as_str())
            .bind(intake.at.timestamp_millis())
            .bind(intake.natural_mac.map(<[u8; 32]>::as_slice))
            .bind(intake.body_mac.as_slice())
            .bind(intake.subject_mac.map(<[u8; 32]>::as_slice))
            .bind(intake.subject_at.map(|at| at.timestamp_millis()))
            .bind(intake.quarantine.map(|reason| to_json(&reason, "intake")).transpose()?)
            .bind(to_json(intake.dropped, "intake")?)
            .bind(&intake.envelope.key_id)
            .bind(&intake.envelope.data)
            .execute(&mut *self.tx)
            .await?;
            Ok(())
        })
    }

    fn commit(self: Box<Self>) -> Answer<'static, ()> {
        Box::pin(async move { Ok(self.tx.commit().await?) })
    }
}

//! Somebody who works at a desk without end: calls, bookings, certificates, people and notes about them. What the desk has
//! said to be saved is printed, a line each, before the next thing is done.

use std::{collections::BTreeSet, io::Write as _, time::Duration};

use chrono::{Days, NaiveDate, Utc};
use contract::ui::*;
use desk::Desk;
use domain::{
    ActionId, AppointmentId, CertificateId, EntityRef, Kopecks, PersonId,
    appointment::{AppointmentStatus, CancelReason},
    person::PersonSource,
    request::{CallOutcome, CloseReason},
};
use serde::{Deserialize, Serialize};
use sim::Chance;

use super::seen::{Ids, Report, Seen, refusals};
use crate::name;

/// Everybody who is registered has this family name, so that a search finds them.
const FAMILY: &str = "Хвостов";
/// Redemptions of one life; each has an amount of its own, so that it is known again in the ledger.
const MOST_REDEMPTIONS: u64 = 40;

/// What a desk has said to be saved.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Saved {
    Call {
        id: ActionId,
    },
    Visit {
        id: AppointmentId,
    },
    Redemption {
        certificate: CertificateId,
        kopecks: i64,
        outcome: RedeemOutcome,
    },
    Person {
        id: PersonId,
    },
    Note {
        id: PersonId,
    },
    /// Something that leaves no trace of its own.
    Step,
}

/// Who said what.
#[derive(Debug, Clone)]
pub struct Told {
    pub desk: usize,
    pub saved: Saved,
}

type Done = Result<Option<Saved>, UiError>;

/// The days on which visits are made.
pub(super) fn days() -> [NaiveDate; 2] {
    let today = Utc::now().date_naive();
    [10, 11].map(|days| today.checked_add_days(Days::new(days)).unwrap())
}

struct Worker<'a> {
    desk: &'a Desk,
    chance: Chance,
    life: u64,
    redemptions: u64,
    notes: u64,
    certificates: Vec<CertificateId>,
}

/// Works until the process is killed.
pub async fn work(desk: &Desk, life: u64, certificates: Vec<CertificateId>) {
    let chance = Chance::of(life ^ 0x6861_6E64_7331_3521);
    let mut worker = Worker { desk, chance, life, redemptions: 0, notes: 0, certificates };
    let mut out = std::io::stdout();
    loop {
        match worker.acts().await {
            Ok(Some(saved)) => {
                writeln!(out, "{}", serde_json::to_string(&saved).unwrap()).unwrap();
                out.flush().unwrap();
            }
            Ok(None) => {}
            // the rule says no, or what was looked at has gone: as on any day
            Err(UiError { code: Code::Refused | Code::NotFound | Code::BadInput, .. }) => {}
            Err(error) => {
                writeln!(out, "stops: {error:?}").unwrap();
                return;
            }
        }
        tokio::time::sleep(Duration::from_millis(10 + worker.chance.below(120))).await;
    }
}

impl Worker<'_> {
    async fn acts(&mut self) -> Done {
        match self.chance.below(100) {
            // somebody presses «Обновить»: the pause after a failure is cut short
            0..=7 => self.desk.sync_now(Nothing {}).await.map(|_| None),
            8..=29 => self.logs_a_call().await,
            30..=44 => self.works_on_a_request().await,
            45..=64 => self.books().await,
            65..=74 => self.changes_a_visit().await,
            75..=84 => self.redeems().await,
            85..=89 => self.registers().await,
            _ => self.writes_a_note().await,
        }
    }

    fn one_of<T: Clone>(&mut self, all: &[T]) -> Option<T> {
        let at = usize::try_from(self.chance.below(all.len() as u64)).unwrap();
        all.get(at).cloned()
    }

    async fn a_request(&mut self, filter: QueueFilter) -> Result<Option<QueueRow>, UiError> {
        let rows = self.desk.queue_list(QueueArgs { filter }).await?.rows;
        Ok(self.one_of(&rows))
    }

    async fn logs_a_call(&mut self) -> Done {
        let Some(row) = self.a_request(QueueFilter::Open).await? else { return Ok(None) };
        let outcome = if self.chance.percent(50) { CallOutcome::NoAnswer } else { CallOutcome::Busy };
        let before = self.desk.request_card(RequestArgs { id: row.id.clone() }).await?;
        let note = Some(format!("перезвонить {}", self.chance.below(1_000)));
        let card = self.desk.request_log_call(LogCallArgs { id: row.id, outcome, note, next_try_at: None }).await?;
        let known: BTreeSet<ActionId> = before.calls.into_iter().map(|call| call.id).collect();
        let new = card.calls.into_iter().filter(|call| !known.contains(&call.id)).max_by_key(|call| call.at);
        Ok(new.map(|call| Saved::Call { id: call.id }))
    }

    async fn works_on_a_request(&mut self) -> Done {
        let reopens = self.chance.percent(30);
        let filter = if reopens { QueueFilter::Closed } else { QueueFilter::Open };
        let Some(row) = self.a_request(filter).await? else { return Ok(None) };
        let args = RequestArgs { id: row.id.clone() };
        match self.chance.below(4) {
            _ if reopens => self.desk.request_reopen(args).await?,
            0 => self.desk.request_close(CloseArgs { id: row.id, reason: CloseReason::Answered }).await?,
            1 => self.desk.request_release(args).await?,
            _ => self.desk.request_claim(args).await?,
        };
        Ok(Some(Saved::Step))
    }

    async fn a_person(&mut self) -> Result<Option<PersonId>, UiError> {
        let hits = self.desk.search(SearchArgs { query: FAMILY.to_owned(), limit: 50 }).await?.hits;
        let people = hits.into_iter().filter_map(|hit| match hit.id {
            EntityRef::Person(id) => Some(id),
            _ => None,
        });
        let people: Vec<PersonId> = people.collect();
        Ok(self.one_of(&people))
    }

    async fn a_day(&mut self) -> Result<DayView, UiError> {
        let date = self.one_of(&days()).unwrap();
        self.desk.schedule_day(DayArgs { date }).await
    }

    async fn books(&mut self) -> Done {
        let Some(person) = self.a_person().await? else { return self.registers().await };
        let day = self.a_day().await?;
        let Some((doctor, chair)) = self.one_of(&day.usual_chairs) else { return Ok(None) };
        let start = day.date.and_hms_opt(8 + u32::try_from(self.chance.below(12)).unwrap(), 0, 0).unwrap()
            + chrono::Duration::minutes(20 * i64::try_from(self.chance.below(3)).unwrap());
        let request = if self.chance.percent(30) { self.a_request(QueueFilter::Open).await? } else { None };
        let booked = self
            .desk
            .visit_book(BookArgs {
                person,
                practitioner: doctor.try_into().unwrap(),
                chair: chair.try_into().unwrap(),
                start,
                end: start + chrono::Duration::minutes(30),
                service: Some("Осмотр".to_owned()),
                note: None,
                request: request.map(|row| row.id),
                agreed: true,
            })
            .await?;
        Ok(Some(Saved::Visit { id: booked.id }))
    }

    async fn changes_a_visit(&mut self) -> Done {
        let day = self.a_day().await?;
        let live: Vec<VisitRow> =
            day.visits.into_iter().filter(|visit| visit.status == AppointmentStatus::Booked).collect();
        let Some(visit) = self.one_of(&live) else { return Ok(None) };
        let id = visit.id.clone();
        match self.chance.below(4) {
            0 => self.desk.visit_step(VisitArgs { id, step: VisitStep::Confirm }).await?,
            1 => {
                let start = visit.start + chrono::Duration::minutes(20);
                let end = start + (visit.end - visit.start);
                let (practitioner, chair) = (visit.practitioner, visit.chair);
                self.desk.visit_move(MoveArgs { id, practitioner, chair, start, end }).await?
            }
            _ => self.desk.visit_cancel(CancelArgs { id, reason: CancelReason::Patient }).await?,
        };
        Ok(Some(Saved::Step))
    }

    async fn redeems(&mut self) -> Done {
        let certificates = self.certificates.clone();
        let Some(certificate) = self.one_of(&certificates) else { return Ok(None) };
        if self.redemptions == MOST_REDEMPTIONS {
            return Ok(None);
        }
        self.redemptions += 1;
        let kopecks = i64::try_from(10_000 + self.life * MOST_REDEMPTIONS + self.redemptions).unwrap();
        let args = RedeemArgs { id: certificate.clone(), amount: Kopecks(kopecks) };
        let redeemed = self.desk.certificate_redeem(args).await?;
        Ok(Some(Saved::Redemption { certificate, kopecks, outcome: redeemed.outcome }))
    }

    async fn registers(&mut self) -> Done {
        let number = self.life * 1_000 + self.chance.below(1_000);
        let args = PersonPutArgs {
            id: None,
            etag: None,
            name: name(FAMILY, &format!("Номер {number}")),
            phones: vec![format!(
                "+7 913 {:03}-{:02}-{:02}",
                number / 10_000 % 1_000,
                number / 100 % 100,
                number % 100
            )],
            email: None,
            birth_date: None,
            note: None,
            source: PersonSource::DeskPhone,
            request: None,
        };
        Ok(Some(Saved::Person { id: self.desk.person_put(args).await?.row.id }))
    }

    /// One field of a card: another desk may be writing another one, or the same.
    async fn writes_a_note(&mut self) -> Done {
        let Some(id) = self.a_person().await? else { return Ok(None) };
        let card = self.desk.person_card(PersonArgs { id: id.clone() }).await?;
        self.notes += 1;
        let mark = format!("{}-{}", self.life, self.notes);
        let (mut note, mut email) = (card.note, card.email);
        if self.chance.percent(50) {
            note = Some(format!("заметка {mark}"));
        } else {
            email = Some(format!("{mark}@example.ru"));
        }
        let args = PersonPutArgs {
            id: Some(id.clone()),
            etag: card.etag,
            name: card.full_name,
            phones: card.phones.into_iter().map(|phone| phone.raw).collect(),
            email,
            birth_date: card.birth_date,
            note,
            source: card.source,
            request: None,
        };
        self.desk.person_put(args).await?;
        Ok(Some(Saved::Note { id }))
    }
}

/// Talks with the gateway until nothing waits any more; what was refused is looked at by a person and given up.
///
/// # Errors
/// What still waits.
pub async fn settle(desk: &Desk) -> Result<Report, String> {
    let mut report = Report::default();
    for _ in 0..200 {
        let view = desk.sync(Duration::from_secs(20)).await.map_err(|error| format!("{error:?}"))?;
        let refused = refusals(desk).await.map_err(|error| format!("{error:?}"))?;
        for refusal in refused {
            desk.outbox_discard(OutboxArgs { id: refusal.id.clone() }).await.map_err(|error| format!("{error:?}"))?;
            report.refused.push(refusal);
        }
        if view.link == Link::Online && view.unsent == 0 && view.refused == 0 {
            return Ok(report);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let view = desk.sync_view(Nothing {}).await.map_err(|error| format!("{error:?}"))?;
    Err(format!("{} actions wait, the link is {:?}", view.unsent, view.link))
}

/// What this desk shows of everything, once it has read on to the end.
///
/// # Errors
/// When it cannot be read.
pub async fn report(desk: &Desk, ids: &Ids) -> Result<Report, String> {
    let mut report = settle(desk).await?;
    report.seen = Seen::at(desk, ids).await.map_err(|error| format!("{error:?}"))?;
    Ok(report)
}

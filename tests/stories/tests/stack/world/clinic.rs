//! What happens to desks and to the gateway beside the daily work: desks come and go, are updated, lose their keys; the
//! site sends.

use axum::http::StatusCode;
use chrono::Duration;
use contract::v1::{EnrollRequest, EnrollResponse, InviteRequest, RevokeRequest};
use domain::DeskId;
use seal::{ClinicSecretKey, enrolment::EnrolmentCode};
use serde_json::{Value, json};
use sim::{MOST_DESKS, cast};
use sync::Event as Happened;

use super::{World, keys::is_key_changed};
use crate::{
    desk::Desk,
    house::{House, post},
};

/// A code that a desk has shown.
pub(super) struct Invitation(EnrolmentCode);

fn enrolment(code: &EnrolmentCode, key: Option<&ClinicSecretKey>) -> EnrollRequest {
    EnrollRequest {
        auth: code.auth_half().as_str().to_owned(),
        name: "Ресепшн".to_owned(),
        app_version: "0.1.0".to_owned(),
        clinic_public_key: key.map(|key| key.public().to_string()),
        replaces: None,
    }
}

/// The first desk of the clinic.
pub(super) async fn founds(house: &House, key: &ClinicSecretKey) -> EnrollResponse {
    let code = house.gateway().founding_code().await.unwrap().unwrap().parse().unwrap();
    let (status, body) = house.ask(post("/v1/desks/enroll", None, &enrolment(&code, Some(key)))).await;
    assert_eq!(status, StatusCode::OK);
    serde_json::from_slice(&body).unwrap()
}

impl World {
    /// A desk makes an invitation; the gateway takes none that holds an older key.
    pub(super) async fn invite(&mut self, desk: usize) {
        let host = &self.desks[desk];
        let code = EnrolmentCode::make().unwrap();
        let invite = InviteRequest {
            auth_digest: code.auth_digest(),
            envelope: code.wrap(host.ring.newest()).unwrap().to_string(),
            expires_at: self.time() + Duration::minutes(30),
            key_id: Some(host.ring.public().key_id()),
        };
        let (status, body) = self.house.ask(post("/v1/desks/invite", Some(&host.token), &invite)).await;
        if is_key_changed(status, &body) {
            self.figures.invitations_refused += 1;
            return;
        }
        assert_eq!(status, StatusCode::NO_CONTENT, "{}", String::from_utf8_lossy(&body));
        self.invitation = Some(Invitation(code));
    }

    /// Somebody comes in by the newest invitation, if it still holds.
    pub(super) async fn use_invitation(&mut self) -> Option<((DeskId, String), ClinicSecretKey)> {
        let Invitation(code) = self.invitation.take()?;
        let (status, body) = self.house.ask(post("/v1/desks/enroll", None, &enrolment(&code, None))).await;
        if status != StatusCode::OK {
            return None;
        }
        let enrolled: EnrollResponse = serde_json::from_slice(&body).unwrap();
        let key = code.unwrap(&enrolled.envelope.unwrap().parse().unwrap()).unwrap();
        self.house.memory.desks.push(enrolled.desk.clone());
        Some(((enrolled.desk, enrolled.token), key))
    }

    /// The computer is set up anew: nothing of its former life is there.
    async fn comes_in(&mut self, at: usize, enrolled: (DeskId, String), key: &ClinicSecretKey) {
        let life = self.desks[at].life + 1;
        let mut anew = Desk::new(at, life, enrolled, &self.dir, key).await;
        anew.reads_newer = self.desks[at].reads_newer;
        std::mem::replace(&mut self.desks[at], anew).store.close().await;
        self.drive(at, Happened::Started, 0).await;
    }

    /// The keychain of a desk is gone; another desk lets it in again.
    pub(super) async fn lose_key(&mut self, desk: usize) {
        if self.in_desks().len() < 2 {
            return;
        }
        let host = self.another(desk).number;
        self.invite(host).await;
        let Some((enrolled, key)) = self.use_invitation().await else { return };
        self.figures.key_losses += 1;
        self.figures.key_losses_with_outbox += u64::from(!self.desks[desk].unsent().await.is_empty());
        self.excuse(desk);
        self.lost.push(self.desks[desk].id.clone());
        self.comes_in(desk, enrolled, &key).await;
    }

    /// What only this desk's disk had, and no copy of the gateway, is not asked for any more.
    fn excuse(&mut self, desk: usize) {
        let oldest = self.house.oldest();
        for (id, promise) in &mut self.promises {
            let safe = self.house.memory.decided.contains_key(id) && oldest.decided.contains_key(id);
            promise.excused |= promise.desk == desk && !safe;
        }
    }

    pub(super) async fn enrol(&mut self, desk: usize) {
        let gone = self.desks.iter().position(|other| other.gone);
        if gone.is_none() && self.desks.len() >= MOST_DESKS {
            return;
        }
        let Some((enrolled, key)) = self.use_invitation().await else { return };
        self.figures.enrolled += 1;
        match gone {
            Some(at) => self.comes_in(at, enrolled, &key).await,
            None => {
                let number = self.desks.len();
                let mut new = Desk::new(number, 0, enrolled, &self.dir, &key).await;
                new.reads_newer = !self.older.contains(&desk);
                self.desks.push(new);
                self.drive(number, Happened::Started, 0).await;
            }
        }
    }

    pub(super) async fn let_go(&mut self, desk: usize) {
        if self.in_desks().len() < 2 {
            return;
        }
        self.figures.let_go += 1;
        self.figures.let_go_with_outbox += u64::from(!self.desks[desk].unsent().await.is_empty());
        self.excuse(desk);
        let host = self.another(desk).token.clone();
        let leaving = &mut self.desks[desk];
        leaving.gone = true;
        leaving.waits_for = None;
        leaving.key_talk = None;
        let (id, key) = (leaving.id.clone(), leaving.ring.public());
        self.shut_out.push((id.clone(), leaving.token.clone(), key));
        self.revoke(&id, &host).await;
    }

    async fn revoke(&self, desk: &DeskId, token: &str) {
        let by = RevokeRequest { actor: cast::staff(0) };
        let (status, body) = self.house.ask(post(&format!("/v1/desks/{desk}/revoke"), Some(token), &by)).await;
        assert_eq!(status, StatusCode::NO_CONTENT, "{}", String::from_utf8_lossy(&body));
    }

    /// Somebody goes through the list of desks and lets those go whose keychains are lost: the key is changed then, too.
    pub(super) async fn lets_the_lost_go(&mut self) {
        let host = self.another(usize::MAX).token.clone();
        for desk in std::mem::take(&mut self.lost) {
            self.revoke(&desk, &host).await;
        }
    }

    pub(super) async fn update(&mut self, desk: usize) {
        if std::mem::replace(&mut self.desks[desk].reads_newer, true) {
            return;
        }
        self.figures.updates += 1;
        self.figures.read_after_update += u64::from(self.desks[desk].store.newer_count().await.unwrap());
        let now = self.desk_clock(desk);
        self.desks[desk].starts(now).await;
        self.drive(desk, Happened::Started, 0).await;
    }

    /// Every desk gets the newer version.
    pub(crate) async fn updates_everybody(&mut self) {
        for at in self.in_desks() {
            self.update(at).await;
        }
    }

    /// The desk's oldest action that waits breaks every push that it is in; more than one, and it is not they that break it.
    pub(super) async fn break_a_push(&mut self, desk: usize) {
        let unsent = self.desks[desk].unsent().await;
        let mut ids = unsent.iter().map(|envelope| &envelope.action.id);
        if ids.clone().any(|id| self.broken.contains(id)) {
            return;
        }
        self.broken.extend(ids.next().cloned());
    }

    /// A visitor sends a form; the gateway dies before it, or after it and before the answer.
    pub(super) async fn site_sends(&mut self, number: usize, dies: Option<u8>) {
        self.figures.site_requests += 1;
        if dies == Some(0) {
            self.figures.site_requests_unanswered += 1;
            return self.house.dies().await;
        }
        let body = json!({ "name": format!("Ночной посетитель {number}"), "phone": "+7 900 000-12-34" });
        let (status, reply) = self.house.ask(post(&self.site, None, &body)).await;
        assert_eq!(status, StatusCode::OK, "{}", String::from_utf8_lossy(&reply));
        if dies.is_some() {
            self.figures.site_requests_unanswered += 1;
            return self.house.dies().await;
        }
        let reply: Value = serde_json::from_slice(&reply).unwrap();
        self.house.memory.site_oks.push(reply["id"].as_str().unwrap().parse().unwrap());
    }
}

//! What a desk does about the clinic's key, as the product's link does it, over the network of the story.

use axum::http::StatusCode;
use contract::v1::{ChangesPage, ProblemCode, keys::KeysView};
use domain::EntityRef;
use seal::key_change::{change_request, own_is_known, own_request, waited_for};
use serde_json::Value;
use sync::{Event as Happened, Failure};

use super::{Message, World};
use crate::house::get;

/// Why a desk asks for the keys, and how it goes on when it has them.
#[derive(Debug, Clone)]
pub(crate) struct KeyTalk {
    pub(crate) then: Happened,
    /// A page that is read when it can be opened.
    pub(crate) page: Option<ChangesPage>,
    /// It looks whether it has to give its own key, or to change the clinic's.
    pub(crate) looks: bool,
}

pub(super) fn is_key_changed(status: StatusCode, body: &[u8]) -> bool {
    let problem: Value = serde_json::from_slice(body).unwrap_or_default();
    let kind = problem["type"].as_str().unwrap_or_default();
    status == StatusCode::CONFLICT && kind.ends_with(ProblemCode::KeyChanged.as_str())
}

impl World {
    pub(super) fn talk_of_keys(&mut self, at: usize, talk: KeyTalk) {
        self.desks[at].key_talk = Some(talk);
        self.ask(at, Message::AskKeys);
    }

    pub(super) async fn keys_of(&self, token: &str) -> Message {
        let (status, body) = self.house.ask(get("/v1/keys", token)).await;
        assert_eq!(status, StatusCode::OK, "{}", String::from_utf8_lossy(&body));
        Message::Keys(Box::new(serde_json::from_slice(&body).unwrap()))
    }

    /// Whether the gateway took a key; it may only say that it has another one by now.
    pub(super) fn takes_key_or_not(&self, (status, body): (StatusCode, Vec<u8>)) -> bool {
        let taken = status == StatusCode::NO_CONTENT;
        assert!(taken || is_key_changed(status, &body), "{status}: {}", String::from_utf8_lossy(&body));
        taken
    }

    /// A page came. How the engine goes on; none: it does so by itself.
    pub(super) async fn reads(&mut self, at: usize, page: ChangesPage, dies: Option<u8>) -> Option<Happened> {
        let then = Happened::Pulled { has_more: page.has_more };
        if page.key.is_some_and(|mark| mark.number != self.desks[at].ring.number()) {
            // it may be sealed to a key that this desk does not have yet
            self.talk_of_keys(at, KeyTalk { then, page: Some(page), looks: false });
            return None;
        }
        self.stores(at, page, dies).await
    }

    async fn stores(&mut self, at: usize, page: ChangesPage, dies: Option<u8>) -> Option<Happened> {
        let now = self.desk_clock(at);
        let then = Happened::Pulled { has_more: page.has_more };
        let desk = &self.desks[at];
        let was_resyncing = desk.store.sync_mark().await.unwrap().resyncing;
        let unread = |change: &_| !desk.reads_newer && self.is_newer(change);
        let complete = !page.has_more;
        self.figures.kept_unread += desk.store_page(page.changes, unread, (&page.cursor, complete), now).await;
        if complete && was_resyncing {
            desk.store.finish_resync().await.unwrap();
        }
        if dies == Some(1) {
            self.figures.crashes_in_answer += 1;
            self.crash(at).await;
            return None;
        }
        let laid = complete && self.lays_together(at).await;
        if dies.is_some() {
            self.figures.crashes_in_answer += 1;
            self.crash(at).await;
            return None;
        }
        if complete && page.key.is_some_and(|mark| mark.due || !mark.own) {
            self.talk_of_keys(at, KeyTalk { then, page: None, looks: true });
            return None;
        }
        if complete && (was_resyncing || laid) {
            // a restored gateway may have forgotten what had settled, and an edit was laid together: there is something to send
            self.drive(at, then, 0).await;
            self.drive(at, Happened::Queued, 0).await;
            return None;
        }
        Some(then)
    }

    /// The keys came. How the engine goes on; none: it does so by itself.
    pub(super) async fn hears_of_keys(&mut self, at: usize, view: &KeysView, dies: Option<u8>) -> Option<Happened> {
        let desk = &mut self.desks[at];
        let talk = desk.key_talk.take()?;
        match desk.take_keys(view) {
            // nobody gave it the key
            Err(_) => return Some(Happened::Failed(Failure::Unreachable)),
            Ok(true) => {
                self.figures.crashes_before_reseal += 1;
                self.crash(at).await;
                return None;
            }
            Ok(false) => {}
        }
        if let Some(page) = talk.page {
            return Box::pin(self.stores(at, page, dies)).await;
        }
        if talk.looks
            && let Some(next) = self.looks_to_keys(at, view)
        {
            let gives = matches!(next, Message::GiveOwn(_));
            self.desks[at].key_talk = Some(KeyTalk { looks: gives, ..talk });
            self.ask(at, next);
            return None;
        }
        // there is something to send that a restored gateway may have forgotten
        if matches!(talk.then, Happened::Pulled { .. }) {
            self.drive(at, talk.then, 0).await;
            self.drive(at, Happened::Queued, 0).await;
            return None;
        }
        Some(talk.then)
    }

    /// What is to be done about the keys.
    fn looks_to_keys(&self, at: usize, view: &KeysView) -> Option<Message> {
        let desk = &self.desks[at];
        if !own_is_known(&desk.ring, view, &desk.id, &desk.own) {
            return own_request(&desk.ring, view.number, &desk.id, &desk.own).map(Message::GiveOwn);
        }
        let is_due = view.due_since.is_some() && view.public_key == desk.ring.public().to_string();
        if !is_due || !waited_for(view).is_empty() {
            return None;
        }
        let (next, record) = desk.ring.change().unwrap();
        let request = change_request(view, record, (desk.ring.newest(), &next)).unwrap();
        Some(Message::ChangeKey(Box::new(request)))
    }

    /// In the end nobody who was let go is let in, and none of their keys is the one of the day.
    pub(super) async fn check_keys(&self) -> Result<(), String> {
        let Message::Keys(view) = self.keys_of(&self.another(usize::MAX).token).await else { return Ok(()) };
        if view.due_since.is_some() {
            return Err("the clinic's key is still to be changed".to_owned());
        }
        for (id, token, key) in &self.shut_out {
            if key.to_string() == view.public_key {
                return Err(format!("{id} was let go and holds the key of the day"));
            }
            let (status, _) = self.house.ask(get("/v1/changes", token)).await;
            if status != StatusCode::UNAUTHORIZED {
                return Err(format!("{id} was let go and is let in: {status}"));
            }
        }
        Ok(())
    }

    /// Only the newer version can read it.
    pub(super) fn is_newer(&self, change: &contract::v1::Change) -> bool {
        let Some(domain::State::Request(request)) = &change.state else { return false };
        matches!(change.id, EntityRef::Request(_))
            && request.attempts.iter().any(|attempt| self.new_words.contains(&attempt.id))
    }
}

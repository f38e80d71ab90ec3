//! What the gateway answers, and what a desk makes of it.

use sync::{Event as Happened, Failure};

use super::{Message, Packet, World};
use crate::{bug::Bug, cache::Page, cast, desk::KeyTalk, disk::Died, gateway::Pushed, rows::Envelope};

impl World {
    pub(super) fn at_gateway(&mut self, packet: Packet, dies: Option<u8>) {
        let id = cast::desk(packet.desk, packet.life);
        if self.gateway.house().let_go.contains(&id) {
            // its token is dead
            return;
        }
        self.gateway.dies_after(dies);
        let answer = match &packet.message {
            Message::Push(envelopes) => self.decide(&packet, envelopes),
            Message::Pull(since) => Some(self.gateway.pull(*since).map_or(Message::Resync, Message::Page)),
            Message::AskKeys => Some(self.state_of_keys()),
            Message::ChangeKey(record) => {
                let records = self.gateway.house().records.len();
                let taken = self.gateway.change_key(record);
                self.note_key_change(self.gateway.house().records.len() > records);
                match taken {
                    Ok(_) => Some(self.state_of_keys()),
                    Err(Died) => {
                        self.figures.gateway_crashes += 1;
                        None
                    }
                }
            }
            _ => None,
        };
        self.gateway.dies_after(None);
        if let Some(message) = answer {
            self.network.push(Packet { message, ..packet });
        }
    }

    fn state_of_keys(&self) -> Message {
        let house = self.gateway.house();
        Message::Keys { records: house.records.clone(), desks: self.gateway.desks(), due: house.due }
    }

    fn decide(&mut self, packet: &Packet, envelopes: &[Envelope]) -> Option<Message> {
        let desk = cast::desk(packet.desk, packet.life);
        let now = self.clock();
        let pushed = self.gateway.push(envelopes, &desk, now);
        self.remember_first_outcomes(envelopes);
        match pushed {
            Ok(Pushed::Outcomes(told)) => {
                self.witness(&told);
                Some(Message::Outcomes(told))
            }
            Ok(Pushed::OlderKey) => {
                self.figures.older_seals += 1;
                Some(Message::OlderKey)
            }
            Ok(Pushed::Broken) => {
                self.figures.broken_pushes += 1;
                Some(Message::Broken)
            }
            Err(Died) => {
                self.figures.gateway_crashes += 1;
                None
            }
        }
    }

    pub(super) fn at_desk(&mut self, packet: Packet, dies: Option<u8>) {
        let at = packet.desk;
        let same_life = self.desks[at].life == packet.life && self.desks[at].is_in();
        let awaited = same_life && self.desks[at].waits_for == Some(packet.number);
        let late_page =
            self.bug == Some(Bug::LatePageApplied) && same_life && matches!(packet.message, Message::Page(_));
        if !awaited && !late_page {
            self.figures.late += 1;
            return;
        }
        if awaited {
            self.desks[at].waits_for = None;
        }
        self.desks[at].dies_after(dies);
        let now = self.desk_clock(at);
        let stored = match packet.message {
            Message::Outcomes(told) => {
                let desk = &mut self.desks[at];
                desk.hear(&told, now).map(|()| Some(Happened::Pushed { more: desk.cache().has_something_to_send() }))
            }
            Message::Page(page) if awaited && self.desks[at].lacks_keys_for(&page) => {
                // it is read when it can be opened
                let then = Happened::Pulled { has_more: true };
                self.talk_of_keys(at, KeyTalk { then, changes: false, page: Some(page.key) });
                Ok(None)
            }
            Message::Page(page) => self.stores(at, &page, awaited),
            Message::Resync => {
                self.figures.resyncs += 1;
                Ok(Some(Happened::Failed(Failure::ResyncRequired)))
            }
            Message::OlderKey => {
                self.talk_of_keys(at, KeyTalk { then: Happened::Pushed { more: true }, changes: false, page: None });
                Ok(None)
            }
            Message::Broken => Ok(Some(Happened::Failed(Failure::Unreachable))),
            Message::Keys { records, desks, due } => {
                let current = records.last().map(|record| record.key).unwrap_or_default();
                let taken = self.desks[at].takes_keys(&records);
                let talk = self.desks[at].key_talk.take();
                self.desks[at].fetched_for = talk.and_then(|talk| talk.page);
                let has_it = self.desks[at].cache().key() == current;
                match (taken, talk) {
                    (Err(died), _) => Err(died),
                    (Ok(()), Some(talk)) if talk.changes && due && has_it => {
                        self.desks[at].key_talk = Some(KeyTalk { changes: false, ..talk });
                        self.change_key(at, desks);
                        Ok(None)
                    }
                    // nobody gave it the key: asking again at once would come to the same
                    (Ok(()), Some(KeyTalk { then: Happened::Pushed { .. }, .. })) if !has_it => {
                        Ok(Some(Happened::Failed(Failure::Unreachable)))
                    }
                    (Ok(()), talk) => Ok(talk.map(|talk| talk.then)),
                }
            }
            Message::Push(_) | Message::Pull(_) | Message::AskKeys | Message::ChangeKey(_) => return,
        };
        self.desks[at].dies_after(None);
        match stored {
            Ok(Some(happened)) if awaited => {
                let more = self.desks[at].cache().has_something_to_send();
                self.drive(at, happened, 0);
                if more && matches!(happened, Happened::Pulled { has_more: false }) {
                    self.drive(at, Happened::Queued, 0);
                }
            }
            Ok(_) => {}
            Err(Died) => {
                self.figures.crashes_in_answer += 1;
                self.crash(at);
            }
        }
    }

    fn stores(&mut self, at: usize, page: &Page, awaited: bool) -> Result<Option<Happened>, Died> {
        self.figures.kept_unread += self.desks[at].store_page(page)?;
        if !page.has_more {
            let now = self.desk_clock(at);
            let (laid, done) = self.desks[at].lays_together(now);
            self.note_laid(at, &laid);
            done?;
        }
        let then = Happened::Pulled { has_more: page.has_more };
        if awaited && page.due && !page.has_more && page.key == self.desks[at].cache().key() {
            self.talk_of_keys(at, KeyTalk { then, changes: true, page: None });
            return Ok(None);
        }
        Ok(Some(then))
    }

    fn talk_of_keys(&mut self, at: usize, talk: KeyTalk) {
        self.desks[at].key_talk = Some(talk);
        self.ask(at, Message::AskKeys);
    }
}

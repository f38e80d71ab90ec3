//! Sealing what goes out and opening what comes in.
//!
//! Invariant: a part that cannot be opened never stops a page; the record is kept without it and counted. Neither does a
//! change of a newer version; it is kept as it came.

use std::collections::BTreeMap;

use contract::v1::{ActionEnvelope, Change, NewerChange, Parts};
use domain::Action;
use seal::{ClinicPublicKey, KeyRing, SealContext, SealError};
use serde_json::{Value, value::RawValue};
use store::OpenedChange;

use crate::{transport::TransportError, trouble::DeskError};

/// Seals the part that an action brings. The seal's id is the action's.
pub(crate) fn parts_of(
    action: &Action,
    part: Option<Value>,
    to: &ClinicPublicKey,
) -> Result<(Parts, BTreeMap<String, Value>), DeskError> {
    let (mut parts, mut opened) = (Parts::new(), BTreeMap::new());
    match (action.sealed_part(), part) {
        (Some((name, _)), Some(value)) => {
            let context = SealContext { entity: action.entity.as_str(), part: &name, seal_id: action.id.as_str() };
            parts.insert(name.clone(), seal::seal_json(to, &context, &value)?);
            opened.insert(name, value);
        }
        (None, Some(_)) | (Some((_, true)), None) => {
            return Err(DeskError::Broken("an action and its part do not fit"));
        }
        (_, None) => {}
    }
    Ok((parts, opened))
}

/// The same action with its parts sealed to another key.
pub(crate) fn anew(
    mut envelope: ActionEnvelope,
    opened: &BTreeMap<String, Value>,
    to: &ClinicPublicKey,
) -> Result<ActionEnvelope, DeskError> {
    for (name, sealed) in &mut envelope.parts {
        let value = opened.get(name).ok_or(DeskError::Broken("a part of an action is not here"))?;
        let entity = envelope.action.entity.as_str();
        let seal_id = sealed.seal_id.clone();
        *sealed = seal::seal_json(to, &SealContext { entity, part: name, seal_id: &seal_id }, value)?;
    }
    Ok(envelope)
}

/// A page of the feed, read.
#[derive(Debug, Default)]
pub(crate) struct Opened {
    pub(crate) changes: Vec<OpenedChange>,
    pub(crate) newer: Vec<NewerChange>,
    /// Sealed parts that did not open.
    unopened: u32,
    /// Among them are some of a key that is not here.
    pub(crate) lacks_key: bool,
}

/// Reads the changes of a page and opens their parts.
pub(crate) fn open_page(changes: Vec<Box<RawValue>>, with: &KeyRing) -> Result<Opened, TransportError> {
    let mut opened = Opened::default();
    for raw in changes {
        match Change::read(raw).map_err(|_| TransportError::Garbled)? {
            Ok(change) => {
                let change = open_change(change, with, &mut opened);
                opened.changes.push(change);
            }
            Err(newer) => opened.newer.push(newer),
        }
    }
    if opened.unopened > 0 {
        tracing::warn!(unopened = opened.unopened, "sealed parts of a page did not open");
    }
    Ok(opened)
}

fn open_change(change: Change, with: &KeyRing, page: &mut Opened) -> OpenedChange {
    let mut parts = BTreeMap::new();
    for (name, sealed) in &change.parts {
        let context = SealContext { entity: change.id.as_str(), part: name, seal_id: &sealed.seal_id };
        match with.open_json::<Value>(&context, sealed) {
            Ok(value) => {
                parts.insert(name.clone(), value);
            }
            Err(error) => {
                page.unopened += 1;
                page.lacks_key |= error == SealError::OtherKey;
                tracing::warn!(entity = change.id.as_str(), %error, "a sealed part does not open");
            }
        }
    }
    OpenedChange { seq: change.seq, id: change.id, version: change.version, state: change.state, parts }
}

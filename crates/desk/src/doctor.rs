//! An examination of this desk: what works and what does not. Shows nothing about people and needs nobody signed in.

use std::{path::PathBuf, sync::Arc};

use chrono::{DateTime, Utc};
use contract::ui::Code;
use documents::{ClinicRequisites, FormKind, PaperRequest};
use domain::PaperId;

use crate::{
    desk::Desk,
    place::{Inner, Place},
    platform::{
        keychain::{KeychainError, within_limit},
        print::PrintError,
    },
    transport::TransportError,
    trouble::DeskError,
};

/// What the keychain says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeychainFinding {
    /// It answers and holds this desk's keys.
    Keys,
    /// It answers and has no keys of this desk.
    Empty,
    Trouble(KeychainError),
}

/// What the database says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreFinding {
    Open,
    /// The desk is not connected to a clinic yet.
    NotConnected,
    Trouble(Code),
}

/// What the gateway says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GatewayFinding {
    /// It answers and knows this desk. The drift is this computer's clock minus its own, seconds.
    Answers {
        drift: i64,
        version: String,
    },
    /// No gateway is known yet.
    Unknown,
    Trouble(TransportError),
}

/// Everything that was looked at.
#[derive(Debug, Clone)]
pub struct Examination {
    pub home: PathBuf,
    pub keychain: KeychainFinding,
    pub store: StoreFinding,
    pub gateway: GatewayFinding,
    /// Names of printers.
    pub printers: Result<Vec<String>, PrintError>,
    /// Fonts and the layout of papers: a blank was made.
    pub papers: bool,
}

impl Desk {
    /// Examines this desk.
    pub async fn examine(&self) -> Examination {
        let inner = self.inner();
        Examination {
            home: inner.profile.home.clone(),
            keychain: keychain(inner).await,
            store: match &*inner.place.read().await {
                Place::Open(_) => StoreFinding::Open,
                Place::NotConnected => StoreFinding::NotConnected,
                Place::Trouble(code) => StoreFinding::Trouble(*code),
            },
            gateway: gateway(inner).await,
            printers: printers(inner).await,
            papers: blank(inner).await.is_ok(),
        }
    }
}

async fn keychain(inner: &Inner) -> KeychainFinding {
    let account = inner.profile.keychain_account.clone();
    match within_limit(&inner.around.keychain, move |keychain| keychain.read(&account)).await {
        Ok(Some(_)) => KeychainFinding::Keys,
        Ok(None) => KeychainFinding::Empty,
        Err(error) => KeychainFinding::Trouble(error),
    }
}

async fn gateway(inner: &Inner) -> GatewayFinding {
    let Ok(open) = inner.open().await else { return GatewayFinding::Unknown };
    let asked = async {
        let transport = open.link.transport();
        let asked_at = inner.around.clock.now();
        let health = transport.health().await?;
        let drift = drift(asked_at, inner.around.clock.now(), health.server_time);
        // the health is open to everybody; that the gateway knows this desk shows only behind the token
        let mark = open.store.sync_mark().await.ok().and_then(|mark| mark.cursor);
        match transport.changes(mark.as_deref(), open.keys.ring.now().number()).await {
            Err(error) if error.is_refusal() => Err(error),
            _ => Ok((drift, health.version)),
        }
    };
    match asked.await {
        Ok((drift, version)) => GatewayFinding::Answers { drift, version },
        Err(error) => GatewayFinding::Trouble(error),
    }
}

fn drift(asked_at: DateTime<Utc>, answered_at: DateTime<Utc>, server_time: DateTime<Utc>) -> i64 {
    (asked_at + (answered_at - asked_at) / 2 - server_time).num_seconds()
}

async fn printers(inner: &Inner) -> Result<Vec<String>, PrintError> {
    let way = Arc::clone(&inner.around.printer);
    let asked = tokio::task::spawn_blocking(move || way.printers()).await.unwrap_or(Err(PrintError::Failed));
    asked.map(|printers| printers.into_iter().map(|printer| printer.name).collect())
}

async fn blank(inner: &Inner) -> Result<(), DeskError> {
    let press = inner.press().await?;
    let request = PaperRequest {
        kind: FormKind::ConsentPd,
        paper_id: PaperId::from_random([0; 16]).to_string(),
        copy: 1,
        copies: 1,
        repeated: false,
        clinic: ClinicRequisites::default(),
        data: None,
        printed_at: inner.around.clock.now().fixed_offset(),
    };
    tokio::task::spawn_blocking(move || press.render(&request)).await??;
    Ok(())
}

//! Joining a clinic by a one-time code, coming in again, and founding one.
//!
//! Invariant: the order is keychain, database, gateway, keychain, database. A crash between any two is taken up by
//! [`crate::place`]; what the gateway seals to is in the keychain before the gateway hears of it.

use chrono_tz::Tz;
use contract::{
    ui::{AppView, ConnectArgs, FoundArgs, Link, ReconnectArgs, SyncView},
    v1::{EnrollRequest, EnrollResponse},
};
use domain::StaffId;
use seal::{ChainError, ClinicPublicKey, ClinicSecretKey, DeskSecretKey, Envelope, enrolment::EnrolmentCode};
use store::Store;
use sync::Event;
use zeroize::Zeroizing;

use crate::{
    desk::Desk,
    founding::{self, Founding},
    input,
    keys::{DeskKeys, LinkKeys},
    place::{Inner, Place},
    platform::{files::OneAtATime, random::id_bytes},
    ring::Ring,
    secrets,
    session::Seat,
    token::Tokens,
    transport::{Address, Transport, TransportError},
    trouble::DeskError,
};

/// Joins a clinic.
pub(crate) async fn join(desk: &Desk, args: ConnectArgs) -> Result<AppView, DeskError> {
    let (address, code) = door(&args.gateway, &args.code)?;
    let name = input::short("desk_name", &args.desk_name)?;
    let inner = desk.inner();
    let mut lock = inner.moving.lock().await;
    let mut keys = keys_to_connect_with(inner, &mut lock).await?;
    let store = inner.database_with(&keys).await?;
    founding::forget(&store).await?;
    let answer = enroll(inner, &address, &code, name, None, None).await?;
    let secret = unwrapped(&code, &answer)?;
    keys.link = Some(link_keys(inner, &address, answer, secret)?);
    settle(inner, &keys, store).await?;
    drop(lock);
    desk.view().await
}

/// Founds a clinic.
pub(crate) async fn found(desk: &Desk, args: FoundArgs) -> Result<AppView, DeskError> {
    let (address, code) = door(&args.gateway, &args.code)?;
    let name = input::short("desk_name", &args.desk_name)?;
    let founding = founding_of(&args).await?;
    let inner = desk.inner();
    let mut lock = inner.moving.lock().await;
    let mut keys = keys_to_connect_with(inner, &mut lock).await?;
    let secret = match keys.founding.take() {
        Some(secret) => secret,
        None => ClinicSecretKey::make()?,
    };
    keys.founding = Some(secret.clone());
    inner.write_keys(&keys).await?;
    let store = inner.database_with(&keys).await?;
    founding.keep_in(&store).await?;
    let answer = enroll(inner, &address, &code, name, Some(secret.public()), None).await?;
    keys.founding = None;
    keys.link = Some(link_keys(inner, &address, answer, secret)?);
    settle(inner, &keys, store).await?;
    drop(lock);
    desk.view().await
}

fn door(gateway: &str, code: &str) -> Result<(Address, EnrolmentCode), DeskError> {
    let address: Address = gateway.parse().map_err(TransportError::from)?;
    let code = EnrolmentCode::parse(code).map_err(|_| DeskError::CodeMistyped)?;
    Ok((address, code))
}

async fn founding_of(args: &FoundArgs) -> Result<Founding, DeskError> {
    let zone: Tz = args.zone.trim().parse().map_err(|_| DeskError::BadInput("zone"))?;
    input::secret("manager_secret", &args.manager_secret)?;
    Ok(Founding {
        clinic_name: input::short("clinic_name", &args.clinic_name)?,
        zone,
        manager: StaffId::from_random(id_bytes()?),
        name: input::name("manager_name", &args.manager_name)?,
        login: input::login("manager_login", &args.manager_login)?,
        secret_hash: secrets::hash(&args.manager_secret).await?,
    })
}

/// The keys to connect with: those of an earlier try that did not get through, or new ones, in the keychain already.
async fn keys_to_connect_with(inner: &Inner, lock: &mut Option<OneAtATime>) -> Result<DeskKeys, DeskError> {
    if matches!(&*inner.place.read().await, Place::Open(_)) {
        return Err(DeskError::AlreadyConnected);
    }
    inner.take_folder(lock)?;
    let database_exists = inner.database().try_exists()?;
    match inner.read_keys().await?.filter(|_| !inner.starts_anew(database_exists)) {
        Some(DeskKeys { link: Some(_), .. }) => Err(DeskError::AlreadyConnected),
        Some(keys) => Ok(keys),
        None if database_exists => Err(DeskError::KeyLost),
        None => {
            let keys = DeskKeys::make()?;
            inner.write_keys(&keys).await?;
            Ok(keys)
        }
    }
}

async fn enroll(
    inner: &Inner,
    address: &Address,
    code: &EnrolmentCode,
    name: String,
    founds: Option<ClinicPublicKey>,
    replaces: Option<Zeroizing<String>>,
) -> Result<EnrollResponse, DeskError> {
    let request = EnrollRequest {
        auth: code.auth_half().as_str().to_owned(),
        name,
        app_version: inner.profile.app_version.clone(),
        clinic_public_key: founds.map(|key| key.to_string()),
        replaces: replaces.map(|token| token.to_string()),
    };
    let transport = Transport::new(address.clone(), None, &inner.profile.app_version)?;
    Ok(transport.enroll(&request).await?)
}

/// The clinic's key out of the envelope; it must be the one that the gateway seals to.
fn unwrapped(code: &EnrolmentCode, answer: &EnrollResponse) -> Result<ClinicSecretKey, DeskError> {
    let garbled = || DeskError::Transport(TransportError::Garbled);
    let envelope: Envelope = answer.envelope.as_deref().ok_or_else(garbled)?.parse().map_err(|_| garbled())?;
    let secret = code.unwrap(&envelope).map_err(|_| garbled())?;
    let public: ClinicPublicKey = answer.clinic_public_key.parse().map_err(|_| garbled())?;
    if secret.public() == public { Ok(secret) } else { Err(garbled()) }
}

/// The newest key of a desk that comes in by a code of the gateway's operator. The gateway may have been restored to an older
/// one: that one must be among this desk's.
fn still_here(ring: &Ring, answer: &EnrollResponse) -> Result<ClinicSecretKey, DeskError> {
    let ring = ring.now();
    let mut keys = (1..=ring.number()).filter_map(|number| ring.key(number));
    match keys.any(|key| key.public().to_string() == answer.clinic_public_key) {
        true => Ok(ring.newest().clone()),
        false => Err(ChainError::Foreign.into()),
    }
}

fn link_keys(
    inner: &Inner,
    address: &Address,
    answer: EnrollResponse,
    secret: ClinicSecretKey,
) -> Result<LinkKeys, DeskError> {
    Ok(LinkKeys {
        gateway: address.to_string(),
        desk: answer.desk,
        clinic: answer.clinic,
        tokens: Tokens::first(Zeroizing::new(answer.token), inner.around.clock.now()),
        ring: Ring::of(secret),
        own: Some(DeskSecretKey::make()?),
    })
}

/// Comes in again, where the gateway does not know this desk any more or has no key of the clinic for it. The database and
/// what waits in it stay.
pub(crate) async fn reconnect(seat: &Seat, args: ReconnectArgs) -> Result<SyncView, DeskError> {
    let code = EnrolmentCode::parse(&args.code).map_err(|_| DeskError::CodeMistyped)?;
    let name = input::short("desk_name", &args.desk_name)?;
    let inner = &seat.inner;
    let _moving = inner.moving.lock().await;
    let open = inner.open().await?;
    if open.link.view().link != Link::Refused {
        return Err(DeskError::AlreadyConnected);
    }
    let mut keys = inner.read_keys().await?.ok_or(DeskError::KeyLost)?;
    let before = keys.link.take().ok_or(DeskError::NotConnected)?;
    let address: Address = open.link.transport().address().parse().map_err(TransportError::from)?;
    let answer = enroll(inner, &address, &code, name, None, Some(before.tokens.current())).await?;
    if answer.clinic != before.clinic {
        return Err(DeskError::BadInput("code"));
    }
    let secret = match &answer.envelope {
        Some(_) => unwrapped(&code, &answer)?,
        None => still_here(&open.keys.ring, &answer)?,
    };
    let link = LinkKeys { own: before.own, ..link_keys(inner, &address, answer, secret)? };
    link.keep_in(&open.store).await?;
    open.store.audit(seat.entry("desk.reconnect")).await?;
    keys.link = Some(link);
    inner.write_keys(&keys).await?;
    open.link.stop();
    open.store.clone().close().await;
    match inner.enter(&keys, Event::Started).await {
        Ok(entered) => {
            let view = entered.link.view();
            *inner.place.write().await = Place::Open(entered);
            Ok(view)
        }
        Err(error) => {
            *inner.place.write().await = Place::Trouble(error.code());
            Err(error)
        }
    }
}

/// What the gateway answered goes into the database, then into the keychain; then the desk opens.
async fn settle(inner: &Inner, keys: &DeskKeys, store: Store) -> Result<(), DeskError> {
    if let Some(link) = &keys.link {
        link.keep_in(&store).await?;
    }
    store.close().await;
    inner.write_keys(keys).await?;
    let open = inner.enter(keys, Event::Started).await?;
    *inner.place.write().await = Place::Open(open);
    inner.forget_cut_off()
}

//! Where the desk stands: not connected, in trouble, or open with its database and its link to the gateway.
//!
//! Invariants: opening destroys nothing; without a key beside an existing database nothing is made anew; what a crash
//! left half done between the keychain, the database and the gateway is taken up where it stopped.

use std::{path::PathBuf, sync::Arc};

use contract::ui::{Code, DemoHint};
use seal::DeskSecretKey;
use store::{DatabaseKey, Meta, Store};
use sync::Event;
use tokio::sync::{Mutex, OnceCell, RwLock, broadcast, mpsc};

use crate::{
    DeskEvent,
    founding::{self, Founding},
    keeper,
    keys::{DeskKeys, LinkKeys},
    link::{Link, Means},
    platform::{
        clock::{Clock, SystemClock},
        documents_folder,
        files::{OneAtATime, empty_private_folder, private_folder},
        keychain::{Keychain, OsKeychain, within_limit},
        print::Printer,
    },
    ring::Chain,
    session::Session,
    token::Wallet,
    transport::{Address, Transport},
    trouble::DeskError,
    work::papers::{Drawer, Jobs},
};

const DATABASE: &str = "desk.db";
const LOCK_FILE: &str = "desk.lock";
const SPOOL: &str = "spool";

/// Which desk to open.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The folder of the database, 0700.
    pub home: PathBuf,
    /// The account under which the keys stand in the keychain: a demo never touches the real one.
    pub keychain_account: String,
    /// Present in the demo only: shown at sign-in.
    pub demo: Option<DemoHint>,
    pub app_version: String,
}

/// What the desk gets from the system it runs on.
#[derive(Debug, Clone)]
pub struct Surroundings {
    pub printer: Arc<dyn Printer>,
    pub keychain: Arc<dyn Keychain>,
    pub clock: Arc<dyn Clock>,
    /// Where saved papers go.
    pub documents: Option<PathBuf>,
}

impl Surroundings {
    /// The system's own clock, keychain and folders.
    #[must_use]
    pub fn of_system(printer: Arc<dyn Printer>) -> Self {
        Self {
            printer,
            keychain: Arc::new(OsKeychain),
            clock: Arc::new(SystemClock::default()),
            documents: documents_folder(),
        }
    }
}

/// A desk whose database is open.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) store: Store,
    pub(crate) database: DatabaseKey,
    /// One copy at a time.
    pub(crate) copying: Mutex<()>,
    pub(crate) meta: Meta,
    pub(crate) keys: LinkKeys,
    pub(crate) link: Link,
}

/// Where the desk stands.
#[derive(Debug)]
pub(crate) enum Place {
    NotConnected,
    Trouble(Code),
    Open(Arc<Open>),
}

/// What all clones of a desk share.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) profile: Profile,
    pub(crate) around: Surroundings,
    pub(crate) events: broadcast::Sender<DeskEvent>,
    pub(crate) place: RwLock<Place>,
    pub(crate) session: std::sync::Mutex<Option<Session>>,
    /// One at a time: each try takes its time, and the delay is not got around by many at once.
    pub(crate) signing_in: Mutex<()>,
    /// One certificate code at a time, for the same reason.
    pub(crate) trying_codes: Mutex<()>,
    /// Opening, connecting: one at a time. Holds the lock of the folder.
    pub(crate) moving: Mutex<Option<OneAtATime>>,
    pub(crate) drawer: std::sync::Mutex<Drawer>,
    pub(crate) jobs: std::sync::Mutex<Jobs>,
    pub(crate) press: OnceCell<Arc<documents::Press>>,
    /// Told when the gateway says that this desk's access was taken away.
    revoked: mpsc::Sender<()>,
}

impl Inner {
    pub(crate) fn new(profile: Profile, around: Surroundings, revoked: mpsc::Sender<()>) -> Self {
        let (events, _) = broadcast::channel(256);
        Self {
            profile,
            around,
            events,
            place: RwLock::new(Place::NotConnected),
            session: std::sync::Mutex::new(None),
            signing_in: Mutex::new(()),
            trying_codes: Mutex::new(()),
            moving: Mutex::new(None),
            drawer: std::sync::Mutex::new(Drawer::default()),
            jobs: std::sync::Mutex::new(Jobs::default()),
            press: OnceCell::new(),
            revoked,
        }
    }

    pub(crate) fn spool(&self) -> PathBuf {
        self.profile.home.join(SPOOL)
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.profile.home.join(DATABASE)
    }

    /// The open desk, or why it is not open.
    pub(crate) async fn open(&self) -> Result<Arc<Open>, DeskError> {
        match &*self.place.read().await {
            Place::Open(open) => Ok(Arc::clone(open)),
            Place::NotConnected => Err(DeskError::NotConnected),
            Place::Trouble(code) => Err(DeskError::InTrouble(*code)),
        }
    }

    /// Opens the desk as far as it goes. Called at the start, and again when a trouble may have passed.
    pub(crate) async fn try_open(&self) {
        let mut lock = self.moving.lock().await;
        if matches!(&*self.place.read().await, Place::Open(_)) {
            return;
        }
        self.settle_place(&mut lock).await;
    }

    /// Looks where the desk stands and notes it.
    pub(crate) async fn settle_place(&self, lock: &mut Option<OneAtATime>) {
        let place = match self.look(lock).await {
            Ok(place) => place,
            Err(error) => {
                tracing::warn!(%error, "the desk does not open");
                Place::Trouble(error.code())
            }
        };
        *self.place.write().await = place;
    }

    async fn look(&self, lock: &mut Option<OneAtATime>) -> Result<Place, DeskError> {
        self.take_folder(lock)?;
        self.go_on_cutting_off().await?;
        let database_exists = self.database().try_exists()?;
        match self.read_keys().await? {
            None if database_exists => Err(DeskError::KeyLost),
            Some(_) if self.starts_anew(database_exists) => Ok(Place::NotConnected),
            Some(keys) if keys.link.is_some() => self.enter(&keys, Event::Booted).await.map(Place::Open),
            Some(keys) if database_exists => self.take_up(keys).await,
            _ => Ok(Place::NotConnected),
        }
    }

    /// A crash came after the gateway let the desk in and before the keychain had it.
    async fn take_up(&self, mut keys: DeskKeys) -> Result<Place, DeskError> {
        let store = self.database_with(&keys).await?;
        let left = LinkKeys::left_in(&store).await?;
        store.close().await;
        let Some(link) = left else { return Ok(Place::NotConnected) };
        keys.founding = None;
        keys.link = Some(link);
        self.write_keys(&keys).await?;
        self.enter(&keys, Event::Booted).await.map(Place::Open)
    }

    /// A demo whose folder was emptied has nothing to go back to; what its keychain entry opened is gone.
    pub(crate) fn starts_anew(&self, database_exists: bool) -> bool {
        self.profile.demo.is_some() && !database_exists
    }

    /// Makes the folder private, clears what a crash left in the spool, and keeps other programs out.
    pub(crate) fn take_folder(&self, lock: &mut Option<OneAtATime>) -> Result<(), DeskError> {
        private_folder(&self.profile.home)?;
        if lock.is_none() {
            let taken = OneAtATime::take(&self.profile.home.join(LOCK_FILE))?.ok_or(DeskError::DeskInUse)?;
            *lock = Some(taken);
            empty_private_folder(&self.spool())?;
            self.finish_rescue()?;
        }
        Ok(())
    }

    pub(crate) async fn read_keys(&self) -> Result<Option<DeskKeys>, DeskError> {
        let account = self.profile.keychain_account.clone();
        let entry = within_limit(&self.around.keychain, move |keychain| keychain.read(&account)).await?;
        Ok(entry.map(|text| DeskKeys::of_entry(&text)).transpose()?)
    }

    pub(crate) async fn write_keys(&self, keys: &DeskKeys) -> Result<(), DeskError> {
        let account = self.profile.keychain_account.clone();
        let entry = keys.to_entry()?;
        Ok(within_limit(&self.around.keychain, move |keychain| keychain.write(&account, &entry)).await?)
    }

    /// The database under this key: the one that is there, or a new one.
    pub(crate) async fn database_with(&self, keys: &DeskKeys) -> Result<Store, DeskError> {
        let path = self.database();
        let opened = if path.try_exists()? {
            Store::open(&path, &keys.database).await
        } else {
            Store::create(&path, &keys.database).await
        };
        Ok(opened?)
    }

    /// Opens the database, settles it if a crash came before that, and starts the link: `start` says whether somebody
    /// waits for it.
    pub(crate) async fn enter(&self, keys: &DeskKeys, start: Event) -> Result<Arc<Open>, DeskError> {
        let store = self.database_with(keys).await?;
        let link = self.all_keys(&store, keys).await?;
        let meta = self.settled(&store, &link).await?;
        if let Some(founding) = Founding::left_in(&store).await? {
            founding::finish(&store, &link, &founding, &*self.around.clock).await?;
        }
        let address: Address = meta.gateway.parse().map_err(crate::transport::TransportError::from)?;
        let transport = Transport::new(address, Some(link.tokens.current()), &self.profile.app_version)?;
        let means = Means {
            store: store.clone(),
            transport,
            clock: Arc::clone(&self.around.clock),
            wallet: Wallet {
                keychain: Arc::clone(&self.around.keychain),
                account: self.profile.keychain_account.clone(),
                database: self.database(),
            },
            events: self.events.clone(),
            revoked: self.revoked.clone(),
        };
        let running = Link::start(&link, means, start).await;
        let database = keys.database.clone();
        let open = Open { store, database, copying: Mutex::new(()), meta, keys: link, link: running };
        if let Err(error) = keeper::write_card(self, &open).await {
            // it is tried again while the desk is open
            tracing::warn!(%error, "the key card was not written");
        }
        Ok(Arc::new(open))
    }

    /// The keys of the link as the keychain holds them, with what a crash kept from it and the chain of the clinic's keys.
    async fn all_keys(&self, store: &Store, keys: &DeskKeys) -> Result<LinkKeys, DeskError> {
        let mut link = keys.link.clone().ok_or(DeskError::NotConnected)?;
        let kept = link.ring.public();
        let mut is_news = false;
        if let Some(left) = LinkKeys::left_in(store).await?.filter(|left| left.desk != link.desk) {
            (link, is_news) = (left, true);
        }
        if link.own.is_none() {
            (link.own, is_news) = (Some(DeskSecretKey::make()?), true);
        }
        let chain = Chain::left_in(store).await?;
        if let Some(own) = &link.own {
            let ring = link.ring.now().follow(&chain.records, own, link.desk.as_str(), chain.own.as_ref());
            match ring {
                Ok(ring) => link.ring.replace(ring),
                // a chain of another time: the gateway is asked
                Err(error) => {
                    tracing::warn!(%error, "the keys that are kept here do not lead to the one in the keychain")
                }
            }
        }
        if is_news || link.ring.public() != kept {
            self.write_keys(&DeskKeys { link: Some(link.clone()), ..keys.clone() }).await?;
        }
        LinkKeys::forget_in(store).await?;
        Ok(link)
    }

    async fn settled(&self, store: &Store, link: &LinkKeys) -> Result<Meta, DeskError> {
        let known = store.meta().await?;
        if let Some(meta) = known.as_ref().filter(|meta| meta.desk == link.desk || meta.clinic != link.clinic) {
            return Ok(meta.clone());
        }
        let meta = Meta {
            desk: link.desk.clone(),
            clinic: link.clinic.clone(),
            gateway: link.gateway.clone(),
            clinic_key_id: link.ring.public().key_id(),
            created_at: known.as_ref().map_or_else(|| self.around.clock.now(), |meta| meta.created_at),
        };
        match known {
            None => store.settle(&meta).await?,
            // it was let in anew
            Some(_) => store.settle_anew(&meta).await?,
        }
        Ok(meta)
    }
}

//! TLS by the gateway itself: rustls, 1.2 and 1.3, HTTP/1.1.
//!
//! Invariant: a certificate that cannot be used never takes the place of one that can. At the start it is an error; later
//! it is a line in the log, and the one in use stays.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::SystemTime,
};

use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio_rustls::TlsAcceptor;
use x509_parser::{certificate::X509Certificate, prelude::FromDer};

use crate::{config::TlsFiles, metrics};

/// Why the files make no TLS. No word of what is in the key.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{} is not a PEM file with a certificate", .0.display())]
    Certificate(PathBuf),
    #[error("{} is not a PEM file with a private key", .0.display())]
    Key(PathBuf),
    #[error("{} cannot be read", path.display())]
    Read {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("the private key {} is not the one of the certificate {}", key.display(), certificate.display())]
    Mismatch { certificate: PathBuf, key: PathBuf },
    #[error("TLS cannot be set up")]
    Setup(#[source] rustls::Error),
}

/// A certificate with its key that is read again when its files change; clones are the same one.
#[derive(Clone)]
pub struct Tls {
    files: TlsFiles,
    current: Arc<Current>,
    acceptor: TlsAcceptor,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("files", &self.files).finish_non_exhaustive()
    }
}

struct Current(RwLock<(Arc<CertifiedKey>, Stamp)>);

/// When the two files were last written.
type Stamp = [Option<SystemTime>; 2];

impl fmt::Debug for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Current(…)")
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().unwrap_or_else(PoisonError::into_inner).0.clone())
    }
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// They cannot be read, or do not belong together.
    pub fn open(files: TlsFiles) -> Result<Self, TlsError> {
        let stamp = stamp(&files);
        let current = Arc::new(Current(RwLock::new((read(&files)?, stamp))));
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Setup)?
            .with_no_client_auth()
            .with_cert_resolver(current.clone());
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let tls = Self { files, current, acceptor: TlsAcceptor::from(Arc::new(config)) };
        tls.tell_expiry();
        Ok(tls)
    }

    /// Reads the files again; new connections get what they hold. True: they were other ones than before.
    ///
    /// # Errors
    /// As [`Tls::open`]; what was in use stays.
    pub fn reload(&self) -> Result<bool, TlsError> {
        let stamp = stamp(&self.files);
        let key = read(&self.files)?;
        let mut current = self.current.0.write().unwrap_or_else(PoisonError::into_inner);
        let other = current.0.cert != key.cert;
        *current = (key, stamp);
        drop(current);
        self.tell_expiry();
        Ok(other)
    }

    /// Whether the files were written since they were read.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.current.0.read().unwrap_or_else(PoisonError::into_inner).1 != stamp(&self.files)
    }

    /// Tells the metrics when the certificate in use expires: it is to be renewed before anybody notices.
    fn tell_expiry(&self) {
        let key = self.current.0.read().unwrap_or_else(PoisonError::into_inner).0.clone();
        let first = key.cert.first().and_then(|der| X509Certificate::from_der(der).ok());
        if let Some((_, certificate)) = first {
            metrics::certificate_expires(certificate.validity().not_after.timestamp());
        }
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        self.acceptor.clone()
    }
}

fn stamp(files: &TlsFiles) -> Stamp {
    [&files.certificate, &files.key].map(|path| path.metadata().and_then(|meta| meta.modified()).ok())
}

fn bytes(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|source| TlsError::Read { path: path.to_owned(), source })
}

fn read(files: &TlsFiles) -> Result<Arc<CertifiedKey>, TlsError> {
    let TlsFiles { certificate, key } = files;
    let pem = bytes(certificate)?;
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|_| TlsError::Certificate(certificate.clone()))?;
    if chain.is_empty() {
        return Err(TlsError::Certificate(certificate.clone()));
    }
    let private = PrivateKeyDer::from_pem_slice(&bytes(key)?).map_err(|_| TlsError::Key(key.clone()))?;
    let made = CertifiedKey::from_der(chain, private, &ring::default_provider());
    made.map(Arc::new).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => TlsError::Mismatch { certificate: certificate.clone(), key: key.clone() },
        rustls::Error::InvalidCertificate(_) => TlsError::Certificate(certificate.clone()),
        _ => TlsError::Key(key.clone()),
    })
}

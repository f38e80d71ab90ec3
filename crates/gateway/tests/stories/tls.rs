//! TLS by the gateway itself, as a client with the right root sees it.

use std::{
    fs,
    io::{Read, Write},
    path::Path,
    sync::Arc,
};

use rcgen::{CertificateParams, KeyPair};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, pki_types::CertificateDer};

use crate::program::{Serving, connect, program, said};

/// Makes a certificate for `localhost`, its key beside it.
fn certificate(dir: &Path) -> CertificateDer<'static> {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    // the key first: whoever looks in between sees two files that do not fit, and keeps what it has
    fs::write(dir.join("key.pem"), key.serialize_pem()).unwrap();
    fs::write(dir.join("cert.pem"), certificate.pem()).unwrap();
    certificate.der().clone()
}

fn settings(dir: &Path) -> String {
    let (certificate, key) = (dir.join("cert.pem"), dir.join("key.pem"));
    format!("[tls]\ncertificate = {certificate:?}\nkey = {key:?}\n")
}

/// Asks over TLS, trusting this certificate alone.
fn ask(address: &str, trusted: &CertificateDer<'static>) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let client = ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
    let mut stream = StreamOwned::new(client, connect(address));
    stream.write_all(b"GET /v1/health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        // the end without a goodbye
        Err(error) if answer.is_empty() => Err(error),
        _ => Ok(String::from_utf8_lossy(&answer).into_owned()),
    }
}

#[test]
fn a_renewed_certificate_is_taken_up_and_a_spoilt_one_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let first = certificate(dir.path());
    let settings = settings(dir.path());
    let folder = dir.path().to_owned();
    let serving = Serving::start_in(dir, &settings);
    assert!(ask(&serving.address, &first).unwrap().contains("200 OK"));
    // the one that rcgen makes lasts until the year 4096
    let metrics = crate::program::get(&serving.operations, "/metrics");
    let expires = metrics.lines().find_map(|line| line.strip_prefix("reception_tls_certificate_expires_seconds "));
    assert_eq!(expires, Some("67090118400"), "{metrics}");

    let second = certificate(&folder);
    serving.signal("HUP");
    assert_eq!(serving.logged("read again")["fields"]["other"], true);
    assert!(ask(&serving.address, &second).unwrap().contains("200 OK"));
    assert!(ask(&serving.address, &first).is_err());

    fs::write(folder.join("cert.pem"), "nothing").unwrap();
    serving.signal("HUP");
    serving.logged("cannot be used");
    assert!(ask(&serving.address, &second).unwrap().contains("200 OK"));

    // no TLS: no answer, and nothing that could be taken for one
    let mut plain = connect(&serving.address);
    plain.write_all(b"GET /v1/health HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer);
    assert!(!String::from_utf8_lossy(&answer).contains("HTTP"));
}

#[test]
fn files_that_make_no_tls_are_an_error_before_anything_starts() {
    let dir = tempfile::tempdir().unwrap();
    certificate(dir.path());
    let other = tempfile::tempdir().unwrap();
    certificate(other.path());
    let check = || {
        let file = dir.path().join("gateway.toml");
        fs::write(&file, settings(dir.path())).unwrap();
        let output = program(dir.path()).args(["config", "check", "--config"]).arg(&file).output().unwrap();
        (output.status.success(), said(&output).1)
    };
    assert!(check().0, "a good pair");
    fs::copy(other.path().join("key.pem"), dir.path().join("key.pem")).unwrap();
    assert!(check().1.contains("is not the one of the certificate"), "{}", check().1);
    fs::write(dir.path().join("key.pem"), "nothing").unwrap();
    assert!(check().1.contains("not a PEM file with a private key"), "{}", check().1);
    fs::write(dir.path().join("cert.pem"), "nothing").unwrap();
    assert!(check().1.contains("not a PEM file with a certificate"), "{}", check().1);
}

//! The gateway's address as a person types it.

use std::{fmt, str::FromStr};

use reqwest::Url;

/// The text is no address of a gateway: not HTTPS, or with things that do not belong there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an address of a gateway")]
pub struct BadAddress;

/// `https://gateway.example.ru/`, or `http://127.0.0.1:8080/` on this computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(Url);

impl Address {
    /// Whether it is this very computer.
    #[must_use]
    pub fn is_local(&self) -> bool {
        is_local(&self.0)
    }

    pub(super) fn at(&self, path: &str) -> Result<Url, BadAddress> {
        self.0.join(path).map_err(|_| BadAddress)
    }
}

/// Over TLS, or of this computer; without a name and a password.
fn safe(text: &str) -> Result<Url, BadAddress> {
    let text = text.trim();
    let with_scheme = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = Url::parse(&with_scheme).map_err(|_| BadAddress)?;
    let safe = url.scheme() == "https" || (url.scheme() == "http" && is_local(&url));
    let bare = url.username().is_empty() && url.password().is_none();
    if safe && bare && !url.host_str().is_none_or(str::is_empty) { Ok(url) } else { Err(BadAddress) }
}

/// `https://clinic.example.ru/policy`: a page of the clinic's site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageAddress(Url);

impl PageAddress {
    pub(super) fn url(&self) -> Url {
        self.0.clone()
    }

    pub(super) fn is_local(&self) -> bool {
        is_local(&self.0)
    }
}

impl FromStr for PageAddress {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let mut url = safe(text)?;
        // a place within the page is the same page
        url.set_fragment(None);
        Ok(Self(url))
    }
}

impl fmt::Display for PageAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

fn is_local(url: &Url) -> bool {
    matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"))
}

impl FromStr for Address {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let mut url = safe(text)?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(BadAddress);
        }
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        Ok(Self(url))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_https_or_this_computer() {
        for (typed, read) in [
            ("https://gateway.example.ru", "https://gateway.example.ru/"),
            (" gateway.example.ru ", "https://gateway.example.ru/"),
            ("https://example.ru/reception", "https://example.ru/reception/"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/"),
            ("http://localhost:8080/", "http://localhost:8080/"),
        ] {
            assert_eq!(typed.parse::<Address>().unwrap().to_string(), read);
        }
        for typed in [
            "",
            "http://gateway.example.ru",
            "http://127.0.0.1.example.ru",
            "https://user:secret@example.ru",
            "https://example.ru/?k=1",
            "https://example.ru/#x",
            "file:///etc/passwd",
            "ftp://example.ru",
            "https://",
            "не адрес",
        ] {
            assert_eq!(typed.parse::<Address>(), Err(BadAddress), "{typed}");
        }
    }

    #[test]
    fn a_page_of_the_site_is_read_over_tls_too() {
        for (typed, read) in [
            ("clinic.example.ru/policy.html#part-2", "https://clinic.example.ru/policy.html"),
            ("https://clinic.example.ru/?page_id=3", "https://clinic.example.ru/?page_id=3"),
            ("http://127.0.0.1:8080/policy", "http://127.0.0.1:8080/policy"),
        ] {
            assert_eq!(typed.parse::<PageAddress>().unwrap().to_string(), read);
        }
        for typed in ["", "http://clinic.example.ru/policy", "https://user@example.ru/", "file:///etc/passwd"] {
            assert_eq!(typed.parse::<PageAddress>(), Err(BadAddress), "{typed}");
        }
    }

    #[test]
    fn a_path_of_the_address_is_kept() {
        let address: Address = "https://example.ru/reception".parse().unwrap();
        assert_eq!(address.at("v1/health").unwrap().as_str(), "https://example.ru/reception/v1/health");
    }
}

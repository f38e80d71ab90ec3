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

fn is_local(url: &Url) -> bool {
    matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"))
}

impl FromStr for Address {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let text = text.trim();
        let with_scheme = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let mut url = Url::parse(&with_scheme).map_err(|_| BadAddress)?;
        let safe = url.scheme() == "https" || (url.scheme() == "http" && is_local(&url));
        let bare = url.username().is_empty() && url.password().is_none() && url.query().is_none();
        if !safe || !bare || url.fragment().is_some() || url.host_str().is_none_or(str::is_empty) {
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
    fn a_path_of_the_address_is_kept() {
        let address: Address = "https://example.ru/reception".parse().unwrap();
        assert_eq!(address.at("v1/health").unwrap().as_str(), "https://example.ru/reception/v1/health");
    }
}

//! Whose request it is, as an address. For rate limits alone: an address proves nothing, and none is stored or logged.

use std::net::{IpAddr, Ipv6Addr};

use axum::http::HeaderMap;
use ipnet::IpNet;

/// Longest chain of proxies that is followed.
const LONGEST_CHAIN: usize = 10;

/// The address that a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Visitor(IpAddr);

impl Visitor {
    /// The peer; or, where that is a trusted proxy, the last address of `X-Forwarded-For` that is none. What stands
    /// before it was written by nobody that is trusted.
    pub(crate) fn of(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Self {
        let is_proxy = |address: IpAddr| trusted.iter().any(|net| net.contains(&address.to_canonical()));
        let mut address = peer.to_canonical();
        if is_proxy(address) {
            let lines: Vec<_> = headers.get_all("x-forwarded-for").iter().filter_map(|v| v.to_str().ok()).collect();
            let hops = lines.iter().rev().flat_map(|line| line.rsplit(',')).map(str::trim);
            for hop in hops.take(LONGEST_CHAIN) {
                let Ok(before) = hop.parse::<IpAddr>() else { break };
                address = before.to_canonical();
                if !is_proxy(address) {
                    break;
                }
            }
        }
        Self(address)
    }

    /// What its bucket is called: the address, or the network that one subscriber gets of IPv6.
    pub(crate) fn bucket(self) -> String {
        match self.0 {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string()
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|net| net.parse().unwrap()).collect();
        Visitor::of(peer.parse().unwrap(), &headers, &trusted).bucket()
    }

    #[test]
    fn only_a_trusted_proxy_says_for_whom_it_asks() {
        let proxies = &["127.0.0.1/32", "10.0.0.0/8"];
        assert_eq!(seen("203.0.113.7", &["198.51.100.1"], proxies), "203.0.113.7");
        assert_eq!(seen("127.0.0.1", &["198.51.100.1"], &[]), "127.0.0.1");
        assert_eq!(seen("127.0.0.1", &["198.51.100.1"], proxies), "198.51.100.1");
        assert_eq!(seen("::ffff:127.0.0.1", &["198.51.100.1"], proxies), "198.51.100.1");
        // the visitor wrote the first two itself
        assert_eq!(seen("127.0.0.1", &["1.1.1.1, 10.1.1.1, 198.51.100.1"], proxies), "198.51.100.1");
        assert_eq!(seen("127.0.0.1", &["1.1.1.1", "198.51.100.1, 10.0.0.3"], proxies), "198.51.100.1");
        // nothing that can be read: the proxy itself
        assert_eq!(seen("10.0.0.3", &["unknown"], proxies), "10.0.0.3");
        assert_eq!(seen("10.0.0.3", &[], proxies), "10.0.0.3");
    }

    #[test]
    fn a_subscriber_of_ipv6_has_one_bucket() {
        assert_eq!(seen("2001:db8:1:2:3:4:5:6", &[], &[]), "2001:db8:1:2::");
        assert_eq!(seen("2001:db8:1:2:ffff::1", &[], &[]), "2001:db8:1:2::");
    }
}

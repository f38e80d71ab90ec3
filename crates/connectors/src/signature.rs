//! Signatures of sites over the bytes of a body, compared in constant time by the library.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;

/// `X-WC-Webhook-Signature`: base64 of the HMAC-SHA256 of the body.
#[must_use]
pub fn verify_woocommerce(body: &[u8], secret: &str, signature: &str) -> bool {
    let Ok(signature) = STANDARD.decode(signature.trim()) else { return false };
    // an empty secret would let everybody sign
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
    !secret.is_empty() && mac.chain_update(body).verify_slice(&signature).is_ok()
}

/// `taplink-signature`: hex of the HMAC-SHA1 of the body.
#[must_use]
pub fn verify_taplink(body: &[u8], secret: &str, signature: &str) -> bool {
    let Some(signature) = bytes_of_hex(signature.trim()) else { return false };
    let Ok(mac) = Hmac::<Sha1>::new_from_slice(secret.as_bytes()) else { return false };
    !secret.is_empty() && mac.chain_update(body).verify_slice(&signature).is_ok()
}

fn bytes_of_hex(text: &str) -> Option<Vec<u8>> {
    data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"id":731}"#;

    #[test]
    fn only_the_right_secret_over_the_right_bytes_verifies() {
        // printf '{"id":731}' | openssl dgst -sha256 -hmac secret-731 -binary | base64
        let good = "7nGwcAwq31otnl0l1lAzuKBgY5pw09JU+RaFLFlRcVM=";
        assert!(verify_woocommerce(BODY, "secret-731", good));
        assert!(!verify_woocommerce(br#"{"id":732}"#, "secret-731", good));
        assert!(!verify_woocommerce(BODY, "secret-732", good));
        let short = good.get(..20).unwrap_or_default();
        for wrong in ["", "not base64!", short, "AAAA"] {
            assert!(!verify_woocommerce(BODY, "secret-731", wrong), "{wrong}");
        }
        assert!(
            !verify_woocommerce(BODY, "", "zeEAdT9vd+PI6aKX0QJpbJ3ujU4Za5Ndgr9nwKl3FT8="),
            "an empty secret signs nothing"
        );
    }

    #[test]
    fn taplink_signs_in_hex() {
        let good = "c09799279eca022aa82bbdb8e4405e54ba0a231a";
        assert!(verify_taplink(BODY, "secret-731", good));
        assert!(verify_taplink(BODY, "secret-731", &good.to_uppercase()));
        assert!(!verify_taplink(BODY, "secret-732", good));
        assert!(!verify_taplink(BODY, "secret-731", "zz") && !verify_taplink(BODY, "secret-731", ""));
    }
}

//! Certificates that a site sells with codes of its own: `certificate{code,face_value,…}` or `certificates[]` of them.
//!
//! A site that hands out a code has sold the certificate, so it counts as paid unless the site says otherwise.

use std::collections::BTreeMap;

use crate::{
    CertificateOrder, MOST_CERTIFICATES, Standing, alias,
    fields::{self, Field},
    moment,
    reading::Submission,
    text,
};

/// Longest code.
const LONGEST_CODE: usize = 64;
/// Longest name of a buyer or a recipient.
const LONGEST_NAME: usize = 100;

/// What was ordered, and what it says beside the certificates.
#[derive(Default)]
pub(crate) struct Orders {
    pub(crate) certificates: Vec<CertificateOrder>,
    /// Lines for the person who reads the request.
    pub(crate) extra: Vec<(String, String)>,
    /// The fields as they came.
    pub(crate) kept: Vec<(String, String)>,
}

/// Takes the certificates out of the fields.
pub(crate) fn arrange(fields: Vec<Field>) -> Submission {
    let (ours, rest): (Vec<Field>, Vec<Field>) = fields.into_iter().partition(|field| place(&field.key).is_some());
    let (ours, dropped) = fields::without_dropped(ours);
    let mut groups: BTreeMap<usize, Vec<(String, Field)>> = BTreeMap::new();
    for field in ours {
        if let Some((at, name)) = place(&field.key) {
            groups.entry(at).or_default().push((name, field));
        }
    }
    let mut orders = Orders::default();
    for (at, group) in groups {
        let order = order(at, &group).filter(|_| orders.certificates.len() < MOST_CERTIFICATES);
        // only a paid order becomes a certificate by itself: the rest is for a person to read
        if order.as_ref().is_none_or(|order| !order.is_paid()) {
            orders.extra.extend(group.iter().map(|(_, field)| (field.key.clone(), field.value.clone())));
        }
        orders.certificates.extend(order);
        orders.kept.extend(group.into_iter().map(|(_, field)| (field.key, field.value)));
    }
    Submission { fields: rest, orders, dropped, ..Submission::default() }
}

/// Which certificate a field belongs to, and its name there.
fn place(key: &str) -> Option<(usize, String)> {
    let mut path = key.split('.');
    let first = path.next()?;
    let rest: Vec<&str> = path.collect();
    match (first, rest.as_slice()) {
        ("certificate", [name]) => Some((0, alias::words(name))),
        ("certificates", [at, name]) => Some((at.parse().ok()?, alias::words(name))),
        _ => None,
    }
}

fn order(at: usize, group: &[(String, Field)]) -> Option<CertificateOrder> {
    let find = |names: &[&str]| {
        group.iter().find(|(name, _)| names.contains(&name.as_str())).map(|(_, field)| field.value.as_str())
    };
    let line = |names: &[&str], longest| find(names).map(|value| text::clean_line(value, longest));
    let code = line(&["code", "number"], LONGEST_CODE);
    let paid = find(&["paid", "is paid"]).map_or(code.is_some(), text::is_yes);
    Some(CertificateOrder {
        key: at.to_string(),
        face_value: moment::roubles(find(&["face value", "value", "amount", "nominal"])?)?,
        standing: if paid { Standing::Paid } else { Standing::NotPaid },
        code,
        code_at_site: None,
        buyer: line(&["buyer", "from"], LONGEST_NAME),
        recipient: line(&["recipient", "to"], LONGEST_NAME),
        expires_on: find(&["expires on", "expires", "valid until"]).and_then(moment::date),
    })
}

//! What each kind of paper must say, as data: the mandatory items and the fields they cannot do without.
//!
//! An item is marked in a template as `[[code]]` before its words. Invariant: the list is the law's and the clinic's
//! policy, not the template's: editing a template cannot shorten it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::FormKind;

/// A mandatory item of a kind of paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// As it is marked in templates.
    pub code: String,
    /// What it is, in Russian.
    pub name: String,
    /// Fields a template must print for it.
    pub fields: Vec<String>,
}

type Table = BTreeMap<String, BTreeMap<String, Vec<String>>>;

static ITEMS: LazyLock<BTreeMap<String, Vec<Item>>> = LazyLock::new(|| {
    // a broken table is caught by the test below
    let table: Table = toml::from_str(include_str!("../items.toml")).unwrap_or_default();
    let items = |(code, words): (String, Vec<String>)| {
        let mut words = words.into_iter();
        Item { code, name: words.next().unwrap_or_default(), fields: words.collect() }
    };
    table.into_iter().map(|(kind, all)| (kind, all.into_iter().map(items).collect())).collect()
});

/// The mandatory items of a kind, in the order of their codes.
pub fn items(kind: FormKind) -> &'static [Item] {
    ITEMS.get(kind.code()).map(Vec::as_slice).unwrap_or_default()
}

/// The clinic's requisites a kind cannot do without.
pub(crate) fn clinic_fields(kind: FormKind) -> Vec<&'static str> {
    let mut fields: Vec<&str> =
        items(kind).iter().flat_map(|item| &item.fields).filter_map(|field| field.strip_prefix("clinic.")).collect();
    fields.sort_unstable();
    fields.dedup();
    fields
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_kind_has_its_items_and_every_item_a_name() {
        let table: Table = toml::from_str(include_str!("../items.toml")).unwrap();
        for kind in FormKind::ALL {
            assert!(items(*kind).len() >= 3, "{kind}");
            assert!(items(*kind).iter().all(|item| !item.name.is_empty()), "{kind}");
        }
        assert_eq!(table.len(), FormKind::ALL.len(), "a table without a kind");
    }
}

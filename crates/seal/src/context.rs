//! Where a sealed part belongs.

/// The place of a sealed part. Bound as associated data: opened with any other place it does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealContext<'a> {
    /// Id of the entity that the part is of.
    pub entity: &'a str,
    /// Name of the part.
    pub part: &'a str,
    /// What brought it: id of the action or of the intake.
    pub seal_id: &'a str,
}

/// Label of this format, bound twice: in the key schedule and in the associated data.
pub(crate) const LABEL: &str = "reception/seal/v1";

impl SealContext<'_> {
    /// Label and fields, each after its length, so that no two places give the same bytes.
    pub(crate) fn associated_data(&self) -> Vec<u8> {
        length_prefixed(&[LABEL, self.entity, self.part, self.seal_id])
    }
}

pub(crate) fn length_prefixed(fields: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(fields.iter().map(|field| field.len() + 8).sum());
    for field in fields {
        bytes.extend_from_slice(&(field.len() as u64).to_be_bytes());
        bytes.extend_from_slice(field.as_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_that_moves_to_the_next_field_is_another_place() {
        let one = SealContext { entity: "per_a", part: "main", seal_id: "act" };
        let other = SealContext { entity: "per_", part: "amain", seal_id: "act" };
        assert_ne!(one.associated_data(), other.associated_data());
    }
}

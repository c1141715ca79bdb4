//! Names that waif gives: made of what they are for, always the same for the same thing, never longer than the server
//! keeps (63 bytes), with a digest of what was cut off.

use crate::model::ident::Ident;
use sha2::{Digest, Sha256};

/// Bytes the server keeps of a name.
pub(super) const MOST: usize = 63;

/// A name as long as it may be.
pub(super) fn fitted(name: &str, ending: &str) -> String {
    let whole = format!("{name}{ending}");
    if whole.len() <= MOST {
        return whole;
    }
    let digest: String =
        Sha256::digest(whole.as_bytes()).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let room = MOST - ending.len() - digest.len() - 1;
    let cut = (0..=room).rev().find(|at| name.is_char_boundary(*at)).unwrap_or(0);
    format!("{}_{digest}{ending}", &name[..cut])
}

fn made_of(table: &Ident, columns: &[Ident], ending: &str) -> String {
    let columns: Vec<&str> = columns.iter().map(Ident::raw).collect();
    fitted(&format!("{}_{}", table.raw(), columns.join("_")), ending)
}

/// The name of an index over columns of a table.
pub(super) fn index(table: &Ident, columns: &[Ident]) -> String {
    made_of(table, columns, "_idx")
}

/// The name of a foreign key over columns of a table.
pub(super) fn key(table: &Ident, columns: &[Ident]) -> String {
    made_of(table, columns, "_fkey")
}

/// The name of the twin of a foreign key.
pub(super) fn twin(key: &Ident) -> String {
    fitted(key.raw(), "_waif_twin")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ident(name: &str) -> Ident {
        Ident::new(name).expect("a name")
    }

    #[test]
    fn names_fit_and_stay_apart_when_cut() {
        assert_eq!(index(&ident("orders"), &[ident("a"), ident("b")]), "orders_a_b_idx");
        let long = "注文".repeat(15);
        let (one, other) = (key(&ident(&long), &[ident("a")]), key(&ident(&long), &[ident("b")]));
        assert!(one.len() <= MOST && other.len() <= MOST, "{} {}", one.len(), other.len());
        assert_ne!(one, other);
        assert!(one.ends_with("_fkey") && one.starts_with("注文"));
        assert_eq!(one, key(&ident(&long), &[ident("a")]));
    }
}

//! Rows as they would be with values put back: each column from the store where the values have it, else from the row.

use crate::model::ident::Ident;
use crate::model::plan::removal::{Overwrite, Reference};
use crate::sql::quote::quoted;
use std::collections::BTreeSet;

/// The columns of these keys, each once, under their own names: of the store, `s`, or of the row, `c`.
pub(crate) fn columns(values: &Overwrite, needs: &[&Reference]) -> String {
    let columns: BTreeSet<&Ident> =
        needs.iter().flat_map(|reference| reference.pairs.iter().map(|pair| &pair.child)).collect();
    let columns: Vec<String> = columns
        .into_iter()
        .map(|column| {
            let from = if values.columns.iter().any(|named| named.column == *column) { "s" } else { "c" };
            format!("{from}.{column} AS {column}", column = quoted(column))
        })
        .collect();
    columns.join(", ")
}

//! The digest of a row: what its other columns held when some were overwritten, as one text. SQLite has no hash, so the
//! values themselves stand in it, with their storage classes; of a long one its length and pieces of it.

use crate::model::plan::removal::Overwrite;
use crate::sql::quote::quoted;

/// Bytes up to which a value stands in a digest as it is.
const WHOLE: usize = 600;
/// Bytes of each piece of a longer one.
const PIECE: usize = 200;

/// The digest of the row of an alias; none where no column is to be told by.
pub(super) fn of(values: &Overwrite, alias: &str) -> Option<String> {
    let told: Vec<String> =
        values.digested.iter().map(|named| told(&format!("{alias}.{}", quoted(&named.column)))).collect();
    (!told.is_empty()).then(|| joined(&told))
}

/// A value, so that no two that differ are told alike unless they are long. How long each is stands before it: where one
/// ends needs no sign. Only as bytes are pieces cut where they should be: a text may hold what would end it.
fn told(value: &str) -> String {
    let bytes = format!("CAST({value} AS BLOB)");
    let length = format!("octet_length({value})");
    let pieces: Vec<String> = ["1".to_owned(), format!("{length} / 2"), format!("-{PIECE}")]
        .iter()
        .map(|from| format!("hex(substr({bytes}, {from}, {PIECE}))"))
        .collect();
    let pieces = pieces.join(" || ");
    format!(
        "(CASE typeof({value}) \
         WHEN 'text' THEN 't' || {length} || ':' || CASE WHEN {length} > {WHOLE} THEN {pieces} ELSE {value} END \
         WHEN 'blob' THEN 'b' || {length} || ':' || CASE WHEN {length} > {WHOLE} THEN {pieces} ELSE hex({value}) END \
         ELSE quote({value}) || ',' END)"
    )
}

/// All of them one behind the other, joined two by two: SQLite takes no expression that is a thousand deep.
fn joined(parts: &[String]) -> String {
    match parts {
        [] => "''".to_owned(),
        [one] => one.clone(),
        more => {
            let (front, back) = more.split_at(more.len() / 2);
            format!("({} || {})", joined(front), joined(back))
        }
    }
}

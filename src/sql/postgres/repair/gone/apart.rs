//! Rows told apart: whether a row is the one a value was taken from, and whether it takes the value back whole. The same
//! conditions decide what goes back and tell what stays.

use super::super::super::clause::text;
use super::super::record;
use super::reference::{from, has_parent, referring};
use super::store::{named, own};
use crate::model::plan::removal::{Overwrite, Reference};
use crate::model::plan::step::Named;
use crate::model::sent::Purpose;
use crate::model::value::Value;
use crate::sql::Query;
use crate::sql::overlay;
use crate::sql::quote::quoted;
use crate::sql::removals::Refill;

/// A digest of the other columns of a row; none where it has no others. Sessions of waif write values in one way, whoever
/// opens them: a row that nobody changed has the same digest again.
pub(super) fn digest(values: &Overwrite, alias: &str) -> Option<String> {
    if values.digested.is_empty() {
        return None;
    }
    let columns: Vec<String> =
        values.digested.iter().map(|named| format!("{alias}.{}", quoted(&named.column))).collect();
    Some(format!(
        "pg_catalog.sha256(pg_catalog.convert_to(ROW({})::text, pg_catalog.getdatabaseencoding()))",
        columns.join(", ")
    ))
}

/// A row of the table, `c`, has the key of a line of the store, `s`.
pub(super) fn same_key(values: &Overwrite) -> String {
    let same = values.key.iter().map(|named| {
        let column = quoted(&named.column);
        record::alike(&format!("c.{column}"), &format!("s.{column}"), &named.type_name)
    });
    same.collect::<Vec<_>>().join(" AND ")
}

/// It still holds what it was given.
fn as_given(values: &Overwrite) -> String {
    let given = values.columns.iter().enumerate().map(|(at, named)| {
        let (now, given) = (
            format!("c.{}", quoted(&named.column)),
            format!("s.{}", own(&values.prefix, &format!("given{at}"))),
        );
        match named.type_name.contains('.') {
            true => record::alike(&now, &given, &named.type_name),
            false => format!("{now} IS NOT DISTINCT FROM {given}"),
        }
    });
    given.collect::<Vec<_>>().join(" AND ")
}

/// The rest of it is as it was. No condition the server could join by: it would read all of the table for a batch.
fn as_it_was(values: &Overwrite) -> Option<String> {
    Some(format!("({} = s.{}) IS TRUE", digest(values, "c")?, own(&values.prefix, "digest")))
}

/// A value of a type is the same value once it went through the type its column has by now.
pub(super) fn fits(value: &str, now: &str, was: &str) -> String {
    same(&format!("({value}::{now}::{was})"), value, was)
}

/// Two values of a type are the same. A number may be written with more digits where its column has become a wider one.
fn same(one: &str, other: &str, type_name: &str) -> String {
    match type_name {
        "numeric" => format!("{one} IS NOT DISTINCT FROM {other}"),
        _ => format!("{} IS NOT DISTINCT FROM {}", text(one, type_name), text(other, type_name)),
    }
}

/// The values are in the row as they are in the store, once they are put back, and the rest of it still is as it was.
pub(super) fn is_back(values: &Overwrite) -> String {
    let columns = values.columns.iter().map(|named| {
        let (column, of) = (quoted(&named.column), &named.type_name);
        same(&format!("(c.{column}::{of})"), &format!("s.{column}"), of)
    });
    columns.chain(as_it_was(values)).collect::<Vec<_>>().join(" AND ")
}

/// Its columns hold the values.
fn held(refill: &Refill<'_>) -> Option<String> {
    let types = refill.values.columns.iter().zip(&refill.types);
    let others = types.filter(|(named, now)| named.type_name != **now);
    let fits = others.map(|(named, now): (&Named, &String)| {
        fits(&format!("s.{}", quoted(&named.column)), now, &named.type_name)
    });
    fits.reduce(|one, other| format!("{one} AND {other}"))
}

/// A key is satisfied once the values are there.
fn has_its_parent(values: &Overwrite, needs: &[&Reference]) -> String {
    let held: Vec<String> = needs
        .iter()
        .map(|reference| format!("(NOT ({}) OR {})", referring(reference, "v"), has_parent(reference, "v")))
        .collect();
    format!(
        "EXISTS (SELECT 1 FROM (SELECT {}) AS v WHERE {})",
        overlay::columns(values, needs),
        held.join(" AND ")
    )
}

/// All that must be so for a value to go back into a row that has its key.
pub(super) fn takes_it(refill: &Refill<'_>) -> String {
    let values = refill.values;
    let needs: Vec<&Reference> = refill.needs.iter().collect();
    let conditions = [Some(as_given(values)), as_it_was(values), held(refill)];
    let parents = (!needs.is_empty()).then(|| has_its_parent(values, &needs));
    conditions.into_iter().chain([parents]).flatten().collect::<Vec<_>>().join(" AND ")
}

/// Values of a step that stay, by the reason.
pub(in crate::sql::postgres) fn unlike(refill: &Refill<'_>, run: &str, place: usize, healed: bool) -> Query {
    let values = refill.values;
    let own = |column: &str| own(&values.prefix, column);
    let mut cases = vec![("gone", 0, "c.tableoid IS NOT NULL".to_owned()), ("other", 0, as_given(values))];
    cases.extend(as_it_was(values).map(|condition| ("changed", 0, condition)));
    cases.extend(held(refill).map(|condition| ("narrow", 0, condition)));
    let parents = refill.needs.iter().enumerate();
    cases.extend(parents.map(|(at, need)| ("parent", at, has_its_parent(values, &[need]))));
    let cases: Vec<String> = cases
        .into_iter()
        .map(|(why, at, condition)| format!("WHEN ({condition}) IS NOT TRUE THEN '{why} {at}'"))
        .collect();
    let all: Vec<&Reference> = refill.needs.iter().collect();
    let wanted = match healed && !all.is_empty() {
        true => format!(" AND c.tableoid IS NOT NULL AND {}", has_its_parent(values, &all)),
        false => String::new(),
    };
    let select = format!(
        "SELECT pg_catalog.split_part(r.why, ' ', 1), pg_catalog.split_part(r.why, ' ', 2), count(*)::text, \
         ((array_agg(r.seq ORDER BY r.seq))[1:5])::text\nFROM (SELECT s.{} AS seq, CASE {} ELSE 'none 0' END AS why \
         FROM {} AS s LEFT JOIN {} ON {}\nWHERE s.{} = $1::text AND s.{} = $2::text::int{wanted}) AS r\nGROUP BY r.why ORDER BY r.why",
        own("seq"),
        cases.join(" "),
        named(&values.store),
        from(&values.seat, "c"),
        same_key(values),
        own("run"),
        own("place"),
    );
    Query::new(Purpose::Journal, select, vec![Value::Text(run.to_owned()), Value::Text(place.to_string())])
}

//! The reach of a removal, counted by SQLite: from every row that goes to those that refer to it, level by level. Rows that
//! are reached twice count once, on the level that is nearest.

use super::reference::{among, from, is_lost, names, refers, seats, tuple};
use crate::model::plan::removal::{Edge, Removal, Seat};
use crate::model::sent::Purpose;
use crate::sql::Query;

/// Rows by table and level, rows whose values would be overwritten, rows that forbid it, rows deeper than was looked.
pub(in crate::sql::sqlite) fn radius(removal: &Removal, depth: u32) -> Query {
    let mut parts = vec![format!(
        "SELECT CASE WHEN level > {depth} THEN 'beyond' ELSE 'rows' END, spot, level, count(*) FROM s GROUP BY spot, level"
    )];
    for (place, edge, _) in removal.overwrites() {
        parts.push(touched("overwritten", removal, place, edge));
    }
    for (place, edge) in removal.forbids() {
        parts.push(touched("forbidden", removal, place, edge));
    }
    let text = format!("{}\n{}", reached(removal, depth), parts.join("\nUNION ALL "));
    Query::new(Purpose::Survey, text, Vec::new())
}

/// The rows that go as a set `s`: their table's place, their level, and what names them.
pub(super) fn reached(removal: &Removal, depth: u32) -> String {
    let wide = removal.tables.iter().map(|stored| seats(&stored.seat).len()).max().unwrap_or(1);
    let listed: Vec<String> = (0..wide).map(|at| format!("n{at}")).collect();
    let listed = listed.join(", ");
    let mut terms: Vec<String> = removal
        .tables
        .first()
        .map(|stored| {
            let seat = &stored.seat;
            format!(
                "SELECT 0, 0, {} FROM {} WHERE {}",
                named(seat, wide),
                from(seat, "c"),
                is_lost(&removal.missing)
            )
        })
        .into_iter()
        .collect();
    // One level more is looked at, to tell whether there is anything.
    terms.extend(removal.takes().map(|(edge, below)| {
        let (Some(above), Some(own)) = (removal.tables.get(edge.above), removal.tables.get(below)) else {
            return String::new();
        };
        format!(
            "SELECT {below}, r.level + 1, {} FROM r CROSS JOIN {} ON {} CROSS JOIN {} ON {} WHERE r.spot = {} AND r.level <= {depth}",
            named(&own.seat, wide),
            from(&above.seat, "p"),
            is(&above.seat, "p", "r"),
            from(&own.seat, "c"),
            refers(&edge.reference),
            edge.above
        )
    }));
    format!(
        "WITH RECURSIVE r (spot, level, {listed}) AS (\n{}\n),\n\
         s AS MATERIALIZED (SELECT spot, min(level) AS level, {listed} FROM r GROUP BY spot, {listed})",
        terms.join("\nUNION ")
    )
}

/// What tells a row of `c` apart, in as many columns as the widest table needs, byte for byte.
fn named(seat: &Seat, wide: usize) -> String {
    let mut own: Vec<String> =
        names(seat, "c").into_iter().map(|name| format!("({name}) COLLATE BINARY")).collect();
    own.resize(wide, "NULL".to_owned());
    own.join(", ")
}

/// A row of a set is a row of its table.
fn is(seat: &Seat, alias: &str, set: &str) -> String {
    let own = names(seat, alias).into_iter().enumerate();
    own.map(|(at, name)| format!("{name} = +{set}.n{at}")).collect::<Vec<_>>().join(" AND ")
}

/// The rows an edge touches that do not go themselves.
fn touched(what: &str, removal: &Removal, place: usize, edge: &Edge) -> String {
    let Some(above) = removal.tables.get(edge.above) else { return String::new() };
    let parents = format!(
        "s CROSS JOIN {} ON {} WHERE s.spot = {}",
        from(&above.seat, "p"),
        is(&above.seat, "p", "s"),
        edge.above
    );
    let child = &edge.reference.child;
    let own = removal.tables.iter().position(|stored| stored.seat.table == child.table);
    let stays = own.map(|spot| {
        let named: Vec<String> = names(child, "c").into_iter().map(|name| format!("+{name}")).collect();
        let listed: Vec<String> = (0..named.len()).map(|at| format!("+s.n{at}")).collect();
        format!(" AND {} NOT IN (SELECT {} FROM s WHERE s.spot = {spot})", tuple(&named), listed.join(", "))
    });
    format!(
        "SELECT '{what}', {place}, 0, count(*) FROM {} WHERE {}{}",
        from(child, "c"),
        among(&edge.reference, &parents),
        stays.unwrap_or_default()
    )
}

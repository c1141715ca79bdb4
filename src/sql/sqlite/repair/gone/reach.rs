//! What hangs on the rows of a batch: level by level, every row that refers to one that goes is noted, so that no cascade of
//! SQLite finds anything that was not noted. The notes are temporary tables of the session, one for each table that rows
//! leave and one for each edge along which values are overwritten.

use super::super::journal::{number, text};
use super::reference::{among, declared, from, is, is_lost, names, seats, tuple};
use super::work;
use crate::model::ident::Ident;
use crate::model::plan::removal::{Edge, Reference, Removal, Seat};
use crate::model::sent::Purpose;
use crate::sql::change::Change;
use crate::sql::removals::{DEEPER, FORBIDDEN, Stroke, TOO_MANY};
use crate::sql::repairs::Window;

/// What a batch finds when a key refers to its tables that the plan does not know.
const UNKNOWN_KEY: &str =
    "A foreign key refers to a table of the plan that was not there when the plan was made.";

/// What a batch finds when a default that ON DELETE sets refers to nothing.
const NO_DEFAULT: &str = "ON DELETE SET DEFAULT would set a reference that has no parent itself.";

/// Notes of a step.
#[derive(Clone, Copy)]
pub(super) enum Notes {
    /// Rows that go, of a table by its place.
    Rows(usize),
    /// Rows whose values are overwritten along an edge, by its place.
    Edge(usize),
}

impl Notes {
    fn bare(self, step: usize) -> String {
        match self {
            Self::Rows(spot) => format!("\"waif_reach_{step}_{spot}\""),
            Self::Edge(edge) => format!("\"waif_touch_{step}_{edge}\""),
        }
    }

    /// As SQL names it, for a step by its place.
    pub(super) fn table(self, step: usize) -> String {
        format!("temp.{}", self.bare(step))
    }

    /// Statements that make it, empty.
    pub(super) fn create(self, step: usize, seat: &Seat) -> Vec<Change> {
        let create = format!(
            "CREATE TEMPORARY TABLE IF NOT EXISTS {} ({}, level INTEGER NOT NULL, PRIMARY KEY ({})) WITHOUT ROWID",
            self.bare(step),
            declared(seat).join(", "),
            seats(seat).join(", ")
        );
        vec![batch(create), batch(format!("DELETE FROM {}", self.table(step)))]
    }
}

pub(super) fn batch(text: String) -> Change {
    Change::new(Purpose::Batch, text, Vec::new())
}

/// Notes the rows of a window that are without a parent still.
pub(super) fn begin(missing: &Reference, rows: &Window<'_>, notes: Notes) -> Change {
    let (set, condition, args) = work::window(missing, rows, 1);
    let seat = &missing.child;
    let insert = format!(
        "INSERT INTO {} ({}, level)\nSELECT {}, 0\nFROM {set}\nWHERE {condition} AND {}",
        notes.table(rows.place),
        seats(seat).join(", "),
        names(seat, "c").join(", "),
        is_lost(missing)
    );
    Change::new(Purpose::Batch, insert, args)
}

/// The noted rows an edge comes from, as `p`: those of one level, or of all levels.
fn above(removal: &Removal, step: usize, edge: &Edge, level: Option<usize>) -> String {
    let Some(stored) = removal.tables.get(edge.above) else { return String::new() };
    let level = level.map_or_else(|| "true".to_owned(), |level| format!("r.level = {level}"));
    format!(
        "{} AS r CROSS JOIN {} ON {} WHERE {level}",
        Notes::Rows(edge.above).table(step),
        from(&stored.seat, "p"),
        is(&stored.seat, "p", "r")
    )
}

/// A row of the child is not among those that go.
fn stays(removal: &Removal, step: usize, edge: &Edge) -> String {
    let child = &edge.reference.child;
    let own = removal.tables.iter().position(|stored| stored.seat.table == child.table);
    own.map_or_else(String::new, |spot| {
        let named: Vec<String> = names(child, "c").into_iter().map(|name| format!("+{name}")).collect();
        format!(
            " AND {} NOT IN (SELECT {} FROM {})",
            tuple(&named),
            seats(child).join(", "),
            Notes::Rows(spot).table(step)
        )
    })
}

/// The rows an edge leads to that do not go yet: what stands behind SELECT.
fn along(removal: &Removal, step: usize, edge: &Edge, level: Option<usize>) -> String {
    format!(
        "FROM {}\nWHERE {}{}",
        from(&edge.reference.child, "c"),
        among(&edge.reference, &above(removal, step, edge, level)),
        stays(removal, step, edge)
    )
}

/// Follows ON DELETE as deep as the stroke says, and makes sure that nothing hangs deeper.
pub(super) fn follow(removal: &Removal, stroke: &Stroke<'_>) -> Vec<Change> {
    let (levels, step) = (removal.levels(stroke.depth), stroke.window.place);
    let mut changes = Vec::new();
    for (above, tables) in levels.iter().enumerate().take(levels.len().saturating_sub(1)) {
        for (edge, below) in removal.takes().filter(|(edge, _)| tables.contains(&edge.above)) {
            let child = &edge.reference.child;
            changes.push(batch(format!(
                "INSERT INTO {} ({}, level)\nSELECT {}, {}\n{}",
                Notes::Rows(below).table(step),
                seats(child).join(", "),
                names(child, "c").join(", "),
                above + 1,
                along(removal, step, edge, Some(above))
            )));
        }
    }
    if removal.depth().is_none() {
        let last = levels.len().saturating_sub(1);
        let tables = levels.last().map(Vec::as_slice).unwrap_or_default();
        for (edge, _) in removal.takes().filter(|(edge, _)| tables.contains(&edge.above)) {
            let select = format!("SELECT 1\n{}\nLIMIT 1", along(removal, step, edge, Some(last)));
            changes.push(batch(select).returning().expecting(0, DEEPER));
        }
    }
    changes
}

/// Makes sure that nobody forbids it.
pub(super) fn forbidden(removal: &Removal, step: usize) -> Vec<Change> {
    removal
        .forbids()
        .map(|(_, edge)| {
            let select = format!("SELECT 1\n{}\nLIMIT 1", along(removal, step, edge, None));
            batch(select).returning().expecting(0, FORBIDDEN)
        })
        .collect()
}

/// Notes the rows whose values an edge overwrites.
pub(super) fn touched(removal: &Removal, step: usize, place: usize, edge: &Edge) -> Change {
    let child = &edge.reference.child;
    batch(format!(
        "INSERT INTO {} ({}, level)\nSELECT {}, (SELECT min(r.level) + 1 FROM {} AS r)\n{}",
        Notes::Edge(place).table(step),
        seats(child).join(", "),
        names(child, "c").join(", "),
        Notes::Rows(edge.above).table(step),
        along(removal, step, edge, None)
    ))
}

/// Counts what was noted of a step, all in all.
pub(super) fn size(removal: &Removal, step: usize) -> String {
    let rows = (0..removal.tables.len()).map(Notes::Rows);
    let edges = removal.overwrites().map(|(place, ..)| Notes::Edge(place));
    let counts = rows.chain(edges).map(|notes| format!("(SELECT count(*) FROM {})", notes.table(step)));
    counts.collect::<Vec<_>>().join(" + ")
}

/// Makes sure that the batch changes no more than it may.
pub(super) fn within(removal: &Removal, stroke: &Stroke<'_>) -> Option<Change> {
    let most = stroke.most?;
    let select = format!("SELECT 1 WHERE {} > ?1", size(removal, stroke.window.place));
    Some(Change::new(Purpose::Batch, select, vec![number(most)]).returning().expecting(0, TOO_MANY))
}

/// Makes sure that no key refers to the tables of a removal that the plan does not know: along it SQLite would change what
/// nobody noted. Where SQLite does not heed keys meanwhile, no key at all may be unknown: nobody else would forbid it.
pub(super) fn known_keys(removal: &Removal, all: bool) -> Change {
    let lower = |name: &Ident| name.raw().to_ascii_lowercase();
    let tables: Vec<String> = removal.tables.iter().map(|stored| lower(&stored.seat.table.name)).collect();
    let keys: Vec<String> = removal
        .edges
        .iter()
        .map(|edge| {
            let columns: Vec<String> = edge.reference.pairs.iter().map(|pair| lower(&pair.child)).collect();
            serde_json::json!([lower(&edge.reference.child.table.name), columns]).to_string()
        })
        .collect();
    let acting = if all { "" } else { "AND f.on_delete IN ('CASCADE', 'SET NULL', 'SET DEFAULT') " };
    let select = format!(
        "SELECT 1 FROM (SELECT lower(s.name) AS child, json_group_array(lower(f.\"from\") ORDER BY f.seq) AS columns \
                  FROM main.sqlite_schema AS s JOIN pragma_foreign_key_list(s.name, 'main') AS f \
                  WHERE s.type = 'table' AND lower(f.\"table\") IN (SELECT value FROM json_each(?1)) \
                  {acting}GROUP BY s.name, f.id) AS k \
                  WHERE json_array(k.child, json(k.columns)) NOT IN (SELECT json(value) FROM json_each(?2)) LIMIT 1"
    );
    let args = vec![text(serde_json::json!(tables).to_string()), text(serde_json::json!(keys).to_string())];
    Change::new(Purpose::Batch, select, args).returning().expecting(0, UNKNOWN_KEY)
}

/// Makes sure that what was overwritten with a default has a parent by it.
pub(super) fn defaulted(place: usize, edge: &Edge, step: usize) -> Change {
    let child = &edge.reference.child;
    let select = format!(
        "SELECT 1 FROM {} AS r CROSS JOIN {} ON {} WHERE {} LIMIT 1",
        Notes::Edge(place).table(step),
        from(child, "c"),
        is(child, "c", "r"),
        is_lost(&edge.reference)
    );
    batch(select).returning().expecting(0, NO_DEFAULT)
}

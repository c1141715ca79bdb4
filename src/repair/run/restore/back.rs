//! Tables that rows go back into, as they are now: which columns are still there, which keys would refuse a row.

use crate::model::catalog::{Catalog, Column, Event, Generated, Table, TableKind};
use crate::model::ident::{Ident, TableName};
use crate::model::plan::removal::{Reference, Removal, Stored};
use crate::model::relation::{Enforcement, Origin, Relation};
use crate::model::restore::Wanted;
use crate::model::server::EngineKind;
use crate::model::text::visible;
use crate::repair::planner::gone::{stores, work};
use crate::sql::removals::Return;

/// A table of a run, as it is now.
pub(super) enum Fate {
    /// Rows can go back.
    Back(Box<Return>),
    /// They cannot, and why.
    Stay(String),
    /// There is no table of that name.
    Gone,
}

/// The table with a name.
pub(super) fn table<'a>(catalog: &'a Catalog, name: &TableName) -> Option<&'a Table> {
    catalog.tables.iter().find(|table| table.name == *name)
}

/// Whether a table is another one, or a partition of it.
pub(super) fn is_part(catalog: &Catalog, part: &TableName, whole: &TableName) -> bool {
    if part == whole {
        return true;
    }
    let Some(whole) = table(catalog, whole) else { return false };
    let mut members = catalog.family(whole.id).into_iter();
    members.any(|member| catalog.table(member).is_some_and(|member| member.name == *part))
}

/// What it takes to bring rows back into a table of a removal, told by its place.
pub(super) fn of(catalog: &Catalog, removal: &Removal, spot: usize, wanted: &Wanted) -> Fate {
    let Some(stored) = removal.tables.get(spot) else {
        return Fate::Stay("it is not in the plan".to_owned());
    };
    let shown = stored.seat.table.name.visible();
    let Some(table) = table(catalog, &stored.seat.table) else {
        return Fate::Gone;
    };
    if !matches!(table.kind, TableKind::Plain | TableKind::Partitioned | TableKind::WithoutRowid) {
        return Fate::Stay(format!("{shown} is no table of this server any more"));
    }
    let (mut columns, mut types) = (Vec::new(), Vec::new());
    let (mut gone, mut computed) = (Vec::new(), Vec::new());
    let mut numbered = false;
    for kept in stored.columns.iter().filter(|kept| !kept.computed) {
        match table.column(&kept.column) {
            Some((_, own)) if matches!(own.generated, Generated::Stored | Generated::Virtual) => {
                computed.push(kept.column.visible().into_owned());
            }
            Some((_, own)) => {
                if let Some(why) = shifted(catalog, &kept.column, &kept.type_name, own) {
                    return Fate::Stay(format!("{shown}.{why}"));
                }
                columns.push(kept.column.clone());
                types.push(own.type_name.clone());
                numbered |= own.generated == Generated::IdentityAlways;
            }
            None => gone.push(kept.column.visible().into_owned()),
        }
    }
    if let Some(why) = lost(&shown, &gone, &computed).filter(|_| !wanted.partly) {
        return Fate::Stay(why);
    }
    if let Some(column) = demanding(table, stored) {
        return Fate::Stay(format!(
            "{shown}.{} is newer than the rows, takes no NULL and has no default: give it one",
            column.visible()
        ));
    }
    let stored = Stored { seat: stores::seat(catalog, table), ..stored.clone() };
    Fate::Back(Box::new(Return {
        needs: match catalog.server.engine {
            EngineKind::Postgres => needs(catalog, table, removal),
            EngineKind::Sqlite if wanted.healed => whole(catalog, table, removal, spot),
            EngineKind::Sqlite => went_with(catalog, removal, spot),
        },
        unique: unique(table, &columns),
        stored,
        columns,
        types,
        numbered,
        heard: table
            .triggers
            .iter()
            .any(|own| own.hears.as_ref().is_none_or(|heard| heard.event == Event::Insert)),
        barred: false,
    }))
}

/// Why rows do not come back into a table that would not take these columns of theirs.
fn lost(shown: &str, gone: &[String], computed: &[String]) -> Option<String> {
    if !gone.is_empty() {
        return Some(format!(
            "{shown} has no column {} any more, and what is in it would be lost: add it again, or restore --partly",
            gone.join(", ")
        ));
    }
    (!computed.is_empty()).then(|| {
        format!(
            "the engine computes {} of {shown} by now, and what was in it would be lost: make it a column of its own again, or restore --partly",
            computed.join(", ")
        )
    })
}

/// Why a value of a type would be another one in a column as it is now, whatever it is: what it becomes depends on the time
/// zone of the session that converts it.
pub(super) fn shifted(catalog: &Catalog, column: &Ident, was: &str, own: &Column) -> Option<String> {
    let postgres = catalog.server.engine == EngineKind::Postgres;
    let (before, now) = (zoned(was)?, zoned(&own.base_type).or_else(|| zoned(&own.type_name))?);
    (postgres && before != now).then(|| {
        format!(
            "{} was {} and is {} by now: what a value becomes depends on the time zone of whoever converts it; give the column its type again, restore, and change it then",
            column.visible(),
            visible(was),
            visible(&own.type_name)
        )
    })
}

/// Whether a type of dates and times has a time zone; none for other types. As the server writes it.
fn zoned(type_name: &str) -> Option<bool> {
    let bare = type_name.trim_start_matches("pg_catalog.").trim_end_matches("[]");
    let word = bare.split([' ', '(']).next().unwrap_or_default();
    match word {
        "timestamptz" | "timetz" => Some(true),
        "date" | "timestamp" | "time" => Some(bare.ends_with("with time zone")),
        _ => None,
    }
}

/// A column that would refuse every row, for no row has anything for it.
fn demanding<'t>(table: &'t Table, stored: &Stored) -> Option<&'t Ident> {
    let has = |name: &Ident| stored.columns.iter().any(|kept| kept.column == *name);
    let given = |own: &Column| own.default.is_some() || own.generated != Generated::No;
    let mut columns = table.columns.iter();
    columns.find(|own| own.not_null && !given(own) && !has(&own.name)).map(|own| &own.name)
}

/// References that the engine enforces on rows of a table. SQLite leaves that to each connection: what was there before a
/// run comes back whether it had a parent or not.
pub(super) fn enforced<'a>(catalog: &'a Catalog, table: &Table) -> impl Iterator<Item = &'a Relation> {
    let id = table.id;
    catalog.relations.iter().filter(move |relation| {
        relation.child.table == Some(id)
            && relation.origin == Origin::Declared
            && relation.flaw.is_none()
            && !relation.temporal
            && !matches!(relation.enforcement, Enforcement::Off(_) | Enforcement::PerConnection)
    })
}

/// References of a table that are declared, whether anybody enforces them or not.
pub(super) fn declared<'a>(catalog: &'a Catalog, table: &Table) -> impl Iterator<Item = &'a Relation> {
    let id = table.id;
    catalog.relations.iter().filter(move |relation| {
        relation.child.table == Some(id) && relation.origin == Origin::Declared && relation.flaw.is_none()
    })
}

/// The references along which rows of a table went, and all that are declared: what comes back because its parent is there
/// again is not to lack another.
fn whole(
    catalog: &Catalog,
    table: &Table,
    removal: &Removal,
    spot: usize,
) -> Vec<(Reference, Option<usize>)> {
    let mut needs = went_with(catalog, removal, spot);
    for reference in declared(catalog, table).filter_map(|relation| work::reference(catalog, relation)) {
        if !needs.iter().any(|(known, _)| known.relation == reference.relation) {
            let beside = |other: &Stored| other.seat.table == reference.parent.table;
            let place = removal.tables.iter().position(beside);
            needs.push((reference, place));
        }
    }
    needs
}

fn needs(catalog: &Catalog, table: &Table, removal: &Removal) -> Vec<(Reference, Option<usize>)> {
    enforced(catalog, table)
        .filter_map(|relation| {
            let reference = work::reference(catalog, relation)?;
            let beside = |other: &Stored| is_part(catalog, &relation.parent.name, &other.seat.table);
            Some((reference, removal.tables.iter().position(beside)))
        })
        .collect()
}

/// The references along which rows of a table went, as far as the columns referred to are still there.
fn went_with(catalog: &Catalog, removal: &Removal, spot: usize) -> Vec<(Reference, Option<usize>)> {
    let stands = |reference: &Reference| {
        let parent = self::table(catalog, &reference.parent.table);
        parent.is_some_and(|parent| reference.pairs.iter().all(|pair| parent.column(&pair.parent).is_some()))
    };
    // Beside what a row hung on: rows that a key forbids to be without each other.
    let own = removal.tables.get(spot).map(|stored| &stored.seat.table);
    let beside = removal.forbids().map(|(_, edge)| edge);
    let beside = beside.filter(|edge| Some(&edge.reference.child.table) == own);
    let takes = removal.takes().filter(|(_, below)| *below == spot).map(|(edge, _)| edge);
    takes
        .chain(beside)
        .filter(|edge| stands(&edge.reference))
        .map(|edge| (edge.reference.clone(), Some(edge.above)))
        .collect()
}

/// Columns that are unique together, where plain equality is the index's own, or the engine names the collation it is under.
/// What is not told apart here the engine refuses.
fn unique(table: &Table, columns: &[Ident]) -> Vec<Vec<(Ident, Option<Ident>)>> {
    let named = |places: &[usize], collations: &[String]| -> Option<Vec<(Ident, Option<Ident>)>> {
        let own: Option<Vec<_>> = places.iter().map(|place| table.columns.get(*place)).collect();
        let own = own?;
        let collations: Vec<Option<Ident>> =
            (0..own.len()).map(|at| Ident::new(collations.get(at)?.as_str()).ok()).collect();
        let plain = own.iter().zip(&collations).all(|(column, collation)| {
            let equal = column.deterministic && !column.base_type.contains('.');
            columns.contains(&column.name) && (equal || collation.is_some())
        });
        let names = own.iter().map(|column| column.name.clone());
        plain.then(|| names.zip(collations).collect())
    };
    let keys = table.keys.iter().filter_map(|key| named(&key.columns, &key.collations));
    // Where keys name their collations every index that is a key stands among them.
    let collated = table.keys.iter().any(|key| !key.collations.is_empty());
    let indexes = table
        .indexes
        .iter()
        .filter(|index| !collated && index.unique && index.valid && index.predicate.is_none());
    let indexes = indexes.filter_map(|index| {
        let places: Option<Vec<usize>> = index.columns.iter().copied().collect();
        named(&places?, &[])
    });
    let mut all: Vec<Vec<(Ident, Option<Ident>)>> = Vec::new();
    for own in keys.chain(indexes) {
        if !own.is_empty() && !all.contains(&own) {
            all.push(own);
        }
    }
    all
}

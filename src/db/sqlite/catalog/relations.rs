//! Declared relations of one schema. A parent is looked up in the child's own schema, without case, and its key by the
//! rule of `sqlite3FkLocateIndex`: the row id's name, or a full unique index under the columns' own collations.

use super::answers::{Answers, ReferenceRow};
use super::tables::{self, Read};
use crate::model::catalog::{Gap, Key, Table, TableKind};
use crate::model::ident::{Ident, TableName, written};
use crate::model::relation::{
    self, Comparison, End, Enforcement, Flaw, Matching, Origin, Referential, Relation,
};
use crate::sql::sqlite::ddl::Reference;
use std::collections::HashMap;

/// Reads the relations whose children lie in this schema.
pub(super) fn read(
    schema: &Ident,
    answers: &Answers,
    read: &Read,
    default_schema: &str,
    gaps: &mut Vec<Gap>,
) -> Vec<Relation> {
    let names = read.tables.iter().map(|table| (table.name.name.raw().to_ascii_lowercase(), table));
    let parents = Parents { schema, answers, tables: names.collect() };
    let mut relations = Vec::new();
    for child in &read.tables {
        let Some(rows) = answers.references.get(child.name.name.raw()) else { continue };
        let texts = read.definitions.get(child.name.name.raw()).map(|text| text.references.as_slice());
        let groups: Vec<&[ReferenceRow]> = rows.chunk_by(|one, next| one.id == next.id).collect();
        let texts = texts.filter(|texts| texts.len() == groups.len());
        if texts.is_none() && read.definitions.contains_key(child.name.name.raw()) {
            gaps.push(Gap {
                object: child.name.written(default_schema),
                reason: "its definition and PRAGMA foreign_key_list disagree: constraint names are unknown"
                    .to_owned(),
            });
        }
        // The pragma lists the newest definition first.
        for (nth, group) in groups.iter().rev().enumerate() {
            let text = texts.and_then(|texts| texts.get(nth));
            let number = u32::try_from(nth + 1).unwrap_or_default();
            match parents.relation(child, group, text, number, default_schema) {
                Some(relation) => relations.push(relation),
                None => gaps.push(Gap {
                    object: child.name.written(default_schema),
                    reason: "the parent of one of its references could not be read".to_owned(),
                }),
            }
        }
    }
    relations
}

/// Puts relations in the order people read them, and tells apart those that share an id.
pub(super) fn order(relations: &mut [Relation]) {
    relations.sort_by(|one, other| {
        (&one.child.name, &one.child.columns, &one.id).cmp(&(
            &other.child.name,
            &other.child.columns,
            &other.id,
        ))
    });
    let mut seen: HashMap<String, usize> = HashMap::new();
    for relation in relations {
        let times = seen.entry(relation.id.clone()).or_default();
        *times += 1;
        if *times > 1 {
            let name = relation.constraint.as_ref().map_or_else(|| times.to_string(), written);
            relation.id = format!("{}#{name}", relation.id);
        }
    }
}

/// Where parents are found.
struct Parents<'a> {
    schema: &'a Ident,
    answers: &'a Answers,
    tables: HashMap<String, &'a Table>,
}

impl Parents<'_> {
    fn relation(
        &self,
        child: &Table,
        rows: &[ReferenceRow],
        text: Option<&Reference>,
        number: u32,
        default_schema: &str,
    ) -> Option<Relation> {
        let first = rows.first()?;
        let columns: Vec<Ident> = rows.iter().filter_map(|row| spelled(child, &row.from)).collect();
        let child = End { table: Some(child.id), name: child.name.clone(), columns };
        let (parent, key) = self.parent(first, rows)?;
        let (comparisons, flaw) = match key {
            Ok(collations) => (self.comparisons(&child, &parent, &collations), None),
            Err(flaw) => (Vec::new(), Some(flaw)),
        };
        Some(Relation {
            id: relation::id(&child, &parent, default_schema),
            origin: Origin::Declared,
            constraint: text.and_then(|text| Ident::new(text.constraint.clone()?).ok()),
            oid: number,
            on_delete: referential(&first.on_delete),
            on_update: referential(&first.on_update),
            set_columns: Vec::new(),
            // SQLite reads MATCH and does not act on it.
            matching: Matching::Simple,
            deferrable: text.is_some_and(|text| text.deferrable),
            initially_deferred: text.is_some_and(|text| text.initially_deferred),
            // SQLite has no unchecked constraints: whoever enforces them enforces them on every row.
            validated: true,
            enforcement: Enforcement::PerConnection,
            temporal: false,
            comparisons,
            partitions: 0,
            flaw,
            parent_index: None,
            child,
            parent,
        })
    }

    /// The parent's side, and the collations of the key that is relied on.
    fn parent(
        &self,
        first: &ReferenceRow,
        rows: &[ReferenceRow],
    ) -> Option<(End, Result<Vec<String>, Flaw>)> {
        let name = Ident::new(first.parent.as_str()).ok()?;
        let named: Vec<Ident> = rows.iter().filter_map(|row| Ident::new(row.to.as_deref()?).ok()).collect();
        let end = |name: Ident, columns: Vec<Ident>| End {
            table: None,
            name: TableName { schema: self.schema.clone(), name },
            columns,
        };
        let Some(table) = self.tables.get(&first.parent.to_ascii_lowercase()) else {
            let flaw = self.absent(&first.parent)?;
            return Some((end(name, named), Err(flaw)));
        };
        let columns = if named.is_empty() { primary(table) } else { stored(table, &named) };
        let parent = End { table: Some(table.id), name: table.name.clone(), columns };
        let key = if table.kind == TableKind::Virtual {
            Err(Flaw::NotATable)
        } else if named.is_empty() {
            implicit(table, rows.len())
        } else {
            explicit(table, &parent.columns)
        };
        Some((parent, key))
    }

    /// Why there is no table of this name; none when there is one that could not be read.
    fn absent(&self, name: &str) -> Option<Flaw> {
        let found = self.answers.objects.iter().find(|object| object.name.eq_ignore_ascii_case(name));
        if tables::is_internal(name) {
            return Some(Flaw::NotUnique("it is a table of SQLite's own, without a unique key".to_owned()));
        }
        match found {
            None => Some(Flaw::MissingTable),
            Some(object) if object.sort == "view" => Some(Flaw::NotATable),
            Some(_) => None,
        }
    }

    /// Each pair is compared by `=` under the collation of the parent's key; it is spelled out where the child's differs.
    fn comparisons(&self, child: &End, parent: &End, collations: &[String]) -> Vec<Comparison> {
        let own = |end: &End, place: usize| {
            let table = self.tables.get(&end.name.name.raw().to_ascii_lowercase())?;
            table.column(end.columns.get(place)?)?.1.collation.clone()
        };
        let compare = |(place, collation): (usize, &String)| {
            let key = tables::named(collation);
            let plain = own(child, place) == key && own(parent, place) == key;
            Comparison { collate: if plain { None } else { key }, ..Comparison::default() }
        };
        collations.iter().enumerate().map(compare).collect()
    }
}

fn referential(words: &str) -> Referential {
    match words {
        "CASCADE" => Referential::Cascade,
        "RESTRICT" => Referential::Restrict,
        "SET NULL" => Referential::SetNull,
        "SET DEFAULT" => Referential::SetDefault,
        _ => Referential::NoAction,
    }
}

fn place(table: &Table, name: &str) -> Option<usize> {
    table.columns.iter().position(|column| column.name.raw().eq_ignore_ascii_case(name))
}

/// A column's name as its table spells it.
fn spelled(table: &Table, name: &str) -> Option<Ident> {
    let found = place(table, name).and_then(|place| table.columns.get(place));
    found.map_or_else(|| Ident::new(name).ok(), |column| Some(column.name.clone()))
}

fn stored(table: &Table, names: &[Ident]) -> Vec<Ident> {
    names.iter().map(|name| spelled(table, name.raw()).unwrap_or_else(|| name.clone())).collect()
}

fn primary(table: &Table) -> Vec<Ident> {
    let places = table.primary_key().map(|key| key.columns.as_slice()).unwrap_or_default();
    places.iter().filter_map(|place| Some(table.columns.get(*place)?.name.clone())).collect()
}

/// Without columns, the primary key is meant, under whatever collations it has.
fn implicit(table: &Table, columns: usize) -> Result<Vec<String>, Flaw> {
    let Some(key) = table.primary_key() else {
        let parent = written(&table.name.name);
        return Err(Flaw::NotUnique(format!("no columns of {parent} are named, and it has no primary key")));
    };
    if key.columns.len() == columns {
        Ok(key.collations.clone())
    } else {
        Err(Flaw::ColumnCount { child: columns, parent: key.columns.len() })
    }
}

fn explicit(table: &Table, columns: &[Ident]) -> Result<Vec<String>, Flaw> {
    let missing: Vec<Ident> =
        columns.iter().filter(|name| place(table, name.raw()).is_none()).cloned().collect();
    if !missing.is_empty() {
        return Err(Flaw::MissingColumns(missing));
    }
    let places: Vec<usize> = columns.iter().filter_map(|name| place(table, name.raw())).collect();
    let covers = |key: &&Key| {
        key.columns.len() == places.len() && key.columns.iter().all(|place| places.contains(place))
    };
    let own =
        |place: usize| table.columns.get(place)?.collation.as_ref().map(|name| name.name.raw().to_owned());
    let usable = |key: &&Key| {
        key.columns.iter().zip(&key.collations).all(|(place, used)| own(*place).as_ref() == Some(used))
    };
    if table.keys.iter().filter(covers).any(|key| usable(&key)) {
        return Ok(places.iter().filter_map(|place| own(*place)).collect());
    }
    Err(Flaw::NotUnique(no_key(table, columns, table.keys.iter().any(|key| covers(&key)))))
}

fn no_key(table: &Table, columns: &[Ident], other_collation: bool) -> String {
    let names: Vec<String> = columns.iter().map(written).collect();
    let (parent, names) = (written(&table.name.name), names.join(", "));
    if other_collation {
        format!("the unique index on {parent} ({names}) is under another collation than the columns")
    } else {
        format!(
            "no primary key or unique index of {parent} covers exactly ({names}) without predicate or expression"
        )
    }
}

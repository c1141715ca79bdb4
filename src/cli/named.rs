//! Names a person types for relations and tables, and what they may have meant.

use crate::cli::args::Target;
use crate::config::key::distance;
use crate::model::catalog::{Catalog, TableId};
use crate::model::fault::{Fault, Kind};
use crate::model::ident::written;
use crate::model::relation::{self, Relation};
use crate::model::text::visible;
use std::ffi::OsString;
use std::path::Path;

/// The target, where one is given, and what is meant in it: [TARGET] WHAT.
///
/// # Errors
/// Usage, when the one name that is given is that of a database.
pub(crate) fn within(mut names: Vec<OsString>, what: &str, list: &str) -> Result<(Target, String), Fault> {
    let last = names.pop().unwrap_or_default();
    let target = names.pop();
    let text = last.to_string_lossy().into_owned();
    let database = text.contains("://") || text.starts_with("service=") || Path::new(&last).is_file();
    if target.is_none() && database {
        let fault = Fault::new(Kind::Usage, format!("{} is a database: which {what} of it?", visible(&text)));
        return Err(fault.hint(format!("Name the {what} behind it; waif {list} TARGET lists them.")));
    }
    Ok((Target { target }, text))
}

/// The place of the relation that RELATION names: by its id, with or without the default schema, or by
/// `table.constraint`.
///
/// # Errors
/// Usage, with the nearest ids, when it names none or more than one.
pub(crate) fn relation(catalog: &Catalog, typed: &str) -> Result<usize, Fault> {
    let meant = spaceless(typed);
    let named = |relation: &Relation| {
        let whole = relation::id(&relation.child, &relation.parent, "");
        [relation.id.as_str(), &whole].into_iter().any(|id| id == typed || spaceless(id) == meant)
            || by_constraint(catalog, relation).iter().any(|name| name == typed)
    };
    // Its very id names one, whatever else it may be short for.
    let exact = |relation: &Relation| relation.id == typed || spaceless(&relation.id) == meant;
    if let [one] = places(catalog, exact)[..] {
        return Ok(one);
    }
    let found: Vec<usize> = places(catalog, named);
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(unknown("relation", typed, catalog.relations.iter().map(|relation| relation.id.clone()))),
        several => {
            let ids = several.iter().map(|place| visible(&catalog.relations[*place].id).into_owned());
            Err(Fault::new(Kind::Usage, format!("More than one relation is called {}.", visible(typed)))
                .hint(format!("Name one by its id: {}", ids.collect::<Vec<_>>().join(" or "))))
        }
    }
}

fn places(catalog: &Catalog, named: impl Fn(&Relation) -> bool) -> Vec<usize> {
    let relations = catalog.relations.iter().enumerate();
    relations.filter(|(_, relation)| named(relation)).map(|(place, _)| place).collect()
}

/// `table.constraint`, as a person may write it: with and without the schema, quoted or as stored.
fn by_constraint(catalog: &Catalog, relation: &Relation) -> Vec<String> {
    let Some(constraint) = &relation.constraint else { return Vec::new() };
    let table = &relation.child.name;
    let mut names = vec![
        format!("{}.{}", catalog.written(table), written(constraint)),
        format!("{}.{}", table.written(""), written(constraint)),
        format!("{}.{}.{}", table.schema.raw(), table.name.raw(), constraint.raw()),
    ];
    if table.schema.raw() == catalog.server.default_schema {
        names.push(format!("{}.{}", table.name.raw(), constraint.raw()));
    }
    names
}

/// The table that a name means: as written, or as stored.
///
/// # Errors
/// Usage, with the nearest names.
pub(crate) fn table(catalog: &Catalog, typed: &str) -> Result<TableId, Fault> {
    let default = catalog.server.default_schema.as_str();
    let found = catalog.tables.iter().find(|table| {
        let name = &table.name;
        name.written(default) == typed
            || name.written("") == typed
            || format!("{}.{}", name.schema.raw(), name.name.raw()) == typed
            || (name.schema.raw() == default && name.name.raw() == typed)
    });
    let names = || catalog.tables.iter().map(|table| catalog.written(&table.name));
    found.map(|table| table.id).ok_or_else(|| unknown("table", typed, names()))
}

/// A relation's id without the blanks a person may put around its marks.
fn spaceless(text: &str) -> String {
    if text.contains('"') { text.to_owned() } else { text.chars().filter(|c| *c != ' ').collect() }
}

fn unknown(what: &str, typed: &str, names: impl Iterator<Item = String>) -> Fault {
    let mut near: Vec<((usize, usize), String)> = names
        .map(|name| ((usize::MAX - alike(typed, &name), distance(typed, &name)), name))
        .filter(|((unlike, far), _)| *unlike < usize::MAX || *far <= 2)
        .collect();
    near.sort();
    let near: Vec<String> = near.into_iter().take(5).map(|(_, name)| visible(&name).into_owned()).collect();
    let fault = Fault::new(Kind::Usage, format!("No {what} is called {}.", visible(typed)));
    match near.as_slice() {
        [] => fault.hint("`waif graph TARGET --no-count` lists all tables and relations."),
        near => fault.hint(format!("Near it: {}", near.join("  "))),
    }
}

/// How many pieces of three letters two texts share.
fn alike(one: &str, other: &str) -> usize {
    let pieces = |text: &str| -> Vec<[char; 3]> {
        let letters: Vec<char> = text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
        letters.windows(3).map(|piece| [piece[0], piece[1], piece[2]]).collect()
    };
    let others = pieces(other);
    pieces(one).iter().filter(|piece| others.contains(piece)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tests::draft::Draft;

    fn shop() -> Catalog {
        let mut draft = Draft::postgres();
        draft.table("customers", "id bigint!");
        draft.table("app.orders", "id bigint!, customer_id bigint");
        draft.table("Odd One", "id bigint!, a bigint, b bigint");
        draft.relation("app.orders(customer_id)->customers(id)");
        draft.relation("Odd One(a,b)->customers(id,id)");
        draft.catalog
    }

    #[test]
    fn a_relation_is_found_by_id_by_whole_id_and_by_constraint() {
        let catalog = shop();
        for typed in [
            "app.orders(customer_id)->customers(id)",
            "app.orders(customer_id) -> customers(id)",
            "app.orders(customer_id)->public.customers(id)",
            "app.orders.orders_customer_id_fkey",
        ] {
            assert_eq!(relation(&catalog, typed), Ok(0), "{typed}");
        }
        for typed in ["\"Odd One\"(a,b)->customers(id,id)", "Odd One.Odd One_a_fkey"] {
            assert_eq!(relation(&catalog, typed), Ok(1), "{typed}");
        }
    }

    #[test]
    fn what_is_not_there_is_answered_with_what_is_near() {
        let catalog = shop();
        let fault = relation(&catalog, "orders(customer)->customers(id)").unwrap_err();
        assert_eq!(fault.kind, Kind::Usage);
        let hint = fault.hint.unwrap();
        assert!(hint.starts_with("Near it: app.orders(customer_id)->customers(id)"), "{hint}");
        let fault = table(&catalog, "costumers").unwrap_err();
        assert!(fault.hint.unwrap().contains("customers"));
        assert!(table(&catalog, "zzz").unwrap_err().hint.unwrap().contains("--no-count"));
    }

    #[test]
    fn a_table_is_found_as_written_and_as_stored() {
        let catalog = shop();
        for typed in ["app.orders", "customers", "public.customers", "Odd One", "\"Odd One\""] {
            assert!(table(&catalog, typed).is_ok(), "{typed}");
        }
    }
}

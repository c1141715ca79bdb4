//! Lists: missing parents of a relation, and orphan rows, one page at a time. Keyset paged: a page never skips or
//! repeats a row while others write.

use crate::db::{Engine, Limits, Reader};
use crate::model::catalog::Catalog;
use crate::model::fault::{Fault, Kind};
use crate::model::list::{List, MissingParents};
use crate::model::relation::Relation;
use crate::model::value::Value;
use crate::sql::Page;

/// The missing parent keys of a relation, most children first, at most `limit`.
///
/// # Errors
/// Any [`Fault`] of the query; `Unsupported` for a relation that is broken.
pub async fn missing_parents(
    engine: &dyn Engine,
    reader: &mut dyn Reader,
    catalog: &Catalog,
    relation: &Relation,
    limit: u32,
) -> Result<MissingParents, Fault> {
    sound(relation)?;
    let list = engine.dialect().missing_parents(catalog, relation, limit.saturating_add(1));
    let mut rows = reader.fetch(&list.query, Limits::default()).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let keys = rows
        .into_iter()
        .filter_map(|mut row| {
            let children = row.pop()?.count()?;
            Some((row, children))
        })
        .collect();
    let headings = relation.child.columns.iter().map(|name| name.raw().to_owned()).collect();
    Ok(MissingParents { headings, keys, more })
}

/// One page of a relation's orphan rows; only the children of one missing parent when its key is given.
///
/// # Errors
/// Any [`Fault`] of the query; `Unsupported` for a relation that is broken.
pub async fn orphan_rows(
    engine: &dyn Engine,
    reader: &mut dyn Reader,
    catalog: &Catalog,
    relation: &Relation,
    of: Option<&[Value]>,
    page: &Page,
) -> Result<List, Fault> {
    sound(relation)?;
    let wanted = page.limit as usize;
    let one_more = Page { after: page.after.clone(), limit: page.limit.saturating_add(1) };
    let list = engine.dialect().orphan_rows(catalog, relation, of, &one_more);
    let mut rows = reader.fetch(&list.query, Limits::default()).await?;
    let more = rows.len() > wanted;
    rows.truncate(wanted);
    let next = rows.last().filter(|_| more).map(|row| row[..list.key_columns.min(row.len())].to_vec());
    let (keys, rows) = rows
        .into_iter()
        .map(|mut row| {
            let cells = row.split_off(list.key_columns.min(row.len()));
            (row, cells)
        })
        .unzip();
    Ok(List { headings: list.headings, rows, keys, next })
}

fn sound(relation: &Relation) -> Result<(), Fault> {
    match relation.flaw {
        None => Ok(()),
        Some(_) => Err(Fault::new(Kind::Unsupported, "orphan rows of a broken reference cannot be listed")
            .hint("Every child row with a key violates it; mend the reference first.")),
    }
}

//! Columns that a plan overwrites itself. They tell nobody whether a row is the one it was: a step that is brought back
//! without the others would take what the plan did for the work of somebody else.

use super::reach::{self, Fate, Found, root};
use crate::model::catalog::{Catalog, TableId};
use crate::model::ident::Ident;
use crate::repair::planner::wish::{Does, What, Wish};
use std::collections::BTreeSet;

/// The columns of a table that any of these overwrites.
pub(crate) fn of(catalog: &Catalog, wishes: &[Wish], table: TableId, found: &Found) -> BTreeSet<Ident> {
    let mut written = BTreeSet::new();
    for wish in wishes {
        match &wish.what {
            What::Backfill(copy) if root(catalog, copy.table) == table => {
                written.insert(copy.column.clone());
            }
            What::Lost(lost) => match &lost.does {
                Does::Nullify(named) if root(catalog, lost.key.child) == table => {
                    let columns = if named.is_empty() { &lost.key.columns } else { named };
                    written.extend(columns.iter().cloned());
                }
                Does::Remove(_) => {
                    for link in reach::of(catalog, wishes, lost, found).links {
                        let child = link.relation.child.table.map(|child| root(catalog, child));
                        if let (Some(child), Fate::Overwritten { columns, .. }) = (child, link.fate)
                            && child == table
                        {
                            written.extend(columns);
                        }
                    }
                }
                Does::Nullify(_) | Does::Adopt => {}
            },
            _ => {}
        }
    }
    written
}

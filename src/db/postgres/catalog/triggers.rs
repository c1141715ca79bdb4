//! Triggers and rules of users, from `triggers.sql`, and the texts that only `definitions.sql` knows.

use super::answer::Answer;
use super::draft::Draft;
use crate::model::catalog::Trigger;
use crate::model::fault::Fault;
use crate::model::ident::Ident;
use crate::model::value::Row;

/// Puts triggers and rules into their tables, by name: the order in which they fire.
pub(super) fn place(draft: &mut Draft, rows: &[Row]) -> Result<(), Fault> {
    let mut named: Vec<(Ident, Answer<'_>)> = Vec::with_capacity(rows.len());
    for row in rows {
        let answer = Answer::new(row);
        match answer.name(3)? {
            Ok(name) => named.push((name, answer)),
            Err(name) => draft.unwritable(answer.text(0)?, name),
        }
    }
    named.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (name, answer) in named {
        let Some(table) = draft.by_oid(answer.oid(2)?) else { continue };
        if answer.text(0)? == "rule" {
            table.rules.push(name);
            continue;
        }
        table.triggers.push(Trigger {
            name,
            definition: "not read: the table is locked".to_owned(),
            enabled: answer.truth(4)?,
            before_row: answer.truth(5)?,
            hears: None,
        });
        let place = (table.id, table.triggers.len() - 1);
        draft.triggers.insert(answer.oid(1)?, place);
    }
    Ok(())
}

/// Fills in the texts of partition keys, predicates and triggers.
pub(super) fn define(draft: &mut Draft, rows: &[Row]) -> Result<(), Fault> {
    for row in rows {
        let answer = Answer::new(row);
        let oid = answer.oid(1)?;
        // NULL where the object was dropped since.
        let Some(text) = answer.prose(2)? else { continue };
        match answer.text(0)? {
            "partition key" => {
                if let Some(table) = draft.by_oid(oid) {
                    table.partition_key = Some(text);
                }
            }
            "predicate" => {
                if let Some(&(id, at)) = draft.indexes.get(&oid) {
                    draft.tables[id.0 as usize].indexes[at].predicate = Some(text);
                }
            }
            _ => {
                if let Some(&(id, at)) = draft.triggers.get(&oid) {
                    draft.tables[id.0 as usize].triggers[at].definition = text;
                }
            }
        }
    }
    Ok(())
}

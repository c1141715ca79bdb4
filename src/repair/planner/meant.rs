//! Which foreign key an action means, and with which options.

use super::reading::{No, Reading, no, shown, truth};
use super::subject::{self, Side};
use super::wish::{KeyWish, Options};
use crate::model::action::{Action, Verb};
use crate::model::ident::{Ident, written};
use crate::model::relation::{End, Matching, Referential, Relation};
use crate::model::text::visible;

/// What stands behind the id of the first of several relations that have no other name, where one of them must be meant.
const FIRST: &str = "#1";

impl Reading<'_> {
    /// The foreign key an action names; `declared` asks for one that is there.
    pub(super) fn key(&self, action: &Action, declared: bool) -> Result<KeyWish, No> {
        let options = options(action)?;
        let form = || {
            no(
                format!("{} names no relation.", shown(action)),
                format!(
                    "Write {}:TABLE(COLUMN,…)->PARENT(COLUMN,…) or TABLE.CONSTRAINT.",
                    action.verb.word()
                ),
            )
        };
        if let Some(found) = self.found(action, &options)? {
            return Ok(found);
        }
        let read = subject::read(&action.subject).ok_or_else(form)?;
        let (child, Some(parent)) = read else {
            return Err(no(
                format!("No foreign key is called {}.", visible(&action.subject)),
                "`waif graph TARGET --no-count` lists all relations.",
            ));
        };
        let (Some(ours), Some(theirs)) = (&child.columns, &parent.columns) else { return Err(form()) };
        let (child, parent) = (self.table(&child.parts)?, self.table(&parent.parts)?);
        let (ours, theirs) = (self.columns(child, ours)?, self.columns(parent, theirs)?);
        if ours.len() != theirs.len() {
            return Err(no(
                format!(
                    "{} names {} columns on one side and {} on the other.",
                    shown(action),
                    ours.len(),
                    theirs.len()
                ),
                "Name as many columns of the child as of the parent.",
            ));
        }
        if declared {
            return Err(no(
                format!("There is no foreign key {}.", visible(&action.subject)),
                "Add it with add-fk, or look at `waif graph TARGET --no-count`.",
            ));
        }
        Ok(KeyWish {
            child: child.id,
            columns: ours,
            parent: parent.id,
            parent_columns: theirs,
            declared: None,
            options,
        })
    }

    /// The one foreign key that is there and meant, where there is one.
    fn found(&self, action: &Action, options: &Options) -> Result<Option<KeyWish>, No> {
        match self.declared(&action.subject).as_slice() {
            [one] => self.wish_of(action, *one, options.clone()).map(Some),
            [] => Ok(None),
            many => {
                let names: Vec<String> =
                    many.iter().map(|place| self.told_apart(&self.catalog.relations[*place])).collect();
                let subject = visible(&action.subject);
                Err(no(
                    format!("{} constraints are over the columns of {subject}.", many.len()),
                    format!("Name one: {}.", visible(&names.join(" or "))),
                ))
            }
        }
    }

    /// The name by which a relation is meant and no other over the same columns: that of its constraint, or what its id ends
    /// in. The id of the first has no such end.
    fn told_apart(&self, relation: &Relation) -> String {
        match &relation.constraint {
            Some(constraint) => {
                format!("{}.{}", self.catalog.written(&relation.child.name), written(constraint))
            }
            None if relation.id.ends_with(')') => format!("{}{FIRST}", relation.id),
            None => relation.id.clone(),
        }
    }

    fn wish_of(&self, action: &Action, place: usize, options: Options) -> Result<KeyWish, No> {
        let relation = &self.catalog.relations[place];
        // A key that can never be satisfied can only be dropped, also where its parent is nowhere.
        let flawed = relation.flaw.is_some() && action.verb != Verb::DropFk;
        let parent = relation.parent.table.or(relation.child.table);
        let (Some(child), Some(parent), false) = (relation.child.table, parent, flawed) else {
            return Err(no(
                format!("{} can never be satisfied as it is declared.", visible(&relation.id)),
                "Mend its declaration first; `waif check` tells what is wrong with it.",
            ));
        };
        if relation.temporal {
            return Err(no(
                format!("{} refers to periods, which waif does not repair.", visible(&relation.id)),
                "Change it by hand.",
            ));
        }
        Ok(KeyWish {
            child,
            columns: relation.child.columns.clone(),
            parent,
            parent_columns: relation.parent.columns.clone(),
            declared: Some(place),
            options,
        })
    }

    /// Declared relations that a subject names: by `table.constraint`, or by tables and columns. A twin that waif made of
    /// another one is not meant unless it is named.
    fn declared(&self, subject: &str) -> Vec<usize> {
        let relations = self.catalog.relations.iter().enumerate();
        // Where it is the only one by now, another was meant.
        let others = |id: &&str| relations.clone().any(|(_, other)| other.id.starts_with(&format!("{id}#")));
        let id = subject.strip_suffix(FIRST).filter(others).unwrap_or(subject);
        let by_id = relations.clone().find(|(_, relation)| relation.id == id);
        match subject::read(subject) {
            Some((child, Some(parent))) => {
                let same = |end: &End, side: &Side| {
                    let table = subject::table(self.catalog, &side.parts).map(|table| table.id);
                    end.table == table
                        && table.is_some()
                        && side.columns.as_deref() == Some(end.columns.as_slice())
                };
                let found: Vec<(usize, &Relation)> = relations
                    .filter(|(_, relation)| same(&relation.child, &child) && same(&relation.parent, &parent))
                    .collect();
                let is_twin = |relation: &Relation| {
                    let others = found.iter().filter_map(|(_, other)| other.constraint.as_ref());
                    let name = relation.constraint.as_ref().map(Ident::raw);
                    others.into_iter().any(|other| name == Some(super::names::twin(other).as_str()))
                };
                found.iter().filter(|(_, relation)| !is_twin(relation)).map(|(place, _)| *place).collect()
            }
            Some((Side { parts, columns: None }, None)) => {
                let Some((constraint, parts)) = parts.split_last() else { return Vec::new() };
                let table = subject::table(self.catalog, parts).map(|table| table.id);
                relations
                    .filter(|(_, relation)| {
                        relation.child.table == table && relation.constraint.as_ref() == Some(constraint)
                    })
                    .map(|(place, _)| place)
                    .collect()
            }
            _ => by_id.map(|(place, _)| place).into_iter().collect(),
        }
    }
}

fn one_of<T: Copied>(action: &Action, name: &str, values: &[(&str, T)]) -> Result<Option<T>, No> {
    let Some(given) = action.option(name) else { return Ok(None) };
    values.iter().find(|(word, _)| *word == given).map(|(_, value)| Some(*value)).ok_or_else(|| {
        let words: Vec<&str> = values.iter().map(|(word, _)| *word).collect();
        no(format!("{} is no value of {name}.", visible(given)), format!("It takes {}.", words.join(", ")))
    })
}

trait Copied: std::marker::Copy {}
impl<T: std::marker::Copy> Copied for T {}

fn options(action: &Action) -> Result<Options, No> {
    const ACTIONS: [(&str, Referential); 5] = [
        ("no_action", Referential::NoAction),
        ("restrict", Referential::Restrict),
        ("cascade", Referential::Cascade),
        ("set_null", Referential::SetNull),
        ("set_default", Referential::SetDefault),
    ];
    let initially = one_of(action, "initially", &[("deferred", true), ("immediate", false)])?;
    let deferrable = truth(action, "deferrable")?;
    if initially == Some(true) && deferrable == Some(false) {
        return Err(no(
            "A key that is not deferrable cannot be initially deferred.",
            "Leave one of them out.",
        ));
    }
    Ok(Options {
        name: action.option("name").map(str::to_owned),
        on_delete: one_of(action, "on_delete", &ACTIONS)?,
        on_update: one_of(action, "on_update", &ACTIONS)?,
        matching: one_of(action, "match", &[("simple", Matching::Simple), ("full", Matching::Full)])?,
        deferrable: deferrable.or(initially.filter(|deferred| *deferred)),
        initially_deferred: initially,
    })
}

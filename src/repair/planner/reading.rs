//! Reading actions against the catalog. What names nothing becomes a refusal; all of them are collected.

use super::gone::reach;
use super::subject::{self, Side};
use super::wish::{Does, LostWish, What, Wish};
use crate::model::action::{Action, Verb};
use crate::model::catalog::{Catalog, Table};
use crate::model::copy::Copy;
use crate::model::ident::{Ident, written};
use crate::model::plan::refusal::{Refusal, Why};
use crate::model::plan::removal::Manner;
use crate::model::text::visible;

/// Reads actions: what they ask for, and why some ask for nothing.
pub(crate) fn read(catalog: &Catalog, actions: &[Action], copies: &[Copy]) -> (Vec<Wish>, Vec<Refusal>) {
    let reader = Reading { catalog, actions, copies };
    let mut wishes = Vec::new();
    let mut refusals = Vec::new();
    for (place, action) in actions.iter().enumerate() {
        if let Some(first) = actions[..place].iter().position(|earlier| earlier == action) {
            refusals.push(Refusal {
                why: Why::Subject,
                action: Some(place),
                sentence: format!("{} is staged twice, first as action {}.", shown(action), first + 1),
                remedy: Some("Stage it once.".to_owned()),
            });
            continue;
        }
        match reader.wish(place, action) {
            Ok(what) => wishes.push(Wish { action: place, what }),
            Err(No { why, sentence, remedy }) => {
                refusals.push(Refusal { why, action: Some(place), sentence, remedy });
            }
        }
    }
    reach::widen(catalog, &mut wishes);
    (wishes, refusals)
}

/// An action as a person may see it.
pub(super) fn shown(action: &Action) -> String {
    visible(&action.to_string()).into_owned()
}

/// Why an action asks for nothing.
pub(super) struct No {
    pub(super) why: Why,
    pub(super) sentence: String,
    pub(super) remedy: Option<String>,
}

pub(super) fn no(sentence: impl Into<String>, remedy: impl Into<String>) -> No {
    No { why: Why::Subject, sentence: sentence.into(), remedy: Some(remedy.into()) }
}

pub(super) struct Reading<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) actions: &'a [Action],
    pub(super) copies: &'a [Copy],
}

impl Reading<'_> {
    fn wish(&self, place: usize, action: &Action) -> Result<What, No> {
        let known: &[&str] = match action.verb {
            Verb::Backfill | Verb::Adopt | Verb::Quarantine | Verb::Delete => &["triggers"],
            Verb::Nullify => &["triggers", "columns"],
            Verb::Index => &["partial", "name"],
            Verb::AddFk => &["name", "on_delete", "on_update", "match", "deferrable", "initially"],
            Verb::ReplaceFk => &["on_delete", "on_update", "match", "deferrable", "initially"],
            Verb::Validate | Verb::DropFk => &[],
        };
        if let Some((name, _)) = action.options.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            let takes = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(no(
                format!("{} takes no option {}.", action.verb.word(), visible(name)),
                format!("Its options are: {takes}."),
            ));
        }
        match action.verb {
            Verb::Backfill => self.backfill(place, action).map(What::Backfill),
            Verb::Adopt => self.lost(action, Does::Adopt),
            Verb::Nullify => self.lost(action, Does::Nullify(Vec::new())),
            Verb::Quarantine => self.lost(action, Does::Remove(Manner::Quarantine)),
            Verb::Delete => self.lost(action, Does::Remove(Manner::Delete)),
            Verb::Index => self.index(action),
            Verb::AddFk => self.key(action, false).map(What::Add),
            Verb::Validate => self.key(action, true).map(What::Validate),
            Verb::ReplaceFk => self.key(action, true).map(What::Replace),
            Verb::DropFk => self.key(action, true).map(What::Drop),
        }
    }

    pub(super) fn table(&self, parts: &[Ident]) -> Result<&Table, No> {
        subject::table(self.catalog, parts).ok_or_else(|| {
            let name = parts.iter().map(written).collect::<Vec<_>>().join(".");
            no(
                format!("There is no table {}.", visible(&name)),
                "`waif graph TARGET --no-count` lists all tables.",
            )
        })
    }

    pub(super) fn columns(&self, table: &Table, columns: &[Ident]) -> Result<Vec<Ident>, No> {
        match columns.iter().find(|column| table.column(column).is_none()) {
            None => Ok(columns.to_vec()),
            Some(missing) => {
                let names: Vec<String> = table.columns.iter().map(|column| written(&column.name)).collect();
                Err(no(
                    format!(
                        "{} has no column {}.",
                        visible(&self.catalog.written(&table.name)),
                        visible(&written(missing))
                    ),
                    format!("It has: {}.", visible(&names.join(", "))),
                ))
            }
        }
    }

    fn index(&self, action: &Action) -> Result<What, No> {
        let partial = truth(action, "partial")?.unwrap_or(false);
        let name = action.option("name").map(str::to_owned);
        // A table with columns will do: an index needs no parent.
        if let Some((Side { parts, columns: Some(columns) }, None)) = subject::read(&action.subject) {
            let table = self.table(&parts)?;
            let columns = self.columns(table, &columns)?;
            return Ok(What::Index { table: table.id, columns, partial, name, key: None });
        }
        let bare = Action { options: Vec::new(), ..action.clone() };
        let key = self.key(&bare, false)?;
        Ok(What::Index { table: key.child, columns: key.columns.clone(), partial, name, key: Some(key) })
    }
}

impl Reading<'_> {
    /// Rows without a parent, by the reference they lack one of.
    fn lost(&self, action: &Action, does: Does) -> Result<What, No> {
        let bare = Action { options: Vec::new(), ..action.clone() };
        let key = self.key(&bare, false)?;
        let triggers_fire = match action.option("triggers") {
            None => false,
            Some("fire") => true,
            Some(other) => {
                return Err(no(
                    format!("{} is no value of triggers.", visible(other)),
                    "Write triggers=fire, or leave it out.",
                ));
            }
        };
        let does = match (does, action.option("columns")) {
            (Does::Nullify(_), Some(given)) => Does::Nullify(self.narrowed(&key.columns, given)?),
            (does, _) => does,
        };
        Ok(What::Lost(LostWish { key, does, triggers_fire, reached: Vec::new() }))
    }

    /// The columns of a key that are named.
    fn narrowed(&self, all: &[Ident], given: &str) -> Result<Vec<Ident>, No> {
        let named: Vec<&str> = given.split(',').map(str::trim).collect();
        match named.iter().find(|name| !all.iter().any(|column| column.raw() == **name)) {
            None => Ok(all.iter().filter(|column| named.contains(&column.raw())).cloned().collect()),
            Some(unknown) => {
                let names: Vec<String> = all.iter().map(written).collect();
                Err(no(
                    format!("{} is no column of the reference.", visible(unknown)),
                    format!("It has: {}.", visible(&names.join(", "))),
                ))
            }
        }
    }
}

pub(super) fn truth(action: &Action, name: &str) -> Result<Option<bool>, No> {
    match action.option(name) {
        None => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(other) => Err(no(
            format!("{} is no value of {name}.", visible(other)),
            format!("Write {name}=true or {name}=false."),
        )),
    }
}

//! A relation as the rules look at it: with its tally and both tables at hand, and the words rules share. Called by the
//! rules only.

use crate::audit::lint::{Facts, Rule};
use crate::model::catalog::{Catalog, Column, Table};
use crate::model::finding::Finding;
use crate::model::ident::{Ident, TableName, written};
use crate::model::relation::{End, Origin, Relation};
use crate::model::tally::{Tally, Verdict};

/// A relation with everything a rule asks about it.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub place: usize,
    pub relation: &'a Relation,
    pub catalog: &'a Catalog,
    pub tally: Option<&'a Tally>,
    /// The child table, where it exists.
    pub child: Option<&'a Table>,
    /// The parent table, where it exists.
    pub parent: Option<&'a Table>,
}

impl<'a> Facts<'a> {
    /// Every relation.
    pub(super) fn relations(&self) -> impl Iterator<Item = Seen<'a>> + use<'a> {
        let Facts { catalog, tallies, .. } = *self;
        let table = |end: &End| end.table.and_then(|id| catalog.table(id));
        catalog.relations.iter().enumerate().map(move |(place, relation)| Seen {
            place,
            relation,
            catalog,
            tally: tallies.get(place),
            child: table(&relation.child),
            parent: table(&relation.parent),
        })
    }

    /// Relations the database declares and could satisfy.
    pub(super) fn sound(&self) -> impl Iterator<Item = Seen<'a>> + use<'a> {
        self.relations()
            .filter(|seen| seen.relation.origin == Origin::Declared && seen.relation.flaw.is_none())
    }
}

impl<'a> Seen<'a> {
    /// The child table's name.
    pub fn child_name(&self) -> String {
        self.catalog.written(&self.relation.child.name)
    }

    /// The parent table's name.
    pub fn parent_name(&self) -> String {
        self.catalog.written(&self.relation.parent.name)
    }

    /// The child's key: `user_id`, or `(tenant, user_id)`.
    pub fn key(&self) -> String {
        key(&self.relation.child.columns)
    }

    /// The constraint as a sentence names it: `The constraint orders_user_fkey of orders`.
    pub fn constraint(&self) -> String {
        match &self.relation.constraint {
            Some(name) => format!("The constraint {} of {}", written(name), self.child_name()),
            None => format!("The reference {}", self.relation.id),
        }
    }

    /// The constraint's name, or the relation's id where it has none.
    pub fn label(&self) -> String {
        self.relation.constraint.as_ref().map_or_else(|| self.relation.id.clone(), written)
    }

    /// The child's key columns.
    pub fn child_columns(&self) -> impl Iterator<Item = &'a Column> + use<'a> {
        let table = self.child;
        self.relation.child.columns.iter().filter_map(move |name| Some(table?.column(name)?.1))
    }

    /// Pairs of child and parent columns, those that exist on both sides.
    pub fn pairs(&self) -> impl Iterator<Item = (&'a Column, &'a Column)> + use<'a> {
        let (child, parent) = (self.child, self.parent);
        let names = self.relation.child.columns.iter().zip(&self.relation.parent.columns);
        names.filter_map(move |(a, b)| Some((child?.column(a)?.1, parent?.column(b)?.1)))
    }

    /// The verdict, where there is a tally.
    pub fn verdict(&self) -> Option<&'a Verdict> {
        self.tally.map(Tally::verdict)
    }

    /// An action on this relation.
    pub fn action(&self, verb: &str) -> Option<String> {
        Some(format!("{verb}:{}", self.relation.id))
    }

    /// A finding about this relation, with the rule's own severity.
    pub fn finding(&self, rule: &Rule, message: String) -> Finding {
        Finding { relation: Some(self.relation.id.clone()), ..about(rule, self.relation.id.clone(), message) }
    }
}

/// A finding about an object, with the rule's own severity and nothing else.
pub(super) fn about(rule: &Rule, object: String, message: String) -> Finding {
    Finding {
        rule: rule.name,
        severity: rule.severity,
        object,
        relation: None,
        message,
        detail: None,
        rows: None,
        action: None,
    }
}

/// A collation as people write it: without the schema where that is the system's or the default one.
pub(super) fn collation(catalog: &Catalog, name: &TableName) -> String {
    name.written(if name.schema.raw() == "pg_catalog" {
        "pg_catalog"
    } else {
        &catalog.server.default_schema
    })
}

/// A key in a sentence: one column bare, several in parentheses.
pub(super) fn key(columns: &[Ident]) -> String {
    match columns {
        [one] => written(one),
        many => format!("({})", many.iter().map(written).collect::<Vec<_>>().join(", ")),
    }
}

/// Several things in a sentence: `a`, `a and b`, `a, b and c`.
pub(super) fn listed(things: &[String]) -> String {
    match things {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The first few of many things, and how many more there are.
pub(super) fn some_of(things: &[String]) -> String {
    const SHOWN: usize = 8;
    if things.len() <= SHOWN + 1 {
        return listed(things);
    }
    format!("{} and {} more", things[..SHOWN].join(", "), things.len() - SHOWN)
}

/// Sentences one after the other, empty ones left out; none without any.
pub(super) fn sentences(sentences: impl IntoIterator<Item = String>) -> Option<String> {
    let told: Vec<String> = sentences.into_iter().filter(|sentence| !sentence.is_empty()).collect();
    (!told.is_empty()).then(|| told.join(" "))
}

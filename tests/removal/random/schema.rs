//! Random schemas with random rows: tables with keys of one or two columns of any type, references of every ON DELETE
//! within a table, round in circles and across, some declared and some not, and rows of which some have lost their parent.
//! What a cell holds is a number here; the engine's side writes it as a value of the column's type.

use crate::support::Dice;
use std::fmt::Write as _;

/// Types, as far as the engines have them in common; each side names them and writes their values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Int,
    Big,
    Text,
    Number,
    Bytes,
    Day,
    Id,
}

impl Kind {
    const ALL: [Self; 7] = [Self::Int, Self::Big, Self::Text, Self::Number, Self::Bytes, Self::Day, Self::Id];
}

#[derive(Clone, Debug)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
    pub not_null: bool,
    /// The number of the value it has by default.
    pub default: Option<u64>,
}

#[derive(Clone, Debug)]
pub struct Table {
    pub name: String,
    /// The key first, then the columns of references, then a text.
    pub columns: Vec<Column>,
    /// How many columns the key has.
    pub key: usize,
    /// Whether it is the primary key; else a unique one.
    pub primary: bool,
    pub rows: Vec<Vec<Option<u64>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDelete {
    NoAction,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}

impl OnDelete {
    pub fn words(self) -> &'static str {
        match self {
            Self::NoAction => "NO ACTION",
            Self::Restrict => "RESTRICT",
            Self::Cascade => "CASCADE",
            Self::SetNull => "SET NULL",
            Self::SetDefault => "SET DEFAULT",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Reference {
    pub child: usize,
    pub parent: usize,
    /// The child's columns, by their places; they refer to the parent's key.
    pub columns: Vec<usize>,
    pub on_delete: OnDelete,
    pub declared: bool,
    /// Whether the engine has been told that it holds, true or not.
    pub proved: bool,
    /// Whether a key that is NULL in part is refused.
    pub full: bool,
}

#[derive(Clone, Debug)]
pub struct Schema {
    pub tables: Vec<Table>,
    pub references: Vec<Reference>,
}

/// A schema, its rows, and the damage in them. The first row of each table is nobody's orphan: defaults lead to it.
pub fn random(dice: &mut Dice) -> Schema {
    let mut schema = Schema { tables: Vec::new(), references: Vec::new() };
    for number in 0..2 + dice.below(4) {
        schema.tables.push(table(number, dice));
    }
    for child in 0..schema.tables.len() {
        for _ in 0..dice.below(3) + usize::from(child == 0) {
            let parent = dice.below(schema.tables.len());
            refer(&mut schema, child, parent, dice);
        }
    }
    for table in &mut schema.tables {
        let note = Column { name: "note".to_owned(), kind: Kind::Text, not_null: false, default: None };
        table.columns.push(note);
    }
    let sizes: Vec<usize> = schema.tables.iter().map(|_| 20 + dice.below(150)).collect();
    for table in 0..schema.tables.len() {
        fill(&mut schema, table, &sizes, dice);
    }
    for table in &mut schema.tables {
        let share = dice.below(12);
        let mut first = true;
        table.rows.retain(|_| std::mem::take(&mut first) || !dice.chance(share));
    }
    schema
}

fn table(number: usize, dice: &mut Dice) -> Table {
    let key = 1 + usize::from(dice.chance(35));
    let columns = (0..key)
        .map(|at| Column {
            name: format!("k{at}"),
            kind: Kind::ALL[dice.below(Kind::ALL.len())],
            not_null: true,
            default: None,
        })
        .collect();
    Table { name: format!("t{number}"), columns, key, primary: dice.chance(75), rows: Vec::new() }
}

fn refer(schema: &mut Schema, child: usize, parent: usize, dice: &mut Dice) {
    let on_delete = [
        OnDelete::NoAction,
        OnDelete::Restrict,
        OnDelete::Cascade,
        OnDelete::Cascade,
        OnDelete::SetNull,
        OnDelete::SetDefault,
    ][dice.below(6)];
    let number = schema.references.len();
    let not_null = dice.chance(25) && on_delete != OnDelete::SetNull;
    let key: Vec<Kind> =
        schema.tables[parent].columns[..schema.tables[parent].key].iter().map(|own| own.kind).collect();
    let mut columns = Vec::new();
    for (at, kind) in key.into_iter().enumerate() {
        columns.push(schema.tables[child].columns.len());
        // The first row of every table has the number 0 in all of its key.
        let default = (on_delete == OnDelete::SetDefault && (not_null || dice.chance(60))).then_some(0);
        schema.tables[child].columns.push(Column {
            name: format!("r{number}_{at}"),
            kind,
            not_null,
            default,
        });
    }
    // A default of which a part is NULL would lead nowhere by one rule and be refused by the other.
    let own = &mut schema.tables[child].columns;
    if columns.iter().any(|at| own[*at].default.is_none()) {
        columns.iter().for_each(|at| own[*at].default = None);
    }
    let declared = dice.chance(65);
    let (full, proved) = (columns.len() > 1 && declared && dice.chance(30), dice.chance(50));
    schema.references.push(Reference { child, parent, columns, on_delete, declared, proved, full });
}

/// The key of a row of a table.
fn key(table: &Table, row: u64) -> Vec<u64> {
    match table.key {
        1 => vec![row],
        _ => vec![row % 7, row],
    }
}

fn fill(schema: &mut Schema, at: usize, sizes: &[usize], dice: &mut Dice) {
    let own: Vec<Reference> = schema.references.iter().filter(|own| own.child == at).cloned().collect();
    let lost: Vec<usize> = own.iter().map(|_| if dice.chance(60) { 1 + dice.below(20) } else { 0 }).collect();
    for row in 0..sizes[at] as u64 {
        let mut cells: Vec<Option<u64>> = vec![None; schema.tables[at].columns.len()];
        for (place, number) in key(&schema.tables[at], row).into_iter().enumerate() {
            cells[place] = Some(number);
        }
        for (reference, lost) in own.iter().zip(&lost) {
            let not_null = schema.tables[at].columns[reference.columns[0]].not_null;
            let size = sizes[reference.parent];
            let to = match row {
                0 => Some(0).filter(|_| not_null),
                _ if !not_null && dice.chance(15) => None,
                _ if dice.chance(*lost) => Some((size + dice.below(9)) as u64),
                _ => Some(dice.below(size) as u64),
            };
            let Some(to) = to else { continue };
            for (column, number) in reference.columns.iter().zip(key(&schema.tables[reference.parent], to)) {
                cells[*column] = Some(number);
            }
            if row > 0 && !not_null && reference.columns.len() > 1 && dice.chance(6) {
                cells[reference.columns[dice.below(2)]] = None;
            }
        }
        if let (Some(note), true) = (cells.last_mut(), dice.chance(80)) {
            *note = Some(dice.below(50) as u64);
        }
        schema.tables[at].rows.push(cells);
    }
}

impl Schema {
    /// The relation as waif names it.
    pub fn id(&self, reference: &Reference) -> String {
        let (child, parent) = (&self.tables[reference.child], &self.tables[reference.parent]);
        let own: Vec<&str> = reference.columns.iter().map(|at| child.columns[*at].name.as_str()).collect();
        format!("{}({})->{}({})", child.name, own.join(","), parent.name, parent.key_names().join(","))
    }

    /// Whether a row's reference is one its key would refuse.
    fn is_lost(&self, reference: &Reference, row: &[Option<u64>]) -> bool {
        let cells: Vec<Option<u64>> = reference.columns.iter().map(|at| row[*at]).collect();
        let full = cells.iter().all(Option::is_some);
        if !full {
            return reference.full && cells.iter().any(Option::is_some);
        }
        let parent = &self.tables[reference.parent];
        !parent.rows.iter().any(|row| row[..parent.key] == cells[..])
    }

    /// Rows of a reference without a parent.
    pub fn lost(&self, reference: &Reference) -> u64 {
        let rows = self.tables[reference.child].rows.iter();
        rows.filter(|row| self.is_lost(reference, row)).count() as u64
    }

    /// Whether a row is NULL in part where that is refused.
    pub fn is_partly_null(&self, reference: &Reference) -> bool {
        let rows = self.tables[reference.child].rows.iter();
        let mut cells = rows.map(|row| reference.columns.iter().filter(|at| row[**at].is_none()).count());
        reference.full && cells.any(|null| null > 0 && null < reference.columns.len())
    }

    /// What to do about everything that lost its parent: a guess that the planner may refuse.
    pub fn actions(&self, dice: &mut Dice, timid: bool, can_prove: bool) -> Vec<String> {
        let mut actions = Vec::new();
        for reference in &self.references {
            let id = self.id(reference);
            let child = &self.tables[reference.child];
            let nullable = reference.columns.iter().all(|at| !child.columns[*at].not_null);
            if self.lost(reference) > 0 {
                let mut verbs = vec!["quarantine"];
                if !timid {
                    let may_delete = matches!(reference.on_delete, OnDelete::Cascade | OnDelete::NoAction);
                    verbs.extend((may_delete || !reference.declared).then_some("delete"));
                    verbs.extend((nullable && child.primary).then_some("nullify"));
                    let bare =
                        self.tables[reference.parent].columns.iter().skip(self.tables[reference.parent].key);
                    let complete = bare.clone().all(|own| !own.not_null || own.default.is_some());
                    verbs.extend((complete && !self.is_partly_null(reference)).then_some("adopt"));
                }
                actions.push(format!("{}:{id}", dice.pick(&verbs)));
            }
            match reference.declared {
                false if dice.chance(50) => actions.push(format!("add-fk:{id}")),
                true if can_prove && !reference.proved && dice.chance(60) => {
                    actions.push(format!("validate:{id}"))
                }
                _ => {}
            }
        }
        actions
    }

    /// The schema in a few lines, for whoever looks into a failure.
    pub fn told(&self) -> String {
        let mut text = String::new();
        for table in &self.tables {
            let _ = writeln!(text, "{} {} rows, key of {}", table.name, table.rows.len(), table.key);
        }
        for reference in &self.references {
            let declared = if reference.declared { reference.on_delete.words() } else { "not declared" };
            let _ = writeln!(text, "{} {declared}, {} lost", self.id(reference), self.lost(reference));
        }
        text
    }
}

impl Table {
    pub fn key_names(&self) -> Vec<&str> {
        self.columns[..self.key].iter().map(|column| column.name.as_str()).collect()
    }
}

//! CREATE TABLE, read by SQLite's own grammar (`parse.y`). It only has to read what SQLite itself has accepted; where it
//! cannot follow it says so by reading nothing, never by guessing.

use super::lexer::{Kind, Token, tokens};
use super::{ColumnText, Definition, Reference};

/// Reads a CREATE TABLE statement; none where it cannot be followed.
pub(crate) fn read(sql: &str) -> Option<Definition> {
    let mut table = Reading { tokens: tokens(sql), sql, at: 0, read: Definition::default(), name: None };
    table.head()?;
    table.columns()?;
    table.constraints()?;
    table.read.names_itself = table.names_itself();
    Some(table.read)
}

/// Words that end a column's type and begin a constraint on it.
const CONSTRAINTS: [&str; 10] = [
    "CONSTRAINT",
    "DEFAULT",
    "NULL",
    "NOT",
    "PRIMARY",
    "UNIQUE",
    "CHECK",
    "REFERENCES",
    "DEFERRABLE",
    "COLLATE",
];

/// Words that no column can be called without quotes: where one stands, the table's own constraints begin.
const TABLE_CONSTRAINTS: [&str; 5] = ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"];

struct Reading<'a> {
    sql: &'a str,
    tokens: Vec<Token>,
    at: usize,
    read: Definition,
    /// A CONSTRAINT name that waits for what it names, and where its clause begins.
    name: Option<(usize, String)>,
}

impl Reading<'_> {
    fn head(&mut self) -> Option<()> {
        self.must("CREATE")?;
        if !self.word("TEMP") {
            self.word("TEMPORARY");
        }
        self.must("TABLE")?;
        if self.sees("IF") && self.tokens.get(self.at + 1).is_some_and(|next| next.is("NOT")) {
            self.at += 3;
        }
        let start = self.start()?;
        self.read.name = self.name()?;
        if self.symbol('.') {
            self.read.name = self.name()?;
        }
        self.read.named = start..self.end();
        self.symbol('(').then_some(())
    }

    fn columns(&mut self) -> Option<()> {
        loop {
            if TABLE_CONSTRAINTS.iter().any(|word| self.sees(word)) {
                return Some(());
            }
            self.column()?;
            if !self.symbol(',') {
                return Some(());
            }
        }
    }

    fn column(&mut self) -> Option<()> {
        let name = self.name()?;
        self.read.columns.push(ColumnText { name: name.clone(), collation: None });
        self.name = None;
        while !self.at_end() && !self.sees("AS") && !CONSTRAINTS.iter().any(|word| self.sees(word)) {
            self.skip()?;
        }
        while !self.at_end() {
            self.column_constraint(&name)?;
        }
        Some(())
    }

    fn column_constraint(&mut self, column: &str) -> Option<()> {
        let word = self.take()?;
        if word.kind != Kind::Word {
            return None;
        }
        if word.is("CONSTRAINT") {
            self.name = Some((word.start, self.name()?));
            return Some(());
        }
        let constraint = self.name.take();
        let start = constraint.as_ref().map_or(word.start, |(start, _)| *start);
        match word.text.to_ascii_uppercase().as_str() {
            "DEFAULT" => self.default()?,
            "NULL" | "UNIQUE" => self.conflict()?,
            "NOT" if self.word("NULL") => self.conflict()?,
            "NOT" => {
                self.must("DEFERRABLE")?;
                self.initially();
                self.defer(word.start, false, false);
            }
            "DEFERRABLE" => {
                let initially = self.initially();
                self.defer(word.start, true, initially);
            }
            "PRIMARY" => {
                self.must("KEY")?;
                let _ = self.word("ASC") || self.word("DESC");
                self.conflict()?;
                self.word("AUTOINCREMENT");
            }
            "CHECK" => self.check()?,
            "COLLATE" => {
                let collation = self.name()?;
                self.read.columns.last_mut()?.collation = Some(collation);
            }
            "REFERENCES" => self.reference(start, constraint, vec![column.to_owned()], false)?,
            "GENERATED" => self.must("ALWAYS")?,
            "AS" => {
                self.group()?;
                let _ = self.word("STORED") || self.word("VIRTUAL");
            }
            _ => return None,
        }
        Some(())
    }

    /// The table's constraints, up to the closing bracket. Commas between them are optional.
    fn constraints(&mut self) -> Option<()> {
        loop {
            let start = self.start()?;
            if self.symbol(')') {
                self.read.close = start;
                return Some(());
            }
            if self.symbol(',') {
                self.name = None;
            } else if self.word("CONSTRAINT") {
                self.name = Some((start, self.name()?));
            } else {
                self.table_constraint()?;
            }
        }
    }

    fn table_constraint(&mut self) -> Option<()> {
        let constraint = self.name.take();
        let start = constraint.as_ref().map_or(self.start()?, |(start, _)| *start);
        if self.word("FOREIGN") {
            return self.foreign_key(start, constraint);
        }
        if self.word("CHECK") {
            return self.check();
        }
        if self.word("PRIMARY") {
            self.must("KEY")?;
        } else {
            self.must("UNIQUE")?;
        }
        self.group()?;
        self.conflict()
    }

    fn foreign_key(&mut self, start: usize, constraint: Option<(usize, String)>) -> Option<()> {
        self.must("KEY")?;
        let columns = self.names()?;
        self.must("REFERENCES")?;
        self.reference(start, constraint, columns, true)?;
        let start = self.start()?;
        if self.word("NOT") {
            self.must("DEFERRABLE")?;
            self.initially();
            self.defer(start, false, false);
        } else if self.word("DEFERRABLE") {
            let initially = self.initially();
            self.defer(start, true, initially);
        }
        Some(())
    }

    /// What follows REFERENCES: the parent, its columns, actions and MATCH, in any order and number.
    fn reference(
        &mut self,
        start: usize,
        constraint: Option<(usize, String)>,
        columns: Vec<String>,
        of_table: bool,
    ) -> Option<()> {
        let constraint = constraint.map(|(_, name)| name);
        let parent = self.name()?;
        let mut reference = Reference { constraint, columns, parent, of_table, ..Reference::default() };
        if self.tokens.get(self.at).is_some_and(|token| token.symbol('(')) {
            reference.parent_columns = self.names()?;
        }
        loop {
            if self.word("MATCH") {
                reference.matching = Some(self.name()?);
            } else if self.sees("ON") {
                // ON, the event, and the action: SET NULL, SET DEFAULT and NO ACTION have two words.
                self.at += 2;
                let action = self.take()?;
                if action.is("SET") || action.is("NO") {
                    self.take()?;
                }
            } else {
                reference.clause = start..self.end();
                self.read.references.push(reference);
                return Some(());
            }
        }
    }

    /// Names in brackets, each with whatever follows it up to the next comma.
    fn names(&mut self) -> Option<Vec<String>> {
        if !self.symbol('(') {
            return None;
        }
        let mut names = vec![self.name()?];
        loop {
            if self.symbol(')') {
                return Some(names);
            }
            if self.symbol(',') {
                names.push(self.name()?);
            } else {
                self.skip()?;
            }
        }
    }

    /// A deferral belongs to the latest reference of the table, even one of an earlier column: so SQLite reads it.
    fn defer(&mut self, start: usize, deferrable: bool, initially_deferred: bool) {
        let end = self.end();
        if let Some(reference) = self.read.references.last_mut() {
            reference.deferrals.push(start..end);
            reference.deferrable = deferrable;
            reference.initially_deferred = initially_deferred;
        }
    }

    fn initially(&mut self) -> bool {
        if !self.word("INITIALLY") {
            return false;
        }
        let deferred = self.sees("DEFERRED");
        self.at += 1;
        deferred
    }

    fn default(&mut self) -> Option<()> {
        let _ = self.symbol('-') || self.symbol('+');
        self.skip()
    }

    fn check(&mut self) -> Option<()> {
        let start = self.start()?;
        self.group()?;
        self.read.checks.push(self.sql.get(start..self.end())?.to_owned());
        self.conflict()
    }

    fn conflict(&mut self) -> Option<()> {
        if self.word("ON") {
            self.must("CONFLICT")?;
            self.take()?;
        }
        Some(())
    }

    /// One token, or a whole group in brackets.
    fn skip(&mut self) -> Option<()> {
        if self.tokens.get(self.at)?.symbol('(') { self.group() } else { self.take().map(drop) }
    }

    fn group(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            let token = self.take()?;
            if token.symbol('(') {
                depth += 1;
            } else if token.symbol(')') {
                depth = depth.checked_sub(1)?;
            }
            if depth == 0 {
                return Some(());
            }
        }
    }

    /// Whether a name within the brackets is qualified by the table's own.
    fn names_itself(&self) -> bool {
        let inside = self.tokens.iter().skip_while(|token| token.start < self.read.named.end);
        let inside: Vec<&Token> = inside.collect();
        inside.windows(2).any(|pair| {
            matches!(pair[0].kind, Kind::Word | Kind::Quoted | Kind::Text)
                && pair[1].symbol('.')
                && pair[0].text.eq_ignore_ascii_case(&self.read.name)
        })
    }

    /// Where the next token begins.
    fn start(&self) -> Option<usize> {
        self.tokens.get(self.at).map(|token| token.start)
    }

    /// Where the latest token ends.
    fn end(&self) -> usize {
        self.at.checked_sub(1).and_then(|last| self.tokens.get(last)).map_or(0, |token| token.end)
    }

    fn at_end(&self) -> bool {
        self.tokens.get(self.at).is_none_or(|token| token.symbol(',') || token.symbol(')'))
    }

    fn take(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at)?.clone();
        self.at += 1;
        Some(token)
    }

    fn name(&mut self) -> Option<String> {
        let token = self.take()?;
        matches!(token.kind, Kind::Word | Kind::Quoted | Kind::Text).then_some(token.text)
    }

    fn sees(&self, word: &str) -> bool {
        self.tokens.get(self.at).is_some_and(|token| token.is(word))
    }

    fn word(&mut self, word: &str) -> bool {
        let sees = self.sees(word);
        self.at += usize::from(sees);
        sees
    }

    fn must(&mut self, word: &str) -> Option<()> {
        self.word(word).then_some(())
    }

    fn symbol(&mut self, symbol: char) -> bool {
        let sees = self.tokens.get(self.at).is_some_and(|token| token.symbol(symbol));
        self.at += usize::from(sees);
        sees
    }
}

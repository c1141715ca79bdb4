//! One row of a catalog query, read cell by cell. A server that answers with something else than what was asked for
//! (a fork, a fraud) is a fault, never a zero.

use crate::model::fault::{Fault, Kind};
use crate::model::ident::Ident;
use crate::model::text::visible_bytes;
use crate::model::value::{Row, Value};

/// A row of an answer.
#[derive(Clone, Copy)]
pub(super) struct Answer<'a>(&'a [Value]);

/// A name that is not UTF-8 (in a SQL_ASCII database), as a person may see it: no statement of ours can write it.
pub(super) struct Unwritable(pub(super) String);

impl<'a> Answer<'a> {
    pub(super) fn new(row: &'a Row) -> Self {
        Self(row)
    }

    fn cell(self, at: usize) -> Result<&'a Value, Fault> {
        self.0.get(at).ok_or_else(|| strange("answered with fewer columns than were asked for"))
    }

    /// The text of a cell; none for NULL.
    pub(super) fn maybe(self, at: usize) -> Result<Option<&'a str>, Fault> {
        match self.cell(at)? {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            _ => Err(strange("answered with something that is not text")),
        }
    }

    /// The text of a cell that is never NULL.
    pub(super) fn text(self, at: usize) -> Result<&'a str, Fault> {
        self.maybe(at)?.ok_or_else(|| strange("answered with NULL where something must stand"))
    }

    /// The name in a cell.
    pub(super) fn name(self, at: usize) -> Result<Result<Ident, Unwritable>, Fault> {
        if let Value::Bytes(bytes) = self.cell(at)? {
            return Ok(Err(Unwritable(visible_bytes(bytes))));
        }
        let text = self.text(at)?;
        Ok(Ident::new(text).map_err(|_| Unwritable(visible_bytes(text.as_bytes()))))
    }

    /// The text of a cell that is only shown, never sent back: an expression, a definition.
    pub(super) fn prose(self, at: usize) -> Result<Option<String>, Fault> {
        match self.cell(at)? {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text.clone())),
            Value::Bytes(bytes) => Ok(Some(visible_bytes(bytes))),
            _ => Err(strange("answered with something that is not text")),
        }
    }

    /// The number in a cell; none for NULL.
    pub(super) fn number<N: std::str::FromStr>(self, at: usize) -> Result<Option<N>, Fault> {
        let parse = |text: &str| text.parse().map_err(|_| strange(NO_NUMBER));
        self.maybe(at)?.map(parse).transpose()
    }

    /// The server's number for an object; 0 for NULL, as the server itself has it.
    pub(super) fn oid(self, at: usize) -> Result<u32, Fault> {
        Ok(self.number(at)?.unwrap_or(0))
    }

    /// The truth of a cell; false for NULL.
    pub(super) fn truth(self, at: usize) -> Result<bool, Fault> {
        Ok(self.cell(at)?.truth())
    }

    /// Exactly so many numbers that share a cell: `1 2 3`.
    pub(super) fn packed<const N: usize>(self, at: usize) -> Result<[i64; N], Fault> {
        let mut numbers = [0; N];
        let mut words = self.text(at)?.split(' ');
        for number in &mut numbers {
            let word = words.next().unwrap_or_default();
            *number = word.parse().map_err(|_| strange(NO_NUMBER))?;
        }
        if words.next().is_some() {
            Err(strange("answered with more numbers than were asked for"))
        } else {
            Ok(numbers)
        }
    }

    /// The numbers in a cell: `{1,2}` or `1 2`; none for NULL.
    pub(super) fn numbers<N: std::str::FromStr>(self, at: usize) -> Result<Vec<N>, Fault> {
        let text = self.maybe(at)?.unwrap_or("").trim_matches(['{', '}']);
        text.split([',', ' '])
            .filter(|word| !word.is_empty())
            .map(|word| word.parse().map_err(|_| strange(NO_NUMBER)))
            .collect()
    }
}

/// The text of an array of numbers, to be cast by the server.
pub(super) fn array<N: ToString>(numbers: impl IntoIterator<Item = N>) -> String {
    let words: Vec<String> = numbers.into_iter().map(|number| number.to_string()).collect();
    format!("{{{}}}", words.join(","))
}

const NO_NUMBER: &str = "answered with something that is no number";

/// A number of the server's for an object; they have 32 bits there.
pub(super) fn oid(number: i64) -> Result<u32, Fault> {
    u32::try_from(number).map_err(|_| strange(NO_NUMBER))
}

/// A number that fits the server's `integer`.
pub(super) fn small(number: i64) -> Result<i32, Fault> {
    i32::try_from(number).map_err(|_| strange(NO_NUMBER))
}

fn strange(what: &str) -> Fault {
    Fault::new(Kind::Unsupported, format!("The server {what} when its catalog was read"))
        .hint("This server is not PostgreSQL 12 to 18, or only looks like it.")
}

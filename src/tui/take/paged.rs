//! An export whose rows are asked for page by page: each page is written before the next is asked for, so that a list of
//! any length takes the room of one page. The list goes by keys: no row is skipped or written twice while others write.

use crate::job::Command;
use crate::model::fault::Fault;
use crate::model::list::{List, MissingParents};
use crate::model::value::{Row, Value};
use crate::report::sheet::{End, Title};
use crate::tui::app::App;
use crate::tui::msg::Effect;
use crate::tui::take::order::{Figures, Order};
use crate::tui::theme::Role;
use crate::tui::widget::figure::{count, counted};

/// Rows of the first page; the others are as long as their bytes allow.
const FIRST: u32 = 1_000;
/// Bytes a page should come to.
const PAGE: u64 = 4_000_000;
/// Missing parents in a file at most: they come in one answer, most children first, and are held in memory until they are
/// written. A file that is not all says so.
pub const MOST_KEYS: u32 = 200_000;

/// A list to be asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Paged {
    /// What it is called.
    pub title: Title,
    /// The relation, by id.
    pub relation: String,
    /// Which list of it.
    pub what: What,
    /// How many rows there should be, where that is known.
    pub total: Option<u64>,
}

/// A list of a relation.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// The missing parents, each with its number of children.
    Parents,
    /// Orphan rows, all or those of one missing parent.
    Rows(Option<Row>),
}

/// An export that runs.
#[derive(Debug)]
pub struct Running {
    /// The file's ticket.
    pub ticket: u64,
    /// Where it goes.
    pub path: String,
    list: Paged,
    /// The question to the desk that runs.
    asked: Option<u64>,
    after: Option<Row>,
    columns: Option<Vec<String>>,
    limit: u32,
    more: bool,
    /// What stands in the file so far.
    pub figures: Figures,
}

/// Begins an export.
pub fn begin(app: &mut App, ticket: u64, path: String, list: Paged) -> Vec<Effect> {
    if app.export.is_some() {
        app.saves.remove(&ticket);
        app.say("One list is being written already. Esc stops it.", Role::Warn);
        return Vec::new();
    }
    let title = list.title.clone();
    let order = Order::Begin { ticket, path: path.clone(), title };
    app.export = Some(Running {
        ticket,
        path,
        list,
        asked: None,
        after: None,
        columns: None,
        limit: FIRST,
        more: false,
        figures: Figures::default(),
    });
    vec![Effect::File(order)]
}

/// Goes on after a page was written, or the file was begun.
pub fn written(app: &mut App, figures: Figures) -> Vec<Effect> {
    let Some(running) = &mut app.export else { return Vec::new() };
    let rows = figures.rows.unwrap_or(0);
    if let Some(each) = figures.bytes.checked_div(rows) {
        let each = each.max(1);
        running.limit = u32::try_from((PAGE / each).clamp(100, 10_000)).unwrap_or(FIRST);
    }
    running.figures = figures;
    if figures.done {
        return finished(app);
    }
    ask(app)
}

fn finished(app: &mut App) -> Vec<Effect> {
    let Some(running) = app.export.take() else { return Vec::new() };
    app.saves.remove(&running.ticket);
    let rows = counted(running.figures.rows.unwrap_or(0), "row", "rows");
    let bytes = counted(running.figures.bytes, "byte", "bytes");
    let more = if running.more { "; there are more, this is the most one file takes" } else { "" };
    let role = if running.more { Role::Warn } else { Role::Good };
    app.say_long(format!("Wrote {}: {rows}, {bytes}{more}.", running.path), role);
    Vec::new()
}

/// Asks for the next page.
fn ask(app: &mut App) -> Vec<Effect> {
    let ticket = app.next_ticket();
    let Some(running) = &mut app.export else { return Vec::new() };
    let Some(relation) = app.facts.place_of(&running.list.relation) else {
        return broken_off(app, "the relation is gone from the catalog");
    };
    running.asked = Some(ticket);
    let command = match &running.list.what {
        What::Parents => Command::MissingParents { ticket, relation, limit: MOST_KEYS },
        What::Rows(of) => Command::OrphanRows {
            ticket,
            relation,
            of: of.clone(),
            after: running.after.clone(),
            limit: running.limit,
        },
    };
    vec![Effect::Submit(command)]
}

/// Whether an answer of the desk is for the export that runs; then the question has ended.
fn is_mine(app: &mut App, ticket: u64) -> bool {
    let mine = app.export.as_ref().is_some_and(|running| running.asked == Some(ticket));
    if let (true, Some(running)) = (mine, &mut app.export) {
        running.asked = None;
    }
    mine
}

/// Takes in a page of rows, if it was asked for here; gives it back otherwise.
pub fn rows_came(
    app: &mut App,
    ticket: u64,
    answer: Result<List, Fault>,
) -> Result<Vec<Effect>, Result<List, Fault>> {
    if !is_mine(app, ticket) {
        return Err(answer);
    }
    Ok(match answer {
        Err(fault) => broken_off(app, &fault.headline),
        Ok(list) => {
            if let Some(running) = &mut app.export {
                running.after.clone_from(&list.next);
            }
            let end = list.next.is_none().then(End::default);
            page(app, list.headings, list.rows, end)
        }
    })
}

/// Takes in the missing parents, if they were asked for here; gives them back otherwise.
pub fn parents_came(
    app: &mut App,
    ticket: u64,
    answer: Result<MissingParents, Fault>,
) -> Result<Vec<Effect>, Result<MissingParents, Fault>> {
    if !is_mine(app, ticket) {
        return Err(answer);
    }
    Ok(match answer {
        Err(fault) => broken_off(app, &fault.headline),
        Ok(MissingParents { mut headings, keys, more }) => {
            if let Some(running) = &mut app.export {
                running.more = more;
            }
            headings.push("children".to_owned());
            let row = |(mut key, children): (Row, u64)| {
                key.push(Value::Int(i64::try_from(children).unwrap_or(i64::MAX)));
                key
            };
            let rows = keys.into_iter().map(row).collect();
            page(app, headings, rows, Some(End { left_out: 0, more }))
        }
    })
}

/// Hands a page to the writer. A table whose columns changed on the way would end as two lists in one file.
fn page(app: &mut App, columns: Vec<String>, rows: Vec<Row>, end: Option<End>) -> Vec<Effect> {
    let Some(running) = &mut app.export else { return Vec::new() };
    if running.columns.as_ref().is_some_and(|known| *known != columns) {
        return broken_off(app, "the columns of the table changed on the way");
    }
    running.columns = Some(columns.clone());
    vec![Effect::File(Order::Rows { ticket: running.ticket, columns, rows, end })]
}

/// Stops the export and says why; nothing of it stays behind.
pub fn broken_off(app: &mut App, why: &str) -> Vec<Effect> {
    let Some(running) = app.export.take() else { return Vec::new() };
    // The last page may be in the file already: then its answer says that the file is there after all.
    if running.asked.is_some() {
        app.saves.remove(&running.ticket);
    }
    let rows = count(running.figures.rows.unwrap_or(0));
    let why = why.trim_end_matches('.');
    app.say_long(
        format!("{} was not written: {why} after {rows} rows. No part is kept.", running.path),
        Role::Bad,
    );
    dropped(running)
}

/// Takes back what an export asked for, and leaves nothing of it behind.
pub fn dropped(running: Running) -> Vec<Effect> {
    let question = running.asked.map(|ticket| Effect::Submit(Command::Forget { ticket }));
    question.into_iter().chain([Effect::File(Order::Abandon { ticket: running.ticket })]).collect()
}

/// What the status line says of the export that runs.
pub fn progress(running: &Running) -> String {
    let rows = count(running.figures.rows.unwrap_or(0));
    let of = running.list.total.map(|total| format!(" of {}", count(total))).unwrap_or_default();
    format!("{rows}{of} rows written · Esc stops · {}", running.path)
}

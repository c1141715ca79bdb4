//! The writer: a thread that writes files, so that no disk keeps the screen waiting. A file is there whole or not at all,
//! readable by its owner alone, and never in the place of another. Called by the loop.

use crate::model::value::Row;
use crate::report::sheet::{End, Format, Sheet, Title};
use crate::tui::msg::Msg;
use crate::tui::take::drawing::Drawing;
use crate::tui::take::order::{Body, Figures, Order, Refusal, Written, ending};
use directories::BaseDirs;
use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc as std_mpsc;
use std::thread;
use std::time::Duration;
use tempfile::NamedTempFile;
use tokio::sync::mpsc;

/// How long the writer may take to end what it was told before we go without it.
const GOODBYE: Duration = Duration::from_secs(3);

/// The writer's end in the loop.
pub struct Writer {
    orders: Option<std_mpsc::Sender<Order>>,
    ended: std_mpsc::Receiver<()>,
}

impl Writer {
    /// Starts the thread; answers come as messages.
    pub fn start(answers: mpsc::UnboundedSender<Msg>) -> Self {
        let (orders, inbox) = std_mpsc::channel();
        let (end, ended) = std_mpsc::channel();
        thread::spawn(move || {
            let mut open = BTreeMap::new();
            for order in inbox {
                let written = carry_out(order, &mut open);
                if written.is_some_and(|written| answers.send(Msg::Written(written)).is_err()) {
                    break;
                }
            }
            // What is half written goes with its owner.
            open.clear();
            let _ = end.send(());
        });
        Self { orders: Some(orders), ended }
    }

    /// Gives an order.
    pub fn order(&self, order: Order) {
        if let Some(orders) = &self.orders {
            let _ = orders.send(order);
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.orders = None;
        // A file half written is removed by its owner on the way out.
        let _ = self.ended.recv_timeout(GOODBYE);
    }
}

fn carry_out(order: Order, open: &mut BTreeMap<u64, Paged>) -> Option<Written> {
    let (ticket, outcome) = match order {
        Order::Whole { ticket, path, body } => (ticket, whole(&path, &body)),
        Order::Begin { ticket, path, title } => {
            let begun = Draft::begin(&path).map(|draft| {
                let format = Format::of_ending(&ending(&path)).unwrap_or(Format::Csv);
                open.insert(ticket, Paged { draft, format, title, sheet: None, rows: 0 });
                Figures { rows: Some(0), ..Figures::default() }
            });
            (ticket, begun)
        }
        Order::Rows { ticket, columns, rows, end } => {
            let paged = open.remove(&ticket)?;
            let outcome = paged.page(&columns, &rows, end).map(|next| match next {
                Next::More(paged, figures) => {
                    open.insert(ticket, *paged);
                    figures
                }
                Next::Done(figures) => figures,
            });
            (ticket, outcome)
        }
        Order::Abandon { ticket } => {
            open.remove(&ticket);
            return None;
        }
    };
    Some(Written { ticket, outcome })
}

fn whole(path: &str, body: &Body) -> Result<Figures, Refusal> {
    let mut draft = Draft::begin(path)?;
    let ending = ending(path);
    let format = Format::of_ending(&ending);
    let rows = match (body, format) {
        (Body::Text(text), _) => draft.out.write_all(text.as_bytes()).map(|()| None),
        (Body::Drawing(drawing, _), _) if Drawing::knows(&ending) => {
            drawing.write(&ending, &mut draft.out).map(|()| None)
        }
        (Body::List(list) | Body::Drawing(_, list), Some(format)) => {
            list.write(format, &mut draft.out).map(Some)
        }
        (Body::List(_) | Body::Drawing(..) | Body::Paged(_), _) => {
            Err(io::Error::other("no format has this ending"))
        }
    };
    let rows = rows.map_err(|error| failed(&error))?;
    draft.finish(rows)
}

/// A list that is being written page by page.
struct Paged {
    draft: Draft,
    format: Format,
    title: Title,
    sheet: Option<Sheet>,
    rows: u64,
}

/// What follows a page.
enum Next {
    More(Box<Paged>, Figures),
    Done(Figures),
}

impl Paged {
    fn page(mut self, columns: &[String], rows: &[Row], end: Option<End>) -> Result<Next, Refusal> {
        let written = self.write(columns, rows);
        let sheet = written.map_err(|error| failed(&error))?;
        self.rows += rows.len() as u64;
        let rows = Some(self.rows);
        if let Some(end) = end {
            sheet.end(end, &mut self.draft.out).map_err(|error| failed(&error))?;
            return self.draft.finish(rows).map(Next::Done);
        }
        self.sheet = Some(sheet);
        let bytes = self.draft.out.get_ref().as_file().metadata().map_err(|error| failed(&error))?.len();
        Ok(Next::More(Box::new(self), Figures { rows, bytes, done: false }))
    }

    fn write(&mut self, columns: &[String], rows: &[Row]) -> io::Result<Sheet> {
        let out = &mut self.draft.out;
        let mut sheet = match self.sheet.take() {
            Some(sheet) => sheet,
            None => Sheet::begin(self.format, self.title.clone(), columns, out)?,
        };
        rows.iter().try_for_each(|row| sheet.row(row, out))?;
        out.flush()?;
        Ok(sheet)
    }
}

/// A file in the making: beside its place, under a name of its own.
struct Draft {
    place: PathBuf,
    out: BufWriter<NamedTempFile>,
}

impl Draft {
    fn begin(path: &str) -> Result<Self, Refusal> {
        let place = placed(path)?;
        if std::fs::symlink_metadata(&place).is_ok() {
            return Err(Refusal::Exists);
        }
        let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let beside = tempfile::Builder::new().prefix(".waif-").suffix(".partial").tempfile_in(folder);
        Ok(Self { out: BufWriter::new(beside.map_err(|error| failed(&error))?), place })
    }

    fn finish(self, rows: Option<u64>) -> Result<Figures, Refusal> {
        let beside = self.out.into_inner().map_err(|error| failed(error.error()))?;
        let bytes = beside.as_file().sync_all().and_then(|()| beside.as_file().metadata());
        let bytes = bytes.map_err(|error| failed(&error))?.len();
        match beside.persist_noclobber(&self.place) {
            Ok(_) => Ok(Figures { rows, bytes, done: true }),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Err(Refusal::Exists),
            Err(error) => Err(failed(&error.error)),
        }
    }
}

/// Where a typed path leads; `~/` is the home folder.
fn placed(path: &str) -> Result<PathBuf, Refusal> {
    let Some(rest) = path.strip_prefix("~/") else { return Ok(PathBuf::from(path)) };
    let home = BaseDirs::new().map(|dirs| dirs.home_dir().join(rest));
    home.ok_or_else(|| Refusal::Failed("nobody knows where the home folder is".to_owned()))
}

/// What the system said, without the number that follows it.
fn failed(error: &io::Error) -> Refusal {
    let text = match error.kind() {
        io::ErrorKind::NotFound => "there is no such folder".to_owned(),
        io::ErrorKind::PermissionDenied => "the folder may not be written to".to_owned(),
        io::ErrorKind::NotADirectory => "what stands before the last / is no folder".to_owned(),
        io::ErrorKind::StorageFull => "the disk is full".to_owned(),
        _ => error.to_string().trim_end_matches('.').to_owned(),
    };
    Refusal::Failed(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn save(path: &Path, text: &str) -> Result<Figures, Refusal> {
        whole(&path.display().to_string(), &Body::Text(text.to_owned()))
    }

    #[test]
    fn a_file_is_new_and_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ticket.md");
        assert_eq!(save(&path, "text"), Ok(Figures { rows: None, bytes: 4, done: true }));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "text");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(save(&path, "other"), Err(Refusal::Exists));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "text");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn what_cannot_be_written_is_told_in_words() {
        let folder = tempfile::tempdir().unwrap();
        let told = save(&folder.path().join("none/ticket.md"), "text");
        assert_eq!(told, Err(Refusal::Failed("there is no such folder".to_owned())));
        assert_eq!(save(folder.path(), "text"), Err(Refusal::Exists));
        #[cfg(unix)]
        {
            let link = folder.path().join("link");
            std::os::unix::fs::symlink(folder.path().join("nowhere"), &link).unwrap();
            assert_eq!(
                save(&link, "text"),
                Err(Refusal::Exists),
                "a link that leads nowhere is not followed"
            );
        }
    }
}

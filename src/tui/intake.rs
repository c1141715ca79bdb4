//! The intake: between the desk and the loop. What takes long to take in at thousands of relations is prepared here, on a
//! thread of its own, so that a key pressed meanwhile is answered at once. The order of the news is kept: what follows a
//! catalog waits until the catalog is ready. Called by the loop; it decides nothing.

use crate::job::{Command, Desk, Event};
use crate::tui::facts::counted::Counted;
use crate::tui::msg::Msg;
use crate::tui::neighbours::Neighbours;
use std::panic::resume_unwind;
use std::sync::Arc;
use tokio::sync::mpsc;

/// How many messages may wait for the loop before the desk waits.
const WAITING: usize = 4_096;

/// A desk, seen from the loop.
pub struct Intake {
    /// Wishes go in here.
    pub commands: mpsc::UnboundedSender<Command>,
    /// News comes out here, ready to be taken in.
    pub news: mpsc::Receiver<Msg>,
}

impl Intake {
    /// Listens to a desk.
    pub fn of(desk: Desk) -> Self {
        let Desk { commands, mut events } = desk;
        let (deliver, news) = mpsc::channel(WAITING);
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                if deliver.send(prepared(event).await).await.is_err() {
                    return;
                }
            }
        });
        Self { commands, news }
    }

    /// A desk at which nobody sits.
    pub fn silent() -> Self {
        Self { commands: mpsc::unbounded_channel().0, news: mpsc::channel(1).1 }
    }
}

/// The message an event becomes.
async fn prepared(event: Event) -> Msg {
    match event {
        Event::Cataloged(catalog) => {
            apart(move || {
                let neighbours = Arc::new(Neighbours::of(&catalog));
                Msg::Cataloged(catalog, neighbours)
            })
            .await
        }
        Event::Checked(check) => apart(move || Msg::Checked(Box::new(Counted::of(&check)))).await,
        other => Msg::News(other),
    }
}

/// Works on another thread. A defect there is a defect here.
async fn apart(work: impl FnOnce() -> Msg + Send + 'static) -> Msg {
    match tokio::task::spawn_blocking(work).await {
        Ok(msg) => msg,
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // Only a runtime that goes down cancels it; then nobody listens any more.
            Err(_) => Msg::DeskGone,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Progress;
    use crate::tui::tests::world::{checked, findings, shop, tallies};

    #[tokio::test]
    async fn news_comes_in_its_order_and_ready_to_be_taken_in() {
        let (tell, events) = mpsc::channel(9);
        let mut intake = Intake::of(Desk { commands: mpsc::unbounded_channel().0, events });
        let catalog = Arc::new(shop());
        let told = [
            Event::Notice("before".to_owned()),
            Event::Cataloged(Arc::clone(&catalog)),
            Event::Progress(Progress::default()),
            Event::Checked(Arc::new(checked(shop(), tallies(), findings()))),
            Event::Closed,
        ];
        for event in told {
            tell.send(event).await.expect("the intake listens");
        }
        drop(tell);
        let mut came = Vec::new();
        while let Some(msg) = intake.news.recv().await {
            came.push(msg);
        }
        let [
            Msg::News(Event::Notice(_)),
            Msg::Cataloged(read, neighbours),
            Msg::News(Event::Progress(_)),
            Msg::Checked(counted),
            Msg::News(Event::Closed),
        ] = &came[..]
        else {
            panic!("{came:?}")
        };
        assert!(Arc::ptr_eq(read, &catalog) && neighbours.place_of(&catalog.relations[3].id) == Some(3));
        assert_eq!((counted.tallies.len(), counted.findings.len()), (12, findings().len()));
        assert_eq!((counted.score.orphans, counted.score.broken), (2, 1));
    }
}

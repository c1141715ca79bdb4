//! The board all workers share: the work that is left, the figures that came in, and the tallies they add up to.
//! Figures only become a tally when both scans of a relation are in.

use crate::audit::queue::Work;
use crate::audit::select;
use crate::model::catalog::Catalog;
use crate::model::relation::Flaw;
use crate::model::tally::{Counts, Tally, Why};
use std::collections::VecDeque;

/// Figures of one relation while they come in.
#[derive(Clone, Debug, Default)]
struct Figures {
    rows: Option<(u64, u64, u64)>,
    orphans: Option<(u64, u64)>,
    met: bool,
    refused: Option<Why>,
    seconds: f64,
}

/// The shared state of a count.
#[derive(Debug)]
pub(crate) struct Board {
    /// Work nobody took yet.
    pub(crate) queue: VecDeque<Work>,
    /// Child tables read now, one entry per worker.
    pub(crate) now: Vec<Option<String>>,
    /// Relations whose counts differ by access path: place, free choice, without index.
    pub(crate) differ: Vec<(usize, u64, u64)>,
    /// SET DEFAULT relations whose default has no parent.
    pub(crate) default_without_parent: Vec<usize>,
    figures: Vec<Figures>,
}

impl Board {
    /// A board with work and room for `relations` figures and `workers` workers.
    pub(crate) fn new(queue: VecDeque<Work>, relations: usize, workers: usize) -> Self {
        Self {
            queue,
            now: vec![None; workers],
            differ: Vec::new(),
            default_without_parent: Vec::new(),
            figures: vec![Figures::default(); relations],
        }
    }

    /// Whether a finished probe already proved that there is no orphan.
    pub(crate) fn proved_empty(&self, place: usize) -> bool {
        self.figures.get(place).is_some_and(|figures| figures.orphans == Some((0, 0)))
    }

    /// A probe ended: it met an orphan, or proved that there is none. One that ends behind the count has nothing to add: the
    /// count knows more, and may be of a later moment.
    pub(crate) fn probed(
        &mut self,
        catalog: &Catalog,
        place: usize,
        met: bool,
        seconds: f64,
    ) -> Option<Tally> {
        let figures = self.figures.get_mut(place)?;
        if figures.orphans.is_some() {
            return None;
        }
        figures.seconds += seconds;
        if met {
            figures.met = true;
            return Some(Tally::met_one(figures.seconds));
        }
        figures.orphans = Some((0, 0));
        self.tally(catalog, place)
    }

    /// Rows, all-NULL and partly-NULL keys of a relation came in.
    pub(crate) fn rows(
        &mut self,
        catalog: &Catalog,
        place: usize,
        rows: (u64, u64, u64),
        seconds: f64,
    ) -> Option<Tally> {
        let figures = self.figures.get_mut(place)?;
        figures.rows = Some(rows);
        figures.seconds += seconds;
        self.tally(catalog, place)
    }

    /// Orphans and missing parents of a relation came in.
    pub(crate) fn orphans(
        &mut self,
        catalog: &Catalog,
        place: usize,
        orphans: (u64, u64),
        seconds: f64,
    ) -> Option<Tally> {
        let figures = self.figures.get_mut(place)?;
        figures.orphans = Some(orphans);
        figures.seconds += seconds;
        self.tally(catalog, place)
    }

    /// A relation could not be counted. The first reason stays.
    pub(crate) fn refused(&mut self, catalog: &Catalog, place: usize, why: Why) -> Option<Tally> {
        self.figures.get_mut(place)?.refused.get_or_insert(why);
        self.tally(catalog, place)
    }

    /// The tally of a relation as far as the figures allow one; none while a scan is still out.
    pub(crate) fn tally(&self, catalog: &Catalog, place: usize) -> Option<Tally> {
        let figures = self.figures.get(place)?;
        let relation = catalog.relations.get(place)?;
        let mut counts = Counts::default();
        if let Some((rows, null_keys, partly_null)) = figures.rows {
            counts.rows = Some(rows);
            counts.null_keys = Some(null_keys);
            counts.partly_null = Some(partly_null);
        }
        if let Some(flaw) = &relation.flaw {
            if let (Flaw::MissingTable, Some((rows, null_keys, partly_null))) = (flaw, figures.rows) {
                counts.orphans = Some(rows.saturating_sub(null_keys).saturating_sub(partly_null));
            }
            return Some(Tally::broken(select::broken(catalog, relation, flaw), counts));
        }
        if let Some((orphans, missing_parents)) = figures.orphans {
            counts.orphans = Some(orphans);
            counts.missing_parents = Some(missing_parents);
        }
        if let Some(&(_, free, other)) = self.differ.iter().find(|(differs, _, _)| *differs == place) {
            let why =
                format!("{free} orphans by the indexes, {other} without them: an index cannot be trusted");
            // Either way may find too many: no more than the lesser is there for sure.
            counts.orphans = Some(free.min(other));
            return Some(Tally::counted(counts, figures.seconds).withdrawn(Why::SuspectIndex(why)));
        }
        if let Some(why) = &figures.refused {
            // Orphans that were found are there, whatever else could not be counted.
            return Some(match counts.orphans {
                Some(1..) => Tally::counted(counts, figures.seconds),
                None if figures.met => Tally::met_one(figures.seconds).with(counts),
                _ => Tally::counted(counts, figures.seconds).withdrawn(why.clone()),
            });
        }
        (figures.rows.is_some() && figures.orphans.is_some()).then(|| Tally::counted(counts, figures.seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tally::Verdict;
    use crate::model::tests::draft::Draft;

    #[test]
    fn orphans_that_were_found_stay_found_whatever_else_fails() {
        let mut draft = Draft::postgres();
        draft.table("orders", "id bigint!");
        draft.table("items", "id bigint!, order_id bigint");
        draft.relation("items(order_id)->orders(id)");
        let catalog = draft.catalog;
        let refused = |board: &mut Board| {
            let why = Why::Time("the statement took too long".to_owned());
            board.refused(&catalog, 0, why).expect("a tally")
        };
        let mut counted = Board::new(VecDeque::new(), 1, 1);
        assert_eq!(counted.orphans(&catalog, 0, (20, 20), 0.1), None);
        let tally = refused(&mut counted);
        assert_eq!((tally.verdict(), tally.exact(), tally.settled()), (&Verdict::Orphans, true, true));
        let mut met = Board::new(VecDeque::new(), 1, 1);
        met.probed(&catalog, 0, true, 0.1);
        met.rows(&catalog, 0, (30, 1, 0), 0.1);
        let tally = refused(&mut met);
        assert_eq!((tally.verdict(), tally.exact(), tally.settled()), (&Verdict::Orphans, false, false));
        assert_eq!((tally.counts().orphans, tally.counts().rows), (Some(1), Some(30)));
        let mut none = Board::new(VecDeque::new(), 1, 1);
        assert_eq!(none.orphans(&catalog, 0, (0, 0), 0.1), None);
        assert!(
            matches!(refused(&mut none).verdict(), Verdict::NotChecked(_)),
            "nothing found is not all looked at"
        );
    }

    #[test]
    fn a_probe_that_ends_behind_the_count_changes_nothing() {
        let mut draft = Draft::postgres();
        draft.table("orders", "id bigint!");
        draft.table("items", "id bigint!, order_id bigint");
        draft.relation("items(order_id)->orders(id)");
        let catalog = draft.catalog;
        for met in [true, false] {
            let mut board = Board::new(VecDeque::new(), 1, 1);
            assert_eq!(board.rows(&catalog, 0, (30, 0, 0), 0.1), None);
            let counted = board.orphans(&catalog, 0, (20, 20), 0.1).expect("both scans are in");
            assert_eq!((counted.verdict(), counted.exact()), (&Verdict::Orphans, true));
            assert_eq!(board.probed(&catalog, 0, met, 9.0), None);
            assert_eq!(board.tally(&catalog, 0), Some(counted));
        }
    }
}

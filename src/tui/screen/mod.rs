//! The screens, one folder each: what it remembers, what its keys do, how it is drawn. Screens read the shared facts and
//! change only their own state; this file sends keys and drawing to the one in front.

pub mod facet;
pub mod findings;
pub mod graph;
pub mod listing;
pub mod log;
pub mod overview;
pub mod plan;
pub mod relation;
pub mod relations;
pub mod run;
pub mod trend;

use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::keymap::Context;
use crate::tui::msg::Effect;
use crate::tui::widget::cursor::Step;
use crate::tui::widget::pen::Pen;
use listing::Filter;
use ratatui::layout::Rect;

/// A screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Findings, worst selected.
    Overview,
    /// All relations.
    Relations,
    /// One relation.
    Relation,
    /// The neighbourhood of a table.
    Graph,
    /// Findings with the pages of their rules.
    Findings,
    /// What staged actions become.
    Plan,
    /// The run that goes on, and those of the journal.
    Run,
    /// Statements sent.
    Log,
}

impl Place {
    /// The screens that have a tab, with the tab's number.
    pub const TABS: [(Self, char); 7] = [
        (Self::Overview, '1'),
        (Self::Relations, '2'),
        (Self::Graph, '3'),
        (Self::Findings, '4'),
        (Self::Plan, '5'),
        (Self::Run, '6'),
        (Self::Log, '7'),
    ];

    /// Its name.
    pub fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Relations => "Relations",
            Self::Relation => "Relation",
            Self::Graph => "Graph",
            Self::Findings => "Findings",
            Self::Plan => "Plan",
            Self::Run => "Run",
            Self::Log => "Log",
        }
    }

    /// The tab it stands under.
    pub fn tab(self) -> Self {
        if self == Self::Relation { Self::Relations } else { self }
    }

    /// Its keys.
    pub fn context(self) -> Context {
        match self {
            Self::Overview => Context::Overview,
            Self::Relations => Context::Relations,
            Self::Relation => Context::Relation,
            Self::Graph => Context::Graph,
            Self::Findings => Context::Findings,
            Self::Plan => Context::Plan,
            Self::Run => Context::Run,
            Self::Log => Context::Log,
        }
    }
}

/// What the screens remember.
#[derive(Debug, Default)]
pub struct Screens {
    /// Overview.
    pub overview: overview::State,
    /// Relations.
    pub relations: relations::State,
    /// The relation that was opened last.
    pub relation: Option<relation::State>,
    /// Graph.
    pub graph: graph::State,
    /// Findings.
    pub findings: findings::State,
    /// Plan.
    pub plan: plan::State,
    /// Run.
    pub run: run::State,
    /// Log.
    pub log: log::State,
}

/// Brings the screen in front up to date with the facts and the size.
pub fn refresh(app: &mut App) {
    match app.place {
        Place::Overview => overview::refresh(app),
        Place::Relations => relations::refresh(app),
        Place::Relation => relation::refresh(app),
        Place::Graph => graph::refresh(app),
        Place::Findings => findings::refresh(app),
        Place::Plan => plan::refresh(app),
        Place::Run => run::refresh(app),
        Place::Log => log::refresh(app),
    }
}

/// Carries out what a key means on the screen in front.
pub fn act(app: &mut App, action: Action) -> Vec<Effect> {
    match app.place {
        Place::Overview => overview::act(app, action),
        Place::Relations => relations::act(app, action),
        Place::Relation => relation::act(app, action),
        Place::Graph => graph::act(app, action),
        Place::Findings => findings::act(app, action),
        Place::Plan => plan::act(app, action),
        Place::Run => run::act(app, action),
        Place::Log => log::act(app, action),
    }
}

/// Draws the screen in front.
pub fn draw(app: &App, pen: &mut Pen<'_>, area: Rect) {
    match app.place {
        Place::Overview => overview::view::draw(app, pen, area),
        Place::Relations => relations::view::draw(app, pen, area),
        Place::Relation => relation::view::draw(app, pen, area),
        Place::Graph => graph::view::draw(app, pen, area),
        Place::Findings => findings::view::draw(app, pen, area),
        Place::Plan => plan::view::draw(app, pen, area),
        Place::Run => run::view::draw(app, pen, area),
        Place::Log => log::view::draw(app, pen, area),
    }
}

/// The relation selected on the screen in front, as a place in the catalog's list.
pub fn subject(app: &App) -> Option<usize> {
    match app.place {
        Place::Overview => overview::subject(app),
        Place::Relations => app.screens.relations.list.selected(),
        Place::Relation => app.screens.relation.as_ref().map(|relation| relation.place),
        Place::Graph => graph::subject(app),
        Place::Findings => findings::subject(app),
        Place::Plan | Place::Run | Place::Log => None,
    }
}

/// The filter of the list in front, if it has one.
fn filter(app: &App) -> Option<&Filter> {
    match app.place {
        Place::Overview => Some(&app.screens.overview.list.filter),
        Place::Relations => Some(&app.screens.relations.list.filter),
        Place::Findings => Some(&app.screens.findings.list.filter),
        Place::Log => Some(&app.screens.log.list.filter),
        Place::Graph => graph::filter(app),
        Place::Run => Some(&app.screens.run.list.filter).filter(|_| run::shows_past(app)),
        Place::Relation | Place::Plan => None,
    }
}

/// Whether there is anything to type on the screen in front.
pub fn can_filter(app: &App) -> bool {
    app.place == Place::Graph || filter(app).is_some()
}

/// Why the screen in front has no filter.
pub fn why_no_filter(app: &App) -> &'static str {
    match app.place {
        Place::Run => "A run that goes on cannot be filtered. Once it has ended, Tab lists all runs.",
        Place::Plan => "The steps of a plan cannot be filtered. 4 lists the findings.",
        _ => "The rows of a relation cannot be filtered. 2 lists the relations.",
    }
}

/// Whether anything is selected on the screen in front.
pub fn has_choice(app: &App) -> bool {
    match app.place {
        Place::Overview => app.screens.overview.list.selected().is_some(),
        Place::Relations => app.screens.relations.list.selected().is_some(),
        Place::Findings => app.screens.findings.list.selected().is_some(),
        Place::Log => app.screens.log.list.selected().is_some(),
        Place::Relation | Place::Graph => true,
        Place::Plan => !app.mend.staged.is_empty(),
        Place::Run => run::selected(app).is_some(),
    }
}

/// Whether the screen in front has several panes that take keys.
pub fn has_panes(app: &App) -> bool {
    matches!(app.place, Place::Relation | Place::Graph | Place::Findings | Place::Plan)
        || (app.place == Place::Run && app.mend.going.is_some() && !app.mend.is_running())
}

/// What stands in the filter of the list in front.
pub fn filter_text(app: &App) -> String {
    filter(app).map(|filter| filter.text().to_owned()).unwrap_or_default()
}

/// Filters the list in front; in the graph, goes to the first table that matches.
pub fn set_filter(app: &mut App, text: &str) {
    let typed = Filter::faceted(text, facets(app.place));
    match app.place {
        Place::Overview => overview::filter(app, typed),
        Place::Relations => relations::filter(app, typed),
        Place::Findings => findings::filter(app, typed),
        Place::Log => log::filter(app, typed),
        Place::Graph => graph::find(app, text),
        Place::Run => run::filter(app, typed),
        Place::Relation | Place::Plan => {}
    }
}

/// What the list of a screen can be narrowed by.
pub fn facets(place: Place) -> &'static [&'static str] {
    match place {
        Place::Overview | Place::Findings => facet::FINDINGS,
        Place::Relations => facet::RELATIONS,
        Place::Relation | Place::Graph | Place::Plan | Place::Run | Place::Log => &[],
    }
}

/// Keeps what was typed.
pub fn accept(app: &mut App) -> Vec<Effect> {
    if app.place == Place::Graph {
        graph::found(app);
    }
    Vec::new()
}

/// A movement in a list, if the action is one.
pub fn step(action: Action) -> Option<Step> {
    Some(match action {
        Action::Up => Step::Up,
        Action::Down => Step::Down,
        Action::PageUp => Step::PageUp,
        Action::PageDown => Step::PageDown,
        Action::First => Step::First,
        Action::Last => Step::Last,
        _ => return None,
    })
}

/// Goes one screen deeper; `back` leads here again.
pub fn enter(app: &mut App, place: Place) {
    app.trail.push(app.place);
    app.place = place;
}

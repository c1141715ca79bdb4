//! Which actions would mend what is selected, and staging them. A finding brings the action its rule suggests; a relation
//! those of its findings and what its own state asks for.

use crate::model::action::{Action, Verb};
use crate::model::finding::Finding;
use crate::model::relation::{Enforcement, Origin};
use crate::tui::app::App;
use crate::tui::msg::Effect;
use crate::tui::overlay::Overlay;
use crate::tui::overlay::fixes::Menu;
use crate::tui::overlay::line::{Line, Purpose};
use crate::tui::screen::{self, Place, findings, overview};
use crate::tui::theme::Role;
use crate::tui::widget::pen::Pen;
use ratatui::layout::Rect;

/// Stages the fix of what is selected, or takes it away again; where several fit, a menu asks which.
pub fn stage(app: &mut App) -> Vec<Effect> {
    let fixes = here(app);
    let staged: Vec<&Action> = fixes.iter().filter(|fix| app.mend.staged.holds(fix)).collect();
    match (fixes.as_slice(), staged.as_slice()) {
        ([], _) => app.say(none(app), Role::Warn),
        ([fix], _) => turn(app, fix.clone()),
        (_, [fix]) => turn(app, (*fix).clone()),
        _ => app.overlay = Some(Overlay::Fixes(Menu::new(title(app), fixes))),
    }
    Vec::new()
}

/// Asks for an action to be typed, as `waif plan --stage` takes it.
pub fn ask(app: &mut App) {
    let words: Vec<&str> = Verb::ALL.iter().map(|(_, word, _)| *word).collect();
    let note = format!(
        "VERB:SUBJECT, as waif plan --stage takes it: {}. SUBJECT is TABLE.COLUMN for a backfill, else a relation's id \
         or TABLE.CONSTRAINT; options stand behind a ?: add-fk:orders(customer_id)->customers(id)?on_delete=cascade.",
        words.join(", ")
    );
    app.overlay = Some(Overlay::Line(Box::new(Line::new("Stage an action", "", note, Purpose::Stage))));
}

/// Stages what was typed, unless it is staged already.
pub fn add(app: &mut App, action: Action) {
    match app.mend.staged.holds(&action) {
        true => app.say(format!("{action} is staged already."), Role::Warn),
        false => turn(app, action),
    }
}

/// Stages an action, or takes it away, and says so.
pub fn turn(app: &mut App, action: Action) {
    let words = action.to_string();
    let text = match app.mend.staged.turn(action) {
        true => format!("Staged {words}. 5 shows the plan; nothing is changed before X there."),
        false => format!("Not staged any more: {words}."),
    };
    app.say(text, Role::Text);
    // The lists show what is staged.
    app.screens.findings.list.spoil();
}

/// Why nothing can be staged here.
fn none(app: &App) -> String {
    let suggested = finding(app).and_then(|finding| finding.action.as_deref());
    match suggested.and_then(|action| action.split_once(':')) {
        Some((verb, _)) => {
            format!("The fix would be {verb}, which this version of waif cannot carry out yet.")
        }
        None if finding(app).is_none() && screen::subject(app).is_none() => {
            "Select a finding or a relation first: Space stages its fix.".to_owned()
        }
        None => "No single action mends this: the page of its rule tells what does.".to_owned(),
    }
}

/// What the menu is about.
fn title(app: &App) -> String {
    let relation = screen::subject(app).and_then(|place| app.facts.relation(place));
    relation.map(|(relation, _)| relation.id.clone()).unwrap_or_default()
}

/// The finding that is selected.
fn finding(app: &App) -> Option<&Finding> {
    match app.place {
        Place::Overview => overview::selected(app),
        Place::Findings => findings::selected(app),
        _ => None,
    }
}

/// The actions that fit what is selected, the best first.
fn here(app: &App) -> Vec<Action> {
    match finding(app) {
        Some(finding) => match of_finding(finding) {
            Some(action) => vec![action],
            None if finding.action.is_some() => Vec::new(),
            None => {
                let place = finding.relation.as_deref().and_then(|id| app.facts.place_of(id));
                place.map(|place| of_relation(app, place)).unwrap_or_default()
            }
        },
        None => screen::subject(app).map(|place| of_relation(app, place)).unwrap_or_default(),
    }
}

/// The action a finding suggests, where it is one that can be carried out.
pub fn of_finding(finding: &Finding) -> Option<Action> {
    finding.action.as_deref()?.parse().ok()
}

/// Marks the row of a finding whose fix is staged.
pub fn mark(app: &App, finding: &Finding, pen: &mut Pen<'_>, row: Rect) {
    if !app.mend.staged.is_empty() && of_finding(finding).is_some_and(|action| app.mend.staged.holds(&action))
    {
        pen.symbol(row.x + 2, row.y, "+", Role::Good);
    }
}

fn of_relation(app: &App, place: usize) -> Vec<Action> {
    let Some((relation, tally)) = app.facts.relation(place) else { return Vec::new() };
    if relation.flaw.is_some() {
        return Vec::new();
    }
    let of_it = |finding: &&Finding| finding.relation.as_deref() == Some(relation.id.as_str());
    let mut fixes: Vec<Action> = app.facts.findings.iter().filter(of_it).filter_map(of_finding).collect();
    let mut also = |verb| {
        let action = Action { verb, subject: relation.id.clone(), options: Vec::new() };
        if !fixes.iter().any(|known| known.verb == verb) {
            fixes.push(action);
        }
    };
    if tally.counts().orphans.is_some_and(|orphans| orphans > 0) {
        [Verb::Quarantine, Verb::Nullify, Verb::Adopt, Verb::Delete].into_iter().for_each(&mut also);
    }
    match (&relation.enforcement, relation.origin, relation.validated) {
        (_, origin, _) if origin != Origin::Declared => also(Verb::AddFk),
        (Enforcement::Off(_), ..) => also(Verb::ReplaceFk),
        (_, _, false) => also(Verb::Validate),
        _ => {}
    }
    // Rows first, of what may become of them that which loses least and asks for nothing; then what looks them up, then the
    // key.
    let least = |verb: Verb| (verb >= Verb::Index, verb != Verb::Quarantine && verb != Verb::Backfill, verb);
    fixes.sort_by_key(|action| least(action.verb));
    fixes.dedup();
    fixes
}

//! The key table: read once from assets/keymap.toml, then the only source of what a key does, of the hints at the foot
//! of the screen and of the help. Called by `update` to look keys up, by the views to show them.

mod own;
pub mod print;

use crate::config::Keys;
use crate::model::fault::{Fault, Kind};
use crate::tui::action::Action;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use serde::Deserialize;
use std::collections::BTreeMap;

const TABLE: &str = include_str!("../../assets/keymap.toml");

/// Where a key is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Context {
    /// The screen Overview.
    Overview,
    /// The screen Relations.
    Relations,
    /// The screen of one relation.
    Relation,
    /// The screen Graph.
    Graph,
    /// The screen Findings.
    Findings,
    /// The screen Plan.
    Plan,
    /// The screen Run.
    Run,
    /// The screen Log.
    Log,
    /// Every list.
    List,
    /// Every screen.
    Everywhere,
    /// A line being typed.
    Text,
    /// A page over the screen: help, a statement, a row.
    Page,
    /// A menu over the screen.
    Menu,
    /// The menu of facets.
    Facets,
    /// A fault over the screen.
    Fault,
    /// The palette over the screen.
    Palette,
    /// The connections in the picker.
    Picker,
    /// A field of the picker.
    Field,
    /// The confirmation of a run.
    Confirm,
    /// A question with two answers.
    Question,
    /// A form to fill in.
    Form,
}

impl Context {
    /// The screens.
    pub const SCREENS: [Self; 8] = [
        Self::Overview,
        Self::Relations,
        Self::Relation,
        Self::Graph,
        Self::Findings,
        Self::Plan,
        Self::Run,
        Self::Log,
    ];
    /// What stands alone: nothing else is looked up while it has the keys.
    pub const ALONE: [Self; 11] = [
        Self::Text,
        Self::Page,
        Self::Menu,
        Self::Facets,
        Self::Fault,
        Self::Palette,
        Self::Picker,
        Self::Field,
        Self::Confirm,
        Self::Question,
        Self::Form,
    ];

    /// All, in the order in which a person meets them.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::SCREENS.into_iter().chain([Self::List, Self::Everywhere]).chain(Self::ALONE)
    }

    /// What is looked up together: each screen with what holds in lists and everywhere, and what stands alone.
    pub fn together() -> impl Iterator<Item = Vec<Self>> {
        let screens = Self::SCREENS.into_iter().map(|screen| vec![screen, Self::List, Self::Everywhere]);
        screens.chain(Self::ALONE.into_iter().map(|alone| vec![alone]))
    }

    /// Its name in the table.
    pub fn word(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    /// Where that is, as a heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Overview => "On Overview",
            Self::Relations => "On Relations",
            Self::Relation => "On a relation",
            Self::Graph => "On Graph",
            Self::Findings => "On Findings",
            Self::Plan => "On Plan",
            Self::Run => "On Run",
            Self::Log => "On Log",
            Self::List => "In every list",
            Self::Everywhere => "Everywhere",
            Self::Text => "While typing",
            Self::Page => "On a page such as the help",
            Self::Menu => "In a menu",
            Self::Facets => "In the menu of facets",
            Self::Fault => "When something went wrong",
            Self::Palette => "In the palette",
            Self::Picker => "Among the connections",
            Self::Field => "While typing a connection",
            Self::Confirm => "In the confirmation",
            Self::Question => "When waif asks",
            Self::Form => "In a form",
        }
    }

    /// Whether letters are typed there, so that none can be a key.
    pub fn types(self) -> bool {
        matches!(self, Self::Text | Self::Palette | Self::Field | Self::Confirm | Self::Form)
    }
}

/// A key as the table names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    code: KeyCode,
    ctrl: bool,
}

/// A row of the table.
#[derive(Clone, Debug)]
pub struct Binding {
    /// The keys, as the table writes them.
    pub on: Vec<String>,
    keys: Vec<Key>,
    /// What they do.
    pub run: Action,
    /// A sentence without its full stop.
    pub desc: String,
    /// A word for the foot of the screen; none keeps it out of there.
    pub hint: Option<String>,
}

/// The whole table.
#[derive(Clone, Debug)]
pub struct Keymap {
    contexts: BTreeMap<Context, Vec<Binding>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    on: Vec<String>,
    run: String,
    desc: String,
    hint: Option<String>,
}

impl Keymap {
    /// The table as shipped.
    ///
    /// # Errors
    /// A usage fault that names the row at fault.
    pub fn shipped() -> Result<Self, Fault> {
        Self::parse(TABLE)
            .map_err(|why| Fault::new(Kind::Usage, format!("The table of keys is malformed: {why}.")))
    }

    /// The table with the user's own keys in it.
    ///
    /// # Errors
    /// A usage fault that tells every mistake in them with its file and line.
    pub fn with(keys: Option<&Keys>) -> Result<Self, Fault> {
        let shipped = Self::shipped()?;
        keys.map_or(Ok(shipped.clone()), |keys| own::laid_over(shipped, keys))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let rows: BTreeMap<Context, Vec<Row>> = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut contexts = BTreeMap::new();
        for (context, rows) in rows {
            let bindings = rows.into_iter().map(binding).collect::<Result<Vec<_>, _>>()?;
            contexts.insert(context, bindings);
        }
        Ok(Self { contexts })
    }

    /// The rows of a context, in the order of the table.
    pub fn rows(&self, context: Context) -> &[Binding] {
        self.contexts.get(&context).map_or(&[], Vec::as_slice)
    }

    /// What a key does where these contexts are looked up in order.
    pub fn action(&self, contexts: &[Context], event: &KeyEvent) -> Option<Action> {
        let key = Key::pressed(event)?;
        let rows = contexts.iter().flat_map(|context| self.rows(*context));
        rows.into_iter().find(|row| row.keys.contains(&key)).map(|row| row.run)
    }

    /// The first key of an action where these contexts are looked up, as a person writes it.
    pub fn key_of(&self, contexts: &[Context], action: Action) -> Option<String> {
        let mut rows = contexts.iter().flat_map(|context| self.rows(*context));
        rows.find(|row| row.run == action).and_then(|row| row.on.first()).map(|on| written(on))
    }
}

fn binding(row: Row) -> Result<Binding, String> {
    let run = Action::named(&row.run).ok_or_else(|| format!("there is no action {}", row.run))?;
    let keys = row.on.iter().map(|on| Key::named(on)).collect::<Result<Vec<_>, _>>()?;
    if keys.is_empty() || row.desc.is_empty() {
        return Err(format!("the row of {} lacks its keys or its description", row.run));
    }
    Ok(Binding { on: row.on, keys, run, desc: row.desc, hint: row.hint })
}

impl Key {
    /// Keys that are no letters.
    const NAMES: [(&'static str, KeyCode); 13] = [
        ("enter", KeyCode::Enter),
        ("esc", KeyCode::Esc),
        ("tab", KeyCode::Tab),
        ("backtab", KeyCode::BackTab),
        ("space", KeyCode::Char(' ')),
        ("up", KeyCode::Up),
        ("down", KeyCode::Down),
        ("left", KeyCode::Left),
        ("right", KeyCode::Right),
        ("pgup", KeyCode::PageUp),
        ("pgdn", KeyCode::PageDown),
        ("home", KeyCode::Home),
        ("end", KeyCode::End),
    ];

    /// Whether it types a letter where one types.
    fn types(&self) -> bool {
        matches!(self.code, KeyCode::Char(_)) && !self.ctrl
    }

    fn named(name: &str) -> Result<Self, String> {
        let (ctrl, plain) = name.strip_prefix("ctrl-").map_or((false, name), |rest| (true, rest));
        let mut letters = plain.chars();
        let named = Self::NAMES.iter().find(|(known, _)| *known == plain).map(|(_, code)| *code);
        let number = plain.strip_prefix('f').and_then(|number| number.parse().ok());
        let code = match (named, letters.next(), letters.next(), number) {
            (Some(code), ..) => code,
            (None, Some(letter), None, _) if !letter.is_control() => KeyCode::Char(letter),
            (None, .., Some(number @ 1..=12)) => KeyCode::F(number),
            _ => return Err(format!("there is no key {name}")),
        };
        Ok(Self { code, ctrl })
    }

    /// The key of an event; none for combinations the table never names. Shift is part of the letter.
    fn pressed(event: &KeyEvent) -> Option<Self> {
        let held = event.modifiers.difference(KeyModifiers::SHIFT | KeyModifiers::CONTROL);
        held.is_empty()
            .then(|| Self { code: event.code, ctrl: event.modifiers.contains(KeyModifiers::CONTROL) })
    }
}

/// A key as a person reads it: `ctrl-c` as `Ctrl-C`, `pgdn` as `PgDn`.
pub fn written(on: &str) -> String {
    match on {
        "up" => "↑".to_owned(),
        "down" => "↓".to_owned(),
        "left" => "←".to_owned(),
        "right" => "→".to_owned(),
        "enter" => "Enter".to_owned(),
        "esc" => "Esc".to_owned(),
        "tab" => "Tab".to_owned(),
        "backtab" => "Shift-Tab".to_owned(),
        "space" => "Space".to_owned(),
        "pgup" => "PgUp".to_owned(),
        "pgdn" => "PgDn".to_owned(),
        "home" => "Home".to_owned(),
        "end" => "End".to_owned(),
        other => match other.strip_prefix("ctrl-") {
            Some(letter) => format!("Ctrl-{}", letter.to_uppercase()),
            None if other.len() > 1 && other.starts_with('f') => other.to_uppercase(),
            None => other.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests;

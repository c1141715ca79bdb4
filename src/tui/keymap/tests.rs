//! The table of keys as shipped, held to its promises.

use super::*;
use std::collections::BTreeSet;

fn shipped() -> Keymap {
    Keymap::shipped().expect("the shipped table is well formed")
}

#[test]
fn no_key_means_two_things_on_one_screen() {
    let keymap = shipped();
    let known: BTreeSet<Context> = Context::all().collect();
    assert!(keymap.contexts.keys().all(|context| known.contains(context)), "a context nobody looks at");
    for chain in Context::together() {
        let mut seen = BTreeSet::new();
        for on in chain.iter().flat_map(|context| keymap.rows(*context)).flat_map(|row| &row.on) {
            assert!(seen.insert(on.clone()), "{on} means two things in {chain:?}");
        }
    }
}

#[test]
fn every_action_can_be_reached_and_every_row_says_what_it_does() {
    let keymap = shipped();
    let rows: Vec<&Binding> = keymap.contexts.values().flatten().collect();
    for (action, name) in Action::ALL {
        assert!(rows.iter().any(|row| row.run == *action), "no key runs {name}");
    }
    for row in rows {
        assert!(!row.desc.ends_with('.') && row.desc.len() > 3, "{:?}: {:?}", row.on, row.desc);
    }
}

#[test]
fn the_same_letter_is_the_same_verb_on_every_screen() {
    let keymap = shipped();
    let mut verbs: BTreeMap<&str, Action> = BTreeMap::new();
    for row in
        Context::SCREENS.iter().chain([&Context::List, &Context::Everywhere]).flat_map(|c| keymap.rows(*c))
    {
        for on in &row.on {
            let verb = verbs.entry(on).or_insert(row.run);
            assert_eq!(*verb, row.run, "{on} is {verb:?} here and {:?} there", row.run);
        }
    }
}

#[test]
fn escape_never_quits() {
    let keymap = shipped();
    let esc = KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE);
    for context in keymap.contexts.keys() {
        assert!(matches!(keymap.action(&[*context], &esc), None | Some(Action::Back)));
    }
}

#[test]
fn shift_is_part_of_the_letter_and_other_modifiers_are_not() {
    let keymap = shipped();
    let chain = [Context::Relations, Context::List, Context::Everywhere];
    let pressed = |code, modifiers| keymap.action(&chain, &KeyEvent::new(code, modifiers));
    assert_eq!(pressed(KeyCode::Char('G'), KeyModifiers::SHIFT), Some(Action::Last));
    assert_eq!(pressed(KeyCode::Char('g'), KeyModifiers::NONE), Some(Action::First));
    assert_eq!(pressed(KeyCode::Char('g'), KeyModifiers::ALT), None);
    assert_eq!(pressed(KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Action::Interrupt));
    assert_eq!(pressed(KeyCode::Char('c'), KeyModifiers::NONE), None);
}

#[test]
fn a_malformed_table_says_which_row() {
    let wrong = |row: &str| Keymap::parse(&format!("[[list]]\n{row}")).expect_err("it is malformed");
    assert_eq!(wrong("on = ['x']\nrun = 'dance'\ndesc = 'dance'"), "there is no action dance");
    assert_eq!(wrong("on = ['hyper']\nrun = 'up'\ndesc = 'up'"), "there is no key hyper");
    assert_eq!(wrong("on = []\nrun = 'up'\ndesc = 'up'"), "the row of up lacks its keys or its description");
    assert!(wrong("on = ['x']\nrun = 'up'\ndesc = 'up'\ncolour = 1").contains("unknown field"));
}

#[test]
fn keys_are_written_as_people_read_them() {
    assert_eq!(written("ctrl-c"), "Ctrl-C");
    assert_eq!(written("pgdn"), "PgDn");
    assert_eq!(written("j"), "j");
}

fn laid_over(text: &str) -> Result<Keymap, Fault> {
    let keys = Keys { file: "~/.config/waif/keymap.toml".to_owned(), text: text.to_owned() };
    Keymap::with(Some(&keys))
}

fn told(text: &str) -> (String, String) {
    let fault = laid_over(text).expect_err("it makes no sense");
    assert_eq!(fault.kind, Kind::Usage);
    let what =
        fault.headline.strip_prefix("~/.config/waif/keymap.toml:").unwrap_or(&fault.headline).to_owned();
    (what, fault.hint.unwrap_or_default())
}

#[test]
fn a_row_of_ones_own_replaces_the_keys_of_its_action_and_nothing_else() {
    let keymap = laid_over("[[list]]\non = ['e', 'f5']\nrun = 'recount'\n").expect("it makes sense");
    let chain = [Context::Relations, Context::List, Context::Everywhere];
    let pressed = |code| keymap.action(&chain, &KeyEvent::new(code, KeyModifiers::NONE));
    assert_eq!(pressed(KeyCode::Char('e')), Some(Action::Recount));
    assert_eq!(pressed(KeyCode::F(5)), Some(Action::Recount));
    assert_eq!(pressed(KeyCode::Char('r')), None, "the old key is free");
    assert_eq!(pressed(KeyCode::Char('R')), Some(Action::Rescan));
    let row = keymap.rows(Context::List).iter().find(|row| row.run == Action::Recount).expect("a row");
    let shipped = shipped();
    let before = shipped.rows(Context::List).iter().find(|row| row.run == Action::Recount).expect("a row");
    assert_eq!((&row.desc, &row.hint), (&before.desc, &before.hint));
    assert_eq!(keymap.key_of(&chain, Action::Recount).as_deref(), Some("e"));
}

#[test]
fn a_key_that_is_taken_away_is_free_for_another_action() {
    let text =
        "[[list]]\non = []\nrun = 'recount'\n[[everywhere]]\non = ['r']\nrun = 'rescan'\ndesc = 'again'\n";
    let keymap = laid_over(text).expect("it makes sense");
    let chain = [Context::Log, Context::List, Context::Everywhere];
    let r = KeyEvent::new(KeyCode::Char('r'), KeyModifiers::NONE);
    assert_eq!(keymap.action(&chain, &r), Some(Action::Rescan));
    assert_eq!(keymap.key_of(&chain, Action::Recount), None);
}

#[test]
fn every_mistake_in_ones_own_keys_names_its_line_and_what_to_do() {
    for (text, what, hint) in [
        (
            "\n[[list]]\non = ['x']\nrun = 'recuont'",
            "4: there is no action recuont.",
            "Did you mean recount?",
        ),
        ("[[log]]\non = ['x']\nrun = 'sort'", "3: sort is no action of log.", "log has "),
        ("[[lists]]\non = ['x']\nrun = 'sort'", "1: there is no context lists.", "Did you mean list?"),
        ("[[list]]\non = ['hyper-x']\nrun = 'up'", "2: there is no key hyper-x.", "ctrl- and a letter"),
        ("[[list]]\non = ['f13']\nrun = 'up'", "2: there is no key f13.", "f1 to f12"),
        ("[[list]]\non = 'x'\nrun = 'up'", "2: on is a list of keys.", "on = [\"x\"]"),
        ("[[list]]\non = ['x']", "1: a row needs the keys and what they run.", "run = ACTION"),
        ("[[list]]\non = ['x']\nrun = 'up'\ncolour = 1", "4: a row has no colour.", "on and run"),
        ("[[text]]\non = ['x']\nrun = 'accept'", "2: x types a letter in text.", "ctrl- and a letter"),
        (
            "[[everywhere]]\non = []\nrun = 'help'",
            "2: help would have no key left in everywhere.",
            "another key",
        ),
        (
            "[[everywhere]]\non = []\nrun = 'back'",
            "2: back would have no key left in everywhere.",
            "another key",
        ),
        (
            "[[everywhere]]\non = []\nrun = 'close'",
            "2: close would have no key left in everywhere.",
            "another key",
        ),
        (
            "[[page]]\non = []\nrun = 'interrupt'",
            "2: interrupt would have no key left in page.",
            "another key",
        ),
        (
            "[[list]]\non = ['R']\nrun = 'recount'",
            "1: R is recount in list and rescan in everywhere, which are looked up together.",
            "another key",
        ),
        (
            "[[list]]\non = ['x']\nrun = 'up'\n[[list]]\non = ['v']\nrun = 'up'",
            "4: up has its keys in list from line 1 already.",
            "one row",
        ),
        ("[[list]", "1: this is not TOML", "Write rows"),
    ] {
        let (found, advice) = told(text);
        assert!(found.starts_with(what), "{text}: {found}");
        assert!(advice.contains(hint), "{text}: {advice}");
    }
}

#[test]
fn all_mistakes_are_told_at_once_and_nothing_hidden_reaches_the_terminal() {
    let text = "[[list]]\non = ['\\u001b[2J']\nrun = 'up'\n[[graph]]\non = ['x']\nrun = 'dance'\n";
    let fault = laid_over(&text.replace('\'', "\"")).expect_err("it makes no sense");
    assert_eq!(fault.headline, "Your keys have 2 mistakes.");
    assert_eq!(fault.causes.len(), 2);
    assert!(!format!("{fault:?}").contains('\u{1b}'));
}

#[test]
fn the_table_is_printed_whole() {
    let keymap = shipped();
    let rows: usize = print::entries(&keymap).iter().map(|(_, rows)| rows.len()).sum();
    assert_eq!(rows, keymap.contexts.values().map(Vec::len).sum::<usize>());
    let markdown = print::markdown(&keymap);
    assert_eq!(markdown.lines().count(), rows + 2);
    assert!(markdown.contains("| Everywhere | `1` | the findings, worst first |"), "{markdown}");
}

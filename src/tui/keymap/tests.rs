//! The table of keys as shipped, held to its promises.

use super::*;
use std::collections::BTreeSet;

fn shipped() -> Keymap {
    Keymap::shipped().expect("the shipped table is well formed")
}

const SCREENS: [Context; 6] = [
    Context::Overview,
    Context::Relations,
    Context::Relation,
    Context::Graph,
    Context::Findings,
    Context::Log,
];

#[test]
fn no_key_means_two_things_on_one_screen() {
    let keymap = shipped();
    let chains = SCREENS.map(|screen| vec![screen, Context::List, Context::Everywhere]).into_iter();
    let alone =
        [Context::Text, Context::Page, Context::Fault, Context::Palette, Context::Picker, Context::Field]
            .map(|context| vec![context]);
    for chain in chains.chain(alone) {
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
    for row in SCREENS.iter().chain([&Context::List, &Context::Everywhere]).flat_map(|c| keymap.rows(*c)) {
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

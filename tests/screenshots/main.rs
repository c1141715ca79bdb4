//! Pictures of the real screens of the real program: the demo on a pseudo-terminal, its cells written as SVG.
//!
//! `cargo test --test screenshots` makes them anew in assets/screenshots. They show what stood on the screen, times too.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a picture that cannot be made stops"
)]

#[path = "../support/mod.rs"]
mod support;

mod svg;

use std::fs;
use std::path::Path;
use std::time::Duration;
use support::Recorder;

/// A picture: its name, the keys that lead to it, and what must stand on the screen before it is taken.
const PICTURES: [(&str, &[&str], &str); 5] = [
    ("overview", &[], "orphan rows"),
    ("relation", &["\r"], "Child rows of"),
    ("graph", &["j", "3"], "hop"),
    ("findings", &["4"], "Why this matters"),
    ("palette", &[":", "or"], "orders"),
];

const SIZES: [(u16, u16); 2] = [(80, 24), (120, 40)];

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/screenshots");
    fs::create_dir_all(&folder).expect("the folder can be made");
    for size in SIZES {
        for (name, keys, sign) in PICTURES {
            let mut person = Recorder::open(env!("CARGO_BIN_EXE_waif"), &["demo"], size, &[]);
            person.wait_for("Complete");
            for key in keys {
                person.press(key);
                person.wait_quiet(Duration::from_millis(400));
            }
            person.wait_for(sign);
            person.wait_quiet(Duration::from_millis(400));
            let title = format!("waif: {name} of the demo in a terminal of {}x{} cells", size.0, size.1);
            let file = folder.join(format!("{name}-{}x{}.svg", size.0, size.1));
            fs::write(&file, svg::picture(&person.screen(), &title)).expect("the picture can be written");
        }
    }
}

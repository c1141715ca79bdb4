//! The program as people and pipelines meet it: verbs, exit codes, formats, words. Every run is a process of its own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests fail by panicking, and name what they need"
)]

#[path = "../support/mod.rs"]
mod support;

mod bad_input;
mod codes;
mod formats;
mod history;
mod keymap;
mod orphans;
mod terminal;
mod verbs;

use support::{Database, SqliteFile};

/// A shop: one relation clean, one with orphans, every reference indexed.
const SHOP: &str = "
    CREATE TABLE customers(id INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE orders(id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers(id));
    CREATE INDEX orders_customer ON orders(customer_id);
    CREATE TABLE items(id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders(id));
    CREATE INDEX items_order ON items(order_id);
    INSERT INTO customers VALUES (1, 'Ada'), (2, 'Grace');
    INSERT INTO orders VALUES (10, 1), (11, 2), (12, NULL);
    INSERT INTO items VALUES (100, 10), (101, 11), (102, 77), (103, 77), (104, 78);";

/// The id of the relation with orphans.
const ITEMS: &str = "items(order_id)->orders(id)";

fn shop() -> SqliteFile {
    SqliteFile::with(SHOP)
}

/// The shop without its orphans.
fn sound() -> SqliteFile {
    let file = shop();
    file.execute("DELETE FROM items WHERE order_id > 70");
    file
}

/// Makes the server ask a role for its password; others are let in without.
fn must_give_its_password(database: &Database, role: &str) {
    database.execute(&format!(
        "DO $$ BEGIN CREATE ROLE locked; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
         GRANT locked TO {role}"
    ));
}

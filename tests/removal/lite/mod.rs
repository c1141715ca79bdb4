//! The same on SQLite: files made by the shell, mended and brought back by the program, compared byte for byte.

mod back;
mod mends;
mod rows;
mod ward;

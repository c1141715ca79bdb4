//! The same on SQLite: files made by the shell, mended and brought back by the program, compared byte for byte.

mod back;
mod broken;
mod mends;
mod random;
mod rows;
mod ward;

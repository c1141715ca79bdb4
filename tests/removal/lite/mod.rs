//! The same on SQLite: files made by the shell, mended and brought back by the program, compared byte for byte.

mod adopted;
mod back;
mod beneath;
mod broken;
mod demands;
mod filled;
mod mends;
mod odd;
mod others;
mod promised;
mod random;
mod reach;
mod refused;
mod rows;
mod shapes;
mod standing;
mod story;
mod ward;

//! The postgres dialect: text only. Called through [`Dialect`](crate::sql::Dialect).

//! The sqlite dialect: text only. Called through [`Dialect`](crate::sql::Dialect).

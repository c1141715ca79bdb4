//! Front end two: the terminal interface. Keys and desk events become messages, `update` changes the state, `draw` shows it.

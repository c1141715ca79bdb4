//! Front end one: a verb per file. It reads arguments, opens a desk, prints what the desk tells and returns an exit code.

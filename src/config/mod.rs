//! Configuration: layers, profiles, and where connection parameters come from. The only reader of the environment. Called by the front ends.

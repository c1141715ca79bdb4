//! The graph of tables and relations: cycles, order, neighbourhood, reach of cascades. Pure functions over a catalog.

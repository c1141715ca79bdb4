-- What sort of table each is: `type` tells shadow tables, which belong to a virtual table, from the others.
SELECT name, type, wr, strict FROM pragma_table_list WHERE schema = ?1

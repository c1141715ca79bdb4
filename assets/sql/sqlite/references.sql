-- References of one schema. The newest definition has id 0; "to" is NULL where the parent's primary key is meant.
SELECT m.name, f.id, f.seq, f."table", f."from", f."to", f.on_update, f.on_delete
FROM {schema}.sqlite_schema AS m
JOIN pragma_foreign_key_list(m.name, ?1) AS f
WHERE m.type = 'table' AND m.rootpage > 0
ORDER BY m.name, f.id, f.seq

-- Indexes of one schema with their columns: cid is -1 for the row id and -2 for an expression. Columns with key 0 only
-- lead back to the row and are left out.
SELECT m.name, i.name, i."unique", i.origin, i.partial, x.cid, x.coll
FROM {schema}.sqlite_schema AS m
JOIN pragma_index_list(m.name, ?1) AS i
JOIN pragma_index_xinfo(i.name, ?1) AS x
WHERE m.type = 'table' AND m.rootpage > 0 AND x.key
ORDER BY m.name, i.seq, x.seqno

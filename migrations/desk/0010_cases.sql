-- Cases («обращения») are entities too. The list of kinds stands in a check of `entity`; a table that others refer to is
-- not rebuilt for that: SQLite's own procedure for a changed check rewrites its text (lang_altertable.html, part 7).
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, '''appointment'', ''certificate''', '''appointment'', ''certificate'', ''case''')
WHERE type = 'table' AND name = 'entity';
PRAGMA writable_schema = RESET;

-- Cases are few: their list is read whole.
CREATE INDEX entity_case ON entity (row) WHERE kind = 'case';

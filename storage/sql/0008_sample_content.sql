-- qeval results database, schema version 8: what an image held; runs that repeat others. Released: never edit, add the next numbered file instead.

ALTER TABLE sample ADD COLUMN sha256 BLOB;  -- of the file, 32 bytes; NULL: unreadable, or stored by an older version
ALTER TABLE run ADD COLUMN repeats INTEGER REFERENCES run(id);  -- the finished run of the same key that this one computes again

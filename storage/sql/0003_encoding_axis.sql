-- qeval results database, schema version 3: axis of per-channel encodings. Released: never edit, add the next file instead.

ALTER TABLE encoding ADD COLUMN axis INTEGER NOT NULL DEFAULT 0;  -- where the channels lie; 0 per tensor

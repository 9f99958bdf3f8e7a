-- qeval results database, schema version 4: encodings per block. Released: never edit, add the next file instead.

ALTER TABLE encoding ADD COLUMN block_size INTEGER NOT NULL DEFAULT 0;  -- 0 = no blocks; else channel counts the blocks too

-- qeval results database, schema version 6: where encodings per block lie. Released: never edit, add the next file instead.

ALTER TABLE encoding ADD COLUMN grid TEXT NOT NULL DEFAULT '';  -- per block: sizes of the tensor of encodings, 8x4x1x1; '' = not known

-- qeval results database, schema version 5: shared quantizers of layer sensitivity. Released: never edit, add the next file.

-- Other layers that a quantizer of the group belongs to, too; the group has the name of the first.
CREATE TABLE sensitivity_shared_layer(
  sensitivity_id INTEGER NOT NULL, number INTEGER NOT NULL, position INTEGER NOT NULL, layer TEXT NOT NULL,
  PRIMARY KEY(sensitivity_id, number, position),
  FOREIGN KEY(sensitivity_id, number) REFERENCES sensitivity_group(sensitivity_id, number) ON DELETE CASCADE) WITHOUT ROWID;

DROP VIEW layer_sensitivity;
CREATE VIEW layer_sensitivity AS
SELECT s.id AS sensitivity_id, s.job_name, s.variant, s.arch, s.mode, g.number, g.layer, g.kind,
  sum(p.n_images) AS n_images, sum(p.n_correct1) AS n_correct1, sum(p.n_broke) AS n_broke, sum(p.n_fixed) AS n_fixed,
  100.0 * sum(p.n_correct1) / sum(p.n_images) AS top1, sum(p.divergence) / sum(p.n_images) AS divergence,
  (SELECT group_concat(layer, ', ') FROM (SELECT layer FROM sensitivity_shared_layer o
    WHERE o.sensitivity_id = g.sensitivity_id AND o.number = g.number ORDER BY position)) AS shared_with
FROM sensitivity s JOIN sensitivity_group g ON g.sensitivity_id = s.id
  JOIN sensitivity_part p ON p.sensitivity_id = g.sensitivity_id AND p.number = g.number
GROUP BY s.id, g.number;

"""Exported encodings, read back, give the same quantized network: the same predictions to the last bit."""
import json

from fixture import Job, qeval

job = Job(images=40)
export = job.folder / "out" / "${variant}.encodings"
job.file.write_text(job.file.read_text() + f"output: {{export_encodings: '{export}'}}\n")
job.run(job.database("a.db"), "--variant", "w8a8")
written = job.folder / "out" / "w8a8.encodings"
document = json.loads(written.read_text())
assert document["version"] == "0.6.1" and document["param_encodings"] and document["activation_encodings"]

imported = job.folder / "imported.yaml"
imported.write_text(job.file.read_text()
                    .replace("{calibrate: {samples: {first: 60}}}", f"{{import: '{written}'}}")
                    .replace(f"output: {{export_encodings: '{export}'}}\n", ""))
qeval("run", imported, "--db", job.database("b.db"), "--progress", "none", "--variant", "w8a8")


def predictions(database):
    return qeval("show", "@last", "--db", job.database(database), "--predictions", "--format", "csv").stdout


assert predictions("a.db") == predictions("b.db")
assert len(predictions("a.db").splitlines()) == 41

# The other versions imply min and max; scale and offset are the same numbers, and both files are accepted back.
for version in ("1.0.0", "2.0.0"):
    other = job.folder / "out" / f"w8a8-{version}.encodings"
    job.run(job.database("a.db"), "--variant", "w8a8", "--set", f"output.export_encodings={other}",
            "--set", f"output.encodings_version={version}")
    assert json.loads(other.read_text())["version"] == version
    imported.write_text(imported.read_text().replace(str(written), str(other)))
    qeval("run", imported, "--db", job.database(f"{version}.db"), "--progress", "none", "--variant", "w8a8")
    assert len(predictions(f"{version}.db").splitlines()) == 41
    imported.write_text(imported.read_text().replace(str(other), str(written)))

# Frozen parameters (AdaRound's bare file) are taken as they are, and the activations behind them are calibrated.
frozen = {name: [{**entry, "scale": 2 * entry["scale"], "min": 2 * entry["min"], "max": 2 * entry["max"]}
                 for entry in entries] for name, entries in document["param_encodings"].items()}
(job.folder / "frozen.json").write_text(json.dumps(frozen))
freezing = job.folder / "freezing.yaml"
freezing.write_text(job.file.read_text().replace("{first: 60}}}", "{first: 60}}, freeze: frozen.json}")
                    .replace(f"output: {{export_encodings: '{export}'}}\n", ""))
said = qeval("run", freezing, "--db", job.database("f.db"), "--progress", "none", "--variant", "w8a8").stderr
assert f"{len(frozen)} frozen from" in said and "calibrated): " in said, said


def ranges(database):
    rows = json.loads(qeval("show", "@last", "--db", job.database(database), "--encodings", "--format", "json").stdout)
    return {row["tensor"]: row["scale"] for row in rows}


calibrated, changed = ranges("a.db"), ranges("f.db")
assert changed.keys() == calibrated.keys()
for name in frozen:
    assert changed[name] == 2 * calibrated[name], name
assert any(changed[name] != calibrated[name] for name in changed if name not in frozen)

# With everything frozen nothing is left to calibrate: the same network as before.
(job.folder / "frozen.json").write_text(json.dumps(document))
qeval("run", freezing, "--db", job.database("g.db"), "--progress", "none", "--variant", "w8a8")
assert predictions("g.db") == predictions("a.db") and ranges("g.db") == calibrated

# Partial: what the file lacks is off, and said.
part = {**document, "activation_encodings": {name: entry for name, entry in document["activation_encodings"].items()
                                             if name != "fc"}}
written.write_text(json.dumps(part))
message = qeval("run", imported, "--db", job.database("p.db"), "--variant", "w8a8", expect=3).stderr
assert "quantizers without an encoding (1): fc:output" in message, message
imported.write_text(imported.read_text().replace(f"{{import: '{written}'}}", f"{{import: '{written}', policy: partial}}"))
said = qeval("run", imported, "--db", job.database("p.db"), "--progress", "none", "--variant", "w8a8").stderr
assert "quantizers without an encoding (1, off): fc:output" in said, said
imported.write_text(imported.read_text().replace(", policy: partial", ""))

# An encoding for a quantizer that is not there, and a quantizer left without one, are both named.
document["activation_encodings"]["nowhere"] = document["activation_encodings"].pop("fc")
written.write_text(json.dumps(document))
message = qeval("run", imported, "--db", job.database("c.db"), "--variant", "w8a8", expect=3).stderr
assert "nowhere" in message and "fc:output" in message, message
job.remove()

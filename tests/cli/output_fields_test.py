"""docs/outputs.md names every field that programs read, and no other: each of its sections against what is printed."""
import csv
import json
import re

from fixture import SOURCE, Job, qeval
from html_page import Page

PAGE = (SOURCE / "docs/outputs.md").read_text()
HISTORY, RUN, COMPARE = "qeval history", "qeval run JOB", "qeval compare A B"
REPORT = "qeval report RUN… -o FILE"


def documented():
    """Fields by section, in order; a section may begin with all of another's."""
    sections = {}
    for part in re.split(r"^### ", PAGE, flags=re.M)[1:]:
        title, body = part.split("\n", 1)
        fields = []
        for other in re.findall(r"^All fields of `(.*?)`", body, re.M):
            fields += sections[f"`{other}`"]
        for row in re.findall(r"^\| (`.*?) \|", body, re.M):
            fields += re.findall(r"`([^`]+)`", row)
        assert len(fields) == len(set(fields)), f"{title}: a field stands there twice"
        sections[title] = fields
    return sections


class Printed:
    def __init__(self):
        self.job = Job(images=24)
        self.database, self.log = self.job.database(), self.job.folder / "log.jsonl"
        text = self.job.file.read_text()
        self.job.file.write_text(text.replace("run:\n", """  corrected:
    quantization: {bias_correction: empirical, encodings: {calibrate: {samples: {first: 8}}}}
run:
""") + "metrics: {top5: {reference: 1}}\n")
        self.sections = {}

    def ask(self, arguments, *more):
        return qeval(*arguments, "--db", self.database, *more, resumed=False).stdout

    def table(self, command, arguments):
        """All forms have the same fields, in the same order."""
        (header, *_) = csv.reader(self.ask(arguments, "--format", "csv").splitlines())
        rows = json.loads(self.ask(arguments, "--format", "json"))
        lines = [json.loads(line) for line in self.ask(arguments, "--format", "jsonl").splitlines()]
        assert len(rows) == len(lines) and all(list(row) == header for row in rows + lines), (command, header)
        self.sections[f"`{command} --format json`"] = header

    def events(self):
        fields = ["time", "event"]
        for event in map(json.loads, self.log.read_text().splitlines()):
            assert list(event)[:2] == ["time", "event"], event
            fields += [f"{event['event']}.{field}" for field in list(event)[2:]]
        self.sections[f"`{RUN} --log-file FILE --log-format jsonl`"] = list(dict.fromkeys(fields))

    def report(self, runs):
        page = self.job.folder / "report.html"
        self.ask(["report", *runs, "-o", page])
        data = Page(page).data
        section = self.sections
        section[f"`{REPORT}`: data"] = list(data)
        for part, entries in data.items():
            section[f"`{REPORT}`: {part}"] = list(dict.fromkeys(field for entry in entries for field in entry))
        lists = []
        for run in data["runs"]:
            for name in ("gates", "reliability", "encodings"):
                lists += [f"{name}.{column}" for column in run.get(name, {"columns": []})["columns"]]
            for measured in run.get("sensitivity", []):
                lists += [f"sensitivity.{field}" for field in measured]
                assert measured["groups"]["columns"] == section["`qeval sensitivity JOB --format json`"]
        section[f"`{REPORT}`: runs, lists"] = list(dict.fromkeys(lists))
        for name, command in [("flips", "--flips"), ("classes", "--by class"), ("confusions", "--by confusion")]:
            for comparison in data["comparisons"]:
                assert ["run", *comparison[name]["columns"]] == section[f"`{COMPARE} {command} --format json`"], name


printed = Printed()
job = printed.job.file
printed.ask(["run", job, "--log-file", printed.log, "--log-format", "jsonl"])
printed.events()
printed.table(RUN, ["run", job])
printed.table("qeval plan JOB", ["plan", job])
printed.table(HISTORY, ["history"])
newest = [run["name"] for run in json.loads(printed.ask(["history", "--format", "json"]))]
fp32, w8a8, corrected = reversed(newest)
printed.table(COMPARE, ["compare", fp32, w8a8, corrected])
for kind in (["--flips"], ["--by", "class"], ["--by", "confusion"]):
    printed.table(" ".join([COMPARE, *kind]), ["compare", fp32, w8a8, *kind])
printed.table("qeval status", ["status"])
for kind in ("predictions", "classes", "layers", "encodings", "calibration", "env"):
    printed.table(f"qeval show RUN --{kind}", ["show", w8a8, f"--{kind}"])
printed.table("qeval sensitivity JOB", ["sensitivity", job, "--variant", "w8a8"])
printed.report([fp32, w8a8, corrected])
printed.job.remove()

expected = documented()
assert set(expected) == set(printed.sections), set(expected) ^ set(printed.sections)
for title, fields in printed.sections.items():
    missing, wrong = set(fields) - set(expected[title]), set(expected[title]) - set(fields)
    assert not missing and not wrong, f"{title}: not in the page: {missing}; never printed: {wrong}"

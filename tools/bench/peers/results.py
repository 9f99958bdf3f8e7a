"""RESULTS.md: a chapter per machine class, in it a section per network and part. A new section takes the place of the
one that has its name; all else stays as it is."""
import re
import statistics

PREFACE = """# qeval beside its peers

Written by `tools/bench/compare-peers`, a chapter per processor and instruction set. Engines are measured in turn; a
ratio is that of two engines in the same round, or the nearest, given as minimum, **median** and maximum over the
rounds. Memory is the largest process's peak. Networks have random weights, and are the same for all: the float file
and the QDQ file that `qeval export` writes. OpenVINO and onnxruntime on AVX2 add products in 16 bits and saturate;
qeval's integers do not.

A class whose processor is not at hand: `--isa avx512`, `avx-vnni` or `avx2` on one that has more fills its chapter, but
for onnxruntime.
"""


def parse(text):
    """(preface, {chapter: {section: text}}), in the order of the file."""
    preface, *chapters = re.split(r"^## ", text, flags=re.MULTILINE)
    found = {}
    for chapter in chapters:
        heading, _, body = chapter.partition("\n")
        _, *sections = re.split(r"^### ", body, flags=re.MULTILINE)
        found[heading] = {section.partition("\n")[0]: section.partition("\n")[2].strip("\n") for section in sections}
    return preface, found


def write_section(path, chapter, section, body):
    _, chapters = parse(path.read_text() if path.exists() else "")
    chapters.setdefault(chapter, {})[section] = body.strip("\n")
    text = PREFACE
    for heading, sections in chapters.items():
        text += f"\n## {heading}\n"
        for title, content in sections.items():
            text += f"\n### {title}\n\n{content}\n"
    path.write_text(text)


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def number(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def spread(values):
    """Minimum, median and maximum in one cell."""
    return f"{number(min(values))} · **{number(statistics.median(values))}** · {number(max(values))}"


def speed_table(figures):
    return table(["images/s", "minimum · **median** · maximum", "peak memory"],
                 [[name, spread(one.speeds), f"{one.peak / 2**20:.0f} MiB"] for name, one in figures.items()])


def ratio_row(what, against, figures):
    """Speed of `what` divided by that of the best of the names in `against`, if both were measured."""
    measured = [name for name in against if name in figures]
    if what not in figures or not measured:
        return []
    best = max(measured, key=lambda name: statistics.median(figures[name].speeds))
    ratios = [speed / figures[best].near(turn) for turn, speed in figures[what].turns.items()]
    return [[what, best, spread(ratios)]]


def ratio_table(pairs, figures):
    return table(["what", "against", "times as fast"],
                 [row for what, *against in pairs for row in ratio_row(what, against, figures)])


def memory_row(what, against, figures):
    return (f"Peak memory of {what}: {figures[what].peak / 2**20:.0f} MiB, "
            f"{figures[what].peak / figures[against].peak:.2f} times that of {against}.")

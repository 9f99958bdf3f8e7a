"""An HTML file as its reader has it: is it whole, does it fetch nothing, and what do its tables and data say?"""
import base64
import html.parser
import json
import pathlib
import struct

VOID = {"meta", "input", "img", "br", "hr", "link", "base"}
OWN_SCRIPTS = 2  # the data and the script that sorts


class Page(html.parser.HTMLParser):
    def __init__(self, file):
        super().__init__()
        self.bytes = pathlib.Path(file).read_bytes()
        self.open, self.elements, self.tables, self.pictures = [], [], [], []
        self.text, self.scripts, self.style = "", [], ""
        self.feed(self.bytes.decode("utf-8"))
        self.close()
        assert not self.open, f"never closed: {self.open}"
        assert len(self.scripts) == OWN_SCRIPTS, f"{len(self.scripts)} scripts"
        self.data = json.loads(self.scripts[0])
        assert "url(" not in self.style and "@import" not in self.style

    def look_at(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        assert tag not in {"link", "iframe", "object", "embed", "base", "form", "foreignobject", "image", "use"}, tag
        for name, value in attributes:
            assert not name.startswith("on") and name != "style", (tag, name)
            if name in ("src", "href", "xlink:href", "srcset", "action", "data", "poster"):
                assert value.startswith("#") or value.startswith("data:image/jpeg;base64,"), (tag, name, value[:80])
        if tag == "img":
            self.pictures.append(base64.b64decode(dict(attributes)["src"].split(",")[1], validate=True))

    def handle_starttag(self, tag, attributes):
        self.look_at(tag, attributes)
        assert tag not in VOID, f"{tag} is written as one that closes itself"
        self.open.append(tag)
        if tag == "table":
            self.tables.append({"caption": "", "rows": []})
        elif tag == "tr":
            self.tables[-1]["rows"].append([])
        elif tag in ("td", "th"):
            self.tables[-1]["rows"][-1].append("")

    def handle_startendtag(self, tag, attributes):
        self.look_at(tag, attributes)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, f"{tag} closes another"

    def handle_data(self, data):
        inside = self.open[-1] if self.open else ""
        if inside == "script":
            self.scripts.append(data)
        elif inside == "style":
            self.style += data
        else:
            self.text += data
            if "caption" in self.open:
                self.tables[-1]["caption"] += data
            elif "td" in self.open or ("th" in self.open and self.tables):
                self.tables[-1]["rows"][-1][-1] += data

    def table(self, caption):
        """The one table whose caption begins so: its rows as dictionaries by the names of its columns."""
        (found,) = [table for table in self.tables if table["caption"].startswith(caption)]
        names, *rows = found["rows"]
        assert all(len(row) == len(names) for row in rows), found
        return [dict(zip(names, row)) for row in rows]

    def words(self):
        return " ".join(self.text.split())


def rows_of(columns):
    """{"columns": […], "rows": […]} as dictionaries."""
    return [dict(zip(columns["columns"], row, strict=True)) for row in columns["rows"]]


def jpeg_size(data):
    """Width and height, from the frame header."""
    assert data[:2] == b"\xff\xd8", data[:8]
    at = 2
    while data[at + 1] not in (0xC0, 0xC1, 0xC2):
        at += 2 + struct.unpack(">H", data[at + 2:at + 4])[0]
    height, width = struct.unpack(">HH", data[at + 5:at + 9])
    return width, height

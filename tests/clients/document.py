"""The owner's document, taken apart: its code blocks, each with the heading it stands under."""

import re
from dataclasses import dataclass
from pathlib import Path

PATH = Path(__file__).with_name("backup-api.md")


@dataclass(frozen=True)
class Block:
    """A fenced block: what language, under which heading, after which bold label, and on which line."""

    language: str
    heading: str
    label: str
    line: int
    text: str


def blocks():
    """Every fenced block, in the order of the document."""
    found, heading, label, fence = [], "", "", None
    for number, line in enumerate(PATH.read_text(encoding="utf-8").splitlines(), 1):
        if fence is not None and line.strip() == "```":
            language, start, lines = fence
            found.append(Block(language, heading, label, start, "\n".join(lines) + "\n"))
            fence = None
        elif fence is not None:
            fence[2].append(line)
        elif line.startswith("```"):
            fence = (line[3:].strip(), number + 1, [])
        elif title := re.match(r"#+ (.*)", line):
            heading, label = title[1], ""
        elif bold := re.match(r"\*\*(.+?):?\*\*", line):
            label = bold[1].rstrip(":")
    return found

"""What the pages promise: a README in each room, links that lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lint.tree import Finding, SourceFile, files

README_MARKS = ("Here:", "Not here:", "Start reading at ")
README_LINES_MAX = 15
HEADER_NAME = re.compile(r"[\w/]+\.\w+")

LINK = re.compile(r"(?<!!)!?\[[^\]\n]*\]\((?P<target>[^)\s]+)\)")
ELSEWHERE = re.compile(r"[a-z]+:")  # https:, mailto:
CODE_SPAN = re.compile(r"^```.*?^```|`[^`\n]*`", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^#+\s+(.*?)\s*$", re.MULTILINE)


def check_room_readmes(root: Path) -> Iterator[Finding]:
    """Each top-level folder of src/ says in its README why it exists, what belongs there and where to start."""
    for folder in sorted({file.path.split("/")[1] for file in files(root, "src") if file.path.count("/") > 1}):
        readme = SourceFile(f"src/{folder}/README.md", root)
        if not (root / readme.path).exists():
            yield readme.finding(1, "missing: why the room exists, what belongs there, where to start reading")
            continue
        yield from _check_readme(readme, root / "src" / folder)


def _check_readme(readme: SourceFile, room: Path) -> Iterator[Finding]:
    if not readme.text.startswith(f"# {room.name}\n"):
        yield readme.finding(1, f"the first line is to be `# {room.name}`")
    for mark in README_MARKS:
        if not re.search(f"^{mark}", readme.text, re.MULTILINE):
            yield readme.finding(1, f"no line begins with `{mark.strip()}`")
    if len(readme.lines) > README_LINES_MAX:
        yield readme.finding(README_LINES_MAX + 1, f"{len(readme.lines)} lines, at most {README_LINES_MAX}")
    for number, line in enumerate(readme.lines, start=1):
        if line.startswith("Start reading at "):
            for name in HEADER_NAME.findall(line):
                if name.endswith(".h") and not (room / name).exists():
                    yield readme.finding(number, f"{name} does not exist")


def check_links(file: SourceFile) -> Iterator[Finding]:
    """Relative links of a page name a file of the tree, and an anchor in it that exists."""
    if not file.name.endswith(".md"):
        return
    text = CODE_SPAN.sub(lambda span: re.sub(r"[^\n]", " ", span[0]), file.text)
    for link in LINK.finditer(text):
        if not ELSEWHERE.match(link["target"]):
            problem = _problem_of_link(file, link["target"])
            if problem:
                yield file.finding_at(link.start(), problem)


def _problem_of_link(file: SourceFile, target: str) -> str | None:
    path, _, anchor = target.partition("#")
    page = (file.root / file.path).parent / path if path else file.root / file.path
    if not page.exists():
        return f"{path} does not exist"
    if anchor and page.suffix == ".md" and anchor not in _anchors(page.read_text()):
        return f"{target}: no such heading"
    return None


def _anchors(page: str) -> set[str]:
    """As the usual renderers name them: lower case, punctuation dropped, blanks to hyphens."""
    text = re.sub(r"^```.*?^```", "", page, flags=re.DOTALL | re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(text)}

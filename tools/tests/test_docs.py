from pathlib import Path

from lint.docs import check_links, check_room_readmes
from tiny_tree import write_file, write_tree

README = "# core\nWhat all stands on.\nHere: errors.\nNot here: protocols.\nStart reading at base/error.h.\n"
ROOM = {"src/core/README.md": README, "src/core/base/error.h": "#pragma once\n"}


def readme_findings(root: Path, changes: dict[str, str]) -> list[str]:
    return [finding.message for finding in check_room_readmes(write_tree(root, ROOM | changes))]


def link_findings(root: Path, text: str) -> list[str]:
    return [finding.message for finding in check_links(write_file(root, "docs/a.md", text))]


def test_a_readme_in_form_has_no_findings(tmp_path: Path) -> None:
    assert readme_findings(tmp_path, {}) == []


def test_a_room_without_a_readme_is_found(tmp_path: Path) -> None:
    assert readme_findings(tmp_path, {"src/net/http/server.h": ""})[0].startswith("missing: ")


def test_a_readme_lacking_its_parts_is_found(tmp_path: Path) -> None:
    assert readme_findings(tmp_path, {"src/core/README.md": "# kernel\nHere: errors.\n"}) == [
        "the first line is to be `# core`",
        "no line begins with `Not here:`",
        "no line begins with `Start reading at`",
    ]


def test_a_readme_that_starts_at_a_header_long_gone_is_found(tmp_path: Path) -> None:
    gone = README.replace("error.h", "gone.h")
    assert readme_findings(tmp_path, {"src/core/README.md": gone}) == ["base/gone.h does not exist"]


def test_a_long_readme_is_found(tmp_path: Path) -> None:
    assert readme_findings(tmp_path, {"src/core/README.md": README + "x\n" * 11}) == ["16 lines, at most 15"]


def test_links_that_lead_somewhere_are_fine(tmp_path: Path) -> None:
    write_file(tmp_path, "docs/b.md", "# One\n## What `it` does, and why\n")
    text = "[b](b.md) [c](b.md#what-it-does-and-why) [d](#own) [e](https://example.com) `[f](g.md)`\n# Own\n"
    assert link_findings(tmp_path, text) == []


def test_dead_links_are_found(tmp_path: Path) -> None:
    write_file(tmp_path, "docs/b.md", "# One\n```\n# two\n```\n")
    assert link_findings(tmp_path, "[a](c.md) ![p](p.png) [b](b.md#two) [c](#none)\n") == [
        "c.md does not exist",
        "p.png does not exist",
        "b.md#two: no such heading",
        "#none: no such heading",
    ]

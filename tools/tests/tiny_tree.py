"""Makes a tree of a few files, for the checks to look at."""

from pathlib import Path

from lint.tree import SourceFile


def write_tree(root: Path, texts: dict[str, str]) -> Path:
    for path, text in texts.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


def write_file(root: Path, path: str, text: str) -> SourceFile:
    write_tree(root, {path: text})
    return SourceFile(path, root)

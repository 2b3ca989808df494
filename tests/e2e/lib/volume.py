"""A ConfigMap or Secret as kubelet mounts it: NAME -> ..data/NAME, ..data -> ..TIMESTAMP, swapped by one rename."""
import itertools
import os
import shutil

_versions = itertools.count()


class Volume:
    def __init__(self, path, files):
        self.path = path
        path.mkdir(parents=True)
        self.update(files)

    def update(self, files):
        """`files`: {name: text}; names that are no longer there go."""
        data, before = self.path / "..data", self._current()
        folder = self.path / f"..2026_11_21_{next(_versions)}"
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_text(text)
        os.symlink(folder.name, self.path / "..data_tmp")
        os.rename(self.path / "..data_tmp", data)
        for name in files:
            if not (self.path / name).is_symlink():
                os.symlink(f"..data/{name}", self.path / name)
        for link in self.path.iterdir():
            if not link.name.startswith("..") and link.name not in files:
                link.unlink()
        if before:
            shutil.rmtree(before)

    def _current(self):
        data = self.path / "..data"
        return data.resolve() if data.is_symlink() else None

"""deploy/image/sbom: what it reads from a linker's map and from Debian's copyright files. The list of the real binary is
checked in tests/e2e/deploy/test_image.py."""

import datetime
import importlib.machinery
import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

PROGRAM = Path(__file__).resolve().parents[2] / "deploy/image/sbom"
MAP = """\
             VMA              LMA     Size Align Out     In      Symbol
          200270           200270       20     4 .note.ABI-tag
          200270           200270       20     4         /lib/x86_64-linux-gnu/crt1.o:(.note.ABI-tag)
          200290           200290       24     4         <internal>:(.note.gnu.build-id)
          201470           201470       20     4         src/app/libapp.a(main.cpp.o):(.text._ZN1aE)
          201490           201490       6      1         /usr/lib/x86_64-linux-gnu/libz.a(inflate.o):(.text)
          201490           201490       6      1                 /usr/lib/symbol.a:(.text)
"""
FREE_TEXT = "This is the prepackaged library.\n\nLicense: see below.\n"
MACHINE_READABLE = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: *
Copyright: someone
License: {files}

Files: debian/*
Copyright: someone else
License: GPL-2+

License: Own with clause
 Do as you like,
 but say so.
"""


@pytest.fixture(scope="module")
def sbom() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("sbom", str(PROGRAM))
    spec = importlib.util.spec_from_loader("sbom", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.dont_write_bytecode", True)
        patch.setitem(__import__("sys").modules, "sbom", module)  # dataclasses look their module up
        loader.exec_module(module)
    return module


def test_archives_and_objects_of_the_map_are_found_without_ours(sbom: ModuleType) -> None:
    assert sbom.linked_files(MAP) == {"/lib/x86_64-linux-gnu/crt1.o", "/usr/lib/x86_64-linux-gnu/libz.a"}


def test_owner_is_found_by_either_path_of_a_merged_usr(sbom: ModuleType) -> None:
    assert sbom.owners(["/bin/ls", "/usr/bin/ls"]) == {"coreutils"}


def test_file_that_no_package_owns_is_an_error(sbom: ModuleType, tmp_path: Path) -> None:
    stray = tmp_path / "libstray.a"
    stray.touch()
    with pytest.raises(sbom.Failed, match="no package owns .*libstray.a"):
        sbom.owners(["/bin/ls", str(stray)])


def test_licence_of_free_text_is_a_reference_to_all_of_it(sbom: ModuleType) -> None:
    licence = sbom.licence_of("gcc+12", FREE_TEXT)
    assert licence.expression == "LicenseRef-gcc-12"
    assert licence.texts == {"LicenseRef-gcc-12": FREE_TEXT}


@pytest.mark.parametrize(
    ("files", "expression"),
    [("Expat", "MIT"), ("BSD-3-clause", "BSD-3-Clause"), ("Expat or GPL-2+", "(MIT OR GPL-2.0-or-later)")],
)
def test_debians_name_of_a_licence_is_said_in_spdx(sbom: ModuleType, files: str, expression: str) -> None:
    licence = sbom.licence_of("lib", MACHINE_READABLE.format(files=files))
    assert (licence.expression, licence.texts) == (expression, {})


def test_licence_that_spdx_has_no_name_for_comes_with_its_text(sbom: ModuleType) -> None:
    licence = sbom.licence_of("lib", MACHINE_READABLE.format(files="Own with clause"))
    assert licence.expression == "LicenseRef-lib-Own-with-clause"
    assert "but say so." in licence.texts[licence.expression]


def test_licences_of_all_but_the_packaging_count_where_none_is_for_all_files(sbom: ModuleType) -> None:
    text = MACHINE_READABLE.format(files="Expat").replace("Files: *", "Files: data.txt")
    assert sbom.licence_of("lib", text).expression == "MIT"


def test_headers_alone_and_archives_stand_in_different_relations(sbom: ModuleType) -> None:
    now = datetime.datetime(2026, 1, 2, 3, 4, 5)
    made = sbom.document("1.2.3", now, "00" * 32, linked={"coreutils"}, compiled={"dpkg"})
    relations = {(r["relationshipType"], r["relatedSpdxElement"]) for r in made["relationships"]}
    assert {("STATIC_LINK", "SPDXRef-coreutils"), ("GENERATED_FROM", "SPDXRef-dpkg")} <= relations
    assert made["creationInfo"]["created"] == "2026-01-02T03:04:05Z"

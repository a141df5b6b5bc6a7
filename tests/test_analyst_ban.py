"""The analyst must not be able to see patients: neither its files nor anything they import, however far on."""

import sys

import pytest

from test_architecture import FILES, ROOT, file_of, reached_from, room_of

STUDY = sorted(path for path in FILES if room_of(path) == "study")
OUTSIDE = {"numpy", "scipy"}


def name_of(path):
    return ".".join(("azygos", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")


@pytest.mark.parametrize("path", STUDY, ids=lambda path: path.stem)
def test_an_analyst_rests_on_designs_datasets_and_statistics_alone(path):
    reached = reached_from(name_of(path))
    ours = {name for name in reached if name.startswith("azygos")}
    assert {name.split(".")[1] for name in ours} <= {"study", "statistics", "units", "errors", "rng"}
    others = {name.split(".")[0] for name in reached - ours}
    assert others <= OUTSIDE | set(sys.stdlib_module_names)


def test_the_ban_covers_every_file_of_the_room_and_would_catch_a_detour():
    assert len(STUDY) > 15
    assert file_of("azygos.study.analysis") in STUDY
    assert "azygos.study.analysis" in reached_from("azygos.report.analysis")
    assert any(name.startswith("azygos.study") for name in reached_from("azygos.cli.analyse"))


def test_methods_named_in_tables_are_found_below_the_analyst_too():
    from azygos.study.method import METHODS

    for method in METHODS.values():
        assert method.function.__module__.startswith("azygos.study.")
        assert all(isinstance(word, str) for word in method.known_intervals)

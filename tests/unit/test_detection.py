"""The counting of benchmarks/detection.py, on rows made by hand."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from azygos.body.body import Body

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "detection.py"
IVUS, VENOGRAPHY = "IVUS: IVUS narrowing", "venography, one plane: venographic narrowing"


@pytest.fixture(scope="module")
def detection() -> ModuleType:
    spec = importlib.util.spec_from_file_location("detection", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def row(taken: float, fired: str, *, vessel: str = "ijv_r", kind: str = "web") -> dict[str, object]:
    """A person with a lesion in one of two veins, in some of which every rule fired."""
    veins = {vein: vein in fired.split() for vein in ("ijv_r", "ijv_l")}
    said = {IVUS: veins, VENOGRAPHY: veins, "manometry: IIH gradient": {"transverse_sinus_r": True}}
    ill = {"lesion": "a lesion", "vessel": vessel, "kind": kind} if taken else {"lesion": "", "vessel": "", "kind": ""}
    return {"taken": taken, "said": said, **ill}


def test_a_vein_is_ill_by_area_or_by_diameter_as_the_rule_looks(detection: ModuleType) -> None:
    rows = [row(0.6, "ijv_r"), row(0.8, "ijv_l"), row(0.0, "ijv_l")]
    assert detection.by_vein(rows, IVUS) == detection.Counts(ill=2, hit=1, well=4, alarm=2)
    # 60 % of the area is 37 % of the diameter: for a venogram that person is well, and it fired.
    assert detection.by_vein(rows, VENOGRAPHY) == detection.Counts(ill=1, hit=0, well=5, alarm=3)


def test_a_person_is_found_wherever_the_rule_fired(detection: ModuleType) -> None:
    rows = [row(0.6, "ijv_r"), row(0.8, "ijv_l"), row(0.7, ""), row(0.0, "ijv_l"), row(0.0, "")]
    assert detection.by_person(rows, IVUS) == detection.Counts(ill=3, hit=2, well=2, alarm=1)


def test_for_the_gradients_of_the_sinuses_only_a_sinus_is_ill(detection: ModuleType) -> None:
    rows = [row(0.9, ""), row(0.9, "", vessel="transverse_sinus_r")]
    assert detection.by_person(rows, "manometry: IIH gradient") == detection.Counts(ill=1, hit=1, well=1, alarm=1)


def test_lesions_are_told_apart_by_kind_and_size(detection: ModuleType) -> None:
    rows = [row(0.6, "ijv_r"), row(0.9, ""), row(0.9, "ijv_r", kind="stenosis")]
    assert detection.by_kind(rows, IVUS, ("web",)).endswith("1 of 2)")
    assert detection.by_kind(rows, IVUS, ("web",), 0.75).endswith("0 of 1)")


def test_a_share_has_the_interval_of_wilson(detection: ModuleType) -> None:
    """1 of 2: (p + z^2/2n +- z sqrt(p (1 - p)/n + z^2/4n^2)) / (1 + z^2/n) is 0.5 +- 0.4055 with z = 1.96."""
    assert detection.said(1, 2) == "50 % (9 to 91; 1 of 2)"
    assert detection.said(0, 0) == "none judged"


def test_people_are_the_same_whoever_draws_them_and_half_have_a_lesion(detection: ModuleType) -> None:
    lesions = [detection.lesion(number, 1) for number in range(40)]
    assert [lesion is None for lesion in lesions] == [number % 2 == 0 for number in range(40)]
    assert lesions == [detection.lesion(number, 1) for number in range(40)]
    for number in (1, 7):
        found = lesions[number]
        person: Body = detection.anatomy(number, 1, found.vessel)
        assert person.recipe == detection.anatomy(number, 1, found.vessel).recipe
        assert found.vessel in person.with_lesion(found).lengths

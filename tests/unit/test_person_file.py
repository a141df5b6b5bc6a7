"""Body files and measurement files: what they say, and what is wrong with them."""

from dataclasses import replace
from pathlib import Path

import pytest

from azygos.body.body import Body
from azygos.body.condition import valsalva
from azygos.body.lesion import Stenosis
from azygos.errors import InputError
from azygos.exchange.measurements import read_measurements
from azygos.exchange.person import Fitted, PersonFile, read_body, read_person, write_body, write_person
from azygos.units import cm, litre, minute, mL, mm, mmHg

WHOLE = """\
format: azygos-body/1
name: Ms Example
sex: female
height: 165 cm
age: 45 years
variants: [left_dominant_sinus]
parameters: {ijv_r.diameter: 0.83, cerebral_flow: 1.1}
posture: 30 deg
heart_rate: 68 1/min
blood_volume: 4.6 L
lesions:
  - "ijv_r: 80 % area at 0.5, 20 mm"
fitted:
  measurements: clinic.csv
  count: 9
  chi2: 7.1
  converged: true
  standard_errors: {ijv_r.diameter: 0.05, cerebral_flow: 0.06}
  not_determined: [cerebral_flow]
"""

HEADER = "measure,value,unit,error,posture\n"


def written(tmp_path: Path, text: str, name: str = "person.yaml") -> Path:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return file


def problems(read, file: Path) -> list[str]:
    with pytest.raises(InputError) as refused:
        read(file)
    return [str(problem).removeprefix(f"{file}:") for problem in refused.value.problems]


# body files


def test_a_file_that_says_nothing_is_the_reference_adult(tmp_path):
    body = read_body(written(tmp_path, "format: azygos-body/1\n"))
    assert body == Body.reference()


def test_a_body_is_what_its_file_says(tmp_path):
    body = read_body(written(tmp_path, WHOLE))
    made = Body.reference(
        sex="female",
        height=165 * cm,
        age=45,
        variants=("left_dominant_sinus",),
        parameters={"ijv_r.diameter": 0.83, "cerebral_flow": 1.1},
    )
    made = made.under(posture=30.0, heart_rate=68 / minute, blood_volume=4.6 * litre)
    made = made.with_lesion(Stenosis(vessel="ijv_r", narrowing=0.8, at=0.5, length=20 * mm))
    assert body.name == "Ms Example"
    assert (body.recipe, body.lesions, body.conditions) == (made.recipe, made.lesions, made.conditions)
    assert body.network == replace(made.network, name="Ms Example")  # what a solution is called after


def test_a_file_written_and_read_again_is_the_same(tmp_path):
    person = read_person(written(tmp_path, WHOLE))
    write_person(person, tmp_path / "again.yaml")
    assert read_person(tmp_path / "again.yaml") == person
    assert person.fitted == Fitted(
        measurements="clinic.csv",
        count=9,
        chi2=7.1,
        converged=True,
        standard_errors={"ijv_r.diameter": 0.05, "cerebral_flow": 0.06},
        not_determined=("cerebral_flow",),
    )


@pytest.mark.parametrize(
    "body",
    [
        Body.reference(),
        Body.reference(sex="female", height=1.6180339887, age=33.3, parameters={"contractility": 1 / 1.3}),
        Body.reference(posture="upright").with_lesion("ijv_r: 81.3 % diameter at 0.4321, 17.3 mm"),
        Body.reference(variants=("hypoplastic_transverse_sinus_l",)).under(heart_rate=1.0 / 0.9, posture=37.1),
        Body.reference().under(blood_volume=4567.89 * mL),
    ],
    ids=["reference", "size", "lesion", "variant", "blood"],
)
def test_a_body_written_and_read_again_is_the_same(body, tmp_path):
    write_body(body, tmp_path / "person.yaml")
    again = read_body(tmp_path / "person.yaml")
    assert (again.name, again.recipe, again.conditions) == (body.name, body.recipe, body.conditions)
    for old, new in zip(body.lesions, again.lesions, strict=True):
        assert (new.vessel, new.at, new.length) == (old.vessel, old.at, old.length)
        assert new.narrowing == pytest.approx(old.narrowing, rel=4e-16)  # a percentage is rounded once


def test_everything_wrong_with_a_body_file_is_said_at_once_with_its_line(tmp_path):
    text = """\
format: azygos-body/1
nmae: x
sex: f
height: 1.65
age: 45
variants: [left_dominant_sinu]
parameters: {ijv_r.diametre: 1, cerebral_flow: 9, contractility: big}
posture: uprigt
heart_rate: 75
lesions:
  - "ijv_q: 80 % area at 0.5, 20 mm"
  - "ijv_r: 80 % area at 0.5"
fitted: {chi2: x, count: 2, measurements: a.csv, converged: true}
"""
    said = problems(read_body, written(tmp_path, text))
    expected = [
        ("2: ", "unknown key 'nmae'; did you mean 'name'"),
        ("3: ", "'female' or 'male', got 'f'"),
        ("4: ", "'1.65' has no unit"),
        ("5: ", "write it like '45 years'"),
        ("6: ", "no variant 'left_dominant_sinu'; did you mean 'left_dominant_sinus'"),
        ("7: ", "no parameter 'ijv_r.diametre'; did you mean 'ijv_r.diameter'"),
        ("7: ", "9 on 'cerebral_flow' is out of range"),
        ("7: ", "'contractility': expected a number, got 'big'"),
        ("8: ", "no posture 'uprigt'; did you mean 'upright'"),
        ("9: ", "'75' has no unit"),
        ("11: ", "no vessel 'ijv_q'"),
        ("12: ", "no length"),
        ("13: ", "chi2 should be a valid number, got 'x'"),
    ]
    assert len(said) == len(expected), "\n".join(said)
    for line, (where, what) in zip(said, expected, strict=True):
        assert line.startswith(where) and what in line, line


def test_a_person_out_of_range_is_refused_with_the_line(tmp_path):
    said = problems(read_body, written(tmp_path, "format: azygos-body/1\nheight: 165 mm\nage: 450 years\n"))
    assert [line.split(":")[0] for line in said] == ["2", "3"]
    said = problems(read_body, written(tmp_path, "format: azygos-body/1\nheart_rate: 75 Hz\nblood_volume: 46 L\n"))
    assert [line.split(":")[0] for line in said] == ["2", "3"]


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "format: azygos-network/1\nname: x\nvessels: {}\n", "x: [1\n"])
def test_what_is_no_body_file_is_refused(text, tmp_path):
    assert problems(read_body, written(tmp_path, text))


def test_lesions_that_overlap_are_refused_with_their_line(tmp_path):
    text = 'format: azygos-body/1\nlesions:\n- "ijv_r: 80 % area at 0.5, 20 mm"\n- "ijv_r: 50 % area at 0.52, 20 mm"\n'
    (said,) = problems(read_body, written(tmp_path, text))
    assert "overlap" in said


def test_what_a_body_file_has_no_words_for_is_refused_and_nothing_is_written(tmp_path):
    body = Body.reference().with_lesion("ijv_r: 80 % area at 0.5, 20 mm")
    (lesion,) = body.lesions
    strained = body.replacing(lesion, lesion.dilated(0.3)).under(strain=valsalva())
    with pytest.raises(InputError) as refused:
        write_body(strained, tmp_path / "person.yaml")
    assert len(refused.value.problems) == 2
    assert not list(tmp_path.iterdir())


def test_a_person_written_keeps_where_its_parameters_come_from(tmp_path):
    fitted = Fitted(measurements="m.csv", count=3, chi2=2.5, converged=True, standard_errors={"cerebral_flow": 0.1})
    write_body(Body.reference(parameters={"cerebral_flow": 1.2}), tmp_path / "person.yaml", fitted)
    assert read_person(tmp_path / "person.yaml") == PersonFile(parameters={"cerebral_flow": 1.2}, fitted=fitted)


# measurement files


def test_measurements_are_read_into_si(tmp_path):
    text = f"""\
# a visit
{HEADER}
flow(ijv_r), 362, mL/min, 30, supine
"pressure(radial_r, 1)",92,mmHg,4,upright
  # area in the neck
area(ijv_r),94.5,mm2,5,45 deg
"""
    file = written(tmp_path, text, "m.csv")
    flow, pressure, area = read_measurements(file)
    assert (flow.value, flow.error) == pytest.approx((362 * mL / minute, 30 * mL / minute))
    assert (pressure.value, pressure.posture, str(pressure.measure)) == (92 * mmHg, 90.0, "pressure(radial_r, 1)")
    assert (area.value, area.posture, area.unit) == (pytest.approx(94.5e-6), 45.0, "mm2")
    assert [m.where for m in (flow, pressure, area)] == [f"{file}:4", f"{file}:5", f"{file}:7"]


def test_columns_may_stand_in_any_order(tmp_path):
    (flow,) = read_measurements(
        written(tmp_path, "posture,error,unit,value,measure\nsupine,30,mL/min,362,flow(ijv_r)\n")
    )
    assert flow.value == pytest.approx(362 * mL / minute)


def test_everything_wrong_with_a_measurement_file_is_said_at_once_with_its_line(tmp_path):
    text = f"""\
{HEADER}flow(ijv_rr),420,mL/min,40,supine
flow(ijv_l),x,mL/min,0,supin
pressure(radial_r, 1),120,mmHg,4,supine
flow(ijv_l) + area(ijv_l),4,mmHg,4,supine
flow(ijv_l),4,mmHg,4,120 deg
flow(ijv_l),nan,,1,
"""
    file = written(tmp_path, text, "m.csv")
    said = problems(lambda f: read_measurements(f, Body.reference().network), file)
    expected = [
        ("2: ", "'ijv_rr'; did you mean 'ijv_r'"),
        ("3: ", "value: expected a number, got 'x'"),
        ("3: ", "error: '0' is not above zero"),
        ("3: ", "no posture 'supin'; did you mean 'supine'"),
        ("4: ", "expected 5 cells, got 6; put a measure that has a comma in quotation marks"),
        ("5: ", "cannot be added"),
        ("6: ", "'120 deg' is not between 0 and 90 deg"),
        ("6: ", "'mmHg' does not measure a flow"),
        ("7: ", "value: expected a number, got 'nan'"),
        ("7: ", "posture: nothing is given"),
        ("7: ", "unit: nothing is given"),
    ]
    assert len(said) == len(expected), "\n".join(said)
    for line, (where, what) in zip(said, expected, strict=True):
        assert line.startswith(where) and what in line, line


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "the file has no rows"),
        (HEADER, "no measurement follows the header"),
        ("flow(ijv_r),362,mL/min,30,supine\n", "the header lacks"),
        ("measure,value,unit,eror,posture\n", "unknown column 'eror'; did you mean 'error'?"),
        ("measure,value,unit,error\n", "the header lacks 'posture'"),
        ("measure,value,unit,error,posture,value\n", "column 'value' is given twice"),
    ],
)
def test_a_header_that_is_wrong_is_refused(text, what, tmp_path):
    assert any(what in line for line in problems(read_measurements, written(tmp_path, text, "m.csv")))


def test_a_measurement_file_that_is_not_there_is_refused(tmp_path):
    (said,) = problems(read_measurements, tmp_path / "m.csv")
    assert "there is no file" in said


def test_a_lesion_keeps_its_kind_and_its_pressure(tmp_path: Path) -> None:
    texts = ("ijv_r: web 80 % area at 0.9, 2 mm", "ijv_l: compression 20 mmHg at 0.1, 15 mm")
    body = Body.reference().with_lesion(*texts)
    write_body(body, tmp_path / "person.yaml")
    assert read_body(tmp_path / "person.yaml").lesions == body.lesions

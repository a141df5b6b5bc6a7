"""`azygos cite`: what a run rests on, named as the tables name it, and nothing that does not stand there."""

import csv
import json
import re
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from azygos.cli.exports import said_sources
from azygos.cli.main import main
from azygos.exchange.study import named_study
from azygos.report.references import as_bibtex, as_csl, publications, sorted_by_publication
from azygos.report.sources import INSTRUMENTS, METHODS, RESPONSES, RUPTURE, Use, of_procedure, of_study

ROOT = Path(__file__).parents[2]
HOMES = (
    "proportion", "difference", "ratio", "mixed", "ordinal", "survival", "competing", "hazards", "restricted_mean",
    "subdistribution", "blinding", "imputation", "reference_imputation", "sequential", "sequential_result",
)  # fmt: skip


def cite(capsys, *arguments):
    with pytest.raises(SystemExit) as ended:
        main(["cite", *arguments])
    said = capsys.readouterr()
    return ended.value.code, said.out, said.err


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """What a simulated study leaves of its sources; tests/ui/test_pdf.py sees that the command writes it."""
    out = tmp_path_factory.mktemp("run")
    (out / "sources.json").write_text(said_sources(of_study(named_study("chicago-2012"))))
    (out / "report.html").touch()
    return out


def test_without_a_run_azygos_is_cited_as_its_citation_file_has_it(capsys):
    _, text, _ = cite(capsys)
    found = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert text.strip() == (
        f"{found['authors'][0]['name']}. {found['title']}. Version {found['version']}, {found['license']}."
    )
    _, bibtex, _ = cite(capsys, "--format", "bibtex")
    assert found["title"] in bibtex and bibtex.startswith("@software{azygos,")


def test_a_study_names_its_sources_and_lists_what_is_assumed_as_assumed(capsys, run):
    status, text, _ = cite(capsys, str(run))
    assert status == 0
    assert "Ferral, AJR 2013;200:1358\n    constant: success: veins opened\n" in text
    assert (
        "Clopper and Pearson 1934: The use of confidence or fiducial limits illustrated in the case of the binomial\n"
        "    method: proportion, clopper-pearson"
    ) in text
    assert text.index("Assumed, wholly or in part:") < text.index("relapse_rate: untreated relapse rate")
    assert cite(capsys, str(run / "report.html"))[1] == text


def test_every_source_of_a_run_stands_in_its_json_word_for_word(capsys, run):
    _, text, _ = cite(capsys, str(run), "--format", "json")
    found = json.loads(text)
    written = json.loads((run / "sources.json").read_text())["sources"]
    cited = [use for one in found["references"] for use in one["uses"]]
    assert all(use in written for use in cited)
    assert all(use in (*cited, *found["assumed"], *found["others"]) for use in written)
    assert all("assumed" in use["source"] for use in found["assumed"])


def test_a_reference_manager_reads_identifiers_where_the_tables_have_them(capsys, tmp_path):
    (tmp_path / "sources.json").write_text(
        json.dumps({"format": "azygos-sources/1", "sources": [
            {"group": "rule", "what": "a", "source": "PMC3061048, table 2"},
            {"group": "veins", "what": "b", "source": "Tartiere 2009 (10.1186/cc8200): right 17 +- 5 mm"},
            {"group": "patency", "what": "c", "source": "PMID 28807744; 47 patients treated"},
        ]})
    )  # fmt: skip
    _, text, _ = cite(capsys, str(tmp_path), "--format", "csl-json")
    found = {one.get("container-title"): one for one in json.loads(text)}
    assert found["PMC3061048"]["PMCID"] == "PMC3061048"
    assert found["Tartiere 2009 (10.1186/cc8200)"]["DOI"] == "10.1186/cc8200"
    assert found["PMID 28807744"]["PMID"] == "28807744"


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("vein: Gadda 2015 (0.91 mL/mmHg in all); rest Liang 2009 (tables)", ("Gadda 2015", "Liang 2009")),
        ("Brave Dreams, Trials 2012;13:183, table 3", ("Brave Dreams, Trials 2012;13:183",)),
        ("39 % left (Cerebrovasc Dis 2004;18:236; n = 105); calibre: assumed", ("Cerebrovasc Dis 2004;18:236",)),
        ("ADAN-86 (CellML2Modelica tables); start assumed", ("ADAN-86",)),
        ("Front Psychol 2023, 1125038", ("Front Psychol 2023, 1125038",)),
        ("assumed (vertebral level T3 to T11)", ()),
        ("PET is stiffer than polyethylene (openaire 1); slope assumed", ("openaire 1",)),
        ("skull grooves n=60 (Bansal; bibliomed 143058): 69.5 +- 5.65 mm", ("bibliomed 143058",)),
        ("WebMD 29 March 2012: 48 of 89", ("WebMD 29 March 2012",)),
        (
            "WebMD, 29 March 2012, and ccsvi.mx, part 2, 2012",
            ("WebMD, 29 March 2012", "ccsvi.mx, part 2, 2012"),
        ),
        (
            "Zamboni, JAMA Neurol 2018;75:35-43, PMC5833494, doi:10.1001/jamaneurol.2017.3825",
            ("Zamboni, JAMA Neurol 2018;75:35-43, PMC5833494, doi:10.1001/jamaneurol.2017.3825",),
        ),
        ("computed for this file, not published", ()),
        ("m²/(s² - m) with m = 1.95 and s = 3.73, from memory", ()),
    ],
)
def test_publications_are_read_from_a_source_as_it_names_them(source, named):
    assert publications(source) == named


def named(*texts):
    return sorted_by_publication(Use(group="arteries", what=text, source=text) for text in texts).references


@pytest.mark.parametrize(
    ("texts", "fullest"),
    [
        (("Krejza 2006", "Krejza 2006 (Stroke 37:1103): 6.52 +- 0.98 mm"), "Krejza 2006 (Stroke 37:1103)"),
        (("AJR 2013;200:1358: the series", "Ferral, AJR 2013;200:1358"), "Ferral, AJR 2013;200:1358"),
        (("JNIS 2019;11:380", "Nicholson 2019 JNIS 11:380"), "Nicholson 2019 JNIS 11:380"),
        (("Hoogervorst, Mult Scler 2004", "Hoogervorst 2004"), "Hoogervorst, Mult Scler 2004"),
        (("PMC8451739, n = 243", "Dake 2021 CVIR 44:1918, PMC8451739"), "Dake 2021 CVIR 44:1918, PMC8451739"),
        (("PubMed 33243042", "Patsalides 2021, PubMed 33243042: 42 people"), "Patsalides 2021, PubMed 33243042"),
    ],
)
def test_one_publication_named_in_two_ways_is_cited_once(texts, fullest):
    assert [one.name for one in named(*texts)] == [fullest]


def test_two_publications_of_one_author_and_year_stay_two():
    texts = ("Zamboni 2009 J Vasc Surg 50:1348", "Zamboni 2009 J Neurol 80:392")
    assert {one.name for one in named(*texts)} == set(texts)


def test_a_title_is_given_where_it_is_known_and_none_is_made_up():
    gadda, liang, webmd = named(
        "Gadda 2015 (k)", "WebMD 29 March 2012, A study of veins: 48 of 89 better", "Liang 2009"
    )
    assert gadda.title == "A new hemodynamic model for the study of cerebral venous outflow"
    assert (webmd.title, webmd.year, liang.title) == ("A study of veins", "2012", "")
    assert [one.key for one in (webmd, liang)] == ["webmd-29-march-2012", "liang-2009"]
    assert "title" not in as_bibtex([liang])
    assert "title" not in json.loads(as_csl([liang]))[0]


def test_one_publication_with_every_identifier_is_cited_once_with_its_title():
    (found,) = named("Traboulsee, Neurology 2018;91:e1660-8, PubMed 30266886, doi:10.1212/WNL.0000000000006423")
    assert found.title.startswith("Safety and efficacy of venoplasty in MS")
    assert found.identifiers == {"doi": "10.1212/WNL.0000000000006423", "pmid": "30266886"}


def test_every_known_title_is_that_of_a_publication_which_is_named_somewhere():
    rows = list(csv.DictReader((ROOT / "src/azygos/report/publications.csv").read_text().splitlines()))
    assert all(publications(row["name"]) == (row["name"],) for row in rows)
    assert all(row["title"] and row["title read in"] for row in rows)
    assert all(re.fullmatch(r"(10\.\d{4,}/\S+)?", row["doi"]) for row in rows)
    assert len({row["name"] for row in rows}) == len({row["title"] for row in rows}) == len(rows)


def test_a_treatment_that_inflated_a_balloon_cites_what_the_answer_to_it_rests_on():
    stenosis = SimpleNamespace(lesion=SimpleNamespace(kind="stenosis"))
    done = SimpleNamespace(notes=(), sham=False, seed=None, inflations=(stenosis, stenosis))
    found = sorted_by_publication(of_procedure(done, is_followed=False))
    names = {one.name for one in found.references}
    assert names == {
        "Turmel-Rodrigues & Renaud 2013, 10.1007/978-2-8178-0366-1_10", "Wu 2008, J Vasc Interv Radiol 19:877",
        "Gardiner 2001, J Vasc Interv Radiol 12:1389", "Paulsen 1994, Am Math Monthly 101:953",
    }  # fmt: skip
    assert [use.what for use in found.assumed] == ["modulus of a stenosis", "elastic recoil, and its time"]
    assert not list(of_procedure(SimpleNamespace(**vars(done) | {"inflations": ()}), is_followed=False))


def test_no_source_of_a_method_or_an_instrument_is_invented():
    said = " ".join(
        " ".join(Path(import_module(f"azygos.statistics.{home}").__file__).read_text().split()) for home in HOMES
    )
    for source in METHODS.values():
        assert all(part in said for part in source.split("; ")), source
    room = ROOT / "src/azygos/instruments"
    files = {name: name for name in INSTRUMENTS} | {"ivus": "venography"}
    everywhere = (room / "doppler.py").read_text() + (room / "shape.py").read_text()
    for name, rows in INSTRUMENTS.items():
        text = (room / f"{files[name]}.py").read_text() + everywhere
        assert all(part in text for _, source in rows for part in source.split("; ")), name
    therapy = "".join((ROOT / f"src/azygos/therapy/{name}.py").read_text() for name in ("inflation", "response"))
    said = " ".join(therapy.replace("\n#", "\n").split())
    for name in publications("; ".join(source for one in (*RESPONSES.values(), (RUPTURE,)) for _, source in one)):
        assert all(word in said for word in name.split(", ")), name


def test_a_cohorts_run_cites_its_manifest_the_body_and_what_was_done(capsys, tmp_path):
    manifest = {
        "format": "azygos-run/1", "patients": 1, "seed": 1, "cohort": "a", "title": "", "note": "", "sham": False,
        "visits": ["before", "after"], "looks": ["venography"], "waveforms": None, "cohort_hash": "", "versions": {},
        "sources": {"lesions, ijv_r at 0.9": "PMC3814563, 586 people"},
    }  # fmt: skip
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    _, text, _ = cite(capsys, str(tmp_path))
    assert "586 multiple sclerosis patients\n    cohort: lesions, ijv_r at 0.9\n" in text
    assert "systemic arterial tree\n    arteries: aorta_ascending_1" in text
    assert "intravascular ultrasound\n    venography: chance to see" in text
    assert "Ferral" in text or "AJR 2013;200:1358\n    complication: puncture-site bleeding, 4 of 95" in text


def test_a_result_of_simulate_carries_its_sources(capsys, tmp_path):
    tube = ROOT / "cases/alastruey2007/circle_of_willis.yaml"
    with pytest.raises(SystemExit) as ended:
        main(["simulate", str(tube), "--duration", "10 ms", "--out", str(tmp_path / "found.nc")])
    assert ended.value.code == 0
    capsys.readouterr()
    _, text, _ = cite(capsys, str(tmp_path / "found.nc"))
    assert text.startswith("Without a publication:\n    network: ")
    (tmp_path / "sources.json").write_text(said_sources(of_study(named_study("chicago-2012"))))  # of another run
    assert cite(capsys, str(tmp_path / "found.nc"))[1] == text
    assert json.loads(cite(capsys, str(tmp_path / "found.nc"), "--format", "json")[1])["others"]


def test_a_body_is_cited_by_its_tables_and_its_variants(capsys, tmp_path):
    (tmp_path / "me.yaml").write_text("format: azygos-body/1\nvariants: [left_dominant_sinus]\n")
    status, text, said = cite(capsys, str(tmp_path / "me.yaml"))
    assert status == 0, said
    assert "variant: left_dominant_sinus" in text and "J Transl Neurosci 2024;9:15" in text


def test_the_reference_adult_is_cited_by_name_wherever_one_is(capsys, tmp_path, monkeypatch):
    (tmp_path / "sources.json").write_text("[]")  # of a run in this folder
    monkeypatch.chdir(tmp_path)
    assert "systemic arterial tree\n    arteries: aorta_ascending_1" in cite(capsys, "reference")[1]


def test_a_result_without_room_for_its_sources_says_what_to_cite_instead(capsys, tmp_path):
    (tmp_path / "beat.csv").write_text("kind,name\n")
    status, _, said = cite(capsys, str(tmp_path / "beat.csv"))
    assert status == 2 and "cite what was simulated" in said and "--out" not in said


def test_what_says_nothing_of_its_sources_is_refused_in_a_sentence(capsys, tmp_path):
    status, _, said = cite(capsys, str(tmp_path))
    assert status == 2 and "it does not say what it used" in said
    row = {"group": "veins", "what": "a", "source": 3}
    numbers = json.dumps({"format": "azygos-sources/1", "sources": [row]}).encode()
    for content in (b"{", b"\xff\xfe", b"[" * 200_000, b"[]", numbers):
        (tmp_path / "sources.json").write_bytes(content)
        status, _, said = cite(capsys, str(tmp_path))
        assert status == 2 and "it does not say what it used" in said
    status, _, said = cite(capsys, str(tmp_path / "none"))
    assert status == 2 and "there is nothing called" in said
    (tmp_path / "broken.nc").write_bytes(b"no")
    (tmp_path / "sources.json").unlink()
    assert cite(capsys, str(tmp_path / "broken.nc"))[0] == 2

"""A study's file made of another: of another kind, size, allocation or blinding, or with layers off."""

from collections.abc import Mapping
from typing import Any

import yaml

from azygos.web.study_requests import Changes

__all__ = ["changed"]

ONE_ARM = ("open-label survey", "registry")
CONTROLS = {"wait-list": "waiting", "sham-controlled": "sham", "group-sequential": "sham", "parallel": "usual care"}
GETS = {
    "waiting": "nothing until the study is over",
    "sham": "the same without opening anything",
    "usual care": "what they would have anyhow",
}
# What a method becomes when there is a second arm to compare with, and when there is none any more.
COMPARED = {"proportion": "risk difference", "mean": "t-test", "kaplan-meier": "cox"}
ALONE = {
    **dict.fromkeys(("risk difference", "risk ratio", "odds ratio", "stratified risk difference"), "proportion"),
    **dict.fromkeys(("t-test", "ancova", "mmrm", "rate ratio"), "mean"),
    **dict.fromkeys(("cox", "log-rank", "rmst"), "kaplan-meier"),
    **{method: method for method in ("proportion", "mean", "kaplan-meier", "adverse events", "cumulative incidence")},
}
ARM_KEYS = ("covariates", "estimand", "interval", "sensitivity")  # of an analysis, which rest on the arms there were


def changed(text: str, name: str, changes: Changes) -> str:
    """The text of the file with the changes; the text itself where there are none.

    What was published is left out as soon as people or design are others: it is not the result of this study.
    """
    if changes == Changes():
        return text
    study: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)
    if changes.off:
        study["off"] = sorted({*_list(study.get("off")), *changes.off})
    if changes != Changes(off=changes.off):
        for key in ("published", "bands", "calibration"):
            study.pop(key, None)
        _redesign(study, changes)
    told = " ".join(name.split())  # on one line, whatever the user calls his file
    head = f"# Made of {told} in the browser; comments and what was published stand there.\n"
    dumped = yaml.dump(study, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=110, default_flow_style=None)
    return head + str(dumped)


def _redesign(study: dict[str, Any], changes: Changes) -> None:
    design = study["design"]
    if changes.kind is not None and changes.kind != design["kind"]:
        (_alone if changes.kind in ONE_ARM else _against)(study, changes.kind)
    if changes.n is not None:
        design["size"] = {"n": str(changes.n)}
    if changes.allocation is not None:
        design["allocation"] = _allocation(changes.allocation, design.get("allocation", {}))
    if changes.blinding is not None:
        design["blinding"] = dict.fromkeys(changes.blinding, "yes")
    design["name"] = f"{design['name']}-changed"
    design["title"] = f"{design['title']}: changed"


def _allocation(method: str, old: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"method": method}
    if method == "blocks":
        made["block_sizes"] = old.get("block_sizes", ["4"])
    strata = old.get("strata") or (["sex"] if method == "minimisation" else None)
    return made | ({"strata": strata} if strata and method != "simple" else {}) | {"concealed": "yes"}


def _against(study: dict[str, Any], kind: str) -> None:
    """The same people and outcome, allocated at random to the treatment or a control of the kind's."""
    design, role = study["design"], CONTROLS[kind]
    was_one = len(design["arms"]) == 1
    name, active = next(item for item in design["arms"].items() if item[1]["role"] in ("active", "single"))
    design["kind"] = kind
    design["arms"] = {
        role.replace("usual care", "usual"): {"role": role, "gets": GETS[role]},
        name: active | {"role": "active"},
    }
    if was_one:
        study.get("patients", {}).pop("asked", None)
        if not any(_is_baseline(visit) for visit in design["visits"].values()):
            design["visits"] = {"baseline": {"day": "0 days"}, **design["visits"]}
        _analyse(design, COMPARED | {"adverse events": "adverse events"})
    if was_one or design.get("allocation", {}).get("method", "none") == "none":
        design["allocation"] = _allocation("blocks", {})
    design["blinding"] = {"assessors": "yes", "analysts": "yes"} | ({"participants": "yes"} if role == "sham" else {})
    design.pop("sequential", None)
    if kind == "group-sequential":
        design["sequential"] = {"looks": ["0.5", "1"]}


def _alone(study: dict[str, Any], kind: str) -> None:
    """The treated alone: nobody is allocated, nobody is blind, and every analysis describes."""
    design = study["design"]
    name, arm = next(item for item in design["arms"].items() if item[1]["role"] in ("active", "single"))
    was_many = len(design["arms"]) > 1
    design["kind"] = kind
    design["arms"] = {name: arm | {"role": "single"}}
    if was_many:
        _analyse(design, ALONE)
    for key in ("allocation", "blinding", "sequential"):
        design.pop(key, None)
    study.get("patients", {}).pop("belief", None)


def _analyse(design: dict[str, Any], methods: Mapping[str, str]) -> None:
    """The analyses by other methods; those that have no other are left out, and estimands with them."""
    design.pop("estimands", None)
    design["analyses"] = {
        name: {key: value for key, value in plan.items() if key not in ARM_KEYS} | {"method": methods[plan["method"]]}
        for name, plan in design.get("analyses", {}).items()
        if plan["method"] in methods
    }


def _is_baseline(visit: Mapping[str, str]) -> bool:
    return visit["day"].strip().startswith(("0 ", "-"))


def _list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [] if value is None else [value]


class _Plain(yaml.SafeDumper):
    """Writes texts as they were read: 89 and yes without quotes."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: _Plain, text: str) -> yaml.Node:
    return dumper.represent_scalar(dumper.resolve(yaml.ScalarNode, text, (True, False)), text)  # type: ignore[no-untyped-call] # yaml has no types there


_Plain.add_representer(str, _text)

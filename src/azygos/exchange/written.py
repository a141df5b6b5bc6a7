"""A network as the text of an azygos network file, exact to the last bit of every number."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from azygos import units
from azygos.body.network import (
    Autoregulation,
    Channel,
    CollapsibleStore,
    Expansion,
    ExponentialStore,
    LinearStore,
    Link,
    Network,
    StarlingResistor,
    Store,
    Valve,
    VaryingStore,
    Vessel,
)
from azygos.body.wall import ArteryWall, AvolioWall, ElasticWall, RigidWall, SinusWall, StentedWall, VeinWall, Wall
from azygos.body.waveform import Constant, DoubleCosine, Pulse, Sampled, Swing, Waveform
from azygos.exchange.form import FORMAT
from azygos.exchange.whole import write_texts

__all__ = ["write_network"]

UNITS: Mapping[str, tuple[str, ...]] = {  # as hand-written files have them; SI last, which is always exact
    "number": ("",),
    "length": ("mm", "cm", "m"),
    "volume": ("mL", "m3"),
    "time": ("s",),
    "speed": ("m/s",),
    "flow": ("mL/s", "mL/min", "m3/s"),
    "acceleration": ("m/s2",),
    "pressure": ("mmHg", "kPa", "Pa"),
    "density": ("kg/m3",),
    "viscosity": ("mPa s", "Pa s"),
    "wall viscosity": ("Pa s m",),
    "resistance": ("mmHg s/mL", "Pa s/m3"),
    "inertance": ("mmHg s2/mL", "Pa s2/m3"),
    "quadratic resistance": ("mmHg s2/mL2", "Pa s2/m6"),
    "compliance": ("mL/mmHg", "m3/Pa"),
    "elastance": ("mmHg/mL", "Pa/m3"),
    "valve rate": ("1/(mmHg s)", "1/(Pa s)"),
}


def write_network(network: Network, path: str | Path, comment: str = "") -> None:
    """Writes a network so that `read_network` gives an equal one back; `comment` opens the file.

    The file appears under its name when it is whole.
    """
    text = "".join(f"# {line}".rstrip() + "\n" for line in comment.splitlines()) + _file(network)
    write_texts({Path(path): text})


def _file(network: Network) -> str:
    blood = {"density": _q(network.blood.density, "density"), "viscosity": _q(network.blood.viscosity, "viscosity")}
    lines = [
        f"format: {FORMAT}",
        f"name: {_plain(network.name)}",
        f"period: {_q(network.period, 'time')}",
        *([] if network.beats == 1 else [f"beats: {network.beats}"]),
        f"blood: {_flow(blood)}",
        f"gravity: {_q(network.gravity, 'acceleration')}",
    ]
    sections: dict[str, dict[str, str]] = {
        "heights": {node: _q(height, "length") for node, height in network.heights.items()},
        "vessels": {vessel.name: _flow(_vessel(vessel)) for vessel in network.vessels},
        "links": {link.name: _flow(_link(link)) for link in network.links},
        "regulations": {rule.link: _flow(_regulation(rule)) for rule in network.regulations},
        "stores": {store.name: _flow(_store(store)) for store in network.stores},
        "inflows": {source.node: _source(source.flow, "flow") for source in network.flow_sources},
        "pressures": {source.node: _source(source.pressure, "pressure") for source in network.pressure_sources},
        "initial_heads": {node: _q(head, "pressure") for node, head in network.initial_head.items()},
    }
    for section, rows in sections.items():
        if rows or section == "vessels":
            lines.append(f"\n{section}:" + ("" if rows else " {}"))
            lines += [f"  {_plain(name)}:{'' if row.startswith(chr(10)) else ' '}{row}" for name, row in rows.items()]
    return "\n".join(lines) + "\n"


def _short(value: float, digits: int) -> str:
    """A number with so many digits, without an exponent unless that is much longer."""
    mantissa, _, exponent = f"{value:.{digits}g}".partition("e")
    if not exponent:
        return mantissa
    short = f"{mantissa}e{int(exponent)}"
    plain = format(Decimal(short), "f")
    return plain if len(plain) <= len(short) + 1 else short


def _number_text(value: float, scale: float) -> str:
    """The shortest decimal text that times `scale` is `value` to the last bit; empty when there is none."""
    texts = (_short(value / scale, digits) for digits in range(1, 18))
    return next((text for text in texts if float(text) * scale == value), "")


def _length(text: str) -> int:
    return len(text) + 3 * ("e" in text.split()[0])  # people would rather read 700 kPa than 7e5 Pa


def _together(values: tuple[float, ...], dimension: str) -> list[str]:
    """Quantities with the one unit in which they are shortest, to the last bit."""
    found = []
    for unit in UNITS[dimension]:
        texts = [_number_text(value, units.parse(f"1 {unit}", dimension)) for value in values]
        if all(texts):
            found.append([f"{text} {unit}".strip() for text in texts])
    if not found:
        raise ValueError(f"{', '.join(map(str, values))} has no form in a file")
    return min(found, key=lambda texts: sum(map(_length, texts)))


def _q(value: float, dimension: str) -> str:
    return _together((value,), dimension)[0]


def _ends(values: tuple[float, float], dimension: str) -> str:
    first, second = _together(values, dimension)
    return first if values[0] == values[1] else f"[{first}, {second}]"


def _plain(text: str) -> str:
    """A text as YAML: as it is where every reader takes it for a text, else in quotes."""
    plain = re.fullmatch(r"[A-Za-z0-9_](?:[\w.+/ -]*[\w.+-])?", text, re.ASCII) is not None
    if plain and not re.fullmatch(r"[\d._+-]+(e[+-]?\d+)?|null|true|false|yes|no|on|off|y|n", text, re.IGNORECASE):
        return text
    return json.dumps(text, ensure_ascii=False)


def _flow(items: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in items.items() if value) + "}"


def _some(key: str, value: float, dimension: str, default: float = 0.0) -> dict[str, str]:
    return {} if value == default else {key: _q(value, dimension)}


def _vessel(vessel: Vessel) -> dict[str, str]:
    return {
        "from": _plain(vessel.start),
        "to": _plain(vessel.end),
        "length": _q(vessel.length, "length"),
        "radius": _ends(vessel.radius, "length"),
        "wall": _flow(_wall(vessel.wall)),
        "profile": _q(vessel.profile, "number"),
        "around": "" if vessel.around is None else _plain(vessel.around),
        **_some("external_pressure", vessel.external_pressure, "pressure"),
    }


def _wall(wall: Wall) -> dict[str, str]:
    match wall:
        case ArteryWall() | VeinWall():
            return {
                "law": "artery" if isinstance(wall, ArteryWall) else "vein",
                "wave_speed": _ends(wall.wave_speed, "speed"),
                **_some("reference_pressure", wall.reference_pressure, "pressure"),
                **_some("viscosity", wall.viscosity, "wall viscosity"),
            }
        case SinusWall():
            return {
                "law": "sinus",
                "wave_speed": _ends(wall.wave_speed, "speed"),
                **_some("reference_pressure", wall.reference_pressure, "pressure"),
            }
        case ElasticWall() | AvolioWall():
            elastic = isinstance(wall, ElasticWall)
            return {
                "law": "elastic" if elastic else "avolio",
                "young": _q(wall.young, "pressure"),
                "thickness": _q(wall.thickness, "length") if isinstance(wall, ElasticWall) else "",
                **_some("reference_pressure", wall.reference_pressure, "pressure"),
                **_some("viscosity", wall.viscosity, "wall viscosity"),
            }
        case RigidWall():
            return {"law": "rigid"}
        case StentedWall():
            return {
                "law": "stented",
                "wall": _flow(_wall(wall.wall)),
                "stent_radius": _q(wall.stent_radius, "length"),
                "stiffness": _q(wall.stiffness, "pressure"),
            }
    raise TypeError(f"a {type(wall).__name__} has no form in a file")


def _link(link: Link) -> dict[str, str]:
    ends = {"from": _plain(link.start), "to": _plain(link.end)}
    match link:
        case Channel():
            return {
                **ends,
                "resistance": _q(link.resistance, "resistance"),
                **_some("inertance", link.inertance, "inertance"),
                **_some("quadratic", link.quadratic, "quadratic resistance"),
            }
        case Valve():
            return {
                "kind": "valve",
                **ends,
                "resistance": _q(link.resistance, "resistance"),
                "inertance": _q(link.inertance, "inertance"),
                "quadratic": _q(link.quadratic, "quadratic resistance"),
                "opening_rate": _q(link.opening_rate, "valve rate"),
                "closing_rate": _q(link.closing_rate, "valve rate"),
                "leak": _q(link.leak, "number"),
            }
        case Expansion():
            return {
                "kind": "expansion",
                **ends,
                "before": _plain(link.before),
                **({} if link.after is None else {"after": _plain(link.after)}),
                "resistance": _q(link.resistance, "resistance"),
            }
        case StarlingResistor():
            return {
                "kind": "starling",
                **ends,
                "around": _plain(link.around),
                "resistance": _q(link.resistance, "resistance"),
                "sharpness": _q(link.sharpness, "pressure"),
            }


def _regulation(rule: Autoregulation) -> dict[str, str]:
    return {
        "normal_flow": _q(rule.normal_flow, "flow"),
        "gain": _q(rule.gain, "number"),
        "time_constant": _q(rule.time_constant, "time"),
        "least": _q(rule.least, "number"),
        "most": _q(rule.most, "number"),
    }


def _store(store: Store) -> dict[str, str]:
    law, at = store.law, {"at": _plain(store.node)}
    tail = {
        "around": "" if store.around is None else _plain(store.around),
        "blood": "" if store.is_blood else "false",
    }
    match law:
        case LinearStore():
            volume = _some("unstressed_volume", law.unstressed_volume, "volume")
            return {**at, **_linear(law.elastance), **volume, **tail}
        case CollapsibleStore():
            volume = {"unstressed_volume": _q(law.unstressed_volume, "volume")}
            return {**at, "law": "collapsible", **_linear(law.elastance), **volume, **tail}
        case VaryingStore():
            volume = _some("unstressed_volume", law.unstressed_volume, "volume")
            return {**at, "law": "varying", "elastance": _waveform(law.elastance, "elastance"), **volume, **tail}
        case ExponentialStore():
            return {
                **at,
                "law": "exponential",
                "scale": _q(law.scale, "pressure"),
                "volume_scale": _q(law.volume_scale, "volume"),
                **_some("unstressed_volume", law.unstressed_volume, "volume"),
                **_some("reference_pressure", law.reference_pressure, "pressure"),
                **({"straight_below": True} if law.straight_below else {}),
                **tail,
            }
    raise TypeError(f"a {type(law).__name__} has no form in a file")


def _linear(elastance: float) -> dict[str, str]:
    """The elastance, or the compliance where that is a shorter text of the same number."""
    soft = []
    for unit in UNITS["compliance"] if elastance > 0.0 else ():
        scale = units.parse(f"1 {unit}", "compliance")
        texts = (_short(1.0 / elastance / scale, digits) for digits in range(1, 18))
        soft += [f"{text} {unit}" for text in texts if 1.0 / (float(text) * scale) == elastance][:1]
    stiff = _q(elastance, "elastance")
    best = min((stiff, *soft), key=_length)
    return {"elastance" if best is stiff else "compliance": best}


def _waveform(waveform: Waveform, dimension: str) -> str:
    match waveform:
        case Constant():
            return _q(waveform.value, dimension)
        case DoubleCosine():
            return _flow(
                {
                    "active": _q(waveform.active, dimension),
                    "passive": _q(waveform.passive, dimension),
                    "onset": _q(waveform.onset, "number"),
                    "rise": _q(waveform.rise, "number"),
                    "fall": _q(waveform.fall, "number"),
                    "beats": "" if waveform.beats == 1 else str(waveform.beats),
                }
            )
        case Swing():
            ends = {"rest": _q(waveform.rest, dimension), "peak": _q(waveform.peak, dimension)}
            return _flow({**ends, "rise": _q(waveform.rise, "number")})
        case Pulse():
            times = ("begin", "rise", "hold", "fall")
            parts = {"under": _waveform(waveform.under, dimension), "height": _q(waveform.height, dimension)}
            return _flow({**parts, **{name: _q(getattr(waveform, name), "time") for name in times}})
        case Sampled():
            unit, rows = _table(waveform, dimension)
            return f"{{units: [s, {unit}], table: [{', '.join(rows)}]}}"
    raise TypeError(f"a {type(waveform).__name__} has no form in a file")


def _source(waveform: Waveform, dimension: str) -> str:
    """A waveform with a line for every row of its table."""
    if not isinstance(waveform, Sampled):
        return _waveform(waveform, dimension)
    unit, rows = _table(waveform, dimension)
    return "\n".join(["", f"    units: [s, {unit}]", "    table:", *(f"      - {row}" for row in rows)])


def _table(waveform: Sampled, dimension: str) -> tuple[str, list[str]]:
    """A unit in which all values have exact texts, the shortest in all, and the rows."""
    found = []
    for unit in UNITS[dimension]:
        scale = units.parse(f"1 {unit}", dimension)
        texts = [_number_text(value, scale) for value in waveform.values]
        if all(texts):
            found.append((unit, texts))
    unit, values = min(found, key=lambda one: sum(len(text) for text in one[1]))
    times = (_number_text(time, 1.0) for time in waveform.times)
    return unit, [f"[{time}, {value}]" for time, value in zip(times, values, strict=True)]

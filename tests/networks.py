"""Small circulations that several tests use."""

from dataclasses import replace

from azygos.body.network import (
    Autoregulation,
    Channel,
    CollapsibleStore,
    Expansion,
    ExponentialStore,
    FlowSource,
    LinearStore,
    Network,
    PressureSource,
    StarlingResistor,
    Store,
    Valve,
    VaryingStore,
    Vessel,
)
from azygos.body.wall import ArteryWall, RigidWall, SinusWall, StentedWall, VeinWall
from azygos.body.waveform import Constant, DoubleCosine, Swing
from azygos.units import mL, mmHg

_RESISTANCE = mmHg / mL  # mmHg s / mL
_ELASTANCE = mmHg / mL


def mixed_tree(*, heights: dict[str, float] | None = None, head: float = 10 * mmHg) -> Network:
    """Every kind of wall, jumps of area and stiffness, a lesion with its expansion, uneven outside pressure, a loop."""
    vein = VeinWall(wave_speed=(2.0, 3.0))
    vessels = (
        Vessel(name="artery", start="a", end="b", length=0.2, radius=(6e-3, 4e-3), wall=ArteryWall(wave_speed=(5, 7))),
        Vessel(name="rigid", start="b", end="c", length=0.05, radius=(3e-3, 3e-3), wall=RigidWall()),
        Vessel(name="sinus", start="b", end="d", length=0.08, radius=(3e-3, 4e-3), wall=SinusWall(wave_speed=(10, 10))),
        Vessel(name="vein", start="c", end="d", length=0.15, radius=(5e-3, 6e-3), wall=vein, external_pressure=600.0),
        Vessel(name="throat", start="d", end="e", length=0.02, radius=(2e-3, 2e-3), wall=vein),
        Vessel(name="after", start="f", end="g", length=0.1, radius=(6e-3, 6e-3), wall=vein, external_pressure=2000.0),
        Vessel(
            name="stented",
            start="g",
            end="h",
            length=0.06,
            radius=(5e-3, 5e-3),
            wall=StentedWall(wall=vein, stent_radius=6e-3, stiffness=5e4),
        ),
    )
    return Network(
        name="mixed tree",
        vessels=vessels,
        links=(Expansion(name="jet", start="e", end="f", before="throat", after="after", resistance=1e5),),
        stores=(Store(name="reservoir", node="h", law=LinearStore(elastance=1e8)),),
        heights=heights or {},
        initial_head=dict.fromkeys("abcdefgh", head),
    )


def closed_loop(*, collapse: bool = False, skull: bool = True) -> Network:
    """A two-chamber heart with valves, an artery, a bed, veins (one of them squeezed), and a skull around one."""
    outside = 15 * mmHg if collapse else 0.0
    valve = {"resistance": 1e-3 * _RESISTANCE, "inertance": 5e-4 * _RESISTANCE, "quadratic": 1.5e-5 * mmHg / mL**2}
    rates = {"opening_rate": 0.2, "closing_rate": 0.2}
    around = "skull" if skull else None
    vessels = (
        Vessel(name="aorta", start="root", end="fork", length=0.3, radius=(12e-3, 9e-3), wall=_artery(5.0)),
        Vessel(name="arm", start="fork", end="hand", length=0.4, radius=(4e-3, 2.5e-3), wall=_artery(8.0)),
        Vessel(name="neck", start="fork", end="head", length=0.2, radius=(4e-3, 3e-3), wall=_artery(7.0)),
        Vessel(
            name="bridging", start="pia", end="sinus", length=0.05, radius=(5e-3, 5e-3), wall=_vein(), around=around
        ),
        Vessel(
            name="jugular",
            start="sinus",
            end="cava",
            length=0.18,
            radius=(5e-3, 6e-3),
            wall=_vein(),
            external_pressure=outside,
        ),
        Vessel(name="basilic", start="palm", end="cava", length=0.4, radius=(3e-3, 5e-3), wall=_vein()),
        Vessel(name="cava", start="cava", end="atrium", length=0.1, radius=(9e-3, 9e-3), wall=_vein()),
    )
    ventricle = DoubleCosine(active=1.6 * _ELASTANCE, passive=0.1 * _ELASTANCE, onset=0.0, rise=0.3, fall=0.15)
    atrium = DoubleCosine(active=0.1 * _ELASTANCE, passive=0.1 * _ELASTANCE, onset=0.8, rise=0.09, fall=0.09)
    stores = (
        Store(name="ventricle", node="ventricle", law=VaryingStore(elastance=ventricle, unstressed_volume=10 * mL)),
        Store(name="atrium", node="atrium", law=VaryingStore(elastance=atrium, unstressed_volume=10 * mL)),
        Store(name="hand", node="hand bed", law=LinearStore(elastance=1.0 * _ELASTANCE, unstressed_volume=50 * mL)),
        Store(name="brain", node="brain bed", law=LinearStore(elastance=2.0 * _ELASTANCE), around=around),
        Store(
            name="great veins", node="cava", law=LinearStore(elastance=0.05 * _ELASTANCE, unstressed_volume=500 * mL)
        ),
        *(
            [
                Store(
                    name="skull",
                    node="skull",
                    law=ExponentialStore(scale=5 * mmHg, volume_scale=60 * mL),
                    is_blood=False,
                )
            ]
            if skull
            else []
        ),
    )
    links = (
        Valve(name="aortic", start="ventricle", end="root", **valve, **rates),
        Valve(name="mitral", start="atrium", end="ventricle", **valve, **rates),
        Channel(name="hand arterioles", start="hand", end="hand bed", resistance=3.0 * _RESISTANCE),
        Channel(name="hand venules", start="hand bed", end="palm", resistance=0.3 * _RESISTANCE),
        Channel(name="brain arterioles", start="head", end="brain bed", resistance=4.0 * _RESISTANCE),
        Channel(name="brain venules", start="brain bed", end="pia", resistance=0.5 * _RESISTANCE),
    )
    head = {
        "root": 80,
        "fork": 80,
        "hand": 80,
        "head": 80,
        "ventricle": 8,
        "atrium": 8,
        "hand bed": 15,
        "brain bed": 15,
    }
    low = 12.0 if collapse else 8.0
    return Network(
        name="closed loop",
        vessels=vessels,
        links=links,
        stores=stores,
        period=0.8,
        initial_head={
            **{k: v * mmHg for k, v in head.items()},
            **dict.fromkeys(("palm", "cava", "sinus", "pia"), low * mmHg),
            **({"skull": 5 * mmHg} if skull else {}),
        },
    )


def closed_loop_with_fluid(*, breath: int = 0) -> Network:
    """The loop with a skull in which cerebrospinal fluid is made and absorbed, a waterfall where its veins leave it, a
    regulated bed, and great veins that can collapse; with `breath` in a chest that breathes once in so many beats.

    Resistances of formation and absorption: Ursino 1988, as in the issue's data; the rest assumed.
    """
    loop = closed_loop()
    beats = max(breath, 1)
    links = (
        *loop.links,
        StarlingResistor(
            name="bridge", start="bridge", end="sinus", around="skull", resistance=0.3 * _RESISTANCE, sharpness=20.0
        ),
        Channel(name="formation", start="brain bed", end="skull", resistance=2380 * _RESISTANCE),
        StarlingResistor(name="absorption", start="skull", end="sinus", around="sinus", resistance=526 * _RESISTANCE),
    )
    soft = CollapsibleStore(elastance=0.05 * _ELASTANCE, unstressed_volume=500 * mL)
    chest = "chest" if breath else None
    stores = tuple(replace(s, law=soft, around=chest) if s.name == "great veins" else s for s in loop.stores)
    stores = tuple(
        replace(s, law=replace(s.law, elastance=replace(s.law.elastance, beats=beats)), around=chest)
        if isinstance(s.law, VaryingStore) and isinstance(s.law.elastance, DoubleCosine)
        else s
        for s in stores
    )
    tight = ExponentialStore(scale=5 * mmHg, volume_scale=14 * mL)  # 1 mL/mmHg at the 9 mmHg that it comes to
    stores = tuple(replace(s, law=tight) if s.name == "skull" else s for s in stores)
    vessels = tuple(replace(v, end="bridge") if v.name == "bridging" else v for v in loop.vessels)
    vessels = tuple(replace(v, around=chest) if v.name == "cava" else v for v in vessels)
    regulation = Autoregulation(
        link="brain arterioles", normal_flow=14 * mL, gain=4.0, time_constant=20.0, least=0.5, most=2.0
    )
    swing = Swing(rest=-0.5 * mmHg, peak=-2.5 * mmHg)
    return replace(
        loop,
        name="closed loop with fluid",
        vessels=vessels,
        links=links,
        stores=stores,
        regulations=(regulation,),
        pressure_sources=(PressureSource(node="chest", pressure=swing),) if breath else (),
        period=beats * loop.period,
        beats=beats,
        initial_head={**loop.initial_head, "bridge": 8 * mmHg, "cava": (12 if breath else 8) * mmHg},
    )


def _artery(speed: float) -> ArteryWall:
    return ArteryWall(wave_speed=(speed, 1.3 * speed), reference_pressure=80 * mmHg)


def _vein() -> VeinWall:
    return VeinWall(wave_speed=(2.0, 2.0))


def windkessel_tree(flow: Constant | DoubleCosine = Constant(5e-5)) -> Network:
    """An artery that forks into two with windkessels, joined again by a bridge: a branching network with a loop."""
    return Network(
        name="windkessel tree",
        vessels=(
            Vessel(
                name="trunk",
                start="in",
                end="fork",
                length=0.2,
                radius=(8e-3, 8e-3),
                wall=ArteryWall(wave_speed=(5, 5)),
            ),
            Vessel(
                name="left", start="fork", end="l", length=0.25, radius=(5e-3, 5e-3), wall=ArteryWall(wave_speed=(6, 6))
            ),
            Vessel(
                name="right",
                start="fork",
                end="r",
                length=0.15,
                radius=(4e-3, 4e-3),
                wall=ArteryWall(wave_speed=(7, 7)),
            ),
            Vessel(
                name="bridge", start="l", end="r", length=0.1, radius=(3e-3, 3e-3), wall=ArteryWall(wave_speed=(8, 8))
            ),
        ),
        links=tuple(
            link
            for side, scale in (("l", 1.0), ("r", 1.6))
            for link in (
                Channel(name=f"{side} near", start=side, end=f"{side} bed", resistance=8e7 * scale, inertance=1e5),
                Channel(name=f"{side} far", start=f"{side} bed", end="vein", resistance=1.2e9 * scale),
            )
        ),
        stores=tuple(Store(name=f"{side} bed", node=f"{side} bed", law=LinearStore(elastance=2e9)) for side in "lr"),
        flow_sources=(FlowSource(node="in", flow=flow),),
        pressure_sources=(PressureSource(node="vein", pressure=Constant(0.0)),),
    )

"""How deep each node lies, for a picture in three dimensions: for the eye only, no number of the model rests on it.

A few nodes have a place, in front of (above zero) or behind the middle of the body [cm], all assumed; every other lies
between its neighbours as a weight on springs would, whose stiffness is the inverse of the vessels' lengths.
"""

import numpy as np

from azygos.body.network import Network

__all__ = ["depths"]

PINNED = {
    "sss_front": 8.0, "sss_crown": 1.5, "sss_lambda": -6.5, "torcula": -8.5, "transverse_end": -3.5,
    "sigmoid_end": -2.0, "jugular_bulb": -1.5, "galen": -3.5, "galen_start": -2.5, "falx_front": 3.0,
    "foramen_magnum": -3.5, "cavernous": 1.5, "cavernous_front": 2.5, "orbit": 6.5, "face": 4.5, "suboccipital": -4.5,
    "frontal_cortex": 6.0, "parietal_cortex": -2.0, "temporal_cortex": 1.0, "sylvian": 2.5,
    "carotid_bifurcation": 1.0, "carotid_top": 1.5, "basilar_start": -1.5, "basilar_top": -0.5,
    "anterior_cerebral_end": 6.0, "middle_cerebral_superior_end": 2.5, "posterior_cerebral_end": -6.5,
    "middle_cerebral_inferior_end": 0.0, "superior_cerebellar_end": -5.0, "facial_end": 7.0, "maxillary_end": 4.0,
    "temporal_frontal_end": 4.0, "temporal_parietal_end": -1.0, "ophthalmic_end": 6.0, "vertebral_origin": -0.5,
    "ijv_end": 1.0, "venous_angle": 1.0, "svc_top": 1.5, "svc_azygos": 0.5, "right_atrium": 1.5, "aortic_root": 1.0,
    "aorta_coronaries": 1.5, "arch_brachiocephalic": 1.0, "arch_subclavian": -1.5, "aorta_intercostals": -4.0,
    "azygos_hemi": -5.0, "azygos_root": -4.5, "hemiazygos_root": -4.5, "accessory_root": -4.5,
    "plexus_thoracic": -6.5, "plexus_lumbar": -6.0, "aorta_celiac": -2.5, "aortic_bifurcation": -2.0,
    "ivc_hepatics": 0.0, "ivc_renals": -1.5, "iliac_confluence": -2.0, "liver": 1.5, "porta": 2.0, "portal_root": 1.0,
    "spleen": -2.0, "intestine": 4.0, "renal_root": -2.5, "renal_end": -2.0, "groin": 3.0, "femoral_bifurcation": 2.5,
    "pelvis": -3.5, "internal_iliac_end": -3.0, "knee": -2.5, "popliteal_bifurcation": -2.5, "foot": 2.0,
    "axilla": 0.0, "forearm": 0.5, "superior_mesenteric_end": 3.5, "gastric_end": 2.5, "splenic_end": -1.0,
    "hepatic_end": 2.0,
}  # fmt: skip


def depths(network: Network) -> dict[str, float]:
    """The depth [cm] of every node that a vessel joins."""
    nodes = sorted({node for vessel in network.vessels for node in (vessel.start, vessel.end)})
    index = {node: i for i, node in enumerate(nodes)}
    stiffness = np.eye(len(nodes)) * 1e-6  # holds an island at depth 0
    load = np.zeros(len(nodes))
    for vessel in network.vessels:
        i, j, k = index[vessel.start], index[vessel.end], 1.0 / vessel.length
        stiffness[i, i] += k
        stiffness[j, j] += k
        stiffness[i, j] -= k
        stiffness[j, i] -= k
    for node, i in index.items():
        if (pinned := PINNED.get(node.removesuffix("_r").removesuffix("_l"))) is not None:
            stiffness[i], stiffness[i, i], load[i] = 0.0, 1.0, pinned
    return {node: float(z) for node, z in zip(nodes, np.linalg.solve(stiffness, load), strict=True)}

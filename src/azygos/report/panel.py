"""The windows of the picture of a circulation: what each shows of the person, and which vessels it names."""

from dataclasses import dataclass

__all__ = ["CHEST", "HEAD", "SIZE", "WHOLE", "Panel"]

SIZE = (13.6, 11.0)  # of the figure [in]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A window on the person; named are veins at its left and arteries at its right edge."""

    title: str
    axes: tuple[float, float, float, float]  # of the figure: left, bottom, width, height
    x: tuple[float, float]  # [cm]
    y: tuple[float, float]  # [cm]
    frame: tuple[float, float]  # the part of x that holds the person [cm]
    least: float  # half the width of the thinnest ribbon [cm]
    has_rims: bool  # does a light line set vessels off from those behind them
    column: float  # where the names stand [cm]
    gap: float  # between two names [cm]
    veins: tuple[tuple[str, float], ...]  # vessel, and where along it the line to its name ends
    arteries: tuple[tuple[str, float], ...]

    def shows(self, x: float, y: float) -> bool:
        """Whether a place [cm] lies in the window."""
        return self.frame[0] < x < self.frame[1] and self.y[0] < y < self.y[1]


WHOLE = Panel(
    title="",
    axes=(0.0, 0.005, 0.5, 0.99),
    x=(-56.0, 56.0), y=(-129.5, 50.0), frame=(-56.0, 56.0), least=0.09, has_rims=False, column=32.5, gap=3.1,
    veins=(
        ("subclavian_vein_r", 0.3), ("brachial_vein_r", 0.3), ("portal_vein", 0.5), ("renal_vein_r", 0.3),
        ("ivc_lower", 0.5), ("common_iliac_vein_r", 0.5), ("external_iliac_vein_r", 0.5),
        ("profunda_femoris_vein_r", 0.5), ("femoral_vein_r", 0.4), ("great_saphenous_vein_r", 0.55),
        ("popliteal_vein_r", 0.5), ("tibial_vein_r", 0.5),
    ),
    arteries=(
        ("brachial_l", 0.6), ("splenic", 0.8), ("renal_l", 0.8), ("superior_mesenteric", 0.8),
        ("aorta_abdominal_4", 0.8), ("common_iliac_l", 0.5), ("radial_l", 0.5), ("ulnar_lower_l", 0.5),
        ("external_iliac_l", 0.5), ("deep_femoral_l", 0.7), ("femoral_l", 0.5), ("anterior_tibial_l", 0.5),
        ("posterior_tibial_l", 0.6),
    ),
)  # fmt: skip
HEAD = Panel(
    title="Head and neck",
    axes=(0.5, 0.415, 0.5, 0.56),
    x=(-21.6, 21.6), y=(10.4, 49.0), frame=(-10.0, 10.0), least=0.03, has_rims=True, column=10.6, gap=1.12,
    veins=(
        ("superior_cerebral_vein_r", 0.5), ("sss_middle", 0.4), ("superior_anastomotic_vein_r", 0.4),
        ("inferior_sagittal_sinus", 0.5), ("superficial_middle_cerebral_vein_r", 0.4), ("great_cerebral_vein", 0.5),
        ("inferior_anastomotic_vein_r", 0.4), ("straight_sinus", 0.5), ("transverse_sinus_r", 0.75),
        ("cavernous_sinus_r", 0.5), ("sigmoid_sinus_r", 0.4), ("inferior_petrosal_sinus_r", 0.5),
        ("superior_petrosal_sinus_r", 0.5), ("angular_vein_r", 0.3), ("retromandibular_vein_r", 0.5),
        ("ijv_r", 0.4), ("external_jugular_r", 0.5), ("vertebral_vein_r", 0.55), ("vertebral_plexus_cervical", 0.6),
        ("brachiocephalic_r", 0.3),
    ),
    arteries=(
        ("middle_cerebral_superior_l", 0.7), ("anterior_cerebral_2_l", 0.6), ("posterior_cerebral_2_l", 0.7),
        ("anterior_choroidal_l", 0.7), ("ophthalmic_l", 0.7), ("basilar_1", 0.4), ("superficial_temporal_l", 0.5),
        ("maxillary_l", 0.6), ("internal_carotid_l", 0.35), ("facial_thyroid_occipital_l", 0.6),
        ("external_carotid_1_l", 0.5), ("vertebral_l", 0.35), ("common_carotid_l", 0.6), ("subclavian_l", 0.7),
    ),
)  # fmt: skip
CHEST = Panel(
    title="Chest",
    axes=(0.5, 0.008, 0.5, 0.375),
    x=(-28.0, 28.0), y=(-17.0, 17.0), frame=(-13.5, 13.5), least=0.05, has_rims=True, column=14.3, gap=1.5,
    veins=(
        ("brachiocephalic_l", 0.5), ("left_superior_intercostal_vein", 0.5), ("svc_upper", 0.5), ("azygos", 0.5),
        ("accessory_hemiazygos", 0.35), ("coronary_sinus", 0.3), ("hemiazygos", 0.35), ("azygos_lower", 0.4),
        ("hepatic_vein", 0.7), ("ivc_hepatic", 0.5), ("portal_vein", 0.6), ("ascending_lumbar", 0.8),
    ),
    arteries=(
        ("brachiocephalic_trunk", 0.5), ("common_carotid_l", 0.2), ("subclavian_l", 0.5), ("aortic_arch_2", 0.6),
        ("aorta_ascending_2", 0.6), ("aorta_thoracic_1", 0.6), ("intercostals", 0.6), ("celiac_1", 0.5),
        ("gastric", 0.7), ("hepatic", 0.5), ("renal_l", 0.7),
    ),
)  # fmt: skip

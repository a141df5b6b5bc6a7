"""The outline of the person in whom the vessels lie, seen from in front; for the eye only."""

import numpy as np
from numpy.typing import NDArray

from azygos.report.route import smooth

__all__ = ["hearts", "hollows", "outlines"]

# Half outlines on the patient's left, from the top down, x and y as in the table of places [cm]. All assumed.
HEAD = (
    (0.0, 47.6), (3.2, 47.0), (6.2, 44.8), (7.9, 41.2), (8.0, 38.2), (7.75, 36.6), (8.5, 37.2), (8.75, 36.0),
    (8.3, 34.0), (7.5, 32.9), (7.2, 30.6), (6.6, 28.2), (5.2, 25.9), (3.4, 24.4), (1.6, 23.7), (0.0, 23.6),
)  # fmt: skip
NECK_AND_TRUNK = (
    (0.0, 30.0), (5.6, 29.0), (6.1, 25.0), (6.2, 21.5), (7.0, 18.6), (9.6, 16.9), (14.0, 15.9), (18.0, 14.6),
    (20.4, 12.0), (19.0, 6.0), (16.6, 3.0), (16.4, -3.0), (15.4, -10.0), (14.3, -17.0), (14.4, -22.0),
    (16.0, -29.0), (17.3, -36.0), (17.6, -42.0), (16.0, -45.0), (8.0, -46.5), (0.0, -45.0),
)  # fmt: skip
ARM = (
    (14.0, 15.9), (18.4, 14.7), (21.4, 11.6), (23.2, 6.0), (24.4, -1.0), (25.4, -8.0), (26.6, -15.5), (28.2, -20.0),
    (29.3, -26.0), (30.3, -33.0), (31.0, -40.0), (32.4, -43.0), (35.2, -47.5), (35.7, -50.6), (34.6, -51.2),
    (32.6, -48.8), (32.8, -53.0), (32.6, -58.0), (31.6, -61.4), (29.6, -62.0), (28.0, -59.5), (27.0, -54.0),
    (26.4, -48.0), (26.2, -43.0), (25.6, -39.0), (23.8, -31.0), (21.2, -23.0), (19.2, -16.5), (17.9, -8.0),
    (16.7, 0.0), (15.4, 6.0), (13.4, 11.0),
)  # fmt: skip
LEG = (
    (9.0, -34.0), (16.6, -37.0), (17.7, -43.0), (17.2, -52.0), (15.6, -62.0), (13.9, -71.0), (13.0, -78.0),
    (13.3, -84.0), (13.5, -90.0), (12.5, -98.0), (11.1, -108.0), (10.6, -115.0), (11.2, -120.0), (13.2, -124.6),
    (13.3, -127.0), (9.5, -128.0), (6.4, -127.0), (5.9, -123.0), (6.5, -118.0), (6.2, -110.0), (5.2, -100.0),
    (4.5, -91.0), (4.7, -83.0), (4.8, -77.0), (3.8, -69.0), (2.3, -58.0), (0.9, -48.0), (0.5, -44.0), (3.0, -38.0),
)  # fmt: skip
SKULL = (
    (0.0, 46.4), (2.8, 46.0), (5.4, 44.0), (6.9, 41.0), (7.1, 38.4), (6.6, 36.0), (5.2, 34.6), (3.0, 33.9),
    (0.0, 32.6),
)  # fmt: skip
LUNG = (
    (3.0, 17.2), (5.4, 16.0), (8.4, 12.0), (10.9, 5.6), (12.3, -1.4), (13.0, -8.2), (12.4, -8.8), (9.6, -5.4),
    (6.8, -4.0), (4.4, -4.6), (3.4, -2.0), (2.8, 3.0), (2.2, 8.0), (2.0, 12.0), (2.0, 15.6),
)  # fmt: skip
HEART_RIGHT = (
    (-2.9, 5.4), (-4.4, 2.4), (-4.8, -1.0), (-3.6, -4.0), (-0.5, -5.2), (3.6, -6.2), (4.4, -5.6), (2.6, -1.6),
    (1.0, 2.2), (0.6, 6.6), (-0.8, 6.2),
)  # fmt: skip
HEART_LEFT = (
    (0.6, 6.6), (1.0, 2.2), (2.6, -1.6), (4.4, -5.6), (6.6, -6.0), (7.8, -4.6), (7.2, -1.2), (5.4, 2.6), (3.4, 5.2),
    (2.0, 6.6),
)  # fmt: skip

Points = NDArray[np.float64]


def outlines() -> list[Points]:
    """The closed outlines of legs, arms, trunk and head of the reference adult [cm]."""
    pairs = [_closed(np.array(half) * (side, 1.0)) for half in (LEG, ARM) for side in (1.0, -1.0)]
    return pairs + [_closed(_mirrored(half)) for half in (NECK_AND_TRUNK, HEAD)]


def hollows() -> list[Points]:
    """The hollow of the skull and the lungs."""
    return [_closed(_mirrored(SKULL)), *(_closed(np.array(LUNG) * (side, 1.0)) for side in (1.0, -1.0))]


def hearts() -> tuple[Points, Points]:
    """The right and the left half of the heart."""
    return _closed(np.array(HEART_RIGHT)), _closed(np.array(HEART_LEFT))


def _mirrored(half: tuple[tuple[float, float], ...]) -> Points:
    points = np.array(half)
    return np.vstack([points, (points * (-1.0, 1.0))[::-1][1:-1]])


def _closed(corners: Points) -> Points:
    """A smooth closed curve through the corners."""
    return smooth(np.vstack([corners[-1:], corners, corners[:2]]))

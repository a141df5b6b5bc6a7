"""What DICOM objects have in common: grey pixels, their size, the words in them, numbers and codes."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from azygos.exchange.dicom import SIMULATED

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["BAND", "coded", "decimal", "grey_image", "side", "written_on"]

BAND = 16  # rows of a band of words [pixels]
Bytes = NDArray[np.uint8]


def grey_image(pixels: NDArray[np.uint8] | NDArray[np.uint16]) -> "Dataset":
    """An image of shape (rows, columns), or one of several frames of shape (frame, rows, columns)."""
    from pydicom.dataset import Dataset

    made = Dataset()
    bits = 8 * pixels.dtype.itemsize
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.Rows, made.Columns = pixels.shape[-2:]
    made.BitsAllocated = made.BitsStored = bits
    made.HighBit, made.PixelRepresentation = bits - 1, 0
    made.LossyImageCompression = "00"
    made.BurnedInAnnotation = "NO"  # none that names a person, which is what the attribute asks
    made.ImageComments = SIMULATED
    made.PatientOrientation = ""
    if pixels.ndim == 3:
        made.NumberOfFrames = len(pixels)
    made.PixelData = pixels.tobytes() + b"\0" * (pixels.nbytes % 2)
    return made


def decimal(value: float) -> str:
    """A number in the sixteen letters that DICOM has for one."""
    from pydicom.valuerep import format_number_as_ds

    return format_number_as_ds(float(value))


def coded(value: str, scheme: str, meaning: str) -> "Dataset":
    """What is meant, by a scheme of codes."""
    from pydicom.dataset import Dataset

    made = Dataset()
    made.CodeValue, made.CodingSchemeDesignator, made.CodeMeaning = value, scheme, meaning
    return made


def side(vessel: str) -> str:
    """Of the patient: R, L, or U for what there is one of."""
    return {"_r": "R", "_l": "L"}.get(vessel[-2:], "U")


def written_on(frame: Bytes, lines: list[str]) -> Bytes:
    """The frame with white words in black bands above it, so that a copy of the picture says what it is, too."""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(size=11)
    above = Image.new("L", (frame.shape[1], BAND * len(lines)))
    pen = ImageDraw.Draw(above)
    for place, line in enumerate(lines):
        pen.text((4, BAND * place + 1), line, fill=255, font=font)
    return np.vstack([np.asarray(above, dtype=np.uint8), frame])

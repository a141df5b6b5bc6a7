"""The kernel's headers are one source for processor and graphics card: they must compile for CUDA."""

import shutil
import subprocess
from pathlib import Path

import pytest

import azygos

HEADERS = Path(azygos.__file__).parent / "kernel"

SOURCE = """
#define AZYGOS_ISA cuda
#include "advance.hpp"

// One patient per thread: the arrays of patient i are fields[i].
__global__ void advance_patients(azygos::Circuit c, const azygos::Fields<double>* fields, double* const* state,
                                 double* const* spare, int count, const double* signals, int steps,
                                 azygos::Record record, azygos::Fate* fates, int patients) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < patients)
        azygos::cuda::advance<double>(c, fields[i], state[i], spare[i], count, signals, steps, true, record, fates + i);
}
"""


@pytest.mark.skipif(shutil.which("nvcc") is None, reason="needs nvcc, which is not on this machine")
def test_the_kernel_compiles_for_cuda_from_the_same_headers(tmp_path):
    source = tmp_path / "kernel.cu"
    source.write_text(SOURCE)
    command = ["nvcc", "-std=c++17", "-I", str(HEADERS), "--ptx", "-o", str(tmp_path / "kernel.ptx"), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    assert ".entry" in (tmp_path / "kernel.ptx").read_text()


def test_the_kernel_uses_no_heap_no_exceptions_and_no_containers():
    """What a graphics card lacks must not creep into the step."""
    for header in ("number.hpp", "circuit.hpp", "scheme.hpp", "vessels.hpp", "lumps.hpp", "step.hpp", "advance.hpp"):
        text = (HEADERS / header).read_text()
        for word in (
            "std::vector",
            "std::string",
            "new ",
            "malloc",
            "throw",
            "try {",
            "#include <vector>",
            "#include <memory>",
        ):
            code = "\n".join(line.split("//")[0] for line in text.splitlines())
            assert word not in code, f"{header} uses {word}"

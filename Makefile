# make demo: a person with a blocked jugular vein, before and after. make test: all tests. make bench: speed.
# make docs: the site, out/docs/index.html.
#
# Needs python3 (3.11 to 3.14) with venv, make and g++; all else comes into .venv. A second run sets up nothing again.

python ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,$(if $(shell $(name) -c 'import sys; print(*[1][:(3, 11) <= sys.version_info[:2] <= (3, 14)])' 2>/dev/null),$(name))))
sources := $(wildcard src/azygos/kernel/*.cpp src/azygos/kernel/*.hpp)
pip := .venv/bin/python -m pip --quiet --disable-pip-version-check

define test_requirements
import tomllib
project = tomllib.load(open('pyproject.toml', 'rb'))['project']
extras = project['optional-dependencies']
print(*extras['test'], *extras['docs'], sep='\n')
endef
export test_requirements

.PHONY: demo test bench docs clean
.DELETE_ON_ERROR:

demo: .venv/installed
	@mkdir -p out
	.venv/bin/azygos treat --lesion "ijv_r: 80 % area at 0.5, 20 mm" --out out/demo

test: .venv/tested
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/mypy --platform win32 --cache-dir .mypy_cache/win32
	.venv/bin/python -m pytest -n 2 --dist worksteal

bench: .venv/installed
	.venv/bin/azygos bench

docs: .venv/tested
	.venv/bin/python -m sphinx -W --keep-going -n -q -b html docs out/docs

clean:
	rm -rf .venv build out .pytest_cache .mypy_cache .ruff_cache .hypothesis src/azygos/kernel/_kernel.so

.venv/made:
	@$(if $(python),,$(error no python3 from 3.11 to 3.14 found))
	@$(python) -m venv .venv || { rm -rf .venv; echo "is python3-venv installed?" >&2; exit 1; }
	@touch $@

# The kernel is built by the installation, so that a changed source installs anew.
.venv/installed: .venv/made pyproject.toml CMakeLists.txt $(sources)
	@$(if $(shell command -v $(CXX) || command -v c++ || command -v clang++),,$(error no C++ compiler found: install g++))
	@echo "building azygos and installing what it needs into .venv: about a minute"
	@$(pip) install --editable .
	@touch $@

.venv/tested: .venv/installed
	@.venv/bin/python -c "$$test_requirements" | $(pip) install --requirement /dev/stdin
	@touch $@

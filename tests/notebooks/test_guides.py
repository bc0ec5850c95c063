"""Every guide runs from top to bottom. Run by `make guides`, in the notebooks' own environment."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

GUIDES = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.name)
def test_a_guide_runs(path):
    guide = nbformat.read(path, as_version=4)
    NotebookClient(guide, timeout=600, resources={"metadata": {"path": str(path.parent)}}).execute()


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.name)
def test_a_guide_is_committed_without_outputs(path):
    cells = nbformat.read(path, as_version=4).cells
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)

import inspect
import re
from pathlib import Path

import isocortex as ic

ROOT = Path(__file__).resolve().parents[1]


def test_every_public_name_has_its_place_on_the_api_page():
    page = (ROOT / "docs" / "api.rst").read_text()
    listed = set(re.findall(r"^   ([\w.]+)$", page, re.MULTILINE))
    public = {name for name in ic.__all__ if not inspect.ismodule(getattr(ic, name))}
    public.discard("__version__")
    public |= {f"plots.{name}" for name in ic.plots.__all__}
    public |= {f"datasets.{name}" for name in ic.datasets.__all__}
    public.discard("datasets.DATASETS")
    assert sorted(public - listed) == []


def test_the_house_page_names_every_room():
    page = (ROOT / "docs" / "house.md").read_text()
    rooms = {
        each.stem
        for each in (ROOT / "src" / "isocortex").iterdir()
        if each.is_dir() or each.suffix == ".py"
    }
    rooms -= {"__init__", "__pycache__"}
    assert sorted(room for room in rooms if f"`{room}" not in page) == []

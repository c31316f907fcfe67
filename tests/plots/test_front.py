import subprocess
import sys


def test_matplotlib_is_imported_when_a_plot_is_used_and_not_before():
    code = (
        "import sys, isocortex as ic; ic.plots; assert 'matplotlib' not in sys.modules; "
        "import isocortex.plots.matrices; assert callable(ic.plots.rdm); "
        "assert 'matplotlib' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

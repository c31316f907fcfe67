"""How the docs are built: `make docs`."""

import os
import warnings

import isocortex

project = "isocortex"
author = "the isocortex developers"
project_copyright = "the isocortex developers"
release = version = isocortex.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "numpydoc",
    "myst_parser",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
]

# MathJax 4 would fetch fonts; this one has all that it needs in it.
mathjax_path = "mathjax/tex-svg.js"
html_theme = "pydata_sphinx_theme"
html_favicon = "_static/favicon.svg"
html_context = {"default_mode": "auto"}
html_title = "isocortex"
html_static_path = ["_static"]
html_theme_options = {
    "navbar_align": "left",
    "show_prev_next": False,
    "secondary_sidebar_items": ["page-toc"],
}
html_sidebars = {"index": [], "start": [], "guide": [], "about": []}
html_css_files = ["pages.css"]
html_js_files = ["names.js"]
html_show_sourcelink = False

exclude_patterns = [
    "_build",
    "simulated_table.md",
    "inference_table.md",
    "safety_table.md",
    "packaged_table.md",
]
templates_path = ["_templates"]
myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_heading_anchors = 3

autosummary_generate = True
autodoc_typehints = "none"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

# Examples run with the data beside a checkout where they are, and on simulated data elsewhere.
os.environ.setdefault("OMP_NUM_THREADS", "2")
warnings.filterwarnings("ignore", message="FigureCanvasAgg is non-interactive")

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": r"/plot_",
    # Nouns at the end of a cell show their cards; axes are seen in the figure.
    "ignore_repr_types": r"matplotlib\.",
    "within_subsection_order": "FileNameSortKey",
    "abort_on_example_error": True,
    "remove_config_comments": True,
    "show_memory": False,
    "write_computation_times": False,
    "download_all_examples": False,
    "show_signature": False,
    "min_reported_time": 0,
    "plot_gallery": True,
}

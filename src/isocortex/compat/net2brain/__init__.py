"""Old scripts of Net2Brain run when ``net2brain`` is replaced by ``isocortex.compat.net2brain``.

``docs/net2brain.md`` says where results differ, and why.
"""

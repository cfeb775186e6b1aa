"""Measures Triptych next to what its parts do when they do nothing else: `python -m bench --help`."""

"""Whether lists take the same time at any size: `python -m bench.scale`."""

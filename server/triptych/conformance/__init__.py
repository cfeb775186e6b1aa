"""The services that official suites call; `triptych serve --conformance` mounts them. None needs a token."""

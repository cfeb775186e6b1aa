"""Everything on one port, HTTP/1.1 to HTTP/3, gRPC included: pyvoy, which is Envoy with Python inside.

There are two processes. The one that was started (`process.py`) runs Envoy, drains it and stops it; the
application runs within Envoy (`application.py`). What they tell each other is in `handover.py`.
"""

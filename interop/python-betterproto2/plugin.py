#!/usr/bin/env python3
"""The compiler of betterproto2, but instants stay messages: datetime would lose their nanoseconds."""

from betterproto2_compiler.known_types import WRAPPED_TYPES
from betterproto2_compiler.plugin.main import main

del WRAPPED_TYPES["google.protobuf", "Timestamp"]  # there is no option for it
main()

"""The protocol suites that others wrote, and ours for REST, run against the server and the client."""

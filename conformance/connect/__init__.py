"""The Connect conformance suite: how it is run, and what it starts: our server, and our client."""

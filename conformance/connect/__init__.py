"""The programs that the Connect conformance suite starts: our server, and our client."""

"""What the HTTP port shows to a person: a page about the server, and one for the `url` of each document."""

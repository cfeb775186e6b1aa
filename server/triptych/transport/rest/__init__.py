"""Transcodes between HTTP requests and messages as `google.api.http` annotations say.

The rules are those of google/api/http.proto. Nothing here knows of sockets, or of any one service.

- `triptych.transport.rest.build`: `http_router` reads all rules from descriptors, or tells what is wrong.
- `triptych.transport.rest.http_router`: tells which requests are REST's, and what comes of them.
- `triptych.transport.rest.router`: finds what a verb and a path are bound to.
- `triptych.transport.rest.binding`: path, query and body become a message; a message becomes a body.
- `triptych.transport.rest.dialect`: the ways to spell messages, in JSON, queries and forms, and errors.
"""

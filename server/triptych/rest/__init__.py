"""Transcodes between HTTP requests and messages as `google.api.http` annotations say.

The rules are those of google/api/http.proto. Nothing here knows of sockets, or of any one service.

- `triptych.rest.build`: `http_router` reads all rules from descriptors, or tells all that is wrong with them.
- `triptych.rest.router`: finds what a verb and a path are bound to.
- `triptych.rest.binding`: path, query and body become a message; a message becomes a body.
- `triptych.rest.dialect`: how JSON, queries and forms spell messages.
- `triptych.rest.errors`: errors as bodies, and their statuses.
"""

"""Turns request bytes into messages, and messages into bytes, without trusting either.

Whatever comes in, a reader returns a message or raises `RpcError`: INVALID_ARGUMENT with the paths of the
fields that are wrong, or RESOURCE_EXHAUSTED for a body that would unfold into too much.

- `triptych.codec.json`: `JsonReader` and `ProtoJsonWriter`.
- `triptych.codec.binary`: `read_binary` and `write_binary`.
- `triptych.codec.parts`, `composed`, `kept`: what was printed once, joined into responses.
- `triptych.codec.limits`: how much a body may unfold into.
"""

"""OpenAPI 3.1 of what a server serves, made from its descriptors, rules, method table and dialects of REST.

There is a document for each face: REST, as the `google.api.http` rules map it, and unary calls of Connect in
JSON. What is written by hand is in `examples.py`: values of the seed in examples/.
"""

"""The data that a server starts with, from a file in the form of `triptych.seed.v1.Seed`.

- `items`: a file becomes items, which are checked messages with their places. `yaml_reader` and `json_reader`
  make `nodes` of it, values that know their lines; `errors` tells file, line and field. Of a file that has an
  item a line, `lines` holds one at a time, and `ahead` reads many of them in another process.
- `load`: items become records, in an order in which `references` can be looked up. `writer` and `documents`
  know the kinds.
"""

from triptych.seed.errors import SeedError
from triptych.seed.load import SeedSummary, fill_empty_store, load_seed_file

__all__ = ["SeedError", "SeedSummary", "fill_empty_store", "load_seed_file"]

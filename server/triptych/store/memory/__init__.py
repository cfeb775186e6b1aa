"""The store that keeps everything in memory, for as long as the process runs."""

from triptych.store.memory.store import MemoryStore

__all__ = ["MemoryStore"]

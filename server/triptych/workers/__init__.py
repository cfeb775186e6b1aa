"""Several processes that serve as one: a supervisor, and workers that share its ports and its store."""

from triptych.workers.supervisor import Supervisor

__all__ = ["Supervisor"]

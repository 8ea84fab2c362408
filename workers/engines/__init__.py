"""Outside engines, asked about every comment of a batch at once and never waited for long."""

from workers.engines.panel import Engines
from workers.engines.protocol import Engine, EngineFailed, Question

__all__ = ["Engine", "EngineFailed", "Engines", "Question"]

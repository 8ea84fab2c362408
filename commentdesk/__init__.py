"""The kernel of Commentdesk: what two deployables share, and nothing else."""

__version__ = "0.1.0"

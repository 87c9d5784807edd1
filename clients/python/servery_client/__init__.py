"""Asks a Servery server for predictions. Start with `Client`."""

from .client import Client, Input
from .errors import InputRefused, ServerFault, ServeryError, Unavailable, Unreachable
from .results import Info, Prediction, Ranked

__all__ = [
    "Client",
    "Info",
    "Input",
    "InputRefused",
    "Prediction",
    "Ranked",
    "ServerFault",
    "ServeryError",
    "Unavailable",
    "Unreachable",
]

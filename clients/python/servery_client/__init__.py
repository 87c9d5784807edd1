"""Asks a Servery server for predictions. Start with `Client`, or with `AsyncClient` in a program of asyncio."""

from .async_client import AsyncClient
from .bodies import Input
from .client import Client
from .errors import InputRefused, InputUnreadable, ServerFault, ServeryError, Unavailable, Unreachable
from .results import Explanation, FeatureEffect, Info, Prediction, Ranked, WordEffect

__all__ = [
    "AsyncClient",
    "Client",
    "Explanation",
    "FeatureEffect",
    "Info",
    "Input",
    "InputRefused",
    "InputUnreadable",
    "Prediction",
    "Ranked",
    "ServerFault",
    "ServeryError",
    "Unavailable",
    "Unreachable",
    "WordEffect",
]

"""Parley: a multi-party SFU media server that forwards RTP without decoding it."""

__version__ = "0.1.0"

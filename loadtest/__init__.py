"""Synthetic clients on an independent WebRTC stack (aiortc), to load and to test a server."""

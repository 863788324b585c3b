"""The only package that does I/O: sockets, HTTP, WebSocket, clocks, logs (tier 5)."""

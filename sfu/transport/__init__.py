"""One ICE-lite, DTLS and SRTP association per browser, over one UDP port (tier 2)."""

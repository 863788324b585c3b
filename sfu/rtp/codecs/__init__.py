"""Payload marks per codec: where frames and keyframes start, read without decoding."""

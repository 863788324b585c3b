"""Which code sends the media: the native one where it was built, or the Python one."""

from __future__ import annotations

from types import ModuleType

from sfu.config import Settings
from sfu.errors import InvalidSettings


def native_code(settings: Settings) -> ModuleType | None:
    """What sends the media where it is native code; raises ``InvalidSettings`` when it has to be
    and is not there.
    """
    if settings.egress == "python":
        return None
    # Imported only here: native code that is not asked for is not even loaded.
    from sfu.transport import native_egress

    if native_egress.AVAILABLE:
        return native_egress
    if settings.egress == "native":
        raise InvalidSettings(
            "egress cannot be native: this installation was built without native code. Install "
            "gcc and OpenSSL's headers (libssl-dev) and reinstall, or choose auto or python "
            "(--egress or SFU_EGRESS)."
        )
    return None

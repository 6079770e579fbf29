from tests.wire.fixtures import _no_providers, _wire_server, wire

__all__ = ["_no_providers", "_wire_server", "wire"]

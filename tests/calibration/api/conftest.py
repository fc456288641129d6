from tests.annotation.api.conftest import fresh_throttles, plain_static_files

__all__ = ["fresh_throttles", "plain_static_files"]

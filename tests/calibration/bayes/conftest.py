"""The public sets as long frames, as the room of agreement reads them."""

from tests.calibration.agreement.conftest import llmfao, mt_bench

__all__ = ["llmfao", "mt_bench"]

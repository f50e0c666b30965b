import pytest
from matplotlib import pyplot


@pytest.fixture(autouse=True)
def closed():
    """No test leaves figures open for the next."""
    yield
    pyplot.close("all")

"""The real Prometheus Operator, for the tests that need one."""
import pytest

from lib.operated import Group
from lib.operator import Operator


@pytest.fixture
def operator(folder, namespace, processes):
    processes.append(Operator(folder, namespace))
    return processes[-1].start()


@pytest.fixture
def new_group(folder, operator):
    """A function that makes the pods of an object; they end with the test."""
    groups = []

    def create(value, **options):
        groups.append(Group(folder, operator, value, **options))
        return groups[-1]

    yield create
    for group in groups:
        group.stop()

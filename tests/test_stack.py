"""Room on the stack: the same answers, and no piece of it mapped for each call."""

import resource

import pytest

from ballast.stack import roomy


def faults_of(call, *given):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    call(*given)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def leaf():
    return None


def down(depth):
    """Go down, and call 200 times at each depth: at one of them each call crosses the border of two pieces."""
    if depth:
        down(depth - 1)
    for _ in range(200):
        leaf()


def test_arguments_answers_and_faults_pass_through():
    assert roomy(divmod)(17, 5) == (3, 2)
    assert roomy(sorted)([2, 1], reverse=True) == [2, 1]
    with pytest.raises(ZeroDivisionError):
        roomy(divmod)(1, 0)


def test_deep_calls_ask_the_system_for_no_memory_each():
    roomy(down)(300)
    assert faults_of(roomy(down), 300) < 100

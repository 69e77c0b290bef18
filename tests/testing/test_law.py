"""Laws: what holds, what is refuted, and how simple the exception is."""

import pytest
from hypothesis import strategies as st

from rdtheory import InputError, scheme
from rdtheory.testing import Law
from rdtheory.testing import strategies as rd


def test_a_true_law_holds_with_its_smallest_slack():
    verdict = Law("n >= 0", st.integers(3, 50), lambda n: n).run()
    assert (verdict.holds, verdict.margin) == (True, 3)


def test_tolerance_excuses_rounding_only():
    cases, slack = st.just(0), lambda _: -1e-9
    assert Law("", cases, slack, tolerance=1e-8).run().holds
    assert not Law("", cases, slack, tolerance=1e-10).run().holds


def test_a_slack_that_is_no_number_is_an_exception():
    assert not Law("", st.just(0), lambda _: float("nan")).run().holds


def test_the_exception_is_shrunk():
    verdict = Law("n < 1000", st.integers(), lambda n: 999 - n).run()
    assert verdict.detail == "slack -1 at 1000"


def test_the_same_verdict_twice():
    law = Law("", st.floats(0, 1), lambda x: x - 1e-3 if x else 1.0)
    assert law.run() == law.run()


def test_a_law_that_cannot_be_evaluated_says_so():
    with pytest.raises(ZeroDivisionError):
        Law("", st.just(0), lambda n: 1 / n).run()


def test_no_examples_are_no_test():
    with pytest.raises(InputError, match="examples"):
        Law("", st.just(0), lambda n: n, examples=0).run()


def test_a_plausible_false_bound_is_refuted_by_two_components():
    """[T1.16c]: D_PF <= D_A* fails; the smallest exception has a strong and a weak component."""

    def slack(case):
        spectrum, bits = case
        pink, star = (
            float(scheme(name, spectrum).at(bits_per_dim=bits).distortion_per_dim)
            for name in ("diffc-f-pink", "diffc-a-star")
        )
        return (star - pink) / star

    cases = st.tuples(rd.spectra(dims=[1, 2, 3, 4], decades=3, zeros=False), rd.bits_per_dim())
    verdict = Law("D_PF <= D_A*", cases, slack).run()
    assert not verdict.holds
    assert verdict.margin < -0.05

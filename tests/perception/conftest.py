"""A general solver that knows nothing of the formulas: sequential quadratic programming."""

import numpy as np
import pytest
from scipy.optimize import minimize


@pytest.fixture
def least_value():
    """min f(x) subject to g(x) <= 0, from several starts; functions return value and gradient.

    Returns the value less what the violations are worth, by least-squares multipliers: an error e
    of the constraints or of the argument then leaves an error of the order e².
    """

    def solve(objective, constraints, starts, bounds):
        best = np.inf
        for start in starts:
            found = minimize(
                objective,
                start,
                jac=True,
                method="SLSQP",
                bounds=bounds,
                constraints=[
                    {
                        "type": "ineq",
                        "fun": lambda x, g=g: -g(x)[0],
                        "jac": lambda x, g=g: -g(x)[1],
                    }
                    for g in constraints
                ],
                options={"ftol": 1e-17, "maxiter": 2000},
            )
            value, gradient = objective(found.x)
            pairs = [g(found.x) for g in constraints]
            low, high = np.array(bounds).T
            free = (found.x > low + 1e-9) & (found.x < high - 1e-9)
            active = [pair for pair in pairs if pair[0] > -1e-7]
            if active:
                slopes = np.array([slope[free] for _, slope in active]).T
                prices = np.linalg.lstsq(slopes, -gradient[free], rcond=None)[0]
                value += prices @ np.array([violation for violation, _ in active])
            if max(violation for violation, _ in pairs) < 1e-6:
                best = min(best, value)
        return best

    return solve

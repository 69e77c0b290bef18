"""What sending Z costs: the bounds of reverse channel coding (Eq. 3, 4, 5) [T1.2, T1.3].

An exact sample of Z given X can be sent with little more than I(X; Z) bits [LiElGamal2018]. Sent
in T steps from noisy to clean, the information of the steps adds up to that of the last Z; the
overhead is paid once if the steps go in one joint message, and T times if each is a message of its
own.
"""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from rdtheory.arrays import Array, check, float64, namespace
from rdtheory.diffusion.channel import GaussianChannel
from rdtheory.diffusion.progression import Progression
from rdtheory.errors import InputError
from rdtheory.units import bits_from_nats


def one_shot_bound_bits(information_bits: Any) -> Array:
    """I + log2(I + 1) + 5 bits send a sample that carries I bits (Eq. 3; (4) for I = C_t) [T1.2a].

    Args:
        information_bits: I(X; Z), or C_t of `assumed_marginal_nats`; >= 0, any shape.

    Raises:
        InputError: if it is negative or NaN.

    >>> one_shot_bound_bits(7.0)
    np.float64(15.0)
    """
    xp = namespace(information_bits)
    information = float64(xp, "information_bits", information_bits)
    information = check("information_bits", information, information >= 0, "numbers >= 0")
    return information + bits_from_nats(xp.log1p(information)) + 5


def assumed_marginal_nats(channel: GaussianChannel, assumed_variances: Any) -> Array:
    """C = E_X KL(q(z | X) ‖ p) in nats, for a coding distribution p = N(0, diag v) (Eq. 4) [T1.2b].

    C = I(X; Z) + KL(q(z) ‖ p) [T1.2c]: the excess is the price of the wrong marginal.

    Args:
        channel: the forward channel, which fixes q.
        assumed_variances: v, shape (M,) or a number, > 0; the true ones are
            `channel.output_variances`.

    Raises:
        InputError: if a variance is not positive or the shape is wrong.

    >>> from rdtheory.sources import GaussianVector
    >>> channel = GaussianChannel(GaussianVector([1.0]), [0.6], [0.64])
    >>> round(float(assumed_marginal_nats(channel, 1.0) - channel.information_nats), 12)
    0.0
    """
    xp = namespace(channel.gains, assumed_variances)
    assumed = float64(xp, "assumed_variances", assumed_variances)
    assumed = check(
        "assumed_variances", assumed, (assumed > 0) & (assumed < xp.inf), "finite numbers > 0"
    )
    if tuple(assumed.shape) not in ((), tuple(channel.gains.shape)):
        raise InputError(
            "assumed_variances",
            f"shape {tuple(assumed.shape)}",
            f"a number or shape {tuple(channel.gains.shape)}",
        )
    # KL of N(0, v') from N(0, v) with v'/v = 1 + e is ½ (e - ln(1 + e)): no cancellation near 0.
    ratio = channel.output_variances / assumed
    excess = (channel.output_variances - assumed) / assumed
    log_ratio = xp.where(ratio < 0.5, xp.log(ratio), xp.log1p(xp.maximum(excess, -0.5)))
    return channel.information_nats + xp.sum(excess - log_ratio) / 2


@dataclass(frozen=True, eq=False)
class ScheduleCost:
    """Bounds on the bits of a schedule of T steps.

    Attributes:
        step_bits: information of each message, shape (T,), bits in all.
        information_bits: their sum, C of Eq. (5); I(X; Z) at the last step.
        joint_bound_bits: all steps as one message: C + log2(C + 1) + 5.
        stepwise_bound_bits: one message a step: the sum of C_k + log2(C_k + 1) + 5.

    >>> ScheduleCost(np.array([1.0, 3.0]), 4.0, 11.3, 17.0).to_dict()["step_bits"]
    [1.0, 3.0]
    """

    step_bits: Array
    information_bits: Array
    joint_bound_bits: Array
    stepwise_bound_bits: Array

    def to_dict(self) -> dict[str, Any]:
        """Names, numbers and lists, ready for JSON."""
        return {
            field.name: np.asarray(getattr(self, field.name)).tolist() for field in fields(self)
        }


def schedule_cost(progression: Progression) -> ScheduleCost:
    """Cost bounds of sending Z progressively, with exact reverse kernels (Eq. (5)) [T1.3a].

    >>> from rdtheory.diffusion import Progression, scheme
    >>> steps = Progression(scheme("diffc-f", [4.0, 1.0, 0.2]), noise_level=[1.0, 0.1, 0.05])
    >>> cost = schedule_cost(steps)
    >>> round(cost.information_bits, 6), len(cost.step_bits)  # 4.524204752 nats
    (np.float64(6.527048), 3)
    """
    step_bits = bits_from_nats(progression.step_information_nats)
    information = step_bits.sum()
    return ScheduleCost(
        step_bits=step_bits,
        information_bits=information,
        joint_bound_bits=one_shot_bound_bits(information),
        stepwise_bound_bits=one_shot_bound_bits(step_bits).sum(),
    )

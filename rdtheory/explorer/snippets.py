"""The page as text to copy: command lines, and Python, which give the numbers that it shows."""

import shlex

from rdtheory.explorer.decoding import SEED, draws, patch_side
from rdtheory.explorer.realism import constraints
from rdtheory.explorer.view import View

_DECODERS = {
    "mmse": "posterior_mean(z)",
    "ancestral": "posterior_sample(z, rng)",
    "flow": "flow(z)",
}


def command(view: View) -> str:
    """Command lines for the points and the components of the schemes shown."""
    choice = view.choice
    options = (
        f"--source {shlex.quote(choice.spec)} --scheme {','.join(choice.schemes)}"
        f" --bits-per-dim {view.rate!r}"
    )
    return f"rdtheory curve {options}\nrdtheory components {options}"


def python(view: View) -> str:
    """Python for the operating point, the decoded example and the least rate."""
    choice = view.choice
    asked = "".join(f", {name}={value!r}" for name, value in constraints(view).items())
    return f"""\
import numpy as np
import rdtheory as rd
{_imports(view)}
source = rd.sources.from_spec({choice.spec!r})
point = rd.scheme({choice.operated!r}, source).at({choice.target}={choice.value!r})
print(point.to_dict())
print(point.components.snr_db)

rng = np.random.default_rng({SEED})
{_example(view)}
z = point.channel.send(x, rng)
decoded = point.channel.{_DECODERS[view.point.scheme.reconstruction.name]}
realistic = reconstruct(point.channel, z, realism={1 - choice.slack!r})

least = smallest_rate(source{asked})
print(least.bits_per_dim, least.gap_nats)
"""


def _imports(view: View) -> str:
    pictures = "from rdtheory.example_picture import cut, photograph\n"
    realism = "from rdtheory.perception import reconstruct, smallest_rate\n"
    return (pictures if view.decoded.is_picture else "") + realism


def _example(view: View) -> str:
    patch = patch_side(view.choice.spec, view.source)
    if patch is None:
        return f"x = source.sample(rng, {draws(view.source)})"
    side = len(view.decoded.original)
    return f"x = cut(photograph()[:{side}, :{side}], {patch})"

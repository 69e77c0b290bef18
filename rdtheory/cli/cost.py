"""`rdtheory cost`: what the index of an algorithm of reverse channel coding costs."""

import json
from typing import Annotated

import typer


def cost(
    method: Annotated[
        str,
        typer.Option(
            help="pfr, grs, gprs (exact laws), or orc, mrc, as-star, ad-star, gprs-bb (sampled)."
        ),
    ],
    target_mean: Annotated[
        float, typer.Option(metavar="M", help="Mean of the target, in every component.")
    ],
    target_std: Annotated[
        float, typer.Option(metavar="S", help="Its standard deviation; the prior is N(0, I).")
    ],
    dim: Annotated[int, typer.Option(metavar="N", help="Components.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object.")] = False,
) -> None:
    """Bits to send a sample of N(M, S²) in every component, both sides knowing N(0, 1).

    Example: rdtheory cost --method pfr --target-mean 2 --target-std 0.3
    """
    from rdtheory.channel_simulation.cost import index_cost

    told = index_cost(method, target_mean, target_std, dim).to_dict()
    if as_json:
        print(json.dumps(told))
        return
    bounds = told.pop("bounds")
    for name, value in [*told.items(), *bounds.items()]:
        shown = "infinite" if value is None else value
        print(f"{name:>32}  {f'{shown:.6g}' if isinstance(shown, float) else shown}")

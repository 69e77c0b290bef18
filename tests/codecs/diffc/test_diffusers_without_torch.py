"""What the adapter for diffusers does where PyTorch is missing; the rest is in tests/torch."""

import json
import sys
from types import ModuleType

import numpy as np
import pytest

from rdtheory.codecs.diffc.diffusers_model import DiffusersModel
from rdtheory.codecs.diffc.diffusers_network import POSTERIOR_MEANS
from rdtheory.errors import InputError


@pytest.fixture
def folder(tmp_path):
    index = {"_class_name": "DDPMPipeline", "unet": ["diffusers", "UNet2DModel"]}
    (tmp_path / "model_index.json").write_text(json.dumps(index))
    return tmp_path


@pytest.mark.parametrize("missing", ["torch", "diffusers"])
def test_a_missing_package_is_one_line_that_names_the_extra(folder, missing, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", ModuleType("torch"))
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(InputError, match=rf"package {missing}\b.*rdtheory\[torch\]") as error:
        DiffusersModel(folder)
    assert "\n" not in str(error.value)


def test_all_kinds_of_prediction_give_the_same_posterior_mean():
    # The definitions of the three, from x and noise: z = αx + σe, v = αe - σx.
    rng = np.random.default_rng(0)
    x, e = rng.normal(size=(2, 4, 4, 3))
    for noise in (1e-4, 0.3, 1.0, 2e4):
        alpha, sigma = (1 + noise) ** -0.5, (noise / (1 + noise)) ** 0.5
        y = (alpha * x + sigma * e) / alpha
        outputs = {"epsilon": e, "v_prediction": alpha * e - sigma * x, "sample": x}
        assert outputs.keys() == POSTERIOR_MEANS.keys()
        for prediction, output in outputs.items():
            mean = POSTERIOR_MEANS[prediction](y, noise, output)
            # y is 1/α times as large as x, so that rounding is.
            np.testing.assert_allclose(mean, x, atol=2**-48 / alpha)

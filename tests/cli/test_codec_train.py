"""`rdtheory codec train`: from pictures to weights, and every mistake a user can make."""

import importlib.util
import json
import sys
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from rdtheory.cli import codec_train
from rdtheory.codecs.training import config_from, load_weights

QUICK = ("--batch", 2, "--held-out-pictures", 2, "--held-out-every", 2, "--checkpoint-every", 1)


@pytest.fixture
def pictures(tmp_path):
    """An .npz of noise, as large as the tiny configuration's crops."""
    path = tmp_path / "noise.npz"
    rng = np.random.default_rng(0)
    np.savez(path, images=rng.integers(0, 256, (4, 16, 16, 3), dtype=np.uint8))
    return path


def command(pictures, *options, config="tiny", kind="diffc"):
    """The arguments of a run below the folder of the pictures; later options are added."""
    out = pictures.parent / "out"
    head = ("codec", "train", kind, "--config", config, "--data", pictures, "--out", out)
    return (*head, *QUICK, *options)


@pytest.fixture
def standin(monkeypatch):
    """Add the network that takes no time to the kinds of networks."""
    path = Path(__file__).parents[1] / "codecs/training/standin.py"
    spec = importlib.util.spec_from_file_location("standin_of_command", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    monkeypatch.setitem(codec_train._TASKS, "standin", (spec.name, spec.name, "Standin"))


@pytest.mark.usefixtures("standin")
def test_train_and_go_on(run, refused, pictures):
    (pictures.parent / "own.json").write_text('{"gain": 2.0}', encoding="utf-8")
    options = ("--steps", 2, "--data-note", "Noise of our own.", "--log-every", 1)
    usual = command(pictures, *options, kind="standin", config=pictures.parent / "own.json")
    status, out, err = run(*usual, "--json")
    card = json.loads(out)
    assert status == 0
    assert (card["task"], card["configuration"], card["steps"]) == ("standin", "own.json", 2)
    lines = err.splitlines()
    assert sum(line.startswith("step ") for line in lines) == len(lines) == 4
    folder = pictures.parent / "out"
    weights = load_weights(folder / "weights.safetensors", "standin")
    assert weights.config == card["config"] == {"crop": 8, "gain": 2.0}
    assert weights.card["held_out_bits_per_dim"] == card["held_out_bits_per_dim"]
    assert [source["pictures"] for source in card["training"] + card["held_out"]] == [3, 1]
    assert "Noise of our own." in (folder / "README.md").read_text(encoding="utf-8")
    assert "--resume" in refused(*usual)
    again, out, _ = run(*usual, "--resume")
    assert again == 0
    assert out.startswith("2 steps in 0.0")
    assert "settings.seed 3; allowed: 0" in refused(*usual, "--resume", "--seed", 3)
    assert "held_out.0.pictures 4" in refused(*usual, "--resume", "--held-out", pictures)


@pytest.mark.parametrize("kind", list(codec_train._TASKS))
def test_every_kind_has_configurations(kind):
    for name in import_module(codec_train._TASKS[kind][0]).CONFIGS:
        task = codec_train._task(kind, name)
        assert task.name == kind
        assert config_from(type(task.config), json.loads(json.dumps(asdict(task.config)))) == (
            task.config
        )


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"kind": "m3t"}, "kind of network: got 'm3t'"),
        ({"config": "huge"}, "--config: got 'huge'"),
        ({"config": "absent.json"}, "absent.json: No such file"),
    ],
)
def test_what_is_not_there(refused, pictures, options, named):
    assert refused(*command(pictures, **options)).startswith(named)


@pytest.mark.parametrize(
    ("option", "value", "named"),
    [
        ("--steps", 0, "steps: got 0"),
        ("--hours", -1, "hours: got -1.0"),
        ("--learning-rate", "nan", "learning_rate: got nan"),
        ("--log-every", 0, "--log-every: got 0"),
        ("--precision", "int4", "--precision: got 'int4'"),
        ("--held-out", "absent.tar", "--held-out: got 'absent.tar'"),
    ],
)
def test_options_out_of_range(refused, pictures, option, value, named):
    assert refused(*command(pictures, option, value)).startswith(named)
    assert not (pictures.parent / "out").exists()


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"width": 3}', '{"patch": 4}', '"tiny"', "[" * 60_000, "1" * 70_000]
)
def test_configurations_that_are_none(refused, pictures, text):
    path = pictures.parent / "own.json"
    path.write_text(text, encoding="utf-8")
    assert "own.json" in refused(*command(pictures, config=path))


def test_pictures_smaller_than_the_crops(refused, pictures):
    np.savez(pictures, images=np.zeros((4, 15, 16, 3), np.uint8))
    assert refused(*command(pictures)).startswith("--data: got noise.npz, with 4 pictures smaller")

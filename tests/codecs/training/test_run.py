"""A whole training: killed and resumed, refused, measured, and what it leaves behind."""

import subprocess
import sys
import time
from dataclasses import replace

import jax
import numpy as np
import pytest

from rdtheory import InputError
from rdtheory.codecs.training import Report, load_weights, run_training
from rdtheory.codecs.training.tensor_file import read_tensors


def start(standin, out):
    return subprocess.Popen(
        [sys.executable, standin.__file__, out], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def finished(process):
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output.decode()


def tensors(path):
    return read_tensors(path / "checkpoint.safetensors", "checkpoint", 2**20).tensors


def assert_same_files(one, other):
    first, second = tensors(one), tensors(other)
    assert first.keys() == second.keys()
    for name in first:
        assert first[name].tobytes() == second[name].tobytes(), name
    name = "weights.safetensors"
    assert (one / name).read_bytes() == (other / name).read_bytes()


def test_a_killed_run_ends_in_the_same_bits(standin, tmp_path):
    """Killed at any moment after the first checkpoint, so without a seed: no moment may matter."""
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    victim = start(standin, killed)
    while not (killed / "checkpoint.safetensors").exists():
        assert victim.poll() is None, victim.communicate()
        time.sleep(0.001)
    time.sleep(np.random.default_rng().uniform(0, 0.1))
    victim.kill()
    victim.communicate()
    assert not (killed / "weights.safetensors").exists(), "killed too late to show anything"
    resumed = start(standin, killed)
    standin.train(whole)
    finished(resumed)
    assert_same_files(whole, killed)


class InterruptionError(Exception):
    pass


class InterruptedReport(Report):
    """Breaks the run off after a step: nothing but the checkpoint survives."""

    def __init__(self, last):
        super().__init__()
        self.last = last

    def step(self, step, latest, done):
        if step >= self.last:
            raise InterruptionError


@pytest.fixture(scope="module")
def run(standin, tmp_path_factory):
    """Train the stand-in for 50 steps, in a folder below `run.folder`."""
    task, training, held_out = standin.Standin(), [standin.source()], [standin.source(seed=1)]
    usual = {"task": task, "training": training, "held_out": held_out, "report": None}
    usual["begin"] = None
    few = {"steps": 50, "held_out_every": 10, "checkpoint_every": 7}

    def run(name, *, resume=True, **other):
        given = usual | {key: value for key, value in other.items() if key in usual}
        rest = {key: value for key, value in other.items() if key not in usual}
        settings = replace(standin.SETTINGS, **few | rest)
        out = run.folder / name
        return run_training(
            settings=settings, out=out, configuration="standin", resume=resume, **given
        )

    run.folder = tmp_path_factory.mktemp("runs")
    return run


@pytest.fixture(scope="module")
def whole(run):
    """The folder of a run that nothing disturbed."""
    run("whole")
    return run.folder / "whole"


def test_interruptions_at_any_step_change_nothing(run, whole):
    for last in (3, 15, 50):
        with pytest.raises(InterruptionError):
            run("broken", report=InterruptedReport(last))
    run("broken")
    assert_same_files(whole, run.folder / "broken")
    steps = tensors(whole)["history.held_out_step"]
    assert steps.tolist() == [0, 10, 20, 30, 40, 50]


def test_a_finished_run_stays_as_it_is(run, whole):
    before = (whole / "weights.safetensors").read_bytes()
    assert run("whole").steps == 50
    assert (whole / "weights.safetensors").read_bytes() == before


@pytest.mark.parametrize("left", ["weights.safetensors", "checkpoint.safetensors"])
def test_a_run_is_not_overwritten(run, whole, tmp_path, left):
    (tmp_path / left).write_bytes((whole / left).read_bytes())
    with pytest.raises(InputError, match=f"--out: got a folder with a {left}"):
        run(tmp_path, resume=False)
    assert [path.name for path in tmp_path.iterdir()] == [left]


@pytest.mark.parametrize(
    ("difference", "named"),
    [
        (lambda standin: {"learning_rate": 0.5}, "settings.learning_rate 0.5; allowed: 0.01"),
        (lambda standin: {"seed": 1}, "settings.seed 1; allowed: 0"),
        (lambda standin: {"hours": 1.0}, "settings.hours 1.0; allowed: None"),
        (lambda standin: {"task": standin.Standin(standin.Config(gain=2.0))}, "config.gain 2.0"),
        (lambda standin: {"training": [standin.source(seed=2)]}, "data.training.0.crc32 00000002"),
        (lambda standin: {"training": [standin.source()] * 2}, "data.training"),
        (lambda standin: {"held_out": [standin.source(19, seed=1)]}, "data.held_out.0.pictures 19"),
    ],
)
def test_another_run_is_not_resumed(run, whole, standin, difference, named):
    before = (whole / "checkpoint.safetensors").read_bytes()
    with pytest.raises(InputError) as caught:
        run("whole", **difference(standin))
    assert str(caught.value).startswith(f"--resume: got {named}")
    assert "\n" not in str(caught.value)
    assert (whole / "checkpoint.safetensors").read_bytes() == before


def test_a_run_begins_with_the_weights_of_another(run, whole):
    weights = load_weights(whole / "weights.safetensors", "standin")
    card = run("further", begin=weights, learning_rate=0.001)
    assert card.untrained_bits_per_dim == weights.card["held_out_bits_per_dim"]
    assert card.held_out_bits_per_dim != card.untrained_bits_per_dim
    told = f"weights {weights.fingerprint:08x}, of 50 steps"
    assert told in (run.folder / "further" / "README.md").read_text(encoding="utf-8")
    further = load_weights(run.folder / "further" / "weights.safetensors", "standin")
    assert further.card["begin"]["fingerprint"] == weights.fingerprint
    for other in (None, further):
        with pytest.raises(InputError, match=r"--resume: got .*begin"):
            run("further", begin=other, learning_rate=0.001)


def test_a_run_that_diverges_leaves_no_weights(run):
    """With a learning rate of 1e30 the first steps overflow."""
    with pytest.raises(InputError, match="numbers that are not finite by step"):
        run("diverges", learning_rate=1e30, warmup=0)
    assert not list((run.folder / "diverges").iterdir())


def test_hours_end_a_run(run):
    card = run("hours", hours=1e-4, steps=10**7)
    assert 1 <= card.steps < 10**7
    assert card.hours >= 1e-4


def test_it_learns_what_least_squares_finds(run, standin):
    """The best bound of a linear Gaussian predictor is ln sqrt(2 pi e v), v residual variances.

    Pictures of the crop's size, each flipped or not: so all pairs are known. Trained and tested on
    the same pictures.
    """
    training = [standin.source(30, 8)]
    size = {"batch": 50, "steps": 500, "held_out_every": 500, "held_out_pictures": 2000}
    card = run("learns", training=training, held_out=training, learning_rate=0.03, **size)
    values = (np.array(training[0].pictures) + 0.5) / 128 - 1
    both = np.concatenate([values, values[:, :, ::-1]])
    left, right = both[:, :, :-1].reshape(-1, 3), both[:, :, 1:].reshape(-1, 3)
    design = np.hstack([left, np.ones((len(left), 1))])
    _, residuals, _, _ = np.linalg.lstsq(design, right)
    best = np.log2(2 * np.pi * np.e * residuals / len(left)).mean() / 2
    # 2000 draws of 30 pictures: the bounds of pictures have a deviation of 0.2 bits.
    assert card.held_out_bits_per_dim == pytest.approx(best, abs=0.03)
    assert card.untrained_bits_per_dim > best + 0.5


def test_what_a_run_leaves_behind(run, whole, standin):
    card = run("whole")
    names = {"README.md", "checkpoint.safetensors", "loss.png", "weights.safetensors"}
    assert {path.name for path in whole.iterdir()} == names
    text = (whole / "README.md").read_text(encoding="utf-8")
    for told in ("15, stored in float16", "50 of 4 crops", "walks0", "walks1", "`gain` | `1.0`"):
        assert told in text
    assert f"{card.held_out_bits_per_dim:.4f}" in text
    weights = load_weights(whole / "weights.safetensors", "standin")
    network = weights.into(standin.Standin().initial(jax.random.key(9)))
    # The tables were made for the weights as shipped: rounded.
    assert np.array_equal(weights.tables["weight"], network.weight)
    assert weights.config == {"crop": 8, "gain": 1.0}
    assert weights.card["held_out_bits_per_dim"] == card.held_out_bits_per_dim

"""`rdtheory codec evaluate`: table, rows, figures, and every mistake a user can make."""

import json
import struct

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def folder(tmp_path):
    """Five pictures of 40 x 48 pixels, of smooth shapes and a little noise."""
    rng = np.random.default_rng(0)
    x, y = np.meshgrid(np.arange(48), np.arange(40))
    for number in range(5):
        waves = [np.sin(x / rng.uniform(4, 9) + y / rng.uniform(4, 9)) for _ in range(3)]
        pixels = 128 + 60 * np.stack(waves, axis=2) + rng.normal(0, 3, (40, 48, 3))
        image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
        image.save(tmp_path / f"{number}.png")
    return tmp_path


def evaluate(run, folder, *options, codec="jpeg,webp", bpp="4,8"):
    return run("codec", "evaluate", folder, "--codec", codec, "--bpp", bpp, *options)


def test_a_table(run, folder):
    status, out, err = evaluate(run, folder)
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].split()[:6] == ["codec", "target", "pictures", "file", "payload", "PSNR"]
    rows = [line.split() for line in lines[2:6]]
    assert [row[:3] for row in rows] == [
        ["jpeg", "4", "5"],
        ["jpeg", "8", "5"],
        ["webp", "4", "5"],
        ["webp", "8", "5"],
    ]
    for row in rows:
        assert 0 < float(row[4]) < float(row[3]) <= float(row[1])
        assert row[7] == "-"  # too small for MS-SSIM
    assert "floor" in lines[7]
    assert len({len(line) for line in lines[1:6]}) == 1  # aligned


def test_json(run, folder):
    status, out, err = evaluate(run, folder, "--json", "--limit", 4)
    told = json.loads(out)
    assert (status, err) == (0, "")
    assert out.count("\n") == 1
    assert len(told["rows"]) == 4
    row = told["rows"][0]
    assert (row["codec"], row["target_bits_per_pixel"], row["pictures"]) == ("jpeg", 4.0, 4)
    assert [one["name"] for one in row["coded"]] == ["0.png", "1.png", "2.png", "3.png"]
    one = row["coded"][0]
    assert one["bits_per_pixel"] == pytest.approx(8 * one["file_bytes"] / 1920)
    assert row["realism"]["frechet_patch_distance"]["floor"] > 0
    assert str(folder) not in out


def test_pictures_out_of_reach_are_told(run, folder):
    status, out, _ = evaluate(run, folder, codec="jpeg", bpp="0.5")
    assert status == 0
    assert out.splitlines()[2].split()[:4] == ["jpeg", "0.5", "0", "-"]
    assert "jpeg at 0.5: 5 of 5 pictures refused, the first as bpp: got 0.5" in out


def test_figures(run, folder, tmp_path):
    plot, page = tmp_path / "plot.svg", tmp_path / "page.png"
    assert evaluate(run, folder, "--plot", plot, "--examples", page, bpp="8")[0] == 0
    assert "spectrum error" in plot.read_text(encoding="utf-8")
    with Image.open(page) as image:
        assert image.size[0] == pytest.approx(2100, abs=2)


def test_decoders_of_diffc(run, folder):
    status, out, _ = evaluate(
        run, folder, "--limit", 1, codec="diffc:mmse,diffc:ancestral", bpp="1"
    )
    assert status == 0
    mmse, ancestral = (line.split() for line in out.splitlines()[2:4])
    assert mmse[0] == "diffc:mmse"
    assert mmse[3] == ancestral[3]  # the same streams
    assert float(mmse[5]) > float(ancestral[5])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"codec": "gif87"}, "gif87"),
        ({"codec": "jpeg,jpeg"}, "--codec"),
        ({"codec": "jpeg:flow"}, "reconstruction"),
        ({"bpp": "one"}, "--bpp"),
        ({"bpp": "0"}, "bits_per_pixel"),
        ({"bpp": "1,1"}, "bits_per_pixel"),
    ],
)
def test_mistakes_in_lists(refused, folder, options, said):
    assert said in evaluate(refused, folder, **options)


def test_mistakes_in_files(refused, folder, tmp_path):
    assert "missing" in evaluate(refused, tmp_path / "missing")
    assert "--plot" in evaluate(refused, folder, "--plot", tmp_path / "plot.txt")
    assert "--examples" in evaluate(refused, folder, "--examples", tmp_path / "none" / "x.png")
    assert "--limit" in evaluate(refused, folder, "--limit", 0)
    damaged = (folder / "3.png").read_bytes()
    (folder / "3.png").write_bytes(damaged[:300])
    assert "3.png" in evaluate(refused, folder)
    (folder / "3.png").write_bytes(damaged[:16] + struct.pack(">II", 60000, 60000) + damaged[24:])
    assert "3.png" in evaluate(refused, folder)

"""The wheel carries notebooks, sample, words and layouts; the reports of these tests are made by it."""

import subprocess
import sys


def test_wheel_is_what_ran(site, tmp_path):
    code = "import perflib; from perflib.data.places import shared_folder as f; print(perflib.__file__, f('data'))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
    )
    assert done.stdout.count(str(site)) == 2

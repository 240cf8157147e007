"""Kernels: compiled without surprises from the outside, and timed apart from the work."""

import os
import subprocess
import sys

import numpy as np

from diorama import _kernel
from diorama._kernel import compile_times, exact_kernel, kernel, small


def double(x):
    return x * 2.0


def test_compiling_is_timed_once():
    compiled = kernel(double)
    with compile_times() as first:
        assert compiled(3.0) == 6.0
    with compile_times() as again:
        assert compiled(4.0) == 8.0
    assert len(first) <= 1, "none when the disk had it"
    assert again == []
    assert compiled.py_func is double


def same(x):
    return x == x


def test_an_exact_kernel_still_knows_what_is_not_a_number():
    compiled = exact_kernel(same)
    assert not compiled(np.nan)
    assert compiled(1.0)


def test_a_users_script_called_coverage_breaks_nothing(tmp_path):
    (tmp_path / "coverage.py").write_text("from diorama.clustering import KMeans\nprint(KMeans(2))\n")
    done = subprocess.run([sys.executable, tmp_path / "coverage.py"], capture_output=True, text=True, check=True)
    assert "KMeans(n_clusters=2)" in done.stdout


def test_a_small_job_does_not_wait_for_a_compiler_until_that_pays(monkeypatch):
    def triple(x):
        return x * 3.0

    kernel_of_mine = exact_kernel(triple)
    assert small(kernel_of_mine, 2.0) == 6.0
    assert kernel_of_mine.signatures == []
    monkeypatch.setattr(_kernel, "COMPILING", 0.0)
    assert small(kernel_of_mine, 2.0) == 6.0
    assert len(kernel_of_mine.signatures) == 1


TREES = """
import sys
import numpy as np
from diorama.trees import CARTClassifier, CARTRegressor
from diorama.trees.growing import grow_subtree
random = np.random.default_rng(0)
X = random.normal(size=(60, 3)).round(1)
X[random.random(X.shape) < 0.1] = np.nan
y = random.integers(0, 3, 60)
said = [CARTClassifier(random_state=0, max_features=2).fit(X, y).tree_, CARTRegressor(random_state=0).fit(X, y).tree_]
said += [CARTRegressor(criterion="absolute_error", random_state=0, max_depth=3).fit(X, y).tree_]
print([[column.tolist() for column in tree] for tree in said])
print(len(grow_subtree.signatures), file=sys.stderr)
"""


def test_a_tree_is_the_same_whether_compiled_or_not(tmp_path):
    def run(folder, before=""):
        command = [sys.executable, "-W", "error", "-c", before + TREES]
        return subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, **folder})

    plain = run({"NUMBA_CACHE_DIR": str(tmp_path)})
    assert int(plain.stderr) == 0
    # where kernels of an earlier process are found they are used, so this one is made to compile
    compiled = run({}, "import diorama._kernel as k; k.COMPILING = 0.0\n")
    assert int(compiled.stderr) > 0
    assert plain.stdout == compiled.stdout

"""Kernels: compiled without surprises from the outside, and timed apart from the work."""

import subprocess
import sys

import numpy as np

from diorama._kernel import compile_times, exact_kernel, kernel


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

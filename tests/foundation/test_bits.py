"""Sets as bits of a word."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from diorama._bits import lowest_bit
from diorama._kernel import kernel


@kernel
def lowest_bits(words: np.ndarray, places: np.ndarray) -> None:
    for i in range(words.shape[0]):
        places[i] = lowest_bit(words[i])


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.integers(1, 2**64 - 1), min_size=1))
def test_the_lowest_bit_is_found_compiled_and_as_plain_python(numbers):
    words = np.array(numbers, dtype=np.uint64)
    expected = [len(text) - len(text.rstrip("0")) for text in map(bin, numbers)]
    for find in (lowest_bits, lowest_bits.py_func):
        places = np.empty(len(words), dtype=np.int64)
        find(words, places)
        assert places.tolist() == expected

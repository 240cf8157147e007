"""One pass of plain mini-batch descent over sparse rows: the kernels of `GradientDescentRegressor` and `-Classifier`.

A batch moves only the weights of the columns that its rows have numbers in, so a pass costs as much as there are
numbers in the table, however many columns it has.
"""

from typing import Any

import numpy as np

from diorama._kernel import kernel
from diorama._typing import Array


@kernel
def sparse_squared_error_epoch(
    values: Array,
    columns: Array,
    starts: Array,
    targets: Array,
    row_weights: Array,
    order: Array,
    batch_size: int,
    factor: Any,
    weights: Array,
) -> Array:
    """`squared_error_epoch` on rows in compressed form: row i has `values[starts[i]:starts[i + 1]]` in `columns`."""
    weights = weights.copy()
    errors = np.empty(batch_size, dtype=weights.dtype)
    for first in range(0, len(order), batch_size):
        last = min(first + batch_size, len(order))
        for place in range(last - first):
            i = order[first + place]
            error = -targets[i]
            for p in range(starts[i], starts[i + 1]):
                error += values[p] * weights[columns[p]]
            errors[place] = error * row_weights[i]
        scale = factor / weights.dtype.type(last - first)
        for place in range(last - first):
            i = order[first + place]
            move = scale * errors[place]
            for p in range(starts[i], starts[i + 1]):
                weights[columns[p]] -= move * values[p]
    return weights


@kernel
def sparse_cross_entropy_epoch(
    values: Array,
    columns: Array,
    starts: Array,
    targets: Array,
    row_weights: Array,
    order: Array,
    batch_size: int,
    factor: Any,
    weights: Array,
) -> Array:
    """`cross_entropy_epoch` on rows in compressed form; one output means two classes."""
    weights = weights.copy()
    outputs = len(weights)
    one, zero = weights.dtype.type(1), weights.dtype.type(0)
    errors = np.empty((batch_size, outputs), dtype=weights.dtype)
    for first in range(0, len(order), batch_size):
        last = min(first + batch_size, len(order))
        for place in range(last - first):
            i = order[first + place]
            own = errors[place]
            own[:] = zero
            for p in range(starts[i], starts[i + 1]):
                for k in range(outputs):
                    own[k] += values[p] * weights[k, columns[p]]
            highest = own.max()
            if outputs == 1:
                small = np.exp(-abs(highest))
                own[0] = (one if highest >= zero else small) / (one + small) - targets[i]
            else:
                norm = zero
                for k in range(outputs):
                    own[k] = np.exp(own[k] - highest)
                    norm += own[k]
                for k in range(outputs):
                    own[k] /= norm
                own[int(targets[i])] -= one
            for k in range(outputs):
                own[k] *= row_weights[i]
        scale = factor / weights.dtype.type(last - first)
        for place in range(last - first):
            i = order[first + place]
            for k in range(outputs):
                move = scale * errors[place, k]
                for p in range(starts[i], starts[i + 1]):
                    weights[k, columns[p]] -= move * values[p]
    return weights

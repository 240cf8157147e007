"""Sequential minimal optimization: two rows at a time trade what they push, until no trade pays.

Maximises sum_t b_t target_t - 1/2 sum_kl b_k b_l K_kl over low_t <= b_t <= high_t with sum_t b_t = 0. The classifier
has a variable for each row, with target +1 or -1; the regressor has two for each row, one that pulls the curve up until
the row is no farther above it than the tube, and one that pushes it down.

With value_t = target_t - (K b)_t, a pair with b_i < high_i, b_j > low_j and value_i > value_j gains from a trade; the
first is the one with the largest value, the second the one with which the gain is largest [1]_. Few rows are solved
with their whole kernel matrix. Of many, a working set of the rows that are worst off is solved, over and over; all
others keep what they have, which is what shrinking is for.

.. [1] Fan, Chen, Lin (2005). Working set selection using second order information for training support vector
   machines. JMLR 6.
"""

from typing import NamedTuple

import numpy as np

from diorama._kernel import kernel
from diorama._parallel import blocks, run
from diorama._typing import Array
from diorama.svm._kernel_rows import KernelRows

# up to so many variables, the whole kernel matrix is made
WHOLE = 1_000
# variables of a working set
WORKING = 512
# a working set is solved until this share of the violation is left
_SHARE = 0.1
# of few rows, the last trades are replaced by equations: up to so many, and down to this share of the tolerance
_SETTLED = 400
_EXACT = 1e-6
_RIDGE = 1e-15
# columns of the kernel matrix that one thread adds up
_COLUMNS = 2_048
# rows of a working set's matrix that one thread takes
_ROWS = 128


class Problem(NamedTuple):
    """What stays the same. Variable t belongs to row t modulo the number of rows."""

    low: Array  # (n_variables,) least value of each variable
    high: Array  # (n_variables,) largest value
    target: Array  # (n_variables,)
    whole: Array | None  # (n_variables, n_variables) kernel matrix, of few
    rows: KernelRows | None  # or its rows, of many
    tol: float  # violation at which the solution is good enough
    max_iter: int  # trades at most; -1 for no end


class State(NamedTuple):
    """Where the trade stands."""

    beta: Array  # (n_variables,) what each variable pushes, with its sign
    fitted: Array  # (n_rows,) sum_k beta_k K_ki: what the model says of each row, without the intercept
    bias: float  # intercept
    violation: float  # value of who would most like more, minus value of who would most like less
    dual: float  # the dual objective: never above the optimum
    gap: float  # primal minus dual: the optimum is at most so far away
    trades: int  # pairs so far
    working: Array  # the last working set

    @property
    def primal(self) -> float:
        """The primal objective."""
        return self.dual + self.gap


def start(problem: Problem, n_rows: int) -> State:
    """Nobody pushes."""
    beta = np.zeros(len(problem.target))
    return arrived(problem, beta, np.zeros(n_rows), 0, np.empty(0, dtype=np.int64))


def step(problem: Problem, state: State) -> State:
    """Trades between pairs, of all rows if they are few, of a working set otherwise."""
    tol = max(problem.tol, _SHARE * state.violation) if state.violation > problem.tol else _SHARE * state.violation
    if problem.whole is not None:
        return step_whole(problem, problem.whole, min(tol, problem.tol), state)
    assert problem.rows is not None
    value = problem.target - _each(problem, state.fitted)
    chosen = working_set(problem, state, value)  #: choose
    rows, place = np.unique(chosen % problem.rows.n, return_inverse=True)
    slots = problem.rows.slots(rows)  #: rows
    matrix = _between(problem.rows.values, slots[place], chosen % problem.rows.n)
    beta, values = state.beta[chosen], value[chosen]
    limit = _allowed(problem, state, 100 * len(chosen))
    trades = trade(matrix, problem.low[chosen], problem.high[chosen], beta, values, tol, limit)  #: trade
    new = state.beta.copy()
    new[chosen] = beta
    change = np.bincount(place, weights=beta - state.beta[chosen], minlength=len(rows))
    fitted = _add(problem.rows.values, slots, change, state.fitted)  #: fitted
    return arrived(problem, new, fitted, state.trades + trades, chosen)


def step_whole(problem: Problem, matrix: Array, tol: float, state: State) -> State:
    """Trades between any two rows, by their whole kernel matrix."""
    beta, value = state.beta.copy(), problem.target - _each(problem, state.fitted)
    # a few more trades each time: the first ones change most
    limit = _allowed(problem, state, max(2, state.trades // 4))
    trades = trade(matrix, problem.low, problem.high, beta, value, tol, limit)  #: trade
    new = _of_values(problem, beta, value, state.trades + trades, len(state.fitted))
    return settled(problem, matrix, new) if new.violation <= problem.tol else new


def settled(problem: Problem, matrix: Array, state: State) -> State:
    """Solve at once for all who are free to push more or less, the others staying at their bounds: then no trade pays.

    The state as it was when one of them would not stay within its bounds, or a bound is the wrong one.
    """
    free = np.flatnonzero((state.beta < problem.high) & (state.beta > problem.low))
    if not 0 < len(free) <= _SETTLED:
        return state
    value = problem.target - _each(problem, state.fitted)
    system, right = np.ones((len(free) + 1, len(free) + 1)), np.zeros(len(free) + 1)
    system[:-1, :-1] = matrix[np.ix_(free, free)]
    # rows that say the same leave open who of them pushes
    system.flat[: -1 : len(free) + 2] += _RIDGE * max(float(np.trace(system)), 1.0)
    system[-1, -1] = 0.0
    right[:-1] = value[free] - state.bias
    change = np.linalg.solve(system, right)[:-1]
    beta = state.beta.copy()
    beta[free] += change
    if (beta[free] > problem.high[free]).any() or (beta[free] < problem.low[free]).any():
        return state
    new = _of_values(problem, beta, value - matrix[:, free] @ change, state.trades, len(state.fitted))
    return new if new.violation < state.violation else state


def _of_values(problem: Problem, beta: Array, value: Array, trades: int, n_rows: int) -> State:
    return arrived(problem, beta, problem.target[:n_rows] - value[:n_rows], trades, np.empty(0, dtype=np.int64))


def arrived(problem: Problem, beta: Array, fitted: Array, trades: int, working: Array) -> State:
    """The state with these pushes: its intercept, and how far it is from the best."""
    judged = judge(beta, problem.low, problem.high, problem.target, _each(problem, fitted))
    return State(beta, fitted, *judged, trades, working)


def done(problem: Problem, previous: State, state: State) -> bool:
    """Whether the state is as good as was asked for (of few rows: settled), or there is no trade left."""
    enough = _EXACT * problem.tol if problem.whole is not None else problem.tol
    return (
        (solved(problem, state) and state.violation <= enough)
        or state.trades == previous.trades
        or _allowed(problem, state, 1) == 0
    )


def solved(problem: Problem, state: State) -> bool:
    """Whether no trade gains more than `tol`, and the objective lies within that share of its optimum."""
    return state.violation <= problem.tol and state.gap <= max(problem.tol, 1e-9) * max(abs(state.primal), 1e-12)


def working_set(problem: Problem, state: State, value: Array) -> Array:
    """Those who would most like more, those who would most like less, and half of the last working set."""
    more = np.where(state.beta < problem.high, value, -np.inf)
    less = np.where(state.beta > problem.low, value, np.inf)
    n = len(value)
    quarter = WORKING // 4 if len(state.working) else WORKING // 2
    first = np.argpartition(more, n - quarter)[n - quarter :]
    second = np.argpartition(less, quarter)[:quarter]
    new = np.unique(np.concatenate([first[np.isfinite(more[first])], second[np.isfinite(less[second])]]))
    kept = state.working[~np.isin(state.working, new)]
    # the newest of the last set come first in it
    return np.concatenate([new, kept[: WORKING - len(new)]])


def _each(problem: Problem, fitted: Array) -> Array:
    """What the model says of the row of each variable."""
    return fitted if len(fitted) == len(problem.target) else np.concatenate([fitted, fitted])


def _allowed(problem: Problem, state: State, wished: int) -> int:
    return wished if problem.max_iter < 0 else max(min(wished, problem.max_iter - state.trades), 0)


def _between(values: Array, slots: Array, columns: Array) -> Array:
    """(n, n) kernel values of a working set among itself."""
    matrix = np.empty((len(slots), len(columns)))
    arguments = [(values, slots, columns, low, high, matrix) for low, high in blocks(len(slots), _ROWS)]
    run(take_rows, arguments, work=float(matrix.size))
    return matrix


def _add(values: Array, slots: Array, change: Array, fitted: Array) -> Array:
    moved = np.flatnonzero(change)
    new = fitted.copy()
    arguments = [(values, slots[moved], change[moved], low, high, new) for low, high in blocks(len(new), _COLUMNS)]
    run(add_rows, arguments, work=float(len(moved)) * len(new))
    return new


@kernel
def trade(matrix: Array, low: Array, high: Array, beta: Array, value: Array, tol: float, limit: int) -> int:
    """At most `limit` trades, until none gains more than `tol`; writes `beta` and `value`, returns their number."""
    n, trades, i, j, amount = len(beta), 0, 0, 0, 0.0
    while True:
        best, worst, first = -np.inf, np.inf, 0
        for k in range(n):
            value[k] -= amount * (matrix[i, k] - matrix[j, k])
            if beta[k] < high[k] and value[k] > best:
                best, first = value[k], k
            if beta[k] > low[k] and value[k] < worst:
                worst = value[k]
        if best - worst <= tol or trades >= limit:
            return trades
        i, gain = first, -1.0
        for k in range(n):
            if beta[k] > low[k] and value[k] < best:
                bend = max(matrix[i, i] + matrix[k, k] - 2.0 * matrix[i, k], 1e-12)
                ahead = best - value[k]
                if ahead * ahead > gain * bend:
                    gain, j = ahead * ahead / bend, k
        bend = max(matrix[i, i] + matrix[j, j] - 2.0 * matrix[i, j], 1e-12)
        amount = (best - value[j]) / bend
        room_i, room_j = high[i] - beta[i], beta[j] - low[j]
        amount = min(amount, min(room_i, room_j))
        # who reaches a bound stands exactly on it
        beta[i] = high[i] if amount == room_i else beta[i] + amount
        beta[j] = low[j] if amount == room_j else beta[j] - amount
        trades += 1


@kernel
def judge(beta: Array, low: Array, high: Array, target: Array, fitted: Array) -> tuple[float, float, float, float]:
    """Intercept, violation, dual objective and duality gap of these pushes."""
    best, worst, total, n_free, pull, length = -np.inf, np.inf, 0.0, 0, 0.0, 0.0
    for k in range(len(beta)):
        value = target[k] - fitted[k]
        more, less = beta[k] < high[k], beta[k] > low[k]
        if more:
            best = max(best, value)
        if less:
            worst = min(worst, value)
        if more and less:
            total += value
            n_free += 1
        pull += beta[k] * target[k]
        length += 0.5 * beta[k] * fitted[k]  # half the squared length of the weights
    bias = total / n_free if n_free > 0 else (best + worst) / 2
    # where nobody can push more, or nobody less, any intercept will do
    bias = bias if abs(bias) < np.inf else 0.0
    loss = 0.0
    for k in range(len(beta)):
        missed = target[k] - fitted[k] - bias
        loss += high[k] * missed if missed > 0.0 else low[k] * missed
    dual = pull - length
    return bias, max(best - worst, 0.0), dual, length + loss - dual


@kernel
def take_rows(values: Array, slots: Array, columns: Array, first: int, last: int, matrix: Array) -> None:
    """matrix[k, l] = values[slot_k, column_l] for rows `first` to `last` of the matrix."""
    for k in range(first, last):
        row = values[slots[k]]
        for number in range(len(columns)):
            matrix[k, number] = row[np.uint64(columns[number])]


@kernel
def add_rows(values: Array, slots: Array, change: Array, first: int, last: int, fitted: Array) -> None:
    """fitted[first:last] += sum_k change_k values[slot_k, first:last]."""
    fours = len(slots) // 4 * 4
    # four rows at a time, so that what is added to is fetched and put back a quarter as often
    for k in range(0, fours, 4):
        one, two, three, four = values[slots[k]], values[slots[k + 1]], values[slots[k + 2]], values[slots[k + 3]]
        a, b, c, d = change[k], change[k + 1], change[k + 2], change[k + 3]
        for j in range(first, last):
            fitted[j] += a * one[j] + b * two[j] + c * three[j] + d * four[j]
    for k in range(fours, len(slots)):
        row, amount = values[slots[k]], change[k]
        for j in range(first, last):
            fitted[j] += amount * row[j]

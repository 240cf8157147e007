"""C4.5 once more as plain recursion over lists of (row, class, weight), slow and without arrays."""

from itertools import pairwise
from math import log2


def bits(weights):
    total = sum(weights)
    return -sum(w / total * log2(w / total) for w in weights if w > 1e-12)


def by_class(items, classes):
    return [sum(w for _, y, w in items if y == c) for c in classes]


def is_missing(value):
    return value is None or value != value


class Grower:
    """The numbers of a fit that stay the same for all nodes."""

    def __init__(self, rows, labels, numeric, least=2, mdl=True):
        self.classes, self.numeric, self.least, self.mdl = sorted(set(labels)), numeric, least, mdl
        self.items = [(row, y, 1.0) for row, y in zip(rows, labels, strict=True)]
        self.tree = self.grow(self.items)

    def grow(self, items):
        counts = by_class(items, self.classes)
        node = {"counts": counts}
        if sum(counts) - max(counts) < 1e-9 or sum(counts) < 2 * self.least:
            return node
        found = {j: self.test(items, j) for j in range(len(self.numeric))}
        found = {j: test for j, test in found.items() if test and test[0] > 1e-10}
        if not found:
            return node
        average = sum(test[0] for test in found.values()) / len(found)
        ratios = {j: test[0] / test[1] for j, test in found.items() if test[0] >= average - 1e-10}
        best = min(ratios, key=lambda j: (-round(ratios[j], 9), j))
        answer_of = found[best][2]
        known = [item for item in items if not is_missing(item[0][best])]
        absent = [item for item in items if is_missing(item[0][best])]
        total = sum(w for *_, w in known)
        node.update(column=best, answer=answer_of, branches={})
        for answer in {answer_of(row[best]) for row, *_ in known}:
            part = [item for item in known if answer_of(item[0][best]) == answer]
            share = sum(w for *_, w in part) / total
            below = self.grow(part + [(row, y, w * share) for row, y, w in absent])
            node["branches"][answer] = (share, below)
        return node

    def test(self, items, j):
        """(gain, split information, value -> answer) of the best question about column j, or None."""
        known = [item for item in items if not is_missing(item[0][j])]
        total = sum(w for *_, w in items)
        if not self.numeric[j]:
            return self.parted(known, total, j, lambda value: value, self.least, 2)
        values = sorted({row[j] for row, *_ in known})
        least = max(self.least, min(25, 0.1 * sum(w for *_, w in known) / len(self.classes)))
        best = None
        for low, high in pairwise(values):
            test = self.parted(known, total, j, lambda value, cut=(low + high) / 2: value > cut, least, 2)
            if test and (best is None or test[0] > best[0] + 1e-10):
                best = test
        if best and self.mdl:
            return best[0] - log2(len(values) - 1) / total, best[1], best[2]
        return best

    def parted(self, known, total, j, answer_of, least, at_least):
        parts = {}
        for item in known:
            parts.setdefault(answer_of(item[0][j]), []).append(item)
        sizes = {answer: sum(w for *_, w in part) for answer, part in parts.items()}
        if sum(size >= least - 1e-9 for size in sizes.values()) < at_least:
            return None
        whole = sum(sizes.values())
        after = sum(sizes[a] / whole * bits(by_class(part, self.classes)) for a, part in parts.items())
        gain = whole / total * (bits(by_class(known, self.classes)) - after)
        return gain, bits([*sizes.values(), total - whole]), answer_of

    def shares(self, row, node=None):
        node = node or self.tree
        total = sum(node["counts"])
        here = [count / total for count in node["counts"]]
        if "column" not in node:
            return here
        value = row[node["column"]]
        if is_missing(value):
            below = [(share, self.shares(row, branch)) for share, branch in self.weighted(node)]
            return [sum(share * said[k] for share, said in below) for k in range(len(self.classes))]
        answer = node["answer"](value)
        return self.shares(row, node["branches"][answer][1]) if answer in node["branches"] else here

    def weighted(self, node):
        total = sum(sum(branch["counts"]) for _, branch in node["branches"].values())
        return [(sum(branch["counts"]) / total, branch) for _, branch in node["branches"].values()]

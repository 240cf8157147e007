"""The live picture of naive Bayes: made-up points heard one feature after the other, or the words of a few mails."""

from typing import Literal

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer

from diorama._typing import Array
from diorama.bayes import BernoulliNB, GaussianNB, MultinomialNB
from diorama.recording import record
from diorama.scenes import Scene

N_POINTS = 160
NAMES = np.array(["A", "B"])
MAILS = (
    ("junk", "win money now win a prize"),
    ("junk", "free prize claim your money now"),
    ("junk", "cheap watch free delivery now"),
    ("mail", "are you free for lunch at noon"),
    ("mail", "the money for the prize of the club"),
    ("mail", "lunch at the club now or at noon"),
)


def naive_bayes(
    evidence: Literal["bell curves", "word counts", "words or not"] = "bell curves",
    tilt: float = 0.0,
    alpha: float = 1.0,
    seed: int = 0,
) -> Scene:
    """Points whose two features lean on each other by `tilt`, or mails whose words are smoothed by `alpha`."""
    with record(max_frames=40) as recording:
        if evidence == "bell curves":
            GaussianNB().fit(*points(tilt, seed))
        else:
            table, labels, words = mails(seed)
            kind = MultinomialNB if evidence == "word counts" else BernoulliNB
            model = kind(alpha=alpha).fit(table, labels)
            model.feature_names_in_ = np.array(words, dtype=object)
    return recording.scene()


def points(tilt: float, seed: int) -> tuple[Array, Array]:
    """(160, 2) points of a round class and a wide one; `tilt` is the correlation within each."""
    random = np.random.default_rng(seed)
    group = np.arange(N_POINTS) % 2
    noise = random.normal(size=(N_POINTS, 2))
    noise[:, 1] = tilt * noise[:, 0] + np.sqrt(1 - tilt**2) * noise[:, 1]
    centers, widths = np.array([[-1.2, 0.0], [1.4, 0.6]]), np.array([[0.7, 0.7], [1.6, 1.1]])
    return centers[group] + widths[group] * noise, NAMES[group]


def mails(seed: int) -> tuple[Array, Array, list[str]]:
    """How often each word stands in each mail, the mails' labels, and the words."""
    order = np.random.default_rng(seed).permutation(len(MAILS))
    counter = CountVectorizer(token_pattern=r"\w{3,}")
    table = counter.fit_transform([MAILS[i][1] for i in order]).toarray()
    return table, np.array([MAILS[i][0] for i in order]), list(counter.get_feature_names_out())

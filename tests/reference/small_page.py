"""A concept's page with everything that a page can have."""

PAGE = r"""+++
title = "Small <things>"
chapter = 20
summary = "A small page for tests."
implementation = ["diorama.clustering.KMeans"]
source = ["diorama.clustering.k_means.step"]
scene = "tests.reference.small_page.picture"
related = ["small"]

[[parameters]]
name = "n_clusters"
label = "clusters"
kind = "range"
value = 3
min = 1
max = 8
step = 1

[[parameters]]
name = "rate"
label = "rate"
kind = "range"
value = 0.1
min = 0.001
max = 10
scale = "log"

[[parameters]]
name = "start"
label = "start"
kind = "choice"
value = "random"
options = ["random", "spread"]

[[reading]]
title = "Least squares quantization in PCM"
url = "https://doi.org/10.1109/TIT.1982.1056489"
authors = "Lloyd"
year = 1982
+++
## The idea
Some *words* and [a link](small), $x^2$ inline. <script>alert(1)</script>

## The mathematics
$$J = \sum_i (x_i - c)^2$$

### What it is made of

where $c$ is the centre.

## When to use it, and when not
- often

## What the textbook snippet gets wrong
Nothing: [see there](https://example.org/there).

## Test yourself
```question
What is $1 + 1$?
---
1 + 1
---
Because of [it](small).
```
"""


def write_page(folder, text=PAGE, *, chapter=20, slug="small"):
    """Write a page where pages lie, and give the folder back."""
    path = folder / f"{chapter:02d}" / f"{slug}.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return folder


def picture(n_clusters=3, rate=0.1, start="random"):
    """A scene that shows the parameters it was made with."""
    from tests.player.small_scenes import small_scene

    if rate > 9:
        raise FloatingPointError("the rate is too high for these points")
    return small_scene(n=20 * n_clusters, title=f"{n_clusters} clusters, rate {rate:g}, {start}")

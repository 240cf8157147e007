"""What a test asks of a page with a player on it."""

SETTLE = "new Promise((done) => { const look = () => (player.request ? setTimeout(look, 10) : done()); look(); })"


def settle(page):
    """Wait until nothing moves. (wait_for_function evaluates a string in the page, which the page's policy forbids.)"""
    page.evaluate(SETTLE)


def narration(page):
    return page.inner_text(".diorama-narration")


def count(page):
    return page.inner_text(".diorama-count")


def centre(page):
    """Where the gliding mark is now, as Vega has it."""
    return page.evaluate("player.picture.view.data('centre')[0].x")


def overflow(page):
    """By how many pixels the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")

"""From a Scene to something that plays: a page, a notebook widget, a chart, a picture."""

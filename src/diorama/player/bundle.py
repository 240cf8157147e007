"""Vega for the browser, out of the package that also draws the stills: kept on disk, for making it takes seconds."""

from functools import cache
from importlib.metadata import version
from pathlib import Path

import platformdirs

from diorama._files import replacing


@cache
def vega_bundle() -> str:
    """Vega, Vega-Lite and vega-embed as one script that sets `window.vegaEmbed`; asks no network."""
    kept = Path(platformdirs.user_cache_dir("diorama")) / f"vega-embed-{version('vl-convert-python')}.js"
    try:
        return kept.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return _keep(kept)


def _keep(path: Path) -> str:
    import vl_convert

    # a closing tag within a string would end the script element that the bundle is put in
    script: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;").replace("</script", "<\\/script")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as draft:
            draft.write_text(script, "utf-8")
    except OSError:
        # a cache that cannot be written only costs the time to make the bundle again
        return script
    return script

"""Who may ask this server for something, and what a page may do: checked and sent with every answer.

The server listens on the loopback interface, where any page that the user has open can reach it. So a request must name
us as its host (a foreign name that was made to point at 127.0.0.1 does not), and one that changes something must come
from our own pages.
"""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
SAFE_METHODS = ("GET", "HEAD")

# styles too come from our files alone: scripts set them through the style object, which no policy forbids
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # "no-referrer" would also take the origin from our own forms, by which they are known
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Security:
    """Middleware that refuses requests from elsewhere and adds the headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        refusal = refusal_of(scope["method"], Headers(scope=scope), hosts_of(scope))
        if refusal:
            await PlainTextResponse(refusal, status_code=403)(scope, receive, send_with_headers)
        else:
            await self.app(scope, receive, send_with_headers)


def hosts_of(scope: Scope) -> set[str]:
    """The names by which a reader calls us: the loopback's, with the port that the request came in at."""
    port = (scope.get("server") or ("", 0))[1]
    named = {f"{name}:{port}" for name in LOOPBACK}
    return named | set(LOOPBACK) if port == 80 else named


def refusal_of(method: str, headers: Headers, hosts: set[str]) -> str:
    """The sentence that says why a request is refused, or "" when it may pass."""
    host = headers.get("host", "")
    if host.lower() not in hosts:
        return "This server answers to its loopback address only, such as 127.0.0.1 with its port."
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if origin is not None and origin.lower() != f"http://{host.lower()}":
        return "Another site may not ask this server for anything."
    if method in SAFE_METHODS:
        # a link from elsewhere may lead here; a page elsewhere may not load our things into itself
        arrives = (
            headers.get("sec-fetch-mode", "navigate") == "navigate"
            and headers.get("sec-fetch-dest", "document") == "document"
        )
        if site in ("cross-site", "same-site") and not arrives:
            return "Another site may not load anything from this server."
        return ""
    if method != "POST":
        return "This server is changed by POST only."
    if origin is None and site != "same-origin":
        return "What changes something must come from this server's own pages."
    if site not in (None, "same-origin"):
        return "What changes something must come from this server's own pages."
    return ""

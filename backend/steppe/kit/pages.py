"""The built PWA: its pages, their assets, the service worker; with headers that let nothing else in."""

from __future__ import annotations

import hashlib
import mimetypes
from pathlib import Path

from fastapi import APIRouter, Request, Response

from steppe.kit.problems import NotFound

# Argon2id runs as WebAssembly: 'wasm-unsafe-eval'. Pictures and recordings come out of the vault as blobs.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
    "img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_TRUSTED_TYPES = "require-trusted-types-for 'script'"
"""Only reported yet: what would be refused can be seen in the browser's console before it is."""
# The phone's screens as the desk shows them to an author; only the desk may frame them.
_FRAMED = "desk/preview.html"
# It is given files with answers in clear, and says that it sends nothing: the browser holds it to that.
_ALONE = "receipt/index.html"
_SENDS_NOTHING = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Content-Security-Policy-Report-Only": _TRUSTED_TYPES,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(self)",
    "Cross-Origin-Opener-Policy": "same-origin",
}
UNSAID = dict.fromkeys(
    ("Content-Security-Policy", "Referrer-Policy", "Strict-Transport-Security"),
    "",
)
"""What browsers heed on documents and workers only; on each of forty scripts and styles it would be 20 kB a visit."""
_FOREVER = "public, max-age=31536000, immutable"
# What a page loads and nobody opens by itself.
_PARTS = {".js", ".css"}
# Neither page nor worker: the policy of any answer, under which nothing runs, is the stricter one, and half as long.
_SHOWN = {".webmanifest", ".svg", ".png"}
# Browsers look at the manifest and at its pictures again at every start: a day old they are as good.
_A_DAY = "public, max-age=86400"
_WORKERS = "assets/worker-"
_TYPES = {".webmanifest": "application/manifest+json", ".wasm": "application/wasm", ".js": "text/javascript"}


def pages(dist: Path) -> APIRouter:
    """Return the router that serves a build in `dist`; it knows exactly the files that are there at start.

    Hashed assets are immutable; pages and the service worker are always asked for anew, and cost only the question
    when nothing changed (`ETag`). A `.br` file beside a file is sent to those who take it.
    """
    router = APIRouter(include_in_schema=False)
    root = dist.resolve()
    files = {
        path.relative_to(root).as_posix(): path
        for path in root.rglob("*")
        if path.is_file() and path.suffix not in {".br", ".map"} and not _is_hidden(path.relative_to(root))
    }

    @router.get("/{path:path}")
    def page(request: Request, path: str) -> Response:
        name = "index.html" if path == "" else path
        if name.rstrip("/") == "desk" or (name.startswith("desk/") and name not in files):
            name = "desk/index.html"
        elif name.rstrip("/") == "receipt":
            name = _ALONE
        found = files.get(name)
        if found is None or path.startswith("api/"):
            raise NotFound
        headers = _headers_of(name)
        packed = found.with_name(found.name + ".br")
        if packed.exists() and "br" in request.headers.get("accept-encoding", ""):
            found = packed
            headers |= {"Content-Encoding": "br", "Vary": "Accept-Encoding"}
        content = found.read_bytes()
        if headers["Cache-Control"] != _FOREVER:
            headers["ETag"] = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
            if headers["ETag"] in request.headers.get("if-none-match", ""):
                return Response(None, 304, headers)
        suffix = Path(name).suffix
        kind = _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        return Response(content, 200, headers, kind)

    return router


def _headers_of(name: str) -> dict[str, str]:
    """Return what a file of the build is sent with, whoever asks: the policies, and who may keep it."""
    if Path(name).suffix in _SHOWN and not name.startswith("assets/"):
        return {"Cache-Control": _A_DAY}
    if not name.startswith("assets/"):
        headers = {**_HEADERS, "Cache-Control": "no-cache"}
        if name == _FRAMED:
            headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace("ancestors 'none'", "ancestors 'self'")
        elif name == _ALONE:
            headers["Content-Security-Policy"] = _SENDS_NOTHING
        return headers
    # A worker obeys the policy its own script came with.
    is_bare = Path(name).suffix in _PARTS and not name.startswith(_WORKERS)
    return {**(UNSAID if is_bare else _HEADERS), "Cache-Control": _FOREVER}


def _is_hidden(path: Path) -> bool:
    """Say whether a file is the build's own: notes and manifests that no page asks for."""
    return any(part.startswith(".") and part != ".well-known" for part in path.parts)

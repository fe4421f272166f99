"""The test phones keep their promise: what a page stored and its service worker survive a restart without a server."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from selenium.webdriver.support.ui import WebDriverWait

from tests.e2e.chromium import Phone
from tests.e2e.webkit import WebKitPhone

PAGE = """<!doctype html><title>starting</title><script>
const database = new Promise((done, fail) => {
  const request = indexedDB.open("visits", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("count");
  request.onsuccess = () => done(request.result);
  request.onerror = () => fail(request.error);
});
const count = async () => {
  const transaction = (await database).transaction("count", "readwrite", { durability: "strict" });
  const store = transaction.objectStore("count");
  const finished = new Promise(done => { transaction.oncomplete = done; });
  const before = await new Promise(done => { const get = store.get(1); get.onsuccess = () => done(get.result ?? 0); });
  store.put(before + 1, 1);
  await finished;
  return before + 1;
};
(async () => {
  const visits = await count();
  await navigator.serviceWorker.register("/sw.js");
  await navigator.serviceWorker.ready;
  document.title = `visit ${visits}`;
})().catch(error => { document.title = `failed: ${error}`; });
</script>"""
WORKER = """
self.addEventListener("install", event =>
  event.waitUntil(caches.open("page").then(cache => cache.add("/")).then(() => self.skipWaiting())));
self.addEventListener("activate", event => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", event =>
  event.respondWith(caches.match(event.request).then(hit => hit ?? fetch(event.request))));
"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the name the standard library gave it)
        pass


@pytest.fixture
def site(tmp_path: Path) -> Iterator[ThreadingHTTPServer]:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "index.html").write_text(PAGE)
    (folder / "sw.js").write_text(WORKER)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_an_android_phone_remembers_after_a_restart_without_a_server(phone: Phone, site: ThreadingHTTPServer) -> None:
    url = f"http://127.0.0.1:{site.server_port}/"
    phone.page.goto(url)
    phone.page.wait_for_function("document.title === 'visit 1'")
    site.shutdown()
    site.server_close()
    phone.restart()
    phone.page.goto(url)
    phone.page.wait_for_function("document.title === 'visit 2'")


def test_a_webkit_phone_remembers_after_a_restart_without_a_server(
    webkit_phone: WebKitPhone, site: ThreadingHTTPServer
) -> None:
    url = f"http://127.0.0.1:{site.server_port}/"
    webkit_phone.driver.get(url)
    WebDriverWait(webkit_phone.driver, 20).until(lambda driver: driver.title == "visit 1")
    site.shutdown()
    site.server_close()
    webkit_phone.restart()
    webkit_phone.driver.get(url)
    WebDriverWait(webkit_phone.driver, 20).until(lambda driver: driver.title == "visit 2")


def test_a_webkit_phone_has_the_interfaces_that_safari_has(
    webkit_phone: WebKitPhone, site: ThreadingHTTPServer
) -> None:
    webkit_phone.driver.get(f"http://127.0.0.1:{site.server_port}/")
    missing = webkit_phone.driver.execute_async_script(
        """const done = arguments[0];
        navigator.storage.getDirectory().then(() => done([]), error => done([String(error)]));"""
    )
    assert missing == []
    assert webkit_phone.driver.execute_script("return isSecureContext && innerWidth === 360 && 'locks' in navigator")

"""A phone that many tests hold in turn: enrolled once, and without a trace of the test before for the next one."""

from playwright.sync_api import Page

# What a test before left behind: its drafts, and how it liked to see them. Not what tells the app that its database is
# the one it wrote last: the drafts would be back, out of the journal.
_FORGET = """async () => {
    const staying = ["steppe-phone", "steppe-journal"];
    for (const name of Object.keys(localStorage)) if (!staying.includes(name)) localStorage.removeItem(name);
    const names = await indexedDB.databases();
    const opened = indexedDB.open(names[0].name);
    await new Promise((done) => { opened.onsuccess = done; });
    const writing = opened.result.transaction(["drafts"], "readwrite");
    writing.objectStore("drafts").clear();
    await new Promise((done) => { writing.oncomplete = done; });
    opened.result.close();
}"""


def forget_drafts(page: Page) -> None:
    """Empty the drafts and the settings of the phone on whose page the app is open; what it has finished stays."""
    page.evaluate(_FORGET)

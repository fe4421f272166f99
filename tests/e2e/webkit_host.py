#!/usr/bin/python3
"""A small WebKitGTK browser that W3C WebDriver may drive and that keeps its data: `webkit_host.py FOLDER`.

WebKitGTK's MiniBrowser drops all website data when it is driven, so it cannot show that a phone remembers anything
after a restart. This window uses the same engine with a data folder. It runs under the system's Python, where Debian
puts the bindings (python3-gi, gir1.2-webkit2-4.1), and stands alone for that reason.
"""

import sys

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import Gtk, WebKit2  # noqa: E402  (the versions must be chosen first)

# On in Safari on every iPhone we support, off by default in Debian's WebKitGTK.
SAFARI_FEATURES = {"StorageAPI", "StorageAPIEstimate", "FileSystem", "FileSystemWritableStream"}


def safari_settings() -> WebKit2.Settings:
    """Settings with the storage interfaces that Safari has."""
    settings = WebKit2.Settings()
    features = WebKit2.Settings.get_all_features()
    for index in range(features.get_length()):
        feature = features.get(index)
        if feature.get_identifier() in SAFARI_FEATURES:
            settings.set_feature_enabled(feature, True)
    return settings


def main(folder: str) -> None:
    """Wait for a driver and give it a phone-sized view on the data in the folder, until the driver leaves."""
    data = WebKit2.WebsiteDataManager(base_data_directory=f"{folder}/data", base_cache_directory=f"{folder}/cache")
    context = WebKit2.WebContext(website_data_manager=data)
    context.set_automation_allowed(True)

    def open_view(_session: WebKit2.AutomationSession) -> WebKit2.WebView:
        view = WebKit2.WebView(web_context=context, is_controlled_by_automation=True, settings=safari_settings())
        window = Gtk.Window(default_width=360, default_height=740)
        window.add(view)
        window.show_all()
        view.connect("close", lambda _view: window.destroy())
        return view

    def begin(_context: WebKit2.WebContext, session: WebKit2.AutomationSession) -> None:
        info = WebKit2.ApplicationInfo()
        # The name WebDriver clients ask for when they ask for WebKitGTK.
        info.set_name("MiniBrowser")
        info.set_version(WebKit2.get_major_version(), WebKit2.get_minor_version(), WebKit2.get_micro_version())
        session.set_application_info(info)
        session.connect("create-web-view", open_view)

    context.connect("automation-started", begin)
    Gtk.main()


if __name__ == "__main__":
    main(sys.argv[1])

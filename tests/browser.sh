#!/bin/sh
# Makes sure that the browser tests find a Chromium: the system's, else Debian's package (as root), else Playwright's own download.
# Usage: tests/browser.sh PYTHON
set -u
for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if "$1" - <<'PY'
import os, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as p:
    sys.exit(0 if os.path.exists(p.chromium.executable_path) else 1)
PY
then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium for the browser tests (apt-get)" >&2
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-liberation >/dev/null && exit 0
fi
"$1" -m playwright install chromium && exit 0
echo "No Chromium was found or could be installed: the browser tests will be skipped." >&2
exit 0

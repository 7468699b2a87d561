"""A small invoicing service on this machine, for the case `Local`: it checks the credentials of each kind and reads the form.

    python server.py [PORT]        8099, as in sandbox.json and input.local.json

POST /token          client credentials (OAuth 2.0): {"access_token", "token_type": "Bearer", "expires_in": 3600}
POST /v1/invoices    API key, Basic or Bearer: 201 {"id": "inv_1", "customer", "items"}; 401 without; 402 for the customer `Broke`
"""

import base64
import json
import sys
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

KEY, USER, PASSWORD = "demo-key", "ana", "demo-password"
CLIENT, SECRET, TOKEN = "demo-client", "demo-secret", "demo-token"
BASIC = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


class Service(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        form = parse_qs(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode())
        match urlsplit(self.path).path:
            case "/token":
                self.token(form)
            case "/v1/invoices":
                self.invoice(form)
            case _:
                self.answer(404, {"error": "There is no such resource."})

    def token(self, form):
        if [form.get(name) for name in ("grant_type", "client_id", "client_secret")] == [["client_credentials"], [CLIENT], [SECRET]]:
            self.answer(200, {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 3600})
        else:
            self.answer(401, {"error": "invalid_client"})

    def invoice(self, form):
        if self.headers.get("x-api-key") != KEY and self.headers.get("Authorization") not in {BASIC, f"Bearer {TOKEN}"}:
            self.answer(401, {"error": "Who are you?"})
        elif form.get("customer") == ["Broke"]:
            self.answer(402, {"error": "The card was declined."})
        else:
            self.answer(201, {"id": "inv_1", "customer": form.get("customer", [""])[0], "items": form.get("items[]", [])})

    def answer(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code="-", _size="-"):
        sys.stderr.write(f"{self.command} {self.path}: {code}\n")


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8099
    sys.stderr.write(f"Listening on http://127.0.0.1:{port}; Ctrl+C ends it.\n")
    with suppress(KeyboardInterrupt):
        ThreadingHTTPServer(("127.0.0.1", port), Service).serve_forever()

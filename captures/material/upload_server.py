"""A server for one purpose: takes an upload on port 8000 and answers in chunks, with pauses between them."""

import json
import time
from http.server import BaseHTTPRequestHandler, HTTPServer


class Upload(BaseHTTPRequestHandler):
    """Answers POST with three lines of JSON, one a chunk."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        received = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for report in (
            {"state": "received", "bytes": len(received)},
            {"state": "checking"},
            {"state": "stored"},
        ):
            line = json.dumps(report).encode() + b"\n"
            self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
            time.sleep(0.05)
        self.wfile.write(b"0\r\n\r\n")


if __name__ == "__main__":
    HTTPServer(("", 8000), Upload).serve_forever()

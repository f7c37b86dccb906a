"""A guest book: shows what was written, takes what is sent."""

from html import escape
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

ENTRIES = []

PAGE = """<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<title>Guest book</title>
</head>
<body>
<h1>Guest book</h1>
<ul>
{entries}
</ul>
<form method="post">
<p><label>Name <input type="text" name="name"></label></p>
<p><label>Message <textarea name="message"></textarea></label></p>
<p><input type="submit" value="Sign"></p>
</form>
</body>
</html>
"""


class GuestBook(BaseHTTPRequestHandler):
    """Answers GET with the page, and POST by adding an entry to it."""

    def do_GET(self):
        entries = "\n".join(f"<li><b>{escape(name)}</b>: {escape(message)}</li>" for name, message in ENTRIES)
        body = PAGE.format(entries=entries).encode("utf-8")
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        fields = parse_qs(self.rfile.read(length).decode("utf-8"))
        name = fields.get("name", ["somebody"])[0]
        message = fields.get("message", [""])[0]
        ENTRIES.append((name, message))
        self.send_response(303)
        self.send_header("Location", "/")
        self.send_header("Content-Length", "0")
        self.end_headers()


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", 8000), GuestBook).serve_forever()

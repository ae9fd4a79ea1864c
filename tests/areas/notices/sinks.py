"""A mail server and a web server on this machine that keep what they are sent."""

import email
import email.policy
import socketserver
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Patient:
    def handle_error(self, _request, _address):
        """A sender that was killed leaves its connection open; that is what the tests are about."""


class MailSink(_Patient, socketserver.ThreadingTCPServer):
    """Takes every letter; `answers` by recipient and `on_letter` change what happens."""

    allow_reuse_address = daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.letters, self.answers, self.on_letter = [], {}, lambda letter: None

    @property
    def port(self):
        return self.server_address[1]


class _Conversation(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(f"{text}\r\n".encode())

    def handle(self):
        self.say("220 sink")
        while line := self.rfile.readline().decode().strip():
            word = line.split(":")[0].split()[0].upper()
            if word == "RCPT":
                address = line.partition(":")[2].strip(" <>")
                self.say(self.server.answers.get(address, "250 ok"))
            elif word == "DATA":
                self.say("354 go on")
                self.letter()
                self.say("250 taken")
            elif word == "QUIT":
                return self.say("221 bye")
            else:
                self.say("250 ok")

    def letter(self):
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line[1:] if line.startswith(b"..") else line)
        letter = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        self.server.letters.append(letter)
        self.server.on_letter(letter)


class WebSink(_Patient, ThreadingHTTPServer):
    """Answers 200, or what stands first in `answers`; keeps (headers, body) of each call."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Call)
        self.calls, self.answers, self.on_call = [], [], lambda call: None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/hook?from=ballast"


class _Call(BaseHTTPRequestHandler):
    def do_POST(self):
        call = (self.headers, self.rfile.read(int(self.headers["Content-Length"])))
        self.server.calls.append(call)
        self.server.on_call(call)
        status, headers = self.server.answers.pop(0) if self.server.answers else (200, {})
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"said")

    def log_message(self, *_arguments):
        pass


@contextmanager
def running(sink):
    """The sink, served by a thread for as long as the block lasts."""
    thread = threading.Thread(target=sink.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        sink.shutdown()
        sink.server_close()
        thread.join()

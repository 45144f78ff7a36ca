# A proxy that misbehaves, in front of a registry: PROXY.py HOST:PORT DIRECTORY. It writes its port to DIRECTORY/port. The files in DIRECTORY say
# what it does to answers that have the content of a blob of more than 1000 bytes:
#   slow   sends half of it, and the rest once the file is gone
#   cut    ends the connection after half of it, as often as the number in the file says
#   long   announces 1000 bytes more than there are
#   wrong  changes a byte in the middle
#   hang   answers nothing to any request until the file is gone
#   evil   answers each request with an error whose text has control characters
import http.client, json, os, socket, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

upstream, top = sys.argv[1:]
is_there = lambda name: os.path.exists(f"{top}/{name}")

def wait_for(name):
    while is_there(name):
        time.sleep(0.02)

class Proxy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *_):
        pass
    def cut(self):
        try:
            left = int(open(f"{top}/cut").read() or 0)
        except (OSError, ValueError):
            return False
        open(f"{top}/cut", "w").write(str(left - 1))
        return left > 0
    def answer(self, status, headers, data):
        blob = self.command == "GET" and "/blobs/" in self.path and len(data) > 1000
        length = len(data) + (1000 if blob and is_there("long") else 0)
        if blob and is_there("wrong"):
            middle = len(data) // 2
            data = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1:]
        self.send_response(status)
        for key, value in headers:
            if key.lower() not in ("content-length", "transfer-encoding", "connection", "date", "server"):
                self.send_header(key, value)
        if self.command == "HEAD":
            length = next((value for key, value in headers if key.lower() == "content-length"), 0)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        if self.command == "HEAD":
            return
        half = len(data) // 2
        self.wfile.write(data[:half])
        self.wfile.flush()
        if blob and self.cut():
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if blob:
            wait_for("slow")
        self.wfile.write(data[half:])
        if blob and is_there("long"):
            self.close_connection = True
    def forward(self):
        data = b""
        if self.headers.get("Transfer-Encoding") == "chunked":
            while True:
                size = int(self.rfile.readline(), 16)
                data += self.rfile.read(size)
                self.rfile.readline()
                if not size:
                    break
        else:
            data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        wait_for("hang")
        if is_there("evil"):
            text = {"errors": [{"code": "DENIED", "message": "\x1b]0;owned\x07\nhostel: forged"}]}
            return self.answer(403, [("Content-Type", "application/json")], json.dumps(text).encode())
        if self.command in ("PATCH", "PUT"):
            wait_for("slow")
        there = http.client.HTTPConnection(upstream)
        headers = {key: ", ".join(self.headers.get_all(key)) for key in self.headers if key.lower() not in ("transfer-encoding", "connection", "content-length")}
        there.request(self.command, self.path, data, {**headers, "Content-Length": str(len(data))} if data or self.command not in ("GET", "HEAD") else headers)
        response = there.getresponse()
        self.answer(response.status, response.getheaders(), response.read())
        there.close()
    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = forward

class Server(ThreadingHTTPServer):
    daemon_threads = True
    def handle_error(self, *_):
        pass

server = Server(("127.0.0.1", 0), Proxy)
open(f"{top}/port.new", "w").write(str(server.server_address[1]))
os.rename(f"{top}/port.new", f"{top}/port")
server.serve_forever()

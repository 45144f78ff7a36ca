# A registry of images for tests, on a port of its own: REGISTRY.py DIRECTORY. It serves DIRECTORY/NAME, an OCI image
# layout, as NAME:1, and writes its port to DIRECTORY/port and a line per request to DIRECTORY/requests. While there is
# a file DIRECTORY/slow, it sends half of each layer and waits until the file is gone. "secret" wants a password.
import json, os, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

top = sys.argv[1]

class Registry(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *_):
        pass
    def fail(self, status, code):
        self.send(status, "application/json", json.dumps({"errors": [{"code": code, "message": code.lower().replace("_", " ")}]}).encode())
    def send(self, status, kind, data, slowly=False):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="test"')
        self.end_headers()
        if self.command == "HEAD":
            return
        self.wfile.write(data[:len(data) // 2])
        self.wfile.flush()
        while slowly and os.path.exists(f"{top}/slow"):
            time.sleep(0.02)
        self.wfile.write(data[len(data) // 2:])
    def do_GET(self):
        open(f"{top}/requests", "a").write(self.path + "\n")
        words = self.path.strip("/").split("/")
        if words == ["v2"]:
            return self.send(200, "application/json", b"{}")
        name, what, which = "/".join(words[1:-2]), words[-2], words[-1]
        if name == "secret":
            return self.fail(401, "UNAUTHORIZED")
        try:
            manifest = json.load(open(f"{top}/{name}/index.json"))["manifests"][0]
            if what == "manifests" and which not in ("1", "latest", manifest["digest"]):
                return self.fail(404, "MANIFEST_UNKNOWN")
            digest = manifest["digest"] if what == "manifests" else which
            data = open(f"{top}/{name}/blobs/{digest.replace(':', '/')}", "rb").read()
        except (OSError, KeyError):
            return self.fail(404, "NAME_UNKNOWN")
        self.send(200, manifest["mediaType"] if what == "manifests" else "application/octet-stream", data, what == "blobs" and len(data) > 1000)
    do_HEAD = do_GET

server = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
server.daemon_threads = True
open(f"{top}/port.new", "w").write(str(server.server_address[1]))
os.rename(f"{top}/port.new", f"{top}/port")
server.serve_forever()

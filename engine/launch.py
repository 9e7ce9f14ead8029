"""Starts a worker process, and knows when and why it has ended. POSIX only."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping

from . import errors, native_log
from .connection import Connection

_PATIENCE_SECONDS = 2.0
_WORKER = __name__.rpartition(".")[0] + ".worker"


class WorkerProcess:
    """A worker of our own: in a session of its own, gone when we are."""

    def __init__(self) -> None:
        opened: list[int] = []
        try:
            for _ in range(3):
                opened += os.pipe()
            self._log = native_log.open_log()
        except OSError as error:
            for descriptor in opened:
                os.close(descriptor)
            raise _not_started(error) from None
        requests, to_worker, from_worker, answers, lifeline, self._lifeline = opened
        handed = (requests, answers, lifeline)
        self._lock = threading.Lock()
        self._killed = False
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", _WORKER, *map(str, handed)],
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                pass_fds=handed,
                cwd="/",
                umask=0o077,
                env=_native_settings(os.environ),
                start_new_session=True,
            )
        except OSError as error:
            for descriptor in (to_worker, from_worker, self._lifeline, self._log):
                os.close(descriptor)
            raise _not_started(error) from None
        finally:
            for descriptor in handed:
                os.close(descriptor)
        self.connection = Connection(from_worker, to_worker)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether the process is gone."""
        return self._process.poll() is not None

    def kill(self) -> None:
        """End it at once, whatever it is doing; a loading worker hears nothing else."""
        with self._lock:
            if self._process.poll() is None:
                self._killed = True
                self._process.kill()

    def abandon(self) -> None:
        """End it without a lock: for who is about to leave in the middle of anything."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process.pid, signal.SIGKILL)

    def end(self) -> None:
        """Close our ends, wait for the process to leave, and end it if it does not."""
        if not self.connection.close_writing(_PATIENCE_SECONDS):
            self.kill()  # it does not read: with it ends the writing
            self.connection.close_writing()
        os.close(self._lifeline)
        try:
            self._process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()

    def release(self) -> None:
        """Let the last descriptors go, once nobody reads from them."""
        self.connection.close_reading()
        os.close(self._log)

    def failure(self) -> errors.EngineError:
        """Why it ended, once its pipe has closed."""
        try:
            status = self._process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            status = self._process.wait()
        return _explain(status, self._killed)

    def log(self) -> str:
        """The end of what its native code has printed."""
        return native_log.read_since(self._log, 0)


def _native_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """`environment`, with what native libraries read of it when they start; what is set, stays."""
    settings = {
        # A crash is one sentence, not a debugger's page.
        "GGML_NO_BACKTRACE": "1",
        # With an arena for each thread, glibc gives the sampler's megabyte back to the system and
        # fetches it again with every token, in one process out of five.
        "MALLOC_ARENA_MAX": "1",
    }
    # By default an OpenMP thread waits milliseconds at each of a token's hundreds of barriers
    # before it lets the processor go: with one core busy elsewhere, that is 100 times slower.
    if "OMP_WAIT_POLICY" not in environment:
        settings["GOMP_SPINCOUNT"] = "1000"
    return {**settings, **environment}


def _not_started(error: OSError) -> errors.EngineError:
    return errors.WorkerDied(
        f"The engine's process cannot be started: {error.strerror}.",
        "Close other programs, or raise the limit (ulimit -n, ulimit -u).",
    )


def _explain(status: int, killed_by_us: bool) -> errors.EngineError:
    if killed_by_us:
        return errors.WorkerDied("The model's process did not answer and was ended.", "Ask again.")
    if status == -signal.SIGKILL:
        return errors.WorkerDied(
            "The model's process was killed, most likely because memory ran out.",
            "Ask again, with a smaller model or a smaller window (n_ctx) if it happens twice.",
        )
    if status < 0:
        name = signal.Signals(-status).name
        return errors.WorkerDied(
            f"The model's process crashed ({name}).",
            "Ask again.",
        )
    return errors.WorkerDied(
        f"The model's process ended unasked (exit {status}).",
        "Ask again.",
    )

"""Bad input and bad surroundings: one sentence, the documented code, nothing on standard output."""

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import PROGRAM

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["ask", "-m", "nonsense", "x"], 3, "There is no model 'nonsense'."),
        (["ask", "-m", "./missing.gguf", "x"], 3, "There is no file './missing.gguf'."),
        (["ask", "-m", "/", "x"], 3, "is a folder"),
        (["ask", "--temperature", "hot", "x"], 2, "--temperature"),
        (["ask", "--temperature", "-1", "x"], 2, "temperature must be"),
        (["ask", "--max-tokens", "0", "x"], 2, "max_tokens must be"),
        (["ask", "--timeout", "soon", "x"], 2, "--timeout"),
        (["ask", "--json", "--json-stream", "x"], 2, "exclude each other"),
        (["ask", "-o", "n_ctxx", "1", "x"], 2, "Did you mean n_ctx?"),
        (["ask", "--tempreature", "1", "x"], 2, "--temperature"),
        (["aks"], 2, "Did you mean `llm ask`?"),
        (["ask"], 2, "Standard input is empty"),
        (["ask", "  "], 2, "nothing to ask"),
        (["ask", "-m", "echo", "a", "b"], 2, "goes in quotes"),
        (["ask", "-m", "", "x"], 3, "name is empty"),
        (["ask", "-m", __file__, "x"], 3, "is not a GGUF file"),
        (["ask", "-m", "/dev/null", "x"], 3, "is no regular file"),
        (["ask", "-m", "/dev/stdin", "x"], 3, "is no regular file"),
        (["ask", "--timeout", "", "x"], 2, "is no duration"),
        (["ask", "--timeout", "9" * 400, "x"], 2, "is no duration"),
        (["ask", "--top-k", "9" * 400, "x"], 2, "top_k must be"),
        (["ask", "--top-p", "nan", "x"], 2, "top_p must be"),
        (["ask", "--json-stream", "-x", "x"], 2, "exclude each other"),
        (["ask", "-s", "\udcff", "x"], 2, "--system is not valid UTF-8"),
        (["ask", "-o", "n_ctx", "8", "x"], 2, "n_ctx must be from 256"),
        (["ask", "-5 + 3?"], 2, "goes after --"),
        (["help"], 2, "Did you mean `llm --help`?"),
        (["hi", "there"], 2, 'llm ask "hi there"'),
        (["hi", "--json"], 2, 'llm ask "hi"'),
        (["ask", "--temp", "1", "x"], 2, "Did you mean --temperature?"),
        (["ask", "-m"], 2, "See `llm ask --help`"),
        (["-m", "echo", "x"], 2, "llm ask -m ..."),
        (["ask", "-o", "n_ctx=512", "x"], 2, "Say n_ctx 512, with a space."),
        (["ask", "-m", "https://example.org/a.gguf", "x"], 3, "is an address"),
    ],
)
def test_a_slip_is_one_sentence_and_its_code(
    run: Run, arguments: list[str], code: int, word: str
) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert word in done.stderr
    assert done.stderr.startswith("llm: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("variable", ["LOCALM_MODEL", "LLM_MODEL"])
def test_a_missing_model_from_a_setting_names_the_settings(run: Run, variable: str) -> None:
    done = run("ask", "x", **{variable: "/nowhere.gguf"})
    assert done.returncode == 3
    assert "LOCALM_MODEL" in done.stderr
    assert "config.yaml" in done.stderr


def test_binary_input_is_refused_by_name(run: Run) -> None:
    done = run("ask", "-m", "echo", "x", input="a\0b")
    assert (done.returncode, done.stdout) == (2, "")
    assert "binary" in done.stderr


def test_debug_shows_where_a_failure_came_from(run: Run, home: Path) -> None:
    by_flag = run("ask", "-m", "nonsense", "--debug", "x")
    by_variable = run("ask", "-m", "nonsense", "x", LOCALM_DEBUG="1")
    (home / "config.yaml").write_text("debug: true\n")
    by_file = run("ask", "-m", "nonsense", "x")
    for done in (by_flag, by_variable, by_file):
        assert done.returncode == 3
        assert "Traceback" in done.stderr
        assert done.stderr.splitlines()[-1].startswith("llm: There is no model 'nonsense'.")


def test_debug_that_is_asked_about_is_no_flag(run: Run) -> None:
    assert "Traceback" not in run("ask", "-m", "nonsense", "--", "--debug").stderr


def test_a_prompt_of_100_kb_is_refused_with_the_numbers(run: Run) -> None:
    done = run("ask", "-m", "builtin", "summarize", input="so it goes on " * 7200)
    assert (done.returncode, done.stdout) == (4, "")
    assert re.search(r"The prompt has [\d,]+ tokens; the window holds 2,048\.", done.stderr)


def test_a_home_that_cannot_be_written_is_no_hindrance(run: Run) -> None:
    done = run("ask", "-m", "builtin", "hi", LOCALM_HOME="/proc/nothing/here")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "line", ["system: 2020-13-45", "temperature: !!int x", "a: [" + "[" * 3000]
)
def test_a_config_file_that_the_parser_chokes_on_is_named(run: Run, home: Path, line: str) -> None:
    (home / "config.yaml").write_text(line)
    done = run("ask", "-m", "echo", "x")
    assert done.returncode == 2
    assert "config.yaml is not valid YAML" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_config_file_that_is_a_pipe_is_not_waited_for(run: Run, home: Path) -> None:
    os.mkfifo(home / "config.yaml")
    done = run("ask", "-m", "echo", "x")
    assert (done.returncode, done.stdout) == (2, "")
    assert "is no regular file" in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_model_that_may_not_be_read_is_exit_7(run: Run, tiny_model: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.gguf"
    secret.write_bytes(tiny_model.read_bytes())
    secret.chmod(0)
    assert run("ask", "-m", str(secret), "x").returncode == 7


@pytest.mark.parametrize(
    ("redirection", "code"),
    [
        ("ask -m echo hi --no-stdin >&-", 1),
        ("--version >&-", 1),
        ("completions bash >&-", 1),
        ("ask -m nonsense hi 2>&-", 3),
        ("ask -m echo -u hi --no-stdin 2>&-", 0),
        ("ask -m echo hi <&-", 0),
        ("ask -m echo hi 0>/dev/null", 0),
        ("ask -m nonsense hi >&- 2>&-", 3),
    ],
)
def test_a_closed_stream_is_no_riddle(redirection: str, code: int) -> None:
    done = subprocess.run(
        ["bash", "-c", f'"$0" {redirection}', PROGRAM], capture_output=True, text=True, check=False
    )
    assert done.returncode == code
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("command", ["--version", "--help", "completions zsh", "ask -m echo hi"])
def test_a_full_disk_is_said(command: str) -> None:
    done = subprocess.run(
        ["bash", "-c", f'"$0" {command} </dev/null >/dev/full', PROGRAM],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "llm: The answer cannot be written: No space left on device.\n"


def test_a_bad_setting_is_named(run: Run, home: Path) -> None:
    done = run("ask", "x", LOCALM_TOP_P="much")
    assert (done.returncode, done.stderr) == (
        2,
        "llm: LOCALM_TOP_P must be a number, not 'much'.\n",
    )
    (home / "config.yaml").write_text("modle: echo\n")
    done = run("ask", "x")
    assert done.returncode == 2
    assert "unknown key 'modle'. Did you mean model?" in done.stderr


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_disk_that_fills_midway_is_said(tmp_path: Path, unbuffered: str) -> None:
    (tmp_path / "s.json").write_text(json.dumps({"steps": [{"text": "x" * 150_000}]}))
    command = 'ulimit -f 100; trap "" XFSZ; "$0" ask -m echo:s.json --no-stdin hi > out'
    done = subprocess.run(
        ["bash", "-c", command, PROGRAM],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
    )
    assert done.returncode == 1
    assert done.stderr == "llm: The answer cannot be written: File too large.\n"


def test_an_output_that_does_not_block_gets_everything(run: Run, tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text(json.dumps({"steps": [{"text": "x" * 300_000}]}))
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    process = subprocess.Popen(
        [PROGRAM, "ask", "-m", "echo:s.json", "--no-stdin", "hi"], cwd=tmp_path, stdout=writing
    )
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        assert len(pipe.read()) == 300_001
    assert process.wait() == 0

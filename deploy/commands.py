"""Checks each `aws` command of the pages with Amazon's own command line, which knows Amazon's description of its API. Nothing is sent to it.

bash reads the blocks of the pages, so that variables, quotes and loops count; each command in them is a function that does nothing,
and that of `aws` writes its arguments down.
"""
import contextlib
import io
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from awscli.clidriver import create_clidriver

STUBS = """
aws () { printf '%s\\0' "$@" END >> "$ARGUMENTS"; echo 1; }
for name in docker ssh scp curl doctl chmod sleep sudo; do eval "$name () { cat > /dev/null; }"; done
"""
# Nothing listens there. A command that is right says so.
NOWHERE = ["--endpoint-url", "http://127.0.0.1:9", "--cli-connect-timeout", "1"]
# The package of PyPI is version 1. These are in version 2 alone, which is no package.
UNKNOWN = {("logs", "tail")}
SENT = "Could not connect to the endpoint URL"


def commands_of(page: pathlib.Path) -> list[list[str]]:
    """The arguments of each aws command on a page."""
    blocks = re.findall(r"^( *)```sh\n(.*?)^ *```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    inline = re.findall(r"`(aws .+?)`", page.read_text(encoding="utf-8"))
    script = "\n".join([STUBS, *(block for _, block in blocks if "aws " in block), *inline])
    with tempfile.TemporaryDirectory() as folder:
        arguments = pathlib.Path(folder, "arguments")
        arguments.touch()
        subprocess.run(["bash", "-uc", script], cwd=folder, env={**os.environ, "ARGUMENTS": str(arguments)}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
        words = arguments.read_text(encoding="utf-8").split("\0")
    commands: list[list[str]] = [[]]
    for word in words[:-1]:
        if word == "END":
            commands.append([])
        else:
            commands[-1].append(word)
    return commands[:-1]


def said_of(command: list[str]) -> str:
    """What a command said."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), contextlib.suppress(SystemExit):
        create_clidriver().main([*command, *NOWHERE])
    return said.getvalue().strip()


def main() -> None:
    os.environ.update(AWS_DEFAULT_REGION="eu-west-1", AWS_ACCESS_KEY_ID="none", AWS_SECRET_ACCESS_KEY="none", AWS_MAX_ATTEMPTS="1", AWS_PAGER="")
    failed = False
    assert SENT not in said_of(["ec2", "describe-instances", "--no-such-option", "1"]), "a wrong option was accepted"
    for page in map(pathlib.Path, sys.argv[1:]):
        commands = commands_of(page)
        for command in commands:
            if (command[0], command[1]) in UNKNOWN:
                print(f"NOT RUN: {page}: aws {' '.join(command)}: version 2 alone has it")
                continue
            said = said_of(command)
            if SENT not in said:
                failed = True
                print(f"FAILED: {page}: aws {' '.join(command)}: {said}")
        print(f"{page}: {len(commands)} commands")
    sys.exit(failed)


main()

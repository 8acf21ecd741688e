"""What the folders promise: numbered migrations, small files, documented settings."""

import re
from pathlib import Path

from shop_app.storage.migrate import newest_revision

ROOT = Path(__file__).parents[2]
VERSIONS = ROOT / "shop_app/storage/migrations/versions"


def test_migrations_are_numbered_without_a_gap_and_form_one_line():
    files = sorted(path.stem for path in VERSIONS.glob("[0-9]*.py"))
    assert [name[:4] for name in files] == [f"{number:04d}" for number in range(1, len(files) + 1)]
    assert newest_revision() == files[-1][:4]


def test_every_table_of_a_shop_is_protected_by_row_level_security():
    source = "\n".join(path.read_text(encoding="utf-8") for path in VERSIONS.glob("*.py"))
    tables = set(re.findall(r"CREATE TABLE (\w+)", source))
    outside = {"shops", "due_work"}
    protected = set(re.findall(r'"(\w+)"', " ".join(re.findall(r"for table in \(([^)]*)\)", source))))
    protected |= set(re.findall(r'protect\("(\w+)"\)', source))
    assert tables - outside == protected


def test_no_python_file_is_longer_than_four_hundred_lines():
    files = [path for folder in ("shop_app", "workers", "sandbox") for path in (ROOT / folder).rglob("*.py")]
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in files
    }
    assert {name: length for name, length in lengths.items() if length > 400} == {}


def test_every_setting_is_in_the_readme_table():
    read = set(re.findall(r'"([A-Z][A-Z_]{3,})"', (ROOT / "shop_app/settings.py").read_text(encoding="utf-8")))
    settings = read - {"DEBUG", "INFO", "WARNING", "ERROR"}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert {name for name in settings if f"`{name}`" not in readme} == set()

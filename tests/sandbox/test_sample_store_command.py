import json

from click.testing import CliRunner

from sandbox.sample_store.__main__ import main


def run(*options):
    return CliRunner().invoke(main, [*options])


def test_the_command_writes_the_files_and_the_truth(tmp_path):
    result = run("--customers", "120", "--until", "2026-10-31", "--out", str(tmp_path / "new"), "--truth")
    assert result.exit_code == 0, result.output
    assert "(100 %)" in result.stderr
    assert str(tmp_path / "new" / "orders_export.csv") in result.stdout
    truth = json.loads((tmp_path / "new" / "truth.json").read_text(encoding="utf-8"))
    assert len(truth["pairs"]) >= 6
    assert truth["made_from"] == {"customers": 120, "seed": 7, "from": "2024-05-01", "until": "2026-10-31"}
    people = (tmp_path / "new" / "truth_customers.csv").read_text(encoding="utf-8").splitlines()
    assert len(people) == 121


def test_without_the_flag_no_truth_is_written(tmp_path):
    assert run("--customers", "5", "--until", "2026-10-31", "--out", str(tmp_path)).exit_code == 0
    assert {path.name for path in tmp_path.iterdir()} == {
        *("orders_export.csv", "customers_export.csv", "products_export.csv"),
    }


def test_wrong_usage_is_said(tmp_path):
    result = run("--until", "yesterday", "--out", str(tmp_path))
    assert result.exit_code == 2
    assert "--until" in result.stderr

"""The files of deploy/ against the tools that read them, as far as these are installed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from sfu.config import SCHEMA, Settings, disagreements
from sfu.settings_file import SettingsFile

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"


def tool(name: str) -> str:
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not installed")
    return found


def run(*command: object) -> str:
    outcome = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=60, check=False
    )
    output = outcome.stdout + outcome.stderr
    assert outcome.returncode == 0, output
    return output


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    run(tool("hadolint"), ROOT / "Dockerfile")


def test_the_image_runs_as_a_user_without_rights() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    last_stage = lines[max(n for n, line in enumerate(lines) if line.startswith("FROM")) :]
    assert "USER 10001" in last_stage
    assert any(line.startswith("HEALTHCHECK") for line in last_stage)


def test_the_compose_file_follows_its_schema() -> None:
    run(
        tool("check-jsonschema"),
        "--builtin-schema",
        "vendor.compose-spec",
        DEPLOY / "compose.yaml",
    )


def test_the_manifests_are_valid_for_kubernetes() -> None:
    run(tool("kubernetes-validate"), "--strict", DEPLOY / "kubernetes" / "parley.yaml")


def test_systemd_understands_the_unit_and_finds_it_well_enclosed(tmp_path: Path) -> None:
    analyze = tool("systemd-analyze")
    unit = tmp_path / "sfu.service"
    text = (DEPLOY / "sfu.service").read_text()
    unit.write_text(text.replace("/opt/parley/bin/sfu", "/bin/true"))
    assert run(analyze, "verify", unit).strip() == ""
    exposure = run(analyze, "security", "--offline=true", "--no-pager", unit)
    found = re.search(r"exposure level for sfu\.service: ([0-9.]+)", exposure)
    assert found is not None, exposure
    assert float(found[1]) <= 3.0


def test_caddy_understands_its_file() -> None:
    run(tool("caddy"), "validate", "--adapter", "caddyfile", "--config", DEPLOY / "Caddyfile")


def test_the_settings_that_the_step_by_step_part_makes_are_settings() -> None:
    page = (ROOT / "docs" / "deploy.md").read_text()
    found = re.search(r"/etc/parley/parley.toml <<EOF\n(.*?)^EOF$", page, re.MULTILINE | re.DOTALL)
    assert found is not None
    text = re.sub(r"\$\(openssl rand -hex 32\)|\$TURN_SECRET", "5e" * 32, found[1])
    text = text.replace("$ADDRESS", "203.0.113.7").replace("$DOMAIN", "call.example.org")
    file = SettingsFile(text.encode(), "parley.toml")
    assert list(file.mistakes(SCHEMA)) == []
    settings = Settings(**file.settings(SCHEMA))
    assert list(disagreements(settings)) == []
    assert settings.auth == "token"
    assert settings.turn_secret


def test_the_unit_reads_the_settings_where_the_page_puts_them() -> None:
    unit, page = (DEPLOY / "sfu.service").read_text(), (ROOT / "docs" / "deploy.md").read_text()
    assert "ExecStart=/opt/parley/bin/sfu serve --config /etc/parley/parley.toml\n" in unit
    for name in re.findall(r"^(?:User|Group)=(.+)$", unit, re.MULTILINE):
        assert re.search(rf"^adduser --system --group .* {name}$", page, re.MULTILINE)


def test_every_variable_that_is_set_somewhere_is_a_setting() -> None:
    files = [ROOT / "Dockerfile", *(path for path in DEPLOY.rglob("*") if path.is_file())]
    named = {name for file in files for name in re.findall(r"\bSFU_[A-Z_]+\b", file.read_text())}
    assert "SFU_DRAIN_SECONDS" in named
    assert named <= {setting.variable for setting in SCHEMA.values()}


def test_nobody_is_killed_before_the_deadline_of_draining() -> None:
    (container,) = (pod := manifest()["spec"]["template"]["spec"])["containers"]
    variables = {each["name"]: each.get("value") for each in container["env"]}
    drain = float(variables["SFU_DRAIN_SECONDS"])
    assert pod["terminationGracePeriodSeconds"] > drain + 10
    service = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["sfu"]
    grace = float(service["stop_grace_period"].removesuffix("s"))
    assert grace > float(service["environment"]["SFU_DRAIN_SECONDS"])
    unit = (DEPLOY / "sfu.service").read_text()
    stop = re.search(r"^TimeoutStopSec=(\d+)$", unit, re.MULTILINE)
    drains = re.search(r"^Environment=SFU_DRAIN_SECONDS=(\d+)$", unit, re.MULTILINE)
    assert stop is not None
    assert drains is not None
    assert int(stop[1]) > int(drains[1])


def test_a_draining_server_is_alive_and_not_ready() -> None:
    (container,) = manifest()["spec"]["template"]["spec"]["containers"]
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"


def manifest() -> dict[str, dict]:
    documents = yaml.safe_load_all((DEPLOY / "kubernetes" / "parley.yaml").read_text())
    return next(each for each in documents if each["kind"] == "DaemonSet")

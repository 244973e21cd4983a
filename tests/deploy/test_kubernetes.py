"""deploy/: valid by Kubernetes' own schemas, little allowed, and in step with what the compose files do."""

import re
import tomllib
from typing import Any

import jsonschema
import kubernetes_validate  # type: ignore[import-untyped]
import pytest

from alerts.alertmanager import addresses
from alerts.service import STOP_SECONDS as ENGINE_STOP_SECONDS
from floorpulse.settings import Settings
from kpi.floor import parse_floor
from streams.worker import STOP_SECONDS
from tests.data_sets import ROOT
from tests.deploy.crds import SCHEMAS
from tests.deploy.manifests import FILES, THINGS, Thing, container, environment, named, of_kind

#: The oldest release whose schema the manifests are held to, and the newest.
RELEASES = ("1.27", "1.34")
OURS = ("alerts", "board", "worker")
both = pytest.mark.parametrize("name", OURS)


def title(thing: Thing) -> str:
    return f"{thing['kind']} {thing['metadata']['name']}"


# --- Schemas -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("thing", [thing for thing in THINGS if thing["kind"] not in SCHEMAS], ids=title)
def test_kubernetes_knows_every_field(thing: Thing, release: str) -> None:
    kubernetes_validate.validate(thing, release, strict=True)


def test_its_schemas_notice_a_field_that_is_not_there() -> None:
    wrong = {**named("Service", "board"), "spec": {**named("Service", "board")["spec"], "port": 1}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, RELEASES[-1], strict=True)


@pytest.mark.parametrize("thing", [thing for thing in THINGS if thing["kind"] in SCHEMAS], ids=title)
def test_an_object_of_the_operator_has_the_fields_that_we_know_of(thing: Thing) -> None:
    schema = SCHEMAS[thing["kind"]]
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(thing, schema)


@pytest.mark.parametrize("thing", THINGS, ids=title)
def test_everything_stands_in_our_namespace(thing: Thing) -> None:
    space = thing["metadata"]["name"] if thing["kind"] == "Namespace" else thing["metadata"]["namespace"]
    assert space == "floorpulse"


def test_no_two_objects_have_one_name_and_files_are_applied_in_an_order_that_works() -> None:
    assert len({title(thing) for thing in THINGS}) == len(THINGS)
    assert THINGS[0]["kind"] == "Namespace"
    assert [path.name for path in FILES if path.parent.name == "monitoring"] == ["monitors.yaml", "rules.yaml"]


# --- Pods --------------------------------------------------------------------------------------------


@both
def test_a_container_can_do_as_little_as_possible(name: str) -> None:
    pod = named("Deployment", name)["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == pod["securityContext"]["runAsGroup"] == 10001
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container(name)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod["automountServiceAccountToken"] is False
    assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
    assert not any("hostPath" in volume for volume in pod["volumes"])
    assert named("Namespace", "floorpulse")["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


@both
def test_what_is_mounted_is_read_only_but_for_a_small_scratch_folder(name: str) -> None:
    mounts = {mount["name"]: mount.get("readOnly", False) for mount in container(name)["volumeMounts"]}
    assert mounts == {"floor": True, "secrets": True, "tmp": False}
    volumes = {volume["name"]: volume for volume in named("Deployment", name)["spec"]["template"]["spec"]["volumes"]}
    assert volumes["tmp"]["emptyDir"]["sizeLimit"]
    assert volumes["secrets"]["secret"]["defaultMode"] == 0o440


@both
def test_a_container_says_what_it_needs_and_gets_no_more(name: str) -> None:
    resources = container(name)["resources"]
    assert resources["requests"].keys() == resources["limits"].keys() == {"cpu", "memory"}


@both
def test_a_pod_is_probed_and_has_time_to_end(name: str) -> None:
    pod = named("Deployment", name)["spec"]["template"]["spec"]
    assert {"startupProbe", "livenessProbe", "readinessProbe"} <= container(name).keys()
    assert pod["terminationGracePeriodSeconds"] == 30 > max(STOP_SECONDS, ENGINE_STOP_SECONDS) + 10
    (port,) = container(name)["ports"]
    probes = [container(name)[f"{probe}Probe"] for probe in ("startup", "liveness", "readiness")]
    assert {probe["httpGet"]["port"] for probe in probes if "httpGet" in probe} == {port["name"]}


def test_a_board_is_alive_by_livez_and_ready_by_readyz_and_leaves_its_service_before_it_ends() -> None:
    board = container("board")
    assert board["livenessProbe"]["httpGet"]["path"] == "/livez"
    assert "/readyz" in board["readinessProbe"]["exec"]["command"][-1]
    assert board["lifecycle"]["preStop"]["exec"]["command"] == ["sleep", "3"]


@both
def test_there_are_two_and_never_none(name: str) -> None:
    spec = named("Deployment", name)["spec"]
    budget = named("PodDisruptionBudget", name)["spec"]
    assert spec["replicas"] >= 2
    assert budget.get("minAvailable") == 1 or budget.get("maxUnavailable") == 1
    labels = spec["template"]["metadata"]["labels"]
    for selector in (spec["selector"], budget["selector"]):
        assert selector["matchLabels"].items() <= labels.items()
    assert named("Service", name)["spec"]["selector"].items() <= labels.items()
    assert spec["strategy"]["rollingUpdate"]["maxUnavailable"] < spec["replicas"]


def test_no_more_workers_are_asked_for_than_there_are_partitions() -> None:
    assert named("Deployment", "worker")["spec"]["replicas"] <= int(environment("worker")["FLOORPULSE_PARTITIONS"])


# --- Settings ----------------------------------------------------------------------------------------


@both
def test_every_variable_is_a_setting_and_they_hold_together(name: str, tmp_path: Any) -> None:
    given = environment(name)
    known = {f"FLOORPULSE_{field.upper()}" for field in Settings.__dataclass_fields__}
    assert {variable.removesuffix("_FILE") for variable in given} <= known
    for variable in [variable for variable in given if variable.endswith("_FILE")]:
        (tmp_path / variable).write_text("x" * 43, encoding="utf-8")
        given[variable] = str(tmp_path / variable)
    settings = Settings.from_env(given)
    assert settings.redis_url.startswith("rediss://")
    assert settings.bind == "0.0.0.0"


@both
def test_no_secret_stands_in_a_manifest(name: str) -> None:
    assert of_kind("Secret") == {}
    for variable, value in environment(name).items():
        if re.search(r"PASSWORD|TOKEN", variable):
            assert variable.endswith("_FILE")
            assert value.startswith("/run/secrets/floorpulse/")
        assert not re.search(r"://[^/]*:[^/]*@", value)


@both
def test_the_secret_is_one_that_the_document_says_how_to_make(name: str) -> None:
    assert keys_of(name) <= keys_made(name)


def keys_of(name: str) -> set[str]:
    """The files that a pod looks for among its secrets."""
    return {value.rpartition("/")[2] for value in environment(name).values() if "/run/secrets/" in value}


def keys_made(name: str) -> set[str]:
    """The files that docs/deploy.md puts into the secret of a pod."""
    text = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    (secret,) = {
        volume["secret"]["secretName"]
        for volume in named("Deployment", name)["spec"]["template"]["spec"]["volumes"]
        if "secret" in volume
    }
    made = re.search(rf"create secret generic {secret}((?: \\\n|[^\n])*)", text)
    assert made is not None
    return set(re.findall(r"--from-file=([\w.]+)=", made[1]))


def test_the_image_is_the_version_of_the_project() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert {container(name)["image"].rpartition(":")[2] for name in OURS} == {version}


def test_the_floor_of_the_cluster_is_valid() -> None:
    assert parse_floor(named("ConfigMap", "floor")["data"]["floor.toml"]).configured


# --- Network -----------------------------------------------------------------------------------------


def test_nothing_comes_in_or_goes_out_unless_a_policy_says_so() -> None:
    closed = named("NetworkPolicy", "nothing-else")["spec"]
    assert closed["podSelector"] == {}
    assert closed["policyTypes"] == ["Ingress", "Egress"]
    assert not {"ingress", "egress"} & closed.keys()


@both
def test_a_policy_opens_the_port_that_is_served_to_named_namespaces_only(name: str) -> None:
    policy = named("NetworkPolicy", name)["spec"]
    labels = named("Deployment", name)["spec"]["template"]["metadata"]["labels"]
    assert policy["podSelector"]["matchLabels"].items() <= labels.items()
    ports = {port["port"] for rule in policy["ingress"] for port in rule["ports"]}
    assert ports == {port["containerPort"] for port in container(name)["ports"]}
    assert all("namespaceSelector" in peer for rule in policy["ingress"] for peer in rule["from"])


@both
def test_a_policy_lets_out_to_redis_and_kafka_where_they_are(name: str) -> None:
    out = {port["port"] for rule in named("NetworkPolicy", name)["spec"]["egress"] for port in rule["ports"]}
    given = environment(name)
    servers = [given["FLOORPULSE_REDIS"].rpartition("/")[0], *([given["FLOORPULSE_KAFKA"]] if name == "worker" else [])]
    if name != "worker":
        watched = addresses(given["FLOORPULSE_PROMETHEUS"]) if name == "alerts" else ()
        servers += [*addresses(given["FLOORPULSE_ALERTMANAGER"]), *watched]
    assert out == {int(server.rpartition(":")[2]) for server in servers}


# --- Relay -------------------------------------------------------------------------------------------


def test_the_relay_is_one_pod_with_a_disk_that_can_do_as_little_as_the_others() -> None:
    spec, other = named("Deployment", "relay")["spec"], named("Deployment", "alerts")["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})
    pod = spec["template"]["spec"]
    assert pod["securityContext"] == other["template"]["spec"]["securityContext"]
    assert container("relay")["securityContext"] == container("alerts")["securityContext"]
    assert container("relay")["image"] == container("alerts")["image"]
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    assert volumes["spool"]["persistentVolumeClaim"]["claimName"] in of_kind("PersistentVolumeClaim")
    assert {"startupProbe", "livenessProbe", "readinessProbe"} <= container("relay").keys()


def test_what_the_relay_looks_for_is_in_the_secret_that_the_document_says_how_to_make(tmp_path: Any) -> None:
    given = environment("relay")
    assert keys_of("relay") <= keys_made("relay")
    (tmp_path / "token").write_text("x" * 43, encoding="utf-8")
    settings = Settings.from_env(given | {"FLOORPULSE_RELAY_TOKEN_FILE": str(tmp_path / "token")})
    assert settings.relay_port == container("relay")["ports"][0]["containerPort"]


def test_the_relay_is_told_by_alertmanager_and_speaks_https_to_the_world() -> None:
    policy = named("NetworkPolicy", "relay")["spec"]
    assert [port["port"] for rule in policy["egress"] for port in rule["ports"]] == [443]
    assert [port["port"] for rule in policy["ingress"] for port in rule["ports"]] == [9098]
    assert all("namespaceSelector" in peer for rule in policy["ingress"] for peer in rule["from"])

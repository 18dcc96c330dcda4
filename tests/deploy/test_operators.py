"""What the operators are asked for: brokers that lose nothing, rights as the code uses them, numbers that fit one another."""

from __future__ import annotations

import pytest

from chassis.settings import Settings
from contracts import topic_of
from plumbline.manifests import Access, bus_access, stale
from plumbline.services import SERVICES, load
from tests.deploy.built import Object, Overlay, named, overlay, pod

POOL_SIZE: int = Settings.model_fields["pool_size"].default
PARTITIONS: int = Settings.model_fields["kafka_partitions"].default


@pytest.fixture(params=["large", "airgapped"])
def whole(request: pytest.FixtureRequest) -> Overlay:
    """The overlays that bring PostgreSQL and Kafka themselves."""
    return overlay(request.param)


def test_generated_manifests_are_up_to_date() -> None:
    assert not stale(), "run make manifests"


def test_a_record_is_on_three_brokers_and_two_must_have_it(whole: Overlay) -> None:
    (kafka,), (pool,) = whole.of("Kafka"), whole.of("KafkaNodePool")
    config = kafka["spec"]["kafka"]["config"]
    assert pool["spec"]["replicas"] >= 3
    assert config["default.replication.factor"] == config["offsets.topic.replication.factor"] == 3
    assert config["min.insync.replicas"] == 2
    assert config["auto.create.topics.enable"] is False
    assert config["unclean.leader.election.enable"] is False


def test_brokers_take_only_known_users_over_tls(whole: Overlay) -> None:
    (kafka,) = whole.of("Kafka")
    for listener in kafka["spec"]["kafka"]["listeners"]:
        assert listener["tls"] is True
        assert listener["authentication"] == {"type": "scram-sha-512"}
    assert kafka["spec"]["kafka"]["authorization"] == {"type": "simple"}


def _granted(user: Object) -> set[Access]:
    assert user["spec"]["authentication"] == {"type": "scram-sha-512"}
    return {
        Access(acl["resource"]["type"], acl["resource"]["name"], tuple(acl["operations"]))
        for acl in user["spec"]["authorization"]["acls"]
        if acl["resource"]["patternType"] == "literal"
    }


def test_each_service_may_do_on_the_brokers_what_its_code_does_and_no_more(whole: Overlay) -> None:
    for name in SERVICES:
        assert _granted(whole.get("KafkaUser", f"plumbline-{name}")) == set(bus_access(load(name))), name
    users = {one["metadata"]["name"] for one in whole.of("KafkaUser")}
    assert users == {f"plumbline-{name}" for name in SERVICES} | {"plumbline-scaling"}


def test_only_its_own_service_writes_a_topic() -> None:
    for topic in map(topic_of, SERVICES):
        writers = [
            name
            for name in SERVICES
            if any(access.name == topic and "Write" in access.operations for access in bus_access(load(name)))
        ]
        assert [topic_of(name) for name in writers] == [topic]


def test_a_worker_signs_in_as_the_user_that_is_made_for_it(whole: Overlay) -> None:
    for name in SERVICES:
        (container,) = pod(whole.get("StatefulSet", f"{name}-worker"))["spec"]["containers"]
        given = {one["name"]: one for one in container["env"]}
        user = given["KAFKA_USERNAME"]["value"]
        assert whole.get("KafkaUser", user)
        assert given["KAFKA_PASSWORD"]["valueFrom"]["secretKeyRef"] == {"name": user, "key": "password"}


def test_each_service_has_its_database_and_its_role(whole: Overlay) -> None:
    (cluster,) = whole.of("Cluster")
    roles = {role["name"]: role["passwordSecret"]["name"] for role in cluster["spec"]["managed"]["roles"]}
    for name in SERVICES:
        database = whole.get("Database", f"plumbline-{name}")["spec"]
        assert database["name"] == database["owner"] == f"plumbline_{name}"
        assert database["cluster"]["name"] == cluster["metadata"]["name"]
        assert database["databaseReclaimPolicy"] == "retain"
        for one in (
            whole.get("Deployment", name),
            whole.get("StatefulSet", f"{name}-worker"),
            whole.get("Job", f"{name}-migrate"),
        ):
            (container,) = pod(one)["spec"]["containers"]
            given = {variable["name"]: variable for variable in container["env"]}
            assert given["DATABASE_URL"]["value"] == f"postgresql:///{database['name']}", named(one)
            assert given["PGPASSWORD"]["valueFrom"]["secretKeyRef"]["name"] == roles[database["owner"]], named(one)


def test_the_database_takes_every_connection_of_the_most_pods(whole: Overlay) -> None:
    most = sum(
        one["spec"]["maxReplicas"] for one in whole.of("HorizontalPodAutoscaler") if one["metadata"]["name"] in SERVICES
    )
    most += len(SERVICES)  # one more of each while it is rolled out
    most += sum(one["spec"]["maxReplicaCount"] for one in whole.of("ScaledObject"))
    (cluster,) = whole.of("Cluster")
    assert int(cluster["spec"]["postgresql"]["parameters"]["max_connections"]) >= most * POOL_SIZE + 20


def test_an_acknowledged_commit_is_on_two_machines_and_backed_up(whole: Overlay) -> None:
    (cluster,), (nightly,), (store,) = whole.of("Cluster"), whole.of("ScheduledBackup"), whole.of("ObjectStore")
    spec = cluster["spec"]
    assert spec["instances"] >= 3
    assert spec["postgresql"]["synchronous"] == {"method": "any", "number": 1, "dataDurability": "required"}
    assert spec["affinity"]["podAntiAffinityType"] == "required"
    (archiver,) = spec["plugins"]
    assert archiver["isWALArchiver"] is True
    assert archiver["parameters"]["barmanObjectName"] == store["metadata"]["name"]
    assert nightly["spec"]["cluster"]["name"] == cluster["metadata"]["name"]
    assert nightly["spec"]["pluginConfiguration"]["name"] == archiver["name"]


def test_workers_are_scaled_by_the_lag_of_what_they_read(whole: Overlay) -> None:
    for name in SERVICES:
        service = load(name)
        if not service.listens_to:
            continue
        spec = whole.get("ScaledObject", f"{name}-worker")["spec"]
        assert whole.get(spec["scaleTargetRef"]["kind"], spec["scaleTargetRef"]["name"])
        asked = {(one["metadata"]["consumerGroup"], one["metadata"]["topic"]) for one in spec["triggers"]}
        assert asked == {(name, topic_of(heard)) for heard in service.listens_to}
        assert 2 <= spec["minReplicaCount"] <= spec["maxReplicaCount"] <= PARTITIONS


def test_who_scales_sees_lag_and_no_record(whole: Overlay) -> None:
    for acl in whole.get("KafkaUser", "plumbline-scaling")["spec"]["authorization"]["acls"]:
        assert acl["operations"] == ["Describe"]


def test_where_replicas_follow_the_work_their_number_is_not_written_down(whole: Overlay) -> None:
    scaled = {one["spec"]["scaleTargetRef"]["name"] for one in whole.of("HorizontalPodAutoscaler", "ScaledObject")}
    for one in whole.of("Deployment", "StatefulSet"):
        assert ("replicas" in one["spec"]) == (one["metadata"]["name"] not in scaled), named(one)


def test_without_autoscaling_there_are_two_of_everything() -> None:
    for one in overlay("small").of("Deployment", "StatefulSet"):
        assert one["spec"]["replicas"] == 2, named(one)


def test_every_certificate_that_is_mounted_is_made(built: Overlay) -> None:
    made = {one["spec"]["secretName"]: one["spec"] for one in built.of("Certificate")}
    issuers = {one["metadata"]["name"] for one in built.of("Issuer")}
    for one in built.of("Deployment", "StatefulSet"):
        (mounted,) = [volume for volume in pod(one)["spec"]["volumes"] if volume["name"] == "tls"]
        certificate = made[mounted["secret"]["secretName"]]
        assert certificate["issuerRef"]["name"] in issuers, named(one)
        assert one["metadata"]["name"].removesuffix("-worker") in certificate["dnsNames"], named(one)

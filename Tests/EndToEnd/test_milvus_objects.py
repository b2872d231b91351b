"""The merge rules of the stand-in for milvus-operator, which the other tests lean on."""

import milvus_objects

CERTIFICATES = {"name": "certs", "secret": {"secretName": "certs"}}
MOUNT = {"name": "certs", "mountPath": "/certs", "readOnly": True}


def milvus(mode: str = "standalone", config: dict | None = None, **components: object) -> dict:
    return {
        "apiVersion": "milvus.io/v1beta1",
        "kind": "Milvus",
        "metadata": {"name": "my-release", "namespace": "default", "uid": "1"},
        "spec": {"mode": mode, "config": config or {}, "components": {"image": "local/milvus:v2.5.4"} | components},
    }


def pod(item: dict, component: str = "standalone", running: dict | None = None) -> dict:
    return milvus_objects.deployment(item, component, running)["spec"]["template"]


def paths(template: dict) -> list[str]:
    return [mount["mountPath"] for mount in template["spec"]["containers"][0]["volumeMounts"]]


def test_volumes_of_a_component_replace_and_mounts_are_appended() -> None:
    cache = {"name": "cache", "emptyDir": {}}
    own = {"volumes": [cache], "volumeMounts": [{"name": "cache", "mountPath": "/cache"}]}
    template = pod(milvus("cluster", volumes=[CERTIFICATES], volumeMounts=[MOUNT], proxy=own), "proxy")
    assert cache in template["spec"]["volumes"] and CERTIFICATES not in template["spec"]["volumes"]
    assert paths(template)[-2:] == ["/certs", "/cache"]


def test_annotations_of_a_component_are_merged_over_the_global_ones() -> None:
    template = pod(milvus("cluster", podAnnotations={"a": "1", "b": "1"}, proxy={"podAnnotations": {"b": "2"}}), "proxy")
    assert template["metadata"]["annotations"].items() >= {"a": "1", "b": "2"}.items()


def test_a_mount_of_a_running_deployment_stays_until_it_is_removed_by_name() -> None:
    running = milvus_objects.deployment(milvus(volumes=[CERTIFICATES], volumeMounts=[MOUNT]), "standalone", None)
    kept = pod(milvus(), running=running)
    assert "/certs" in paths(kept) and CERTIFICATES in kept["spec"]["volumes"]
    removed = pod(milvus(volumeMounts=[{"name": "_remove", "mountPath": "/certs"}]), running=running)
    assert "/certs" not in paths(removed) and CERTIFICATES in removed["spec"]["volumes"]


def test_a_changed_configuration_rolls_the_pods_unless_only_the_config_map_is_to_change() -> None:
    changed = {"common": {"security": {"tlsMode": 1}}}
    assert pod(milvus()) != pod(milvus(config=changed))
    assert pod(milvus(updateConfigMapOnly=True)) == pod(milvus(config=changed, updateConfigMapOnly=True))


def test_the_configuration_is_merged_over_that_of_the_image() -> None:
    defaults = {"proxy": {"port": 19530, "http": {"enabled": True}}}
    data = milvus_objects.config_map(milvus(config={"proxy": {"http": {"port": 8080}}}), defaults)["data"]
    assert data["milvus.yaml"] == "proxy:\n  http:\n    enabled: true\n    port: 8080\n  port: 19530\n"
    assert data["user.yaml"] == "proxy:\n  http:\n    port: 8080\n"


def test_a_release_that_reads_user_yaml_takes_its_keys_in_any_letter_case() -> None:
    item = milvus(config={"common": {"Security": {"TLSmode": 1}}})
    defaults = {"common": {"security": {"tlsMode": 0, "superUsers": "root"}}}
    assert "tlsMode: 0" in milvus_objects.config_map(item, defaults)["data"]["milvus.yaml"], "both spellings"
    item["metadata"]["annotations"] = {milvus_objects.READS_USER_YAML: "true"}
    data = milvus_objects.config_map(item, defaults)["data"]
    assert data["milvus.yaml"] == "common:\n  Security:\n    TLSmode: 1\n    superUsers: root\n"


def test_the_service_has_rest_only_where_it_is_asked_for() -> None:
    ports = {port["name"] for port in milvus_objects.service(milvus())["spec"]["ports"]}
    asked = {port["name"] for port in milvus_objects.service(milvus(standalone={"serviceRestfulPort": 8080}))["spec"]["ports"]}
    assert (ports, asked) == ({"milvus", "metrics"}, {"milvus", "metrics", "restful"})

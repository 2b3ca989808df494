"""Objects as manifests have them, on the real API server, which refuses every field that it does not know."""
import yaml

from lib import peers
from lib.polling import poll

CUSTOM = ("servicemonitors", "prometheusrules")


def create(namespace, value, field_validation="Strict"):
    """Creates an object of any kind; the answer, whatever it is. `namespace`: a kube.Namespace."""
    return namespace.request("POST", f"{collection(namespace, value)}?fieldValidation={field_validation}", value)


def create_all(namespace, objects):
    """In this namespace, whatever they say."""
    for each in objects:
        placed = {**each, "metadata": {**each["metadata"], "namespace": namespace.name}}
        answer = create(namespace, placed)
        assert answer.status == 201, f"{each['kind']}: {answer.text()}"


def replace(namespace, value):
    path = f"{collection(namespace, value)}/{value['metadata']['name']}?fieldValidation=Strict"
    return namespace.request("PUT", path, value)


def apply_all(namespace, objects):
    """Creates what is not there, and replaces what is."""
    for each in objects:
        answer = create(namespace, each)
        if answer.status == 409:
            there = namespace.request("GET", f"{collection(namespace, each)}/{each['metadata']['name']}").json()
            metadata = {**each["metadata"], "resourceVersion": there["metadata"]["resourceVersion"]}
            answer = replace(namespace, {**each, "metadata": metadata})
        assert answer.status in (200, 201), f"{each['kind']}: {answer.text()}"


def pod_of(stateful_set, name="from-template"):
    """A pod as the StatefulSet's controller would make it, but for its volume: no controller runs here."""
    spec = stateful_set["spec"]
    template = spec["template"]
    volumes = [{"name": each["metadata"]["name"], "emptyDir": {}} for each in spec["volumeClaimTemplates"]]
    return {"apiVersion": "v1", "kind": "Pod",
            "metadata": {**template["metadata"], "name": name, "namespace": stateful_set["metadata"]["namespace"]},
            "spec": {**template["spec"], "volumes": template["spec"]["volumes"] + volumes}}


def pod_from(template, name="from-template"):
    """A pod with all that a template says, and nothing else."""
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {**template["metadata"], "name": name},
            "spec": template["spec"]}


def collection(namespace, value):
    """The path that objects of this kind are created at."""
    version = value["apiVersion"]
    group = f"/apis/{version}" if "/" in version else f"/api/{version}"
    resources = namespace.request("GET", group).json()["resources"]
    resource = next(each for each in resources if each["kind"] == value["kind"] and "/" not in each["name"])
    return f"{group}/namespaces/{namespace.name}/{resource['name']}" if resource["namespaced"] else (
        f"{group}/{resource['name']}")


def install_custom_resources(namespace):
    """The Prometheus Operator's kinds that a chart may have objects of. Another worker may have been here before."""
    folder = peers.peer("prometheus-operator-0.93.0", "crds")
    for name in CUSTOM:
        definition = yaml.safe_load((folder / f"monitoring.coreos.com_{name}.yaml").read_text())
        answer = create(namespace, definition)
        assert answer.status in (201, 409), answer.text()
    poll(lambda: set(CUSTOM) <= _resources(namespace), 60, "the API server knows the operator's kinds")


def _resources(namespace):
    answer = namespace.request("GET", "/apis/monitoring.coreos.com/v1")
    return {each["name"] for each in answer.json().get("resources", [])}

"""What a selector selects: whether it is the pods of a template and no others, and whether its ports are theirs.

    selectors.selects(budget["spec"]["selector"], template["metadata"]["labels"])
    selectors.reached_ports(service, template)                     # {"http": 9090}: where a Service's ports lead
    selectors.scraped_ports(service_monitor, [service], template)  # [("/metrics", 9090)]
    selectors.scraped_ports_of_pods(pod_monitor, template)

Each fails as an assertion where nothing is selected or a port leads nowhere. Kubernetes' controllers do the same:
k8s.io/kubernetes/pkg/controller/util/endpoint and k8s.io/endpointslice.
"""

# Where a Service looks for a port's name: in sidecars (restartable init containers) since Kubernetes 1.33 only.
BEFORE_1_33 = ("containers",)
SINCE_1_33 = ("containers", "initContainers")
OPERATORS = {"In": lambda labels, key, values: labels.get(key) in values,
             "NotIn": lambda labels, key, values: labels.get(key) not in values,
             "Exists": lambda labels, key, _: key in labels,
             "DoesNotExist": lambda labels, key, _: key not in labels}


def selects(selector, labels):
    """By a LabelSelector, or by the labels alone as in a Service. One that selects whatever there is does not count."""
    wanted = selector if _is_plain(selector) else selector.get("matchLabels", {})
    expressions = [] if _is_plain(selector) else selector.get("matchExpressions", [])
    return bool(wanted or expressions) and wanted.items() <= labels.items() and all(
        OPERATORS[each["operator"]](labels, each["key"], each.get("values")) for each in expressions)


def reached_ports(service, template, named_in=SINCE_1_33):
    """{name of the port: number of the pod's port that it leads to}"""
    spec, name = service["spec"], service["metadata"]["name"]
    assert selects(spec.get("selector", {}), template["metadata"]["labels"]), f"Service {name} does not select the pods"
    return {each.get("name"): _number(each.get("targetPort", each["port"]), template, named_in)
            for each in spec["ports"]}


def scraped_ports(service_monitor, services, template, named_in=SINCE_1_33):
    """What a ServiceMonitor makes Prometheus ask of each pod, once for every Service that it selects: [(path, number)]"""
    spec = service_monitor["spec"]
    selected = [each for each in services if selects(spec["selector"], each["metadata"].get("labels", {}))]
    assert selected, f"ServiceMonitor {service_monitor['metadata']['name']} selects no Service"
    return [(endpoint.get("path", "/metrics"), reached_ports(service, template, named_in)[endpoint["port"]])
            for service in selected for endpoint in spec["endpoints"]]


def scraped_ports_of_pods(pod_monitor, template):
    """The same of a PodMonitor, which reads the pods' ports by itself."""
    spec = pod_monitor["spec"]
    assert selects(spec["selector"], template["metadata"]["labels"]), "the PodMonitor does not select the pods"
    return [(each.get("path", "/metrics"), _number(each["port"], template, SINCE_1_33))
            for each in spec["podMetricsEndpoints"]]


def _is_plain(selector):
    return not {"matchLabels", "matchExpressions"} & selector.keys()


def _number(target, template, named_in):
    """A port that some container has: by its name in those of `named_in`, or by its number in any."""
    is_named = isinstance(target, str)
    for container in _containers(template["spec"], named_in if is_named else SINCE_1_33):
        for port in container.get("ports", []):
            if port.get("name" if is_named else "containerPort") == target:
                return port["containerPort"]
    raise AssertionError(f"no container has the port {target}")


def _containers(spec, kinds):
    """Init containers that end have no ports any more."""
    return [each for kind in kinds for each in spec.get(kind, [])
            if kind == "containers" or each.get("restartPolicy") == "Always"]

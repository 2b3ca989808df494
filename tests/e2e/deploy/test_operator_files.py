"""The short way by the files of deploy/operator; and what happens where config-reloader writes the elector's output."""
import copy

from lib.operated import DEPLOY, documents, of_values, patched, service_monitor

WRITER = "leader"


def test_the_values_of_the_short_way_lead(with_files, namespace, new_group, sink):
    value = of_values("short-way-values.yaml", namespace)
    with_files.apply(value, *patched(value)[1:])  # the Role of this release
    group = new_group(value).start()
    leader = group.leader()
    sink.wait_for_writer(WRITER)
    assert group.writers() == [leader]
    leader.kill()
    follower = group.leader(besides=[leader])
    sink.wait_for_writer(WRITER)
    assert group.writers() == [follower]


def test_config_reloader_as_a_second_writer_is_put_right_and_reported(with_files, namespace, new_group, sink):
    value = copy.deepcopy(documents((DEPLOY / "short-way.yaml").read_text(), namespace)[0])
    spec = value["spec"]
    spec["containers"] = []  # Prometheus reads the operator's volume, and so both write its file
    spec["volumes"] = [each for each in spec["volumes"] if each["name"] != "promfleet-config-out"]
    for container in spec["initContainers"]:
        for mount in container["volumeMounts"]:
            mount["name"] = mount["name"].replace("promfleet-config-out", "config-out")
    spec["replicas"] = 1
    with_files.apply(value)
    group = new_group(value).start()
    pod = group.leader()
    sink.wait_for_writer(WRITER)

    with_files.apply(service_monitor("added"))
    group.wait(lambda: group.foreign_writes() > 0, 60, "config-reloader has written the file")
    group.wait(lambda: "/added/0" in pod.prometheus.loaded_config() and group.writers() == [pod], 40, "put right")
    pod.elector.wait_for_log("someone else changed Prometheus' configuration")
    sink.wait_for_writer(WRITER)

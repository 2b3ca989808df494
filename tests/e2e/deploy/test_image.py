"""deploy/image: what the image holds, and that it does its work where a pod of the namespace `restricted` runs it."""
import json
import os
import stat
import subprocess

import pytest
import yaml

from lib import containers, peers
from lib.certificates import Authority
from lib.containers import PROMFLEET_USER, Container, Mount
from lib.elector import Elector, arguments
from lib.fleet import LEASE_NAME
from lib.name_server import NameServer
from lib.polling import poll

SIZE_BYTES_MAX = 12 << 20
MEMBER = "member.test.invalid"  # a name that only the test's DNS server knows
ROOTS = "/etc/ssl/certs/ca-certificates.crt"
DOCUMENTATION = "usr/share/doc/promfleet"


@pytest.fixture
def image():
    return containers.promfleet_image()


@pytest.fixture
def name_server():
    server = NameServer()
    yield server
    server.stop()


class ContainedElector(Container, Elector):
    """An elector of a fleet, in a container that sees the folders of the test by their own paths."""

    def __init__(self, elector, image, mounts, env):
        vars(self).update(vars(elector))
        self._image, self._mounts, self._container_env = image, mounts, env

    def start(self):
        self.command = [str(word) for word in containers.command(
            self._image, arguments(self.flags), mounts=self._mounts, env=self._container_env)]
        return Container.start(self)


def files_of(root):
    return {path.relative_to(root).as_posix(): path.lstat() for path in root.rglob("*") if not path.is_dir()}


def status_of(pid):
    """/proc/PID/status: {field: text}."""
    with open(f"/proc/{pid}/status", encoding="ascii") as lines:
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def options_of_root_mount(pid):
    with open(f"/proc/{pid}/mountinfo", encoding="utf-8") as lines:
        return next(fields[5].split(",") for fields in map(str.split, lines) if fields[4] == "/")


def revision():
    """Of these sources, where they have a history."""
    described = subprocess.run(["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],
                               cwd=peers.ROOT, capture_output=True, text=True)
    return described.stdout.strip() if described.returncode == 0 else "unknown"


def test_image_says_what_it_is_and_how_to_run_it(image):
    config = containers.inspect(image)
    labels = {key.removeprefix("org.opencontainers.image."): value for key, value in config["Labels"].items()}
    assert {key: labels[key] for key in ("title", "version", "revision", "licenses")} == {
        "title": "promfleet", "version": containers.promfleet_version(), "revision": revision(),
        "licenses": "Apache-2.0"}
    assert "Prometheus" in labels["description"]
    assert config["User"] == "65532:65532"
    assert config["Entrypoint"] == ["/prometheus-elector"] and not config.get("Cmd")
    assert config["WorkingDir"] == "/" and config["ExposedPorts"] == {"9095/tcp": {}}


def test_image_holds_one_program_and_no_shell(image):
    root = containers.unpacked(image)
    files = {path: status for path, status in files_of(root).items() if not path.startswith(DOCUMENTATION)}
    assert set(files) == {"promfleet", "prometheus-elector", "elector-cmd", ROOTS.lstrip("/"), "etc/nsswitch.conf"}
    programs = [path for path, status in files.items() if stat.S_ISREG(status.st_mode) and status.st_mode & 0o111]
    assert programs == ["promfleet"]
    assert all(os.readlink(root / name) == "promfleet" for name in ("prometheus-elector", "elector-cmd"))
    assert (root / ROOTS.lstrip("/")).read_bytes().count(b"BEGIN CERTIFICATE") > 100


def test_files_are_for_everybody_whatever_is_hidden_from_others_where_the_image_is_made(folder):
    tree = folder / "data/tree"
    subprocess.run([containers.IMAGE_FOLDER / "tree", peers.release_build(), tree], check=True, umask=0o077)
    readable = stat.S_IROTH
    hidden = [path for path in [tree, *tree.rglob("*")] if not path.stat().st_mode & readable]
    assert len(files_of(tree)) > 5 and not hidden


def test_image_is_small(image):
    assert sum(status.st_size for status in files_of(containers.unpacked(image)).values()) < SIZE_BYTES_MAX


@pytest.mark.parametrize(("entrypoint", "args"), [(None, ["-help"]), ("./elector-cmd", ["-help"]),
                                                  ("promfleet", ["elector", "-help"])])
def test_every_name_of_the_program_starts_the_elector(image, folder, entrypoint, args):
    status, output = containers.run_to_end(image, args, name="help", folder=folder, entrypoint=entrypoint)
    assert status == 0 and output.startswith("Usage: promfleet elector"), output


def test_init_writes_prometheus_first_configuration(image, folder):
    volume = folder / "volume"
    volume.mkdir()
    (volume / "elector.yaml").write_text("follower: {global: {scrape_interval: 7s}}\n")
    containers.give_to(PROMFLEET_USER, volume)
    args = ["-init", "-config=/volume/elector.yaml", "-output=/volume/prometheus.yml"]
    status, output = containers.run_to_end(image, args, name="init", folder=folder, mounts=[Mount(volume, "/volume")])
    written = volume / "prometheus.yml"
    assert status == 0, output
    assert yaml.safe_load(written.read_text()) == {"global": {"scrape_interval": "7s"}}
    assert (written.stat().st_uid, written.stat().st_mode & 0o777) == (PROMFLEET_USER, 0o600)


def test_elector_leads_its_prometheus_and_leaves_in_order_without_any_privilege(image, new_fleet, namespace):
    fleet = new_fleet(namespace=namespace)
    replica = fleet.add("prometheus-0", flags={"kubeconfig": None})
    account = fleet.folder / "service-account"
    account.mkdir()
    (account / "token").write_text(namespace.token())
    (account / "ca.crt").write_bytes(fleet.proxy_authority.ca_path.read_bytes())
    replica.init()
    containers.give_to(PROMFLEET_USER, replica.folder, account)
    replica.elector = ContainedElector(
        replica.elector, image,
        [Mount(replica.folder, replica.folder), Mount(account, "/var/run/secrets/kubernetes.io/serviceaccount", "ro")],
        {"POD_NAME": replica.name, "KUBERNETES_SERVICE_HOST": "127.0.0.1",
         "KUBERNETES_SERVICE_PORT": replica.store.port})
    fleet.launch()
    poll(replica.has_queue, 20, "the leader's Prometheus writes")

    status = status_of(replica.elector.pid)
    assert status["Uid"].split() == [str(PROMFLEET_USER)] * 4
    assert {int(status[name], 16) for name in ("CapPrm", "CapEff", "CapBnd", "CapAmb")} == {0}
    assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"
    assert "ro" in options_of_root_mount(replica.elector.pid)

    assert replica.elector.terminate() == 0, replica.elector.log()
    assert not replica.has_queue()
    assert not namespace.lease(LEASE_NAME)["spec"].get("holderIdentity")


@pytest.fixture
def member(new_fleet, folder, name_server):
    """An elector that speaks TLS under MEMBER, a name of the test's DNS server: it and the authority's certificate."""
    authority = Authority(folder / "authority")
    certificate, key = authority.issue("member", hosts=[MEMBER])
    web_config = folder / "web.yml"
    web_config.write_text(yaml.safe_dump(
        {"tls_server_config": {"cert_file": str(certificate), "key_file": str(key)}}))
    replica = new_fleet(prometheus="fake").add("prometheus-0", flags={"web.config.file": web_config})
    replica.init()
    replica.elector.start()
    replica.elector.wait_for_log("promfleet elector starts")
    name_server.names[MEMBER] = "127.0.0.1"
    return replica.elector, authority.ca_path


@pytest.fixture
def ask(image, folder, member, name_server):
    """A function that asks the member for its status from a container; returns the exit status and the output."""
    (folder / "hosts").write_text("127.0.0.1 localhost from-hosts.test.invalid\n")
    (folder / "resolv.conf").write_text(f"nameserver {name_server.address}\n")

    def run(*flags, mounts=(), host=MEMBER):
        args = ["lease", "status", f"-address=https://{host}:{member[0].port}", *flags]
        names = [Mount(folder / "hosts", "/etc/hosts", "ro"), Mount(folder / "resolv.conf", "/etc/resolv.conf", "ro")]
        return containers.run_to_end(image, args, name="ask", folder=folder, entrypoint="promfleet",
                                     mounts=[*names, *mounts])
    return run


def test_names_come_from_dns_and_certificates_are_checked_by_a_given_authority(ask, member, name_server):
    status, output = ask("-ca-file=/ca.pem", mounts=[Mount(member[1], "/ca.pem", "ro")])
    assert status == 0 and "prometheus-0" in output, output
    assert MEMBER in name_server.questions


def test_certificate_of_a_stranger_is_refused_by_the_images_roots(ask):
    status, output = ask()
    assert status == 1 and "certificate" in output, output


def test_roots_are_read_from_where_the_image_has_them(ask, member):
    status, output = ask(mounts=[Mount(member[1], ROOTS, "ro")])
    assert status == 0, output


@pytest.mark.parametrize("host", ["localhost", "from-hosts.test.invalid"])
def test_names_of_etc_hosts_are_known_where_dns_is_silent(ask, member, name_server, host):
    name_server.fail("silent")
    status, output = ask("-insecure-skip-verify", host=host)
    assert status == 0 and name_server.questions == [], output


def sbom_of(image):
    return json.loads((containers.unpacked(image) / DOCUMENTATION / "sbom.spdx.json").read_text())


def packages_of(sbom):
    return {package["name"]: package for package in sbom["packages"]}


def relinked_files(folder):
    """Archives and objects from outside that the linker opens for the binary, in its own words."""
    build = peers.release_build()
    listing = subprocess.run(["ninja", "-C", build, "-t", "commands", "-s", "promfleet"], check=True,
                             capture_output=True, text=True).stdout
    words = listing.replace(": && ", "").replace(" && :", "").split()
    words = [word for word in words if not word.startswith("-Wl,-Map")]
    words[words.index("-o") + 1] = folder / "data/relinked"
    (folder / "data").mkdir()
    traced = subprocess.run([*words, "-Wl,--trace"], cwd=build, check=True, capture_output=True, text=True).stdout
    return {os.path.realpath(line.partition("(")[0]) for line in traced.splitlines() if line.startswith("/")}


def debian_package(path):
    """The package that owns the file, and its version."""
    for name in (path, path.removeprefix("/usr")):
        found = subprocess.run(["dpkg", "-S", name], capture_output=True, text=True)
        if found.returncode == 0:
            package = found.stdout.partition(":")[0]
            version = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True)
            return package, version.stdout
    raise LookupError(path)


def unlisted(linked, sbom):
    """The packages of `linked` that the list does not have as linked in, in that version."""
    listed = packages_of(sbom)
    by_id = {package["SPDXID"]: name for name, package in listed.items()}
    static = {by_id.get(relation["relatedSpdxElement"]) for relation in sbom["relationships"]
              if relation["relationshipType"] == "STATIC_LINK"}
    return {name for name, version in linked if name not in static or listed[name]["versionInfo"] != version}


def test_list_of_parts_names_every_package_that_the_linker_opens(image, folder):
    linked = {debian_package(path) for path in relinked_files(folder)}
    assert {"libc6-dev", "libstdc++-12-dev", "libssl-dev", "zlib1g-dev"} <= {name for name, _ in linked}
    sbom = sbom_of(image)
    assert unlisted(linked, sbom) == set()
    for name, _ in linked:
        without = {**sbom, "packages": [package for package in sbom["packages"] if package["name"] != name]}
        assert unlisted(linked, without) == {name}


def test_list_of_parts_agrees_with_what_the_binary_says_of_itself(image):
    binary, packages = (peers.release_build() / "promfleet").read_bytes(), packages_of(sbom_of(image))
    openssl = packages["libssl-dev"]["versionInfo"].partition("-")[0]
    zlib = packages["zlib1g-dev"]["versionInfo"].partition(":")[2].partition(".dfsg")[0]
    assert f"\0{openssl}\0".encode() in binary and f" inflate {zlib} ".encode() in binary


def test_list_of_parts_names_libraries_of_headers_alone(image):
    sbom = sbom_of(image)
    generated = {relation["relatedSpdxElement"] for relation in sbom["relationships"]
                 if relation["relationshipType"] == "GENERATED_FROM"}
    assert {"SPDXRef-libboost1.81-dev", "SPDXRef-libfmt-dev", "SPDXRef-libxxhash-dev"} <= generated


def test_list_of_parts_is_whole(image):
    """Every reference leads somewhere, every package has a licence, and its text is in the image."""
    root, sbom = containers.unpacked(image), sbom_of(image)
    ids = [package["SPDXID"] for package in sbom["packages"]]
    assert sbom["spdxVersion"] == "SPDX-2.3" and len(ids) == len(set(ids))
    for relation in sbom["relationships"]:
        assert {relation["spdxElementId"], relation["relatedSpdxElement"]} <= {*ids, "SPDXRef-DOCUMENT"}
    texts = {entry["licenseId"]: entry["extractedText"] for entry in sbom["hasExtractedLicensingInfos"]}
    for package in sbom["packages"]:
        words = package["licenseDeclared"].replace("(", " ").replace(")", " ").split()
        assert words and "NOASSERTION" not in words
        assert all(texts[word] for word in words if word.startswith("LicenseRef-"))
        if "sourceInfo" in package:
            source = package["sourceInfo"].split()[-2]
            assert (root / DOCUMENTATION / f"copyright/{source}.gz").stat().st_size > 100
    assert (root / DOCUMENTATION / "LICENSE").read_bytes() == (peers.ROOT / "LICENSE").read_bytes()
    digest = subprocess.run(["sha256sum", root / "promfleet"], capture_output=True, text=True).stdout.split()[0]
    assert packages_of(sbom)["promfleet"]["checksums"] == [{"algorithm": "SHA256", "checksumValue": digest}]


def test_builder_that_has_only_the_sources_has_all_that_a_build_asks_for():
    context = containers.build_context()
    assert not (context / ".git").exists() and {path.name for path in context.glob("build/*")} <= {"image"}
    done = subprocess.run(["cmake", "--preset", "release"], cwd=context, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and (context / "build/release/build.ninja").exists(), done.stdout + done.stderr
    ninja = subprocess.run(["ninja", "-C", "build/release", "-n"], cwd=context, capture_output=True, text=True, timeout=60)
    assert ninja.returncode == 0, ninja.stdout + ninja.stderr

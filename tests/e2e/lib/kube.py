"""What tests do with the Kubernetes API: a namespace a test, the seed's Role, tokens, kubeconfigs and Leases."""
import json
import ssl
import uuid

import yaml

from lib import web
from lib.api_server import ADMIN_TOKEN
from lib.polling import poll

# The Role of the documentation that users follow, verb for verb.
SEED_RULES = [{"apiGroups": ["coordination.k8s.io"], "resources": ["leases"],
               "verbs": ["get", "list", "watch", "create", "update"]}]


def rules_for_one_lease(name):
    """The tighter Role: `create` cannot be limited to a name, everything else can."""
    return [{"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["create"]},
            {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "resourceNames": [name],
             "verbs": ["get", "list", "watch", "update"]}]


class ApiError(AssertionError):
    pass


class Namespace:
    """A namespace of its own with a service account `elector` that may do what `rules` say, and nothing more.

    `account`: whose tokens token() asks for, where it is to be another one.
    """

    account = "elector"

    def __init__(self, server, rules=None):
        self.server = server
        self.name = f"test-{uuid.uuid4().hex[:10]}"
        self._tls = ssl.create_default_context(cafile=server.ca_path)
        self._create("/api/v1/namespaces", {"metadata": {"name": self.name}})
        self._create(f"/api/v1/namespaces/{self.name}/serviceaccounts", {"metadata": {"name": "elector"}})
        self._grant(rules or SEED_RULES)

    def token(self, bound_secret=None, account=None):
        """A token from the TokenRequest API. Bound to a Secret it ends when that Secret is deleted."""
        spec = {"expirationSeconds": 3600}
        if bound_secret:
            spec["boundObjectRef"] = {"kind": "Secret", "apiVersion": "v1", "name": bound_secret}
        path = f"/api/v1/namespaces/{self.name}/serviceaccounts/{account or self.account}/token"
        return self._create(path, {"spec": spec})["status"]["token"]

    def enforce_restricted(self):
        """From now on it admits only pods that Kubernetes calls restricted."""
        path = f"/api/v1/namespaces/{self.name}"
        value = self._call("GET", path)
        value["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] = "restricted"
        self._call("PUT", path, value)
        # Admission hears of the label by a watch.
        pod = {"metadata": {"name": "unrestricted"}, "spec": {"containers": [{"name": "a", "image": "a"}]}}
        poll(lambda: self.request("POST", f"{path}/pods?dryRun=All", pod).status == 403, 20, "it is restricted")

    def may(self, account, verb, resource, *, group="", name=""):
        """Whether a service account is allowed to. What has just been granted, the API server hears of by a watch."""
        attributes = {"group": group, "resource": resource, "name": name, "namespace": self.name, "verb": verb}
        review = {"spec": {"user": f"system:serviceaccount:{self.name}:{account}", "resourceAttributes": attributes}}
        return self._create("/apis/authorization.k8s.io/v1/subjectaccessreviews", review)["status"]["allowed"]

    def create_secret(self, name):
        self._create(f"/api/v1/namespaces/{self.name}/secrets", {"metadata": {"name": name}})

    def delete_secret(self, name):
        self._call("DELETE", f"/api/v1/namespaces/{self.name}/secrets/{name}")

    def replace_rules(self, rules):
        path = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{self.name}/roles/elector"
        self._call("PUT", path, {"metadata": {"name": "elector"}, "rules": rules})

    def lease(self, name):
        """The Lease as stored, or None."""
        answer = self.request("GET", self._lease_path(name))
        return None if answer.status == 404 else _json(answer)

    def create_lease(self, name, spec, metadata=None):
        return self._create(self._lease_path(), {"metadata": {**(metadata or {}), "name": name}, "spec": spec})

    def edit_lease(self, name, edit):
        """Reads the Lease, lets `edit` change the object, writes it back; again when someone else was faster."""
        while True:
            lease = self.lease(name)
            edit(lease)
            answer = self.request("PUT", self._lease_path(name), lease)
            if answer.status != 409:
                return _json(answer)

    def delete_lease(self, name):
        self._call("DELETE", self._lease_path(name))

    def request(self, method, path, value=None, token=ADMIN_TOKEN):
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        body = None if value is None else json.dumps(value)
        return web.request(method, self.server.url + path, body, headers, tls=self._tls)

    def _lease_path(self, name=None):
        leases = f"/apis/coordination.k8s.io/v1/namespaces/{self.name}/leases"
        return f"{leases}/{name}" if name else leases

    def _grant(self, rules):
        roles = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{self.name}"
        self._create(f"{roles}/roles", {"metadata": {"name": "elector"}, "rules": rules})
        self._create(f"{roles}/rolebindings", {
            "metadata": {"name": "elector"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "elector"},
            "subjects": [{"kind": "ServiceAccount", "name": "elector", "namespace": self.name}]})
        rule = rules[0]
        poll(lambda: self.may("elector", rule["verbs"][0], rule["resources"][0], group=rule["apiGroups"][0],
                              name=rule.get("resourceNames", [""])[0]), 20, "the API server goes by the rules")

    def _create(self, path, value):
        return self._call("POST", path, value)

    def _call(self, method, path, value=None):
        return _json(self.request(method, path, value))


def _json(answer):
    if answer.status >= 300:
        raise ApiError(f"{answer.status}: {answer.text()}")
    return answer.json()


def write_kubeconfig(path, *, port, ca_path, user, host="127.0.0.1", context="test", namespace="default"):
    """`user`: the credentials, such as {"tokenFile": PATH}."""
    cluster = {"server": f"https://{host}:{port}", "certificate-authority": str(ca_path)}
    path.write_text(yaml.safe_dump({
        "apiVersion": "v1", "kind": "Config", "current-context": context,
        "clusters": [{"name": "test", "cluster": cluster}],
        "users": [{"name": "test", "user": user}],
        "contexts": [{"name": context, "context": {"cluster": "test", "user": "test", "namespace": namespace}}]}))
    return path

#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
"""The chart in helm/: what it renders is what Kubernetes and the program expect.

usage: helm_test.py [-v]
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from lab.servers import ROOT, synoptic_binary  # noqa: E402
from support.cases import Cases, contains, equal  # noqa: E402

VALUES = {
    "config": {"regions": [{"name": "eu", "prometheus": ["http://prom:9090"]}],
               "rule_files": ["/etc/synoptic/rules/*.yaml"]},
    "rules": {"one.yaml": "groups: [{name: g, rules: [{alert: A, expr: up == 0}]}]\n"},
    "image": {"tag": "7"}, "lifecycle": True, "extraArgs": ["--admin-listen=127.0.0.1:9098"],
    "env": [{"name": "TOKEN", "value": "t"}], "podLabels": {"team": "x"},
    "extraVolumes": [{"name": "tls", "secret": {"secretName": "s"}}],
    "extraVolumeMounts": [{"name": "tls", "mountPath": "/tls"}],
    "data": {"storageClass": "fast"}, "tolerations": [{"operator": "Exists"}],
    "service": {"annotations": {"a": "b"}}, "imagePullSecrets": [{"name": "pull"}],
}


def render(directory, values=None):
    files = []
    if values:
        files = [directory / "values.json"]
        files[0].write_text(json.dumps(values))
    done = subprocess.run(["go", "run", ".", str(ROOT / "helm/synoptic"), "prod", *map(str, files)],
                          cwd=ROOT / "tests/helm", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    objects = [json.loads(line) for line in done.stdout.splitlines()]
    return {(one["kind"], one["metadata"]["name"]): one for one in objects}


def check_program(directory, objects):
    """Every flag is one that the program has; its configuration is one that it takes."""
    pod = objects["StatefulSet", "prod-synoptic"]["spec"]["template"]["spec"]
    container = pod["containers"][0]
    words = [word.split("=")[0] for word in container["args"] if word.startswith("--")]
    shown = subprocess.run([synoptic_binary(), "serve", "--help"], capture_output=True, text=True,
                           check=True).stdout
    for word in words:
        contains(shown, word)
    equal(container["command"], ["synoptic", "serve"])
    text = objects["ConfigMap", "prod-synoptic"]["data"]["synoptic.yaml"]
    rules = objects["ConfigMap", "prod-synoptic-rules"]["data"]
    for name, content in rules.items():
        (directory / name).write_text(content)
    config = directory / "synoptic.yaml"
    config.write_text(text.replace("/etc/synoptic/rules", str(directory / "rules.d")))
    (directory / "rules.d").mkdir(exist_ok=True)
    for name, content in rules.items():
        (directory / "rules.d" / name).write_text(content)
    done = subprocess.run([synoptic_binary(), "check", "config", str(config)], capture_output=True,
                          text=True, check=False)
    equal(done.returncode, 0, done.stdout + done.stderr)


def check_wiring(objects):
    """Names that refer to each other do."""
    stateful = objects["StatefulSet", "prod-synoptic"]["spec"]
    pod = stateful["template"]["spec"]
    container = pod["containers"][0]
    volumes = {one["name"] for one in pod["volumes"]}
    volumes |= {one["metadata"]["name"] for one in stateful["volumeClaimTemplates"]}
    equal({one["name"] for one in container["volumeMounts"]}, volumes)
    for one in pod["volumes"]:
        if "configMap" in one:
            assert ("ConfigMap", one["configMap"]["name"]) in objects, one
    ports = {one["name"]: one["containerPort"] for one in container["ports"]}
    equal(container["readinessProbe"]["httpGet"], {"path": "/-/ready", "port": "http"})
    equal(container["livenessProbe"]["httpGet"], {"path": "/-/healthy", "port": "http"})
    equal(ports, {"http": 9099})
    service = objects["Service", "prod-synoptic"]["spec"]
    equal(service["ports"][0]["targetPort"], "http")
    labels = stateful["template"]["metadata"]["labels"]
    for selector in (service["selector"], stateful["selector"]["matchLabels"]):
        assert selector.items() <= labels.items(), (selector, labels)
    assert ("ServiceAccount", pod["serviceAccountName"]) in objects
    data = [one["mountPath"] for one in container["volumeMounts"] if one["name"] == "data"]
    contains(container["args"], f"--data-dir={data[0]}")


def main():
    cases = Cases("helm")
    if not shutil.which("go"):
        cases.skip("the chart", "Go is not installed")
        return 0
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        for what, values in (("defaults", None), ("everything set", VALUES)):
            with cases.case(f"{what}: objects that fit together"):
                objects = render(directory, values)
                check_wiring(objects)
            with cases.case(f"{what}: the program takes them"):
                check_program(directory, objects)
        with cases.case("another configuration is another pod, unless it is reloaded"):
            def annotations(values):
                spec = render(directory, values)["StatefulSet", "prod-synoptic"]["spec"]
                return spec["template"]["metadata"]["annotations"] or {}
            first = annotations(None)
            assert first != annotations({"rules": VALUES["rules"]})
            equal(annotations({"lifecycle": True}), {})
        with cases.case("every value is used"):
            templates = "".join(path.read_text() for path in
                                (ROOT / "helm/synoptic/templates").iterdir())
            values = (ROOT / "helm/synoptic/values.yaml").read_text()
            for key in re.findall(r"^(\w+):", values, re.MULTILINE):
                contains(templates, f".Values.{key}")
    return cases.finish()


if __name__ == "__main__":
    sys.exit(main())

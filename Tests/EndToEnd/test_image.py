"""The image that the Dockerfile makes, which the tests on the node run."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import check_image
from deployed_operator import DeployedOperator
from helm import CHART
from node import REPOSITORY

ARCHIVE = Path(os.environ["MILVUS_TLS_OPERATOR_IMAGE"])
VERSION = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))["appVersion"]
USER = "65532:65532"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The files of the image."""
    folder = tmp_path_factory.mktemp("image")
    with tarfile.open(ARCHIVE) as image:
        image.extractall(folder / "archive")  # noqa: S202: made by the scripts of this repository
    root = folder / "root"
    root.mkdir()
    for layer in check_image.layers(ARCHIVE):
        subprocess.run(["tar", "--extract", f"--file={folder / 'archive' / layer}", f"--directory={root}", "--numeric-owner"], check=True)
        for removed in list(root.rglob(".wh.*")):
            target = removed.with_name(removed.name.removeprefix(".wh."))
            shutil.rmtree(target) if target.is_dir() and not target.is_symlink() else target.unlink(missing_ok=True)
            removed.unlink()
    yield root
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def sbom(root: Path) -> dict:
    return json.loads((root / check_image.SBOM).read_text(encoding="utf-8"))


def run(root: Path, *command: str) -> str:
    """Runs a command in the image, with the image's user and environment, and what every container has: /dev and /proc."""
    environment = dict(variable.split("=", 1) for variable in check_image.configuration(ARCHIVE)["config"]["Env"])
    enter = f'mount --bind /dev "$0/dev" && exec /usr/sbin/chroot --userspec={USER} "$0" "$@"'
    own = [shutil.which("unshare"), "--mount", "--pid", "--fork", f"--mount-proc={root / 'proc'}", "/bin/sh", "-c", enter, str(root)]
    done = subprocess.run([*own, *command], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_labels_say_what_it_is() -> None:
    labels = check_image.configuration(ARCHIVE)["config"]["Labels"]
    revision = subprocess.run(["git", "-C", REPOSITORY, "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
    prefix = "org.opencontainers.image."
    assert {name.removeprefix(prefix): text for name, text in labels.items() if name.startswith(prefix)} == {
        "title": "milvus-tls-operator",
        "description": labels[f"{prefix}description"],
        "version": VERSION,
        "revision": revision,
        "source": "",  # whoever publishes the image names the place
        "documentation": "",
        "licenses": "Apache-2.0",
        "base.name": "docker.io/library/debian:bookworm-slim",
    }
    assert "TLS for Milvus" in labels[f"{prefix}description"]


def test_it_runs_the_operator_without_privileges() -> None:
    configuration = check_image.configuration(ARCHIVE)["config"]
    assert configuration["User"] == USER
    assert (configuration["Entrypoint"], configuration["Cmd"]) == (["/usr/local/bin/milvus-tls"], ["operator"])


def test_the_program_runs_in_it(root: Path) -> None:
    assert run(root, "/usr/local/bin/milvus-tls", "--version").splitlines()[0] == VERSION


def test_nothing_of_the_project_is_writable_for_its_user(root: Path) -> None:
    (root / "etc/ssl/private").chmod(0o755)  # find would complain
    found = run(root, "/usr/bin/find", "/usr", "/etc", "-not", "-type", "l", "-writable")
    assert not found, found


def test_certificates_and_time_zones_are_in_it(root: Path) -> None:
    trusted = (root / "etc/ssl/certs/ca-certificates.crt").read_text(encoding="utf-8")
    assert trusted.count("BEGIN CERTIFICATE") > 100
    for zone in ("Europe/Berlin", "America/New_York", "Asia/Kolkata"):
        assert (root / "usr/share/zoneinfo" / zone).read_bytes().startswith(b"TZif2")


def test_the_demo_runs_in_it(root: Path) -> None:
    """Formats times, matches patterns, serves HTTP: all without the data of ICU, if the program is one for release."""
    assert "Verified" in run(root, "/usr/local/bin/milvus-tls", "demo")


def test_the_list_has_every_package_of_debian(root: Path, sbom: dict) -> None:
    listed = [reference["referenceLocator"] for package in sbom["packages"] for reference in package["externalRefs"]]
    found = {re.fullmatch(r"pkg:deb/debian/(.+)@(.+)\?arch=(.+)&distro=debian-12", url) for url in listed if url.startswith("pkg:deb/")}
    installed = run(root, "/usr/bin/dpkg-query", "--show", "--showformat=${Package}@${Version}@${Architecture}\n").split()
    unquoted = {"@".join(match.groups()).replace("%2B", "+").replace("%3A", ":") for match in found if match}
    assert unquoted == set(installed)
    assert {"libcurl4", "libssl3", "libyaml-0-2", "ca-certificates", "tzdata"} <= {package.split("@")[0] for package in installed}


def test_the_list_has_licences(sbom: dict) -> None:
    licences = {package["name"]: package["licenseDeclared"] for package in sbom["packages"]}
    assert licences["milvus-tls"] == licences["swift-log"] == "Apache-2.0"
    assert licences["swift"] == licences["swift-collections"] == "Apache-2.0 WITH Swift-exception"
    assert licences["FlyingFox"] == "MIT"
    assert "MIT" in licences["libyaml-0-2"].split(" AND ")
    assert "curl" in licences["libcurl4"].split(" AND ")


def test_the_list_has_the_program_and_what_is_linked_into_it(root: Path, sbom: dict) -> None:
    program = next(package for package in sbom["packages"] if package["name"] == "milvus-tls")
    digest = hashlib.sha256((root / check_image.PROGRAM).read_bytes()).hexdigest()
    assert program["checksums"] == [{"algorithm": "SHA256", "checksumValue": digest}]
    names = {package["SPDXID"]: package["name"] for package in sbom["packages"]}
    linked = {
        names[relation["relatedSpdxElement"]]
        for relation in sbom["relationships"]
        if (relation["spdxElementId"], relation["relationshipType"]) == (program["SPDXID"], "DEPENDS_ON")
    }
    wanted = re.findall(r"\.package\(url: \"\S+/([^/\"]+)\"", (REPOSITORY / "Package.swift").read_text(encoding="utf-8"))
    assert len(wanted) > 5
    assert {"swift", *wanted} <= linked
    for package in linked:  # each asks for its licence to be passed on
        assert list((root / "usr/share/doc/milvus-tls" / package.lower()).glob("LICENSE*")), package


def test_the_list_is_valid_spdx() -> None:
    file = ARCHIVE.with_name("milvus-tls-operator.spdx.json")
    assert file.read_bytes() == check_image.read(ARCHIVE, check_image.SBOM)
    command = [sys.executable, "-m", "spdx_tools.spdx.clitools.pyspdxtools", "--infile", str(file), "--version", "SPDX-2.3"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_another_build_of_the_same_is_the_same(tmp_path: Path) -> None:
    command = [sys.executable, REPOSITORY / "scripts/build_operator_image.py", "--program", os.environ["MILVUS_TLS_BINARY"], tmp_path]
    again = Path(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=300).stdout.strip())
    assert digest_of_configuration(again) == digest_of_configuration(ARCHIVE)


def digest_of_configuration(archive: Path) -> str:
    """The identifier of the image: it has the digests of the layers in it."""
    return check_image.manifest(archive)["Config"].removesuffix(".json")


def test_sizes_are_printed_and_limited(root: Path) -> None:
    command = [sys.executable, REPOSITORY / "scripts/check_image.py", ARCHIVE]
    checked = subprocess.run(command, capture_output=True, text=True, timeout=60)
    program = (root / check_image.PROGRAM).stat().st_size / 1e6
    found = {what: (float(size), float(limit)) for what, size, limit in re.findall(r"^(.+): (\S+) MB of (\S+) MB$", checked.stdout, re.MULTILINE)}
    assert found["program"][0] == round(program, 1)
    assert found["layers above the base"][0] > program + 5  # the packages
    # A debug build exceeds them, with the Swift libraries beside it.
    assert (checked.returncode == 0) == all(size <= limit for size, limit in found.values()), checked.stderr


def test_pods_run_it(deployed_operator: DeployedOperator) -> None:
    for pod in deployed_operator.pods():
        [container] = pod["status"]["containerStatuses"]
        assert container["imageID"].endswith(digest_of_configuration(ARCHIVE))

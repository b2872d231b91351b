"""Writes the list of what is in the image, as SPDX 2.3 in JSON. The Dockerfile runs it; it needs python3-debian.

usage: sbom.py ROOT FACTS VERSION
  ROOT     folder with dpkg's status, os-release and all licences, at their paths in the image
  FACTS    what stage_image.sh tells of the program
  VERSION  of the operator

The time in it is SOURCE_DATE_EPOCH, in seconds since 1970, if that is set.
"""

import hashlib
import json
import os
import re
import sys
import time
from pathlib import Path
from urllib.parse import quote

from debian.copyright import Copyright, NotMachineReadableError
from debian.deb822 import Deb822

# Debian's short names that are not those of SPDX, in lower case.
SPDX_NAMES = {
    "agpl-3": "AGPL-3.0-only",
    "apache-2.0": "Apache-2.0",
    "artistic": "Artistic-1.0-Perl",
    "bsd-2-clause": "BSD-2-Clause",
    "bsd-3-clause": "BSD-3-Clause",
    "bsd-4-clause": "BSD-4-Clause",
    "curl": "curl",
    "expat": "MIT",
    "fsful": "FSFUL",
    "fsfullr": "FSFULLR",
    "gfdl-1.3+": "GFDL-1.3-or-later",
    "gpl-1": "GPL-1.0-only",
    "gpl-1+": "GPL-1.0-or-later",
    "gpl-2": "GPL-2.0-only",
    "gpl-2+": "GPL-2.0-or-later",
    "gpl-3": "GPL-3.0-only",
    "gpl-3+": "GPL-3.0-or-later",
    "isc": "ISC",
    "lgpl-2": "LGPL-2.0-only",
    "lgpl-2+": "LGPL-2.0-or-later",
    "lgpl-2.1": "LGPL-2.1-only",
    "lgpl-2.1+": "LGPL-2.1-or-later",
    "lgpl-3": "LGPL-3.0-only",
    "lgpl-3+": "LGPL-3.0-or-later",
    "mit": "MIT",
    "mpl-1.1": "MPL-1.1",
    "mpl-2.0": "MPL-2.0",
    "openldap-2.8": "OLDAP-2.8",
    "openssl": "OpenSSL",
    "unicode-data-files-and-software": "Unicode-DFS-2016",
    "x11": "X11",
    "zlib": "Zlib",
}
IMAGE, OWN = "SPDXRef-image", "SPDXRef-milvus-tls"


class Licences:
    """SPDX expressions of licences, with the text of those that SPDX has no name for."""

    def __init__(self) -> None:
        self._others: dict[str, dict[str, str]] = {}

    def of_debian(self, file: Path) -> str:
        """All licences of a package's copyright file, or NOASSERTION if only a person can read it."""
        try:
            with file.open(encoding="utf-8") as text:
                paragraphs = list(Copyright(text, strict=False).all_paragraphs())
        except (NotMachineReadableError, FileNotFoundError):
            return "NOASSERTION"
        named = {paragraph.license.synopsis for paragraph in paragraphs if paragraph.license and paragraph.license.synopsis}
        texts = {paragraph.license.synopsis: paragraph.license.text for paragraph in paragraphs if paragraph.license and paragraph.license.text}
        expressions = sorted({self._expression(name, texts.get(name, "")) for name in named})
        return " AND ".join(f"({one})" if " OR " in one else one for one in expressions) or "NOASSERTION"

    def of_swift(self, folder: Path) -> str:
        """Of a Swift package, by the files that are copied from it."""
        text = "".join(file.read_text(encoding="utf-8") for file in sorted(folder.glob("LICENSE*")))
        if "Apache License" in text:
            return "Apache-2.0 WITH Swift-exception" if "Runtime Library Exception" in text else "Apache-2.0"
        return "MIT" if text.startswith("MIT License") else "NOASSERTION"

    def texts(self) -> list[dict[str, str]]:
        return [self._others[name] for name in sorted(self._others)]

    def _expression(self, name: str, text: str) -> str:
        choices = [SPDX_NAMES.get(choice.lower()) for choice in re.split(r"\s+or\s+", name)]
        if all(choices):
            return " OR ".join(dict.fromkeys(choices))
        # The same name may stand for different texts.
        digest = hashlib.sha256(text.encode()).hexdigest()[:8]
        reference = f"LicenseRef-Debian-{re.sub('[^A-Za-z0-9.]+', '-', name).strip('-')}-{digest}"
        self._others[reference] = {
            "licenseId": reference,
            "name": name,
            "extractedText": text or f"{name}, as the copyright file of the package says",
        }
        return reference


def debian_packages(root: Path, licences: Licences) -> list[dict]:
    release = dict(line.split("=", 1) for line in (root / "etc/os-release").read_text().splitlines() if "=" in line)
    distribution = f"{release['ID']}-{release['VERSION_ID']}".replace('"', "")
    packages = []
    with (root / "var/lib/dpkg/status").open(encoding="utf-8") as status:
        for fields in Deb822.iter_paragraphs(status):
            if fields["Status"] != "install ok installed":
                continue
            name, version, architecture = fields["Package"], fields["Version"], fields["Architecture"]
            url = f"pkg:deb/debian/{quote(name)}@{quote(version)}?arch={architecture}&distro={distribution}"
            packages.append(
                package(f"deb-{name}-{architecture}", name, version, licences.of_debian(root / "usr/share/doc" / name / "copyright"), url)
                | {"supplier": f"Person: {fields['Maintainer']}" if "<" in fields["Maintainer"] else "NOASSERTION"}
            )
    return sorted(packages, key=lambda one: one["SPDXID"])


def swift_packages(root: Path, facts: Path, licences: Licences) -> list[dict]:
    documents = root / "usr/share/doc/milvus-tls"
    version = (facts / "swift-version").read_text().strip()
    compiler = package("swift", "swift", version, licences.of_swift(documents / "swift"), f"pkg:github/swiftlang/swift@swift-{version}-RELEASE")
    found: dict[str, dict] = {}

    def collect(dependencies: list[dict]) -> None:
        for one in dependencies:
            place = re.sub(r"^https://|\.git$", "", one["url"])
            described = package(f"swift-{one['identity']}", one["name"], one["version"], licences.of_swift(documents / one["identity"]), f"pkg:swift/{place}@{one['version']}")
            found[one["identity"]] = described | {"downloadLocation": f"git+{one['url']}@{one['version']}"}
            collect(one["dependencies"])

    collect(json.loads((facts / "packages.json").read_text())["dependencies"])
    return [compiler, *(found[identity] for identity in sorted(found))]


def package(identifier: str, name: str, version: str, licence: str, url: str) -> dict:
    return {
        "SPDXID": "SPDXRef-" + re.sub("[^A-Za-z0-9.-]", "-", identifier),
        "name": name,
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": licence,
        "copyrightText": "NOASSERTION",
        "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": url}],
    }


def document(root: Path, facts: Path, version: str) -> dict:
    licences = Licences()
    own = package("milvus-tls", "milvus-tls", version, "Apache-2.0", f"pkg:generic/milvus-tls@{version}") | {
        "primaryPackagePurpose": "APPLICATION",
        "packageFileName": "/usr/local/bin/milvus-tls",
        "checksums": [{"algorithm": "SHA256", "checksumValue": (facts / "program.sha256").read_text().strip()}],
    }
    linked, installed = swift_packages(root, facts, licences), debian_packages(root, licences)
    image = package("image", "milvus-tls-operator", version, "NOASSERTION", f"pkg:oci/milvus-tls-operator@{version}") | {
        "primaryPackagePurpose": "CONTAINER"
    }
    relations = [("SPDXRef-DOCUMENT", "DESCRIBES", IMAGE)]
    relations += [(IMAGE, "CONTAINS", one["SPDXID"]) for one in (own, *installed)]
    relations += [(OWN, "DEPENDS_ON", one["SPDXID"]) for one in linked]
    contents = {
        "packages": [image, own, *linked, *installed],
        "hasExtractedLicensingInfos": licences.texts(),
        "relationships": [{"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other} for one, kind, other in relations],
    }
    digest = hashlib.sha256(json.dumps(contents, sort_keys=True).encode()).hexdigest()
    created = time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH") or time.time()))
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"milvus-tls-operator-{version}",
        # A name, not an address: the same contents have the same.
        "documentNamespace": f"urn:sha256:{digest}",
        "creationInfo": {"created": time.strftime("%Y-%m-%dT%H:%M:%SZ", created), "creators": ["Tool: milvus-tls-operator-sbom.py"]},
    } | contents


if __name__ == "__main__":
    if len(sys.argv) != 4:
        raise SystemExit("usage: sbom.py ROOT FACTS VERSION")
    json.dump(document(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]), sys.stdout, indent=1, ensure_ascii=False)
    print()

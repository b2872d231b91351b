#!/usr/bin/env bash
# Checks the sources of every language. Prints the files with problems and then fails.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"
"$repository/scripts/setup.sh" lint
cd "$repository"
say "Swift"
swift format lint --strict --recursive --parallel Package.swift Sources Tests
# The program of the image has no data of ICU: docs/decisions/an-image-without-icu-data.md.
! grep -rnE '\b(DateFormatter|NumberFormatter|TimeZone|Locale|Calendar)[(.]' --include='*.swift' Sources || die "this needs the data of ICU"
say "shell"
shellcheck --external-sources scripts/*.sh scripts/images/*.sh .ci/run
say "YAML"
yamllint --strict Manifests Charts/*/*.yaml Charts/*/files Tests/Prometheus
say "Go"
unformatted=$("$go/bin/gofmt" -l Tests/GoVerdict)
[ -z "$unformatted" ] || die "gofmt -w $unformatted"
say "chart"
export PATH=$kubectl_tools:$PATH
"$python/bin/python" scripts/chart_docs.py --check
python3 scripts/make_manifests.py --check
helm lint --strict --quiet Charts/milvus-tls-operator
say "alerts"
promtool check rules Charts/milvus-tls-operator/files/alerts.yaml > /dev/null
promtool test rules Tests/Prometheus/*.yaml > /dev/null
say "Python"
python3 - << 'PYTHON'
import ast, pathlib
for path in [*pathlib.Path("scripts").glob("*.py"), *pathlib.Path("Tests").rglob("*.py")]:
    ast.parse(path.read_text(encoding="utf-8"), str(path))
PYTHON

#!/usr/bin/env bash
# Checks the sources of every language. Prints the files with problems and then fails.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"
"$repository/scripts/setup.sh" lint
cd "$repository"
say "Swift"
swift format lint --strict --recursive --parallel Package.swift Sources Tests
say "shell"
shellcheck --external-sources scripts/*.sh scripts/images/*.sh .ci/run
say "YAML"
yamllint --strict Manifests
say "Go"
unformatted=$("$go/bin/gofmt" -l Tests/GoVerdict)
[ -z "$unformatted" ] || die "gofmt -w $unformatted"
say "Python"
python3 - << 'PYTHON'
import ast, pathlib
for path in [*pathlib.Path("scripts").glob("*.py"), *pathlib.Path("Tests").rglob("*.py")]:
    ast.parse(path.read_text(encoding="utf-8"), str(path))
PYTHON
